"""An index of what happened when, for segments of the last days."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("earning", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(condition=models.Q(("kind__in", ["purchase", "refund", "claim", "behaviour"]), ("member_id__isnull", False)), fields=["programme_id", "occurred_at", "member_id"], name="activity_window"),
        ),
    ]
