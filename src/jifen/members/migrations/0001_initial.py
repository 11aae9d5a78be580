"""The room's first tables."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("programmes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("birthday_on", models.DateField(null=True)),
                ("store_id", models.UUIDField(null=True)),
                ("enrolled_at", models.DateTimeField()),
                ("store", models.ForeignObject(from_fields=["programme_id", "store_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.store", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "member",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("member_id", models.UUIDField()),
                ("kind", models.CharField(choices=[("external", "External"), ("phone", "Phone"), ("card", "Card"), ("wechat", "Wechat")], max_length=12)),
                ("value", models.CharField(max_length=200)),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "identity",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["programme_id", "member_id"], name="identity_member")],
                "constraints": [models.UniqueConstraint(fields=("programme_id", "kind", "value"), name="identity_belongs_to_one_member"), models.CheckConstraint(condition=models.Q(("kind__in", ["external", "phone", "card", "wechat"])), name="identity_kind_known")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("member", "store_id", "store"),
        jifen.common.models.AddProgrammeForeignKey("identity", "member_id", "member"),
        # Each booking locks the row, which writes it: leave room on its page.
        migrations.RunSQL("ALTER TABLE member SET (fillfactor = 80)", migrations.RunSQL.noop),
    ]
