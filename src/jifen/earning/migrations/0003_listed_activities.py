"""An index of top-ups and uses of passes, of which there are lists by store and day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("earning", "0002_activity_window"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("kind__in", ["top_up", "pass_use"])),
                fields=["programme_id", "kind", "store_id", "occurred_at", "id"],
                name="activity_listed",
            ),
        ),
    ]
