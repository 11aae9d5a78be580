"""Who chose the columns of an import, which for many points is not who starts it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("importing", "0002_stores"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="mapped_by_id",
            field=models.UUIDField(null=True),
        ),
    ]
