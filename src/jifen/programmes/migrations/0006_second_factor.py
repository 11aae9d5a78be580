"""Second factors of the staff, and their recovery codes."""

import django.db.models.deletion
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0005_client_stores"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffFactor",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "staff_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("staff_id", models.UUIDField()),
                ("secret", models.CharField(max_length=64)),
                ("begun_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
                ("staff", models.ForeignObject(from_fields=["programme_id", "staff_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.staff", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "staff_factor",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="StaffSpareCode",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "staff_id", "code_sha256", blank=True, editable=False, primary_key=True, serialize=False)),
                ("staff_id", models.UUIDField()),
                ("code_sha256", models.BinaryField(max_length=32)),
                ("used_at", models.DateTimeField(null=True)),
                ("staff", models.ForeignObject(from_fields=["programme_id", "staff_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.staff", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "staff_spare_code",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("staff_factor", "staff_id", "staff"),
        jifen.common.models.AddProgrammeForeignKey("staff_spare_code", "staff_id", "staff"),
    ]
