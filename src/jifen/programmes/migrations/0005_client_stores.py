"""Clients, and so the staff, may be limited to several stores."""

import django.db.models.deletion
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0004_staff"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiClientStore",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "client_id", "store_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("client_id", models.UUIDField()),
                ("store_id", models.UUIDField()),
                ("client", models.ForeignObject(from_fields=["programme_id", "client_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.apiclient", to_fields=["programme_id", "id"])),
                ("store", models.ForeignObject(from_fields=["programme_id", "store_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.store", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "api_client_store",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RunSQL(
            "INSERT INTO api_client_store (programme_id, client_id, store_id)"
            " SELECT programme_id, id, store_id FROM api_client WHERE store_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        jifen.common.models.AddProgrammeForeignKey("api_client_store", "client_id", "api_client"),
        jifen.common.models.AddProgrammeForeignKey("api_client_store", "store_id", "store"),
        migrations.RemoveField(model_name="apiclient", name="store"),
        migrations.RemoveField(model_name="apiclient", name="store_id"),
    ]
