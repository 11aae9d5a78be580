"""What one person asked for and another has to confirm."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0003_gift_run_totals"),
        ("members", "0003_email_identities"),
        ("programmes", "0007_approval_limit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("kind", models.CharField(choices=[("activity", "Activity"), ("gift_run", "Gift Run")], max_length=12)),
                ("client_id", models.UUIDField()),
                ("key", models.CharField(max_length=200)),
                ("body", models.TextField()),
                ("body_sha256", models.BinaryField(max_length=32)),
                ("store_id", models.UUIDField()),
                ("member_id", models.UUIDField(null=True)),
                ("points", models.BigIntegerField()),
                ("requested_at", models.DateTimeField()),
                ("requested_by_id", models.UUIDField()),
                ("expires_at", models.DateTimeField()),
                ("status", models.CharField(choices=[("pending", "Pending"), ("confirmed", "Confirmed"), ("refused", "Refused")], max_length=12)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by_id", models.UUIDField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("outcome_id", models.UUIDField(null=True)),
                ("client", models.ForeignObject(from_fields=["programme_id", "client_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.apiclient", to_fields=["programme_id", "id"])),
                ("decided_by", models.ForeignObject(from_fields=["programme_id", "decided_by_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.staff", to_fields=["programme_id", "id"])),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
                ("requested_by", models.ForeignObject(from_fields=["programme_id", "requested_by_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.staff", to_fields=["programme_id", "id"])),
                ("store", models.ForeignObject(from_fields=["programme_id", "store_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.store", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "approval",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("status", "pending")), fields=["programme_id", "id"], name="approval_pending")],
                "constraints": [models.UniqueConstraint(fields=("programme_id", "client_id", "key"), name="approval_key_once"), models.CheckConstraint(condition=models.Q(("kind__in", ["activity", "gift_run"])), name="approval_kind_known"), models.CheckConstraint(condition=models.Q(models.Q(("decided_at__isnull", True), ("decided_by_id__isnull", True), ("outcome_id__isnull", True), ("status", "pending")), models.Q(("decided_at__isnull", False), ("decided_by_id__isnull", False), ("outcome_id__isnull", False), ("status", "confirmed")), models.Q(("decided_at__isnull", False), ("decided_by_id__isnull", False), ("outcome_id__isnull", True), ("status", "refused")), _connector="OR"), name="approval_decided_whole"), models.CheckConstraint(condition=models.Q(("decided_by_id__isnull", True), models.Q(("decided_by_id", models.F("requested_by_id")), _negated=True), _connector="OR"), name="approval_by_a_second_person")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("approval", "client_id", "api_client"),
        jifen.common.models.AddProgrammeForeignKey("approval", "store_id", "store"),
        jifen.common.models.AddProgrammeForeignKey("approval", "member_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("approval", "requested_by_id", "staff"),
        jifen.common.models.AddProgrammeForeignKey("approval", "decided_by_id", "staff"),
    ]
