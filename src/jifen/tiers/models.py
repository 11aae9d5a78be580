"""Shape of a member's standing in the ladder, and of what they used of their benefits."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, NullIf

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to

BOOKED_TIER = Coalesce(
    KeyTextTransform(
        0,
        KeyTransform(
            0,
            Cast(NullIf(F("stages"), Value("")), models.JSONField()),
            output_field=models.JSONField(),
        ),
    ),
    F("tier"),
)
"""The tier that was in force when the standing was written: the first of its stages."""


class Standing(ProgrammeModel):
    """One row a member (its ``id`` is the member's): what is kept, and the tiers it gives.

    ``tier`` is the highest one that what is kept has reached, or that was brought from an older
    system (``opening_tier``, at ``opening_at``). ``stages`` says, as JSON, which tier is in force
    until when and what follows it; it is empty where ``tier`` is in force for ever. The first of
    these ends at ``tier_until``. Tiers that were given, not earned, have their own columns.
    ``reached`` names the activity whose award for reaching a tier is in force, as JSON.
    """

    member = belongs_to("members.Member", "id")
    tier = models.CharField(max_length=60, blank=True)
    opening_tier = models.CharField(max_length=60, blank=True)
    opening_at = models.DateTimeField(null=True)
    spend_minor = models.BigIntegerField(default=0)
    purchases_kept = models.IntegerField(default=0)
    reached = models.TextField(default="{}")
    stages = models.TextField(default="", blank=True)
    tier_until = models.DateTimeField(null=True)
    manual_tier = models.CharField(max_length=60, default="", blank=True)
    manual_until = models.DateTimeField(null=True)
    manual_reason = models.CharField(max_length=500, default="", blank=True)
    manual_actor = models.CharField(max_length=120, default="", blank=True)
    bought_tier = models.CharField(max_length=60, default="", blank=True)
    bought_until = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "standing"
        constraints = [
            models.CheckConstraint(
                condition=Q(spend_minor__gte=0, purchases_kept__gte=0),
                name="standing_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(tier_until=None) | ~Q(stages=""), name="standing_ends_as_its_stages_say"
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "tier_until", "id"],
                condition=Q(tier_until__isnull=False),
                name="standing_ends",
            ),
            models.Index(F("programme_id"), BOOKED_TIER, F("id"), name="standing_tier"),
        ]


class PeriodSpend(ProgrammeRow):
    """What one member kept in one period, spend and growth, for ladders that count by period."""

    pk = models.CompositePrimaryKey("programme_id", "member_id", "period")
    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    period = models.CharField(max_length=10)
    spend_minor = models.BigIntegerField()
    growth = models.BigIntegerField(default=0)

    class Meta(ProgrammeRow.Meta):
        db_table = "period_spend"
        constraints = [
            models.CheckConstraint(
                condition=Q(spend_minor__gte=0), name="period_spend_not_below_zero"
            )
        ]


class BenefitUsage(ProgrammeRow):
    """How often one member used one benefit in one period, less what was given back.

    ``quota`` is how often it might be used, when it was used last: a quota that the owner lowers
    later takes nothing back. Of these, checkouts keep ``held``: ``holders`` (JSON) says which, and
    until when. Who looks later leaves those out that are over.
    """

    pk = models.CompositePrimaryKey("programme_id", "member_id", "benefit", "period")
    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    benefit = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    used = models.IntegerField()
    quota = models.IntegerField()
    held = models.IntegerField(default=0)
    holders = models.TextField(default="", blank=True)

    class Meta(ProgrammeRow.Meta):
        db_table = "benefit_usage"
        constraints = [
            models.CheckConstraint(
                condition=Q(used__gte=0, held__gte=0, used__lte=F("quota") - F("held")),
                name="benefit_usage_within_quota",
            )
        ]
