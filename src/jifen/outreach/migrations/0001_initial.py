"""Notices, announced clears, and runs over all members."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("ledger", "0004_idle_accounts_and_notices"),
        ("members", "0003_email_identities"),
        ("programmes", "0003_guarded_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="Clearing",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("unit_id", models.UUIDField()),
                ("ends_on", models.DateField()),
                ("ends_at", models.DateTimeField()),
                ("days", models.CharField(max_length=200)),
                ("is_required", models.BooleanField()),
                ("source", models.CharField(max_length=8)),
                ("state", models.CharField(choices=[("announced", "Announced"), ("done", "Done"), ("cancelled", "Cancelled")], default="announced", max_length=9)),
                ("announced_at", models.DateTimeField()),
                ("announced_by", models.CharField(max_length=120)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("unit", models.ForeignObject(from_fields=["programme_id", "unit_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.unit", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "clearing",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("member_id", models.UUIDField()),
                ("account_id", models.UUIDField()),
                ("unit_id", models.UUIDField()),
                ("clearing_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=6)),
                ("ends_on", models.DateField()),
                ("ends_at", models.DateTimeField()),
                ("days_before", models.IntegerField()),
                ("is_late", models.BooleanField()),
                ("begins_at", models.DateTimeField()),
                ("covers_to", models.DateTimeField()),
                ("points", models.BigIntegerField()),
                ("state", models.CharField(choices=[("planned", "Planned"), ("sent", "Sent"), ("failed", "Failed")], default="planned", max_length=7)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("planned_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("account", models.ForeignObject(from_fields=["programme_id", "account_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.account", to_fields=["programme_id", "id"])),
                ("clearing", models.ForeignObject(from_fields=["programme_id", "clearing_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="outreach.clearing", to_fields=["programme_id", "id"])),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
                ("unit", models.ForeignObject(from_fields=["programme_id", "unit_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.unit", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "notice",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("kind", models.CharField(max_length=7)),
                ("unit_id", models.UUIDField(null=True)),
                ("clearing_id", models.UUIDField(null=True)),
                ("on_day", models.DateField()),
                ("started_at", models.DateTimeField()),
                ("started_by", models.CharField(max_length=120)),
                ("finished_at", models.DateTimeField(null=True)),
                ("after", models.UUIDField(null=True)),
                ("slices", models.IntegerField(default=0)),
                ("passed_over", models.IntegerField(default=0)),
                ("notices", models.IntegerField(default=0)),
                ("totals", models.TextField(default="{}")),
                ("untold", models.TextField(default="{}")),
                ("clearing", models.ForeignObject(from_fields=["programme_id", "clearing_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="outreach.clearing", to_fields=["programme_id", "id"])),
                ("unit", models.ForeignObject(from_fields=["programme_id", "unit_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.unit", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "outreach_run",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="clearing",
            constraint=models.UniqueConstraint(condition=models.Q(("state", "cancelled"), _negated=True), fields=("programme_id", "unit_id", "ends_on"), name="clearing_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="clearing",
            constraint=models.CheckConstraint(condition=models.Q(("source__in", ["rules", "operator"])), name="clearing_source_known"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["programme_id", "member_id", "id"], name="notice_member"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("clearing_id__isnull", False)), fields=["programme_id", "clearing_id", "member_id"], name="notice_clearing"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["programme_id", "state", "id"], name="notice_state"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("programme_id", "member_id", "unit_id", "kind", "ends_on", "days_before", "is_late", "clearing_id"), name="notice_once", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("clearing_id__isnull", True), ("kind", "expiry")), models.Q(("clearing_id__isnull", False), ("kind", "clear")), _connector="OR"), name="notice_of_expiry_or_clear"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("done_at__isnull", True), ("state", "planned")), models.Q(("done_at__isnull", False), ("state__in", ["sent", "failed"])), _connector="OR"), name="notice_done_or_planned"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(condition=models.Q(("points__gt", 0)), name="notice_of_something"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["programme_id", "kind", "id"], name="outreach_run_kind"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(condition=models.Q(("finished_at__isnull", True)), fields=("programme_id", "kind", "unit_id", "clearing_id"), name="outreach_run_one_at_a_time", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(condition=models.Q(("kind", "notices")), fields=("programme_id", "unit_id", "clearing_id", "on_day"), name="outreach_run_day_once", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("clearing_id__isnull", True), ("kind", "expiry"), ("unit_id__isnull", True)), models.Q(("clearing_id__isnull", False), ("kind", "clear"), ("unit_id__isnull", False)), models.Q(("kind", "notices"), ("unit_id__isnull", False)), _connector="OR"), name="outreach_run_of_something"),
        ),
        jifen.common.models.AddProgrammeForeignKey("clearing", "unit_id", "unit"),
        jifen.common.models.AddProgrammeForeignKey("notice", "member_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("notice", "account_id", "account"),
        jifen.common.models.AddProgrammeForeignKey("notice", "unit_id", "unit"),
        jifen.common.models.AddProgrammeForeignKey("notice", "clearing_id", "clearing"),
        jifen.common.models.AddProgrammeForeignKey("outreach_run", "unit_id", "unit"),
        jifen.common.models.AddProgrammeForeignKey("outreach_run", "clearing_id", "clearing"),
    ]
