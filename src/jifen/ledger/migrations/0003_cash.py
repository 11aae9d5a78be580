"""Money topped up comes from outside, and goes back there."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0002_holds_and_pending"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="posting",
            name="posting_kind_contra_sign",
        ),
        migrations.AlterField(
            model_name="posting",
            name="kind",
            field=models.CharField(choices=[("earn", "Earn"), ("burn", "Burn"), ("give_back", "Give Back"), ("clawback", "Clawback"), ("expire", "Expire"), ("adjust_up", "Adjust Up"), ("adjust_down", "Adjust Down"), ("ripen", "Ripen"), ("hold", "Hold"), ("release", "Release"), ("transfer_out", "Transfer Out"), ("transfer_in", "Transfer In"), ("waive", "Waive"), ("undo_expiry", "Undo Expiry"), ("top_up", "Top Up"), ("pay_out", "Pay Out")], max_length=12),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("amount__gt", 0), ("contra", "issuance"), ("kind", "earn")), models.Q(("amount__lt", 0), ("contra", "issuance"), ("kind", "clawback")), models.Q(("amount__lt", 0), ("contra", "redemption"), ("kind", "burn")), models.Q(("amount__gt", 0), ("contra", "redemption"), ("kind", "give_back")), models.Q(("amount__lt", 0), ("contra", "breakage"), ("kind", "expire")), models.Q(("amount__gt", 0), ("contra", "adjustment"), ("kind", "adjust_up")), models.Q(("amount__lt", 0), ("contra", "adjustment"), ("kind", "adjust_down")), models.Q(("amount", 0), ("contra", "issuance"), ("kind", "ripen")), models.Q(("amount", 0), ("contra", "redemption"), ("kind__in", ["hold", "release"])), models.Q(("amount__lt", 0), ("contra", "transfer"), ("kind", "transfer_out")), models.Q(("amount__gt", 0), ("contra", "transfer"), ("kind", "transfer_in")), models.Q(("amount__gt", 0), ("contra", "adjustment"), ("kind", "waive")), models.Q(("amount__gt", 0), ("contra", "breakage"), ("kind", "undo_expiry")), models.Q(("amount__gt", 0), ("contra", "cash"), ("kind", "top_up")), models.Q(("amount__lt", 0), ("contra", "cash"), ("kind", "pay_out")), _connector="OR"), name="posting_kind_contra_sign"),
        ),
    ]
