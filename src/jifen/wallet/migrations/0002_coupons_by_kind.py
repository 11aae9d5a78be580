"""Coupons by kind and state, for whoever looks after them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wallet", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="coupon",
            index=models.Index(fields=["programme_id", "kind", "status", "id"], name="coupon_kind"),
        ),
    ]
