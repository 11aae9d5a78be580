"""Uses of benefits that checkouts hold until their order is paid."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tiers", "0002_tiers_in_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="benefitusage",
            name="held",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="benefitusage",
            name="holders",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.RemoveConstraint(
            model_name="benefitusage",
            name="benefit_usage_within_quota",
        ),
        migrations.AddConstraint(
            model_name="benefitusage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held__gte", 0),
                    ("used__gte", 0),
                    ("used__lte", models.F("quota") - models.F("held")),
                ),
                name="benefit_usage_within_quota",
            ),
        ),
    ]
