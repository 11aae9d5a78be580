"""Gift runs: chosen by one statement, counted once at the end."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0002_gift_runs"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="giftrun", name="gift_run_open"),
        migrations.RemoveField(model_name="giftrun", name="after"),
        migrations.AddField(
            model_name="giftrun",
            name="totals",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="giftrun",
            index=models.Index(condition=models.Q(("totals", "")), fields=["programme_id", "id"], name="gift_run_open"),
        ),
        migrations.AddConstraint(
            model_name="giftrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("totals", ""), ("ended_at__isnull", False), _connector="OR"),
                name="gift_run_totals_at_the_end",
            ),
        ),
    ]
