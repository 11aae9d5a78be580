"""The room's first tables."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("key_sha256", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("programme_id", models.UUIDField()),
                ("client_id", models.UUIDField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "api_key",
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("time_zone", models.CharField(max_length=60)),
                ("currency", models.CharField(max_length=3)),
                ("opening_on", models.DateField()),
                ("claim_days", models.PositiveIntegerField(default=30)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "programme",
            },
        ),
        migrations.CreateModel(
            name="Merchant",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("code", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=120)),
            ],
            options={
                "db_table": "merchant",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("programme_id", "code"), name="merchant_code_once")],
            },
        ),
        migrations.CreateModel(
            name="RuleSet",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("version", models.PositiveIntegerField()),
                ("document", models.JSONField()),
                ("published_at", models.DateTimeField()),
                ("published_by", models.CharField(max_length=120)),
            ],
            options={
                "db_table": "rule_set",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("programme_id", "version"), name="rule_set_version_once")],
            },
        ),
        migrations.CreateModel(
            name="RuleSetDraft",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("name", models.CharField(max_length=120)),
                ("document", models.JSONField()),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(max_length=120)),
            ],
            options={
                "db_table": "rule_set_draft",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("programme_id", "name"), name="rule_set_draft_once")],
            },
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("code", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("merchant_id", models.UUIDField()),
                ("merchant", models.ForeignObject(from_fields=["programme_id", "merchant_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.merchant", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "store",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ApiClient",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("name", models.CharField(max_length=120)),
                ("rights", models.JSONField(default=list)),
                ("store_id", models.UUIDField(null=True)),
                ("backdate_days", models.PositiveIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("store", models.ForeignObject(from_fields=["programme_id", "store_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.store", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "api_client",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("code", models.CharField(max_length=60)),
                ("kind", models.CharField(choices=[("points", "Points"), ("growth", "Growth")], max_length=12)),
                ("name_zh", models.CharField(max_length=60)),
                ("name_en", models.CharField(max_length=60)),
            ],
            options={
                "db_table": "unit",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("programme_id", "code"), name="unit_code_once"), models.CheckConstraint(condition=models.Q(("kind__in", ["points", "growth"])), name="unit_kind_known")],
            },
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.UniqueConstraint(fields=("programme_id", "code"), name="store_code_once"),
        ),
        migrations.AddConstraint(
            model_name="apiclient",
            constraint=models.UniqueConstraint(fields=("programme_id", "name"), name="api_client_name_once"),
        ),
        jifen.common.models.AddProgrammeForeignKey("store", "merchant_id", "merchant"),
        jifen.common.models.AddProgrammeForeignKey("api_client", "store_id", "store"),
    ]
