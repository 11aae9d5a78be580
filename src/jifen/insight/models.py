"""Shape of what reports read, and of what-ifs. All of it follows from the books and can be made
again.

Units, stores and tiers are here by their codes, which never change, so a row reads by itself; an
empty store is none, and in what is counted by member all of them together.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jifen.common.models import ProgrammeModel, ProgrammeRow


class Progress(ProgrammeRow):
    """How far the reports of a programme are.

    Postings and activities with an id below ``summed_to`` are in the sums by day. Members were
    counted at ``counted_at``, by what had happened until the end of the local day ``counted_on``.
    """

    pk = models.CompositePrimaryKey("programme_id", "kind")
    kind = models.CharField(max_length=10, default="reports")
    summed_to = models.UUIDField()
    counted_on = models.DateField(null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta(ProgrammeRow.Meta):
        db_table = "report_progress"


class PointsSum(ProgrammeRow):
    """What one kind of posting moved of a unit on a local day at a store, by what caused it: the
    kind of activity, or of transaction where nobody acted, and the rule that gave it. The units are
    all but growth; of stored value ``points`` are minor units, of a pass services."""

    pk = models.CompositePrimaryKey("programme_id", "unit", "day", "store", "kind", "act", "rule")
    unit = models.CharField(max_length=60)
    day = models.DateField()
    store = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=12)
    act = models.CharField(max_length=20)
    rule = models.CharField(max_length=60, blank=True)
    points = models.BigIntegerField()
    postings = models.BigIntegerField(default=0)

    class Meta(ProgrammeRow.Meta):
        db_table = "report_points"


class OutstandingSum(ProgrammeRow):
    """By how much a local day changed what members hold of a unit: available, pending, held."""

    pk = models.CompositePrimaryKey("programme_id", "unit", "day")
    unit = models.CharField(max_length=60)
    day = models.DateField()
    change = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "report_outstanding"


class SalesSum(ProgrammeRow):
    """Orders of a local day at a store, what was paid for them, and what was refunded that day;
    those of members, and those of guests, which nobody has claimed."""

    pk = models.CompositePrimaryKey("programme_id", "day", "store")
    day = models.DateField()
    store = models.CharField(max_length=60, blank=True)
    orders = models.IntegerField()
    paid_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    guest_orders = models.IntegerField()
    guest_paid_minor = models.BigIntegerField()
    guest_refunded_minor = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "report_sales"


class CouponSum(ProgrammeRow):
    """How many coupons of a kind the orders of a local day at a store used, less those that refunds
    of that day made good again."""

    pk = models.CompositePrimaryKey("programme_id", "day", "store", "kind")
    day = models.DateField()
    store = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=60)
    coupons = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "report_coupons"


class CohortCount(ProgrammeRow):
    """How many members whose first order was in one month ordered in another (its first day)."""

    pk = models.CompositePrimaryKey("programme_id", "store", "first_month", "month")
    store = models.CharField(max_length=60, blank=True)
    first_month = models.DateField()
    month = models.DateField()
    members = models.IntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "report_cohort"


class RfmCount(ProgrammeRow):
    """How many members are in one cell of the map of recency and frequency, and what they paid."""

    pk = models.CompositePrimaryKey("programme_id", "store", "recency", "frequency")
    store = models.CharField(max_length=60, blank=True)
    recency = models.SmallIntegerField()
    frequency = models.SmallIntegerField()
    members = models.IntegerField()
    paid_minor = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "report_rfm"


class TierCount(ProgrammeRow):
    """How many members of a home store are in a tier; of no tier where it is empty."""

    pk = models.CompositePrimaryKey("programme_id", "store", "tier")
    store = models.CharField(max_length=60, blank=True)
    tier = models.CharField(max_length=60, blank=True)
    members = models.IntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "report_tier"


class WhatIfRun(ProgrammeModel):
    """What a draft, as it was when somebody asked, would have given at the stores of whoever asked.

    ``reach`` names these stores, empty for all of them; a draft has one for each reach, the last
    one asked for. ``done`` of ``total`` acts are decided. ``result`` is a ``WhatIf`` as JSON once
    it is done. Until ``claimed_until`` a worker is at it, unless it was killed.
    """

    draft = models.CharField(max_length=120)
    reach = models.TextField(blank=True)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=8, default="running")
    fault = models.CharField(max_length=60, blank=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    result = models.TextField(blank=True)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "what_if"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "draft", "reach"], name="what_if_one_a_draft"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["running", "done", "failed"]), name="what_if_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="done", ended_at__isnull=False) & ~Q(result="")
                | Q(status="failed", ended_at__isnull=False, result="")
                | Q(status="running", ended_at__isnull=True, result=""),
                name="what_if_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(done__gte=0, done__lte=F("total")), name="what_if_done_counts"
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "id"],
                condition=Q(status="running"),
                name="what_if_open",
            )
        ]
