"""Staff, their logins, and the record of what they did."""

import django.db.models.deletion
import jifen.common.ids
from django.db import migrations, models

class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0003_guarded_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffLogin",
            fields=[
                ("login", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("programme_id", models.UUIDField()),
                ("staff_id", models.UUIDField()),
            ],
            options={
                "db_table": "staff_login",
            },
        ),
        migrations.CreateModel(
            name="SignInAttempt",
            fields=[
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("login_sha256", models.BinaryField(max_length=32)),
                ("address_sha256", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("failed", models.BooleanField(default=True)),
            ],
            options={
                "db_table": "sign_in_attempt",
                "indexes": [models.Index(fields=["login_sha256", "at"], name="sign_in_attempt_login"), models.Index(fields=["address_sha256", "at"], name="sign_in_attempt_address")],
            },
        ),
        migrations.CreateModel(
            name="StaffAct",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("at", models.DateTimeField()),
                ("staff_id", models.UUIDField(null=True)),
                ("login", models.CharField(max_length=120)),
                ("address", models.CharField(max_length=60)),
                ("operation", models.CharField(max_length=120)),
                ("subject", models.JSONField(default=dict)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("code", models.CharField(max_length=60)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
            ],
            options={
                "db_table": "staff_act",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme_id", "staff_id", "id"], name="staff_act_staff"), models.Index(fields=["programme_id", "operation", "id"], name="staff_act_operation")],
            },
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("login", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=120)),
                ("role", models.CharField(max_length=12)),
                ("password", models.CharField(max_length=200)),
                ("client_id", models.UUIDField()),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("password_set_at", models.DateTimeField()),
                ("client", models.ForeignObject(from_fields=["programme_id", "client_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.apiclient", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "staff",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("programme_id", "login"), name="staff_login_once"), models.UniqueConstraint(fields=("programme_id", "client_id"), name="staff_client_once"), models.CheckConstraint(condition=models.Q(("role__in", ["owner", "manager", "marketing", "finance", "clerk", "auditor"])), name="staff_role_known")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("staff", "client_id", "api_client"),
    ]
