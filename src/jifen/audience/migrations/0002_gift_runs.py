"""Gifts to many: runs, and who gets something in each."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0001_initial"),
        ("members", "0001_initial"),
        ("programmes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="GiftRun",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("client_id", models.UUIDField()),
                ("key", models.CharField(max_length=200)),
                ("body_sha256", models.BinaryField(max_length=32)),
                ("store_id", models.UUIDField()),
                ("unit_id", models.UUIDField()),
                ("points", models.BigIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("actor", models.CharField(max_length=120)),
                ("expires_at", models.DateTimeField(null=True)),
                ("kind", models.CharField(max_length=8)),
                ("segment", models.CharField(blank=True, max_length=60)),
                ("condition", models.TextField(blank=True)),
                ("after", models.UUIDField(null=True)),
                ("status", models.CharField(choices=[("choosing", "Choosing"), ("giving", "Giving"), ("done", "Done"), ("cancelled", "Cancelled")], max_length=10)),
                ("started_at", models.DateTimeField()),
                ("started_by", models.CharField(max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=120)),
                ("store", models.ForeignObject(from_fields=["programme_id", "store_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.store", to_fields=["programme_id", "id"])),
                ("unit", models.ForeignObject(from_fields=["programme_id", "unit_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.unit", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "gift_run",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("status__in", ["choosing", "giving"])), fields=["programme_id", "id"], name="gift_run_open")],
                "constraints": [
                    models.UniqueConstraint(fields=("programme_id", "client_id", "key"), name="gift_run_key_once"),
                    models.CheckConstraint(condition=models.Q(("status__in", ["choosing", "giving", "done", "cancelled"])), name="gift_run_status_known"),
                    models.CheckConstraint(condition=models.Q(("kind__in", ["all", "members", "segment"])), name="gift_run_kind_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("ended_at__isnull", True), ("status__in", ["choosing", "giving"])), models.Q(("ended_at__isnull", False), ("status__in", ["done", "cancelled"])), _connector="OR"), name="gift_run_ends_once"),
                    models.CheckConstraint(condition=models.Q(("points__gte", 1)), name="gift_run_gives_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="GiftRunMember",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "run_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("run_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("outcome", models.CharField(blank=True, max_length=60)),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
                ("run", models.ForeignObject(from_fields=["programme_id", "run_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="audience.giftrun", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "gift_run_member",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("outcome", "")), fields=["programme_id", "run_id", "member_id"], name="gift_run_member_waiting")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("gift_run", "store_id", "store"),
        jifen.common.models.AddProgrammeForeignKey("gift_run", "unit_id", "unit"),
        jifen.common.models.AddProgrammeForeignKey("gift_run_member", "run_id", "gift_run"),
        jifen.common.models.AddProgrammeForeignKey("gift_run_member", "member_id", "member"),
    ]
