"""Sums of stored value, passes and coupons by day and store, beside those of points.

What was summed up before has none of them, so the sums are made anew: reports tell the books
meanwhile, and the next steps of the worker make them fast again.
"""

from django.db import migrations, models

FORGET = """
DELETE FROM report_points;
DELETE FROM report_outstanding;
DELETE FROM report_sales;
UPDATE report_progress SET summed_to = '00000000-0000-0000-0000-000000000000';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("insight", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CouponSum",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "programme_id",
                        "day",
                        "store",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("store", models.CharField(blank=True, max_length=60)),
                ("kind", models.CharField(max_length=60)),
                ("coupons", models.BigIntegerField()),
            ],
            options={
                "db_table": "report_coupons",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="pointssum",
            name="postings",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
    ]
