"""Tiers in time: until when each lasts, tiers that were given, growth by period, uses of benefits."""

import django.db.models.deletion
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0001_initial"),
        ("tiers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BenefitUsage",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "member_id", "benefit", "period", blank=True, editable=False, primary_key=True, serialize=False)),
                ("member_id", models.UUIDField()),
                ("benefit", models.CharField(max_length=60)),
                ("period", models.CharField(max_length=10)),
                ("used", models.IntegerField()),
                ("quota", models.IntegerField()),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "benefit_usage",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.CheckConstraint(condition=models.Q(("used__gte", 0), ("used__lte", models.F("quota"))), name="benefit_usage_within_quota")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("benefit_usage", "member_id", "member"),
        migrations.AddField(
            model_name="periodspend",
            name="growth",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="standing",
            name="opening_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="stages",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="standing",
            name="tier_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="manual_tier",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AddField(
            model_name="standing",
            name="manual_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="manual_reason",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        migrations.AddField(
            model_name="standing",
            name="manual_actor",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="standing",
            name="bought_tier",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AddField(
            model_name="standing",
            name="bought_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(condition=models.Q(("tier_until__isnull", False)), fields=["programme_id", "tier_until", "id"], name="standing_ends"),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(condition=models.Q(("tier_until", None), models.Q(("stages", ""), _negated=True), _connector="OR"), name="standing_ends_as_its_stages_say"),
        ),
    ]
