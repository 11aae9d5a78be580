"""An import is bound to the stores that bound whoever started it, which may be several."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("importing", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="stores",
            field=models.JSONField(null=True),
        ),
        migrations.RunSQL(
            "UPDATE import_run SET stores = jsonb_build_array(store) WHERE store <> ''",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(model_name="import", name="store"),
    ]
