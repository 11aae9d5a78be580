"""Exports: what was asked for, and the files."""

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
            name="Export",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("kind", models.CharField(max_length=12)),
                ("form", models.CharField(max_length=4)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                ("stores", models.JSONField(null=True)),
                ("whole_phones", models.BooleanField()),
                ("needs", models.JSONField()),
                ("status", models.CharField(default="waiting", max_length=10)),
                ("tries", models.IntegerField(default=0)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("size_bytes", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("fault", models.CharField(blank=True, max_length=60)),
                ("client_id", models.UUIDField()),
                ("asked_by", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "export_run",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("status__in", ["waiting", "running"])), fields=["programme_id", "id"], name="export_run_open"), models.Index(condition=models.Q(("removed_at__isnull", True), ("status", "done")), fields=["programme_id", "ended_at"], name="export_run_kept")],
                "constraints": [models.CheckConstraint(condition=models.Q(("kind__in", ("members", "activities", "postings", "lots", "coupons"))), name="export_run_kind_known"), models.CheckConstraint(condition=models.Q(("form__in", ("csv", "xlsx"))), name="export_run_form_known"), models.CheckConstraint(condition=models.Q(("status__in", ("waiting", "running", "done", "failed", "cancelled"))), name="export_run_status_known"), models.CheckConstraint(condition=models.Q(("done__gte", 0), ("done__lte", models.F("total"))), name="export_run_done_counts"), models.CheckConstraint(condition=models.Q(models.Q(("ended_at__isnull", False), ("size_bytes__isnull", False), ("status", "done"), models.Q(("sha256", ""), _negated=True)), models.Q(models.Q(("status", "done"), _negated=True), ("sha256", ""), ("size_bytes__isnull", True)), _connector="OR"), name="export_run_done_whole")],
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "export_id", "number", blank=True, editable=False, primary_key=True, serialize=False)),
                ("export_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("content", models.BinaryField()),
                ("export_run", models.ForeignObject(from_fields=["programme_id", "export_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="exporting.export", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "export_part",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("export_part", "export_id", "export_run"),
    ]
