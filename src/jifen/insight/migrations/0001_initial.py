"""What reports read: sums by day, and what is counted of members once a day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CohortCount",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "store", "first_month", "month", blank=True, editable=False, primary_key=True, serialize=False)),
                ("store", models.CharField(blank=True, max_length=60)),
                ("first_month", models.DateField()),
                ("month", models.DateField()),
                ("members", models.IntegerField()),
            ],
            options={
                "db_table": "report_cohort",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="OutstandingSum",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "unit", "day", blank=True, editable=False, primary_key=True, serialize=False)),
                ("unit", models.CharField(max_length=60)),
                ("day", models.DateField()),
                ("change", models.BigIntegerField()),
            ],
            options={
                "db_table": "report_outstanding",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PointsSum",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "unit", "day", "store", "kind", "act", "rule", blank=True, editable=False, primary_key=True, serialize=False)),
                ("unit", models.CharField(max_length=60)),
                ("day", models.DateField()),
                ("store", models.CharField(blank=True, max_length=60)),
                ("kind", models.CharField(max_length=12)),
                ("act", models.CharField(max_length=20)),
                ("rule", models.CharField(blank=True, max_length=60)),
                ("points", models.BigIntegerField()),
            ],
            options={
                "db_table": "report_points",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "kind", blank=True, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(default="reports", max_length=10)),
                ("summed_to", models.UUIDField()),
                ("counted_on", models.DateField(null=True)),
                ("counted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "report_progress",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RfmCount",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "store", "recency", "frequency", blank=True, editable=False, primary_key=True, serialize=False)),
                ("store", models.CharField(blank=True, max_length=60)),
                ("recency", models.SmallIntegerField()),
                ("frequency", models.SmallIntegerField()),
                ("members", models.IntegerField()),
                ("paid_minor", models.BigIntegerField()),
            ],
            options={
                "db_table": "report_rfm",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SalesSum",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "day", "store", blank=True, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("store", models.CharField(blank=True, max_length=60)),
                ("orders", models.IntegerField()),
                ("paid_minor", models.BigIntegerField()),
                ("refunded_minor", models.BigIntegerField()),
                ("guest_orders", models.IntegerField()),
                ("guest_paid_minor", models.BigIntegerField()),
                ("guest_refunded_minor", models.BigIntegerField()),
            ],
            options={
                "db_table": "report_sales",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TierCount",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "store", "tier", blank=True, editable=False, primary_key=True, serialize=False)),
                ("store", models.CharField(blank=True, max_length=60)),
                ("tier", models.CharField(blank=True, max_length=60)),
                ("members", models.IntegerField()),
            ],
            options={
                "db_table": "report_tier",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
    ]
