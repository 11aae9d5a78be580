"""A published version may begin at a time that is to come; the first one is in force at once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0009_sealed_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="ruleset",
            name="starts_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gt", 1), ("starts_at", None), _connector="OR"),
                name="rule_set_first_at_once",
            ),
        ),
    ]
