"""The room's first table: coupons."""

import django.db.models.deletion
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("code", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=60)),
                ("rule_set_version", models.IntegerField()),
                ("member_id", models.UUIDField(null=True)),
                ("status", models.CharField(choices=[("issued", "Issued"), ("held", "Held"), ("used", "Used"), ("void", "Void")], default="issued", max_length=6)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(null=True)),
                ("issued_by_id", models.UUIDField()),
                ("holder_id", models.UUIDField(null=True)),
                ("held_until", models.DateTimeField(null=True)),
                ("member", models.ForeignObject(from_fields=["programme_id", "member_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"])),
            ],
            options={
                "db_table": "coupon",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(condition=models.Q(("member_id__isnull", False)), fields=["programme_id", "member_id", "id"], name="coupon_member")],
                "constraints": [models.UniqueConstraint(fields=("programme_id", "code"), name="coupon_code_once"), models.CheckConstraint(condition=models.Q(models.Q(("held_until__isnull", True), ("holder_id__isnull", True), ("status", "issued")), models.Q(("held_until__isnull", False), ("holder_id__isnull", False), ("status", "held")), models.Q(("held_until__isnull", True), ("holder_id__isnull", False), ("status__in", ["used", "void"])), _connector="OR"), name="coupon_status_says_who_has_it")],
            },
        ),
        jifen.common.models.AddProgrammeForeignKey("coupon", "member_id", "member"),
        # Rows that are updated leave room for their next version on the same page.
        migrations.RunSQL("ALTER TABLE coupon SET (fillfactor = 80)", migrations.RunSQL.noop),
    ]
