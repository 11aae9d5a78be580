"""Accounts that end when they are not used, and that members were told when lots end."""

import django.db.models.deletion
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0003_cash"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="idle_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(condition=models.Q(("idle_at__isnull", False)), fields=["programme_id", "id"], name="account_idle"),
        ),
        migrations.CreateModel(
            name="LotNotice",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "account_id", "expires_at", blank=True, editable=False, primary_key=True, serialize=False)),
                ("account_id", models.UUIDField()),
                ("expires_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("account", models.ForeignObject(from_fields=["programme_id", "account_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.account", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "lot_notice",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.CheckConstraint(condition=models.Q(("until__gte", models.F("expires_at"))), name="lot_notice_never_shortens")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("lot_notice", "account_id", "account"),
    ]
