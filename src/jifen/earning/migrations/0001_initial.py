"""The room's first tables."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BudgetUsage",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "budget", blank=True, editable=False, primary_key=True, serialize=False)),
                ("budget", models.CharField(max_length=70)),
                ("used", models.BigIntegerField()),
            ],
            options={
                "db_table": "budget_usage",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.CheckConstraint(condition=models.Q(("used__gte", 0)), name="budget_usage_not_below_zero")],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("kind", models.CharField(max_length=20)),
                ("client_id", models.UUIDField()),
                ("key", models.CharField(max_length=200)),
                ("body_sha256", models.BinaryField(max_length=32)),
                ("member_id", models.UUIDField(null=True)),
                ("store_id", models.UUIDField()),
                ("reference", models.CharField(max_length=200, null=True)),
                ("of_id", models.UUIDField(null=True)),
                ("of_seq", models.IntegerField(null=True)),
                ("once_key", models.CharField(max_length=300, null=True)),
                ("rule_set_version", models.IntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("booked_at", models.DateTimeField()),
                ("body", models.TextField()),
                ("record", models.TextField()),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
                ("of", models.ForeignObject(from_fields=["programme_id", "of_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="earning.activity", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "activity",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme_id", "member_id", "id"], name="activity_member"), models.Index(condition=models.Q(("of_id__isnull", False)), fields=["programme_id", "of_id", "id"], name="activity_of")],
                "constraints": [models.UniqueConstraint(fields=("programme_id", "client_id", "key"), name="activity_key_once"), models.UniqueConstraint(condition=models.Q(("reference__isnull", False)), fields=("programme_id", "store_id", "kind", "reference"), name="activity_reference_once"), models.UniqueConstraint(condition=models.Q(("once_key__isnull", False)), fields=("programme_id", "once_key"), name="activity_once"), models.UniqueConstraint(condition=models.Q(("of_seq__isnull", False)), fields=("programme_id", "of_id", "of_seq"), name="activity_family_order")],
            },
        ),
        migrations.CreateModel(
            name="CapUsage",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "member_id", "cap", "period", blank=True, editable=False, primary_key=True, serialize=False)),
                ("member_id", models.UUIDField()),
                ("cap", models.CharField(max_length=60)),
                ("period", models.CharField(max_length=10)),
                ("used", models.BigIntegerField()),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "cap_usage",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.CheckConstraint(condition=models.Q(("used__gte", 0)), name="cap_usage_not_below_zero")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("activity", "member_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("activity", "of_id", "activity"),
        jifen.common.models.AddProgrammeForeignKey("cap_usage", "member_id", "member"),
    ]
