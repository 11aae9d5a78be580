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
            name="PeriodSpend",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "member_id", "period", blank=True, editable=False, primary_key=True, serialize=False)),
                ("member_id", models.UUIDField()),
                ("period", models.CharField(max_length=10)),
                ("spend_minor", models.BigIntegerField()),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "period_spend",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.CheckConstraint(condition=models.Q(("spend_minor__gte", 0)), name="period_spend_not_below_zero")],
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("tier", models.CharField(blank=True, max_length=60)),
                ("opening_tier", models.CharField(blank=True, max_length=60)),
                ("spend_minor", models.BigIntegerField(default=0)),
                ("purchases_kept", models.IntegerField(default=0)),
                ("reached", models.TextField(default="{}")),
                ("member", models.ForeignObject(from_fields=["programme_id", "id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "standing",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.CheckConstraint(condition=models.Q(("purchases_kept__gte", 0), ("spend_minor__gte", 0)), name="standing_not_below_zero")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("standing", "id", "member"),
        jifen.common.models.AddProgrammeForeignKey("period_spend", "member_id", "member"),
        # Rows that are updated often leave room for their next version on the same page.
        migrations.RunSQL("ALTER TABLE standing SET (fillfactor = 70)", migrations.RunSQL.noop),
    ]
