"""Shape of a member's standing in the ladder."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to


class Standing(ProgrammeModel):
    """One row a member (its ``id`` is the member's): what is kept, and the tier it gave.

    ``opening_tier`` was brought from an older system; no refund lowers a member below it.
    ``reached`` names the activity whose award for reaching a tier is in force,
    as JSON.
    """

    member = belongs_to("members.Member", "id")
    tier = models.CharField(max_length=60, blank=True)
    opening_tier = models.CharField(max_length=60, blank=True)
    spend_minor = models.BigIntegerField(default=0)
    purchases_kept = models.IntegerField(default=0)
    reached = models.TextField(default="{}")

    class Meta(ProgrammeModel.Meta):
        db_table = "standing"
        constraints = [
            models.CheckConstraint(
                condition=Q(spend_minor__gte=0, purchases_kept__gte=0),
                name="standing_not_below_zero",
            )
        ]


class PeriodSpend(ProgrammeRow):
    """Kept spend of one member in one period, for ladders by spend in a period."""

    pk = models.CompositePrimaryKey("programme_id", "member_id", "period")
    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    period = models.CharField(max_length=10)
    spend_minor = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "period_spend"
        constraints = [
            models.CheckConstraint(
                condition=Q(spend_minor__gte=0), name="period_spend_not_below_zero"
            )
        ]
