"""Units of stored value, bonus money and passes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="unit",
            name="unit_kind_known",
        ),
        migrations.AlterField(
            model_name="unit",
            name="kind",
            field=models.CharField(choices=[("points", "Points"), ("growth", "Growth"), ("stored", "Stored"), ("bonus", "Bonus"), ("pass", "Pass")], max_length=12),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", ["points", "growth", "stored", "bonus", "pass"])), name="unit_kind_known"),
        ),
    ]
