"""Gifts to members chosen by a condition; how far a run is stands in its row, and who of it was
refused is found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0004_approvals"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="giftrun", name="gift_run_kind_known"),
        migrations.AlterField(
            model_name="giftrun",
            name="kind",
            field=models.CharField(max_length=9),
        ),
        migrations.AddConstraint(
            model_name="giftrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["all", "members", "segment", "condition"])),
                name="gift_run_kind_known",
            ),
        ),
        migrations.AddField(
            model_name="giftrun",
            name="progress",
            field=models.TextField(default="{}"),
        ),
        migrations.AddIndex(
            model_name="giftrunmember",
            index=models.Index(
                condition=models.Q(("outcome__in", ["", "given"]), _negated=True),
                fields=["programme_id", "run_id", "member_id"],
                name="gift_run_member_refused",
            ),
        ),
    ]
