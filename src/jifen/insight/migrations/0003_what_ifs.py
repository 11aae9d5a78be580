"""What drafts would have given, as somebody asked for it."""


import jifen.common.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("insight", "0002_money_and_coupons"),
    ]

    operations = [
        migrations.CreateModel(
            name="WhatIfRun",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("draft", models.CharField(max_length=120)),
                ("reach", models.TextField(blank=True)),
                ("document", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("status", models.CharField(default="running", max_length=8)),
                ("fault", models.CharField(blank=True, max_length=60)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("result", models.TextField(blank=True)),
                ("started_at", models.DateTimeField()),
                ("started_by", models.CharField(max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "what_if",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("status", "running")), fields=["programme_id", "id"], name="what_if_open")],
                "constraints": [models.UniqueConstraint(fields=("programme_id", "draft", "reach"), name="what_if_one_a_draft"), models.CheckConstraint(condition=models.Q(("status__in", ["running", "done", "failed"])), name="what_if_status_known"), models.CheckConstraint(condition=models.Q(models.Q(("ended_at__isnull", False), ("status", "done"), models.Q(("result", ""), _negated=True)), models.Q(("ended_at__isnull", False), ("result", ""), ("status", "failed")), models.Q(("ended_at__isnull", True), ("result", ""), ("status", "running")), _connector="OR"), name="what_if_ends_once"), models.CheckConstraint(condition=models.Q(("done__gte", 0), ("done__lte", models.F("total"))), name="what_if_done_counts")],
            },
        ),
    ]
