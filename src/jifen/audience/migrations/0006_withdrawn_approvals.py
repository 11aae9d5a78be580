"""Who asked for something may withdraw it; nobody else may, and nobody confirms their own."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ("audience", "0005_gifts_by_condition"),
    ]

    operations = [
        migrations.AlterField(
            model_name="approval",
            name="status",
            field=models.CharField(choices=[("pending", "Pending"), ("confirmed", "Confirmed"), ("refused", "Refused"), ("withdrawn", "Withdrawn")], max_length=12),
        ),
        migrations.RemoveConstraint(model_name="approval", name="approval_decided_whole"),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(condition=Q(status="pending", decided_at__isnull=True, decided_by_id__isnull=True, outcome_id__isnull=True) | Q(status="confirmed", decided_at__isnull=False, decided_by_id__isnull=False, outcome_id__isnull=False) | Q(status__in=["refused", "withdrawn"], decided_at__isnull=False, decided_by_id__isnull=False, outcome_id__isnull=True), name="approval_decided_whole"),
        ),
        migrations.RemoveConstraint(model_name="approval", name="approval_by_a_second_person"),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(condition=Q(decided_by_id__isnull=True) | Q(status="withdrawn", decided_by_id=F("requested_by_id")) | (~Q(status="withdrawn") & ~Q(decided_by_id=F("requested_by_id"))), name="approval_by_a_second_person"),
        ),
    ]
