"""Pending lots, holds, transfers between accounts, waived deficits, expiries undone."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0001_initial"),
        ("members", "0001_initial"),
        ("programmes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("account_id", models.UUIDField()),
                ("seq", models.IntegerField()),
                ("captured", models.BigIntegerField()),
                ("remaining", models.BigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "hold",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="account_pays_its_deficit_first",
        ),
        migrations.RemoveConstraint(
            model_name="posting",
            name="posting_kind_contra_sign",
        ),
        migrations.RemoveConstraint(
            model_name="posting",
            name="posting_deficit_not_below_zero",
        ),
        migrations.AddField(
            model_name="lot",
            name="is_pending",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="lot",
            name="ripens_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="posting",
            name="held_after",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="posting",
            name="hold_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="posting",
            name="is_pending",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="posting",
            name="pending_after",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="posting",
            name="ripens_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="posting",
            name="kind",
            field=models.CharField(choices=[("earn", "Earn"), ("burn", "Burn"), ("give_back", "Give Back"), ("clawback", "Clawback"), ("expire", "Expire"), ("adjust_up", "Adjust Up"), ("adjust_down", "Adjust Down"), ("ripen", "Ripen"), ("hold", "Hold"), ("release", "Release"), ("transfer_out", "Transfer Out"), ("transfer_in", "Transfer In"), ("waive", "Waive"), ("undo_expiry", "Undo Expiry")], max_length=12),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(condition=models.Q(("deficit", 0), models.Q(("available", 0), ("pending", 0)), _connector="OR"), name="account_pays_its_deficit_first"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("amount__gt", 0), ("contra", "issuance"), ("kind", "earn")), models.Q(("amount__lt", 0), ("contra", "issuance"), ("kind", "clawback")), models.Q(("amount__lt", 0), ("contra", "redemption"), ("kind", "burn")), models.Q(("amount__gt", 0), ("contra", "redemption"), ("kind", "give_back")), models.Q(("amount__lt", 0), ("contra", "breakage"), ("kind", "expire")), models.Q(("amount__gt", 0), ("contra", "adjustment"), ("kind", "adjust_up")), models.Q(("amount__lt", 0), ("contra", "adjustment"), ("kind", "adjust_down")), models.Q(("amount", 0), ("contra", "issuance"), ("kind", "ripen")), models.Q(("amount", 0), ("contra", "redemption"), ("kind__in", ["hold", "release"])), models.Q(("amount__lt", 0), ("contra", "transfer"), ("kind", "transfer_out")), models.Q(("amount__gt", 0), ("contra", "transfer"), ("kind", "transfer_in")), models.Q(("amount__gt", 0), ("contra", "adjustment"), ("kind", "waive")), models.Q(("amount__gt", 0), ("contra", "breakage"), ("kind", "undo_expiry")), _connector="OR"), name="posting_kind_contra_sign"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(condition=models.Q(("deficit_after__gte", 0), ("held_after__gte", 0), ("pending_after__gte", 0)), name="posting_not_below_zero"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("hold_id__isnull", False), ("kind__in", ["burn", "release"])), models.Q(models.Q(("kind", "release"), _negated=True), ("hold_id__isnull", True)), _connector="OR"), name="posting_names_a_hold"),
        ),
        migrations.AddField(
            model_name="hold",
            name="account",
            field=models.ForeignObject(from_fields=["programme_id", "account_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="ledger.account", to_fields=["programme_id", "id"]),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["programme_id", "account_id"], name="hold_account"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(condition=models.Q(("captured__gte", 0), ("remaining__gt", 0)), name="hold_open_or_gone"),
        ),
        jifen.common.models.AddProgrammeForeignKey("hold", "account_id", "account"),
    ]
