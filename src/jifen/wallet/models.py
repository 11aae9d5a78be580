"""Shape of the wallet: the coupons that were issued."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, belongs_to


class Coupon(ProgrammeModel):
    """An issued right with a code. A working table: the activities say how it came here.

    ``kind`` and ``rule_set_version`` name its terms. Without a member it belongs to whoever bears
    its code. ``holder_id`` is the activity that used, holds or voided it.
    """

    class Status(models.TextChoices):
        """That its time is over is told when it is read; it is no status."""

        ISSUED = "issued"
        HELD = "held"
        USED = "used"
        VOID = "void"

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    rule_set_version = models.IntegerField()
    member_id = models.UUIDField(null=True)
    member = belongs_to("members.Member", "member_id", optional=True)
    status = models.CharField(max_length=6, choices=Status, default=Status.ISSUED)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    issued_by_id = models.UUIDField()
    holder_id = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "coupon"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "code"], name="coupon_code_once"),
            models.CheckConstraint(
                condition=(
                    Q(status="issued", holder_id__isnull=True, held_until__isnull=True)
                    | Q(status="held", holder_id__isnull=False, held_until__isnull=False)
                    | Q(status__in=["used", "void"], holder_id__isnull=False,
                        held_until__isnull=True)
                ),
                name="coupon_status_says_who_has_it",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["programme_id", "member_id", "id"],
                condition=Q(member_id__isnull=False),
                name="coupon_member",
            ),
            models.Index(fields=["programme_id", "kind", "status", "id"], name="coupon_kind"),
        ]
