"""The room's first table."""

import jifen.common.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("code", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("condition", models.TextField()),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.CharField(max_length=120)),
            ],
            options={
                "db_table": "segment",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("programme_id", "code"), name="segment_code_once")],
            },
        ),
    ]
