"""Units of which nothing ends without a notice."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0002_units_of_money_and_passes"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="guarded_from",
            field=models.DateTimeField(null=True),
        ),
    ]
