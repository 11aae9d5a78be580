"""Imports from a browser: runs, their files, the lines that were left out."""

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
            name="Import",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("kind", models.CharField(max_length=14)),
                ("name", models.CharField(max_length=200)),
                ("encoding", models.CharField(max_length=10)),
                ("lines", models.IntegerField()),
                ("columns", models.JSONField()),
                ("mapping", models.JSONField()),
                ("fixed", models.JSONField()),
                ("status", models.CharField(default="uploaded", max_length=10)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("reasons", models.JSONField(default=dict)),
                ("fault", models.CharField(blank=True, max_length=60)),
                ("client_id", models.UUIDField()),
                ("uploaded_by", models.CharField(max_length=120)),
                ("uploaded_at", models.DateTimeField()),
                ("store", models.CharField(blank=True, max_length=60)),
                ("earliest_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "import_run",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("status__in", ["checking", "running"])), fields=["programme_id", "id"], name="import_run_open"), models.Index(condition=models.Q(("removed_at__isnull", True)), fields=["programme_id", "uploaded_at"], name="import_run_kept")],
                "constraints": [models.CheckConstraint(condition=models.Q(("kind__in", ("members", "orders", "online_retail"))), name="import_run_kind_known"), models.CheckConstraint(condition=models.Q(("status__in", ("uploaded", "checking", "checked", "running", "done", "failed"))), name="import_run_status_known"), models.CheckConstraint(condition=models.Q(("done__gte", 0), ("done__lte", models.F("total"))), name="import_run_done_counts")],
            },
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "import_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("import_id", models.UUIDField()),
                ("content", models.BinaryField()),
                ("import_run", models.ForeignObject(from_fields=["programme_id", "import_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="importing.import", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "import_file",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ImportReject",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "import_id", "line", blank=True, editable=False, primary_key=True, serialize=False)),
                ("import_id", models.UUIDField()),
                ("line", models.IntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("import_run", models.ForeignObject(from_fields=["programme_id", "import_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="importing.import", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "import_reject",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("import_file", "import_id", "import_run"),
        jifen.common.models.AddProgrammeForeignKey("import_reject", "import_id", "import_run"),
    ]
