"""Events, and their way to their readers."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("topic", models.CharField(max_length=40)),
                ("key", models.UUIDField()),
                ("payload", models.TextField()),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "db_table": "outbox",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "event_id", "reader", blank=True, editable=False, primary_key=True, serialize=False)),
                ("event_id", models.UUIDField()),
                ("reader", models.CharField(max_length=40)),
                ("key", models.UUIDField()),
                ("state", models.CharField(choices=[("waiting", "Waiting"), ("delivered", "Delivered"), ("given_up", "Given Up")], default="waiting", max_length=10)),
                ("next_at", models.DateTimeField()),
                ("claim", models.UUIDField(null=True)),
                ("tries", models.IntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("done_at", models.DateTimeField(null=True)),
                ("event", models.ForeignObject(from_fields=["programme_id", "event_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="outbox.event", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "outbox_delivery",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("state", "waiting")), fields=["programme_id", "reader", "next_at"], name="outbox_delivery_next"), models.Index(condition=models.Q(("state", "waiting")), fields=["programme_id", "reader", "key", "event_id"], name="outbox_delivery_order"), models.Index(condition=models.Q(("done_at__isnull", False)), fields=["programme_id", "done_at"], name="outbox_delivery_done")],
                "constraints": [models.CheckConstraint(condition=models.Q(models.Q(("done_at__isnull", True), ("state", "waiting")), models.Q(("done_at__isnull", False), ("state__in", ["delivered", "given_up"])), _connector="OR"), name="outbox_delivery_done_or_waiting")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("outbox_delivery", "event_id", "outbox"),
    ]
