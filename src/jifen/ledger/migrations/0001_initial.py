"""The room's first tables."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("members", "0001_initial"),
        ("programmes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("kind", models.CharField(max_length=20)),
                ("actor", models.CharField(max_length=120)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("reverses_id", models.UUIDField(null=True)),
                ("occurred_at", models.DateTimeField()),
                ("booked_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_transaction",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("member_id", models.UUIDField()),
                ("unit_id", models.UUIDField()),
                ("available", models.BigIntegerField(default=0)),
                ("pending", models.BigIntegerField(default=0)),
                ("held", models.BigIntegerField(default=0)),
                ("deficit", models.BigIntegerField(default=0)),
                ("seq", models.IntegerField(default=0)),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
                ("unit", models.ForeignObject(from_fields=["programme_id", "unit_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="programmes.unit", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "account",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("account_id", models.UUIDField()),
                ("seq", models.IntegerField()),
                ("remaining", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("account", models.ForeignObject(from_fields=["programme_id", "account_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.account", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "lot",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("transaction_id", models.UUIDField()),
                ("account_id", models.UUIDField()),
                ("seq", models.IntegerField()),
                ("kind", models.CharField(choices=[("earn", "Earn"), ("burn", "Burn"), ("give_back", "Give Back"), ("clawback", "Clawback"), ("expire", "Expire"), ("adjust_up", "Adjust Up"), ("adjust_down", "Adjust Down")], max_length=12)),
                ("contra", models.CharField(max_length=12)),
                ("amount", models.BigIntegerField()),
                ("balance_after", models.BigIntegerField()),
                ("deficit_after", models.BigIntegerField()),
                ("rule", models.CharField(blank=True, max_length=60)),
                ("store_id", models.UUIDField(null=True)),
                ("merchant_id", models.UUIDField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("account", models.ForeignObject(from_fields=["programme_id", "account_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.account", to_fields=["programme_id", "id"])),
                ("transaction", models.ForeignObject(from_fields=["programme_id", "transaction_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.transaction", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "posting",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="DrawDown",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("posting_id", models.UUIDField()),
                ("lot_id", models.UUIDField()),
                ("rank", models.IntegerField()),
                ("amount", models.BigIntegerField()),
                ("lot_posting", models.ForeignObject(from_fields=["programme_id", "lot_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.posting", to_fields=["programme_id", "id"])),
                ("posting", models.ForeignObject(from_fields=["programme_id", "posting_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.posting", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "draw_down",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("programme_id", "member_id", "unit_id"), name="account_once"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(condition=models.Q(("available__gte", 0), ("deficit__gte", 0), ("held__gte", 0), ("pending__gte", 0)), name="account_not_below_zero"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(condition=models.Q(("deficit", 0), ("available", 0), _connector="OR"), name="account_pays_its_deficit_first"),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(fields=["programme_id", "account_id", "expires_at"], name="lot_account"),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(condition=models.Q(("remaining__gt", 0)), name="lot_open_or_gone"),
        ),
        migrations.AddIndex(
            model_name="drawdown",
            index=models.Index(fields=["programme_id", "lot_id"], name="draw_down_lot"),
        ),
        migrations.AddConstraint(
            model_name="drawdown",
            constraint=models.UniqueConstraint(fields=("programme_id", "posting_id", "rank"), name="draw_down_order"),
        ),
        migrations.AddConstraint(
            model_name="drawdown",
            constraint=models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="draw_down_moves_something"),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["programme_id", "transaction_id"], name="posting_transaction"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(fields=("programme_id", "account_id", "seq"), name="posting_order"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("amount__gt", 0), ("contra", "issuance"), ("kind", "earn")), models.Q(("amount__lt", 0), ("contra", "issuance"), ("kind", "clawback")), models.Q(("amount__lt", 0), ("contra", "redemption"), ("kind", "burn")), models.Q(("amount__gt", 0), ("contra", "redemption"), ("kind", "give_back")), models.Q(("amount__lt", 0), ("contra", "breakage"), ("kind", "expire")), models.Q(("amount__gt", 0), ("contra", "adjustment"), ("kind", "adjust_up")), models.Q(("amount__lt", 0), ("contra", "adjustment"), ("kind", "adjust_down")), _connector="OR"), name="posting_kind_contra_sign"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(condition=models.Q(("deficit_after__gte", 0)), name="posting_deficit_not_below_zero"),
        ),
        jifen.common.models.AddProgrammeForeignKey("account", "member_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("account", "unit_id", "unit"),
        jifen.common.models.AddProgrammeForeignKey("posting", "transaction_id", "ledger_transaction"),
        jifen.common.models.AddProgrammeForeignKey("posting", "account_id", "account"),
        jifen.common.models.AddProgrammeForeignKey("lot", "account_id", "account"),
        jifen.common.models.AddProgrammeForeignKey("draw_down", "posting_id", "posting"),
        jifen.common.models.AddProgrammeForeignKey("draw_down", "lot_id", "posting"),
        # Rows that are updated often leave room for their next version on the same page.
        migrations.RunSQL("ALTER TABLE account SET (fillfactor = 70)", migrations.RunSQL.noop),
        migrations.RunSQL("ALTER TABLE lot SET (fillfactor = 80)", migrations.RunSQL.noop),
    ]
