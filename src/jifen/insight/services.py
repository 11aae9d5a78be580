"""Keeping what reports read up to date: the sums by day, and once a day the counts of members.

Everything is one transaction a step under the lock of the programme's row of progress, so two
workers at once add nothing twice, and one that is killed goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from jifen.common.days import end_of_day
from jifen.insight.models import (
    CohortCount,
    CouponSum,
    OutstandingSum,
    PointsSum,
    Progress,
    RfmCount,
    SalesSum,
    TierCount,
)
from jifen.insight.rules.bands import RECENCY_DAYS
from jifen.insight.rules.figures import change_of
from jifen.insight.sql import queries
from jifen.insight.types import Moved
from jifen.insight.what_ifs import go_on as find_what_if
from jifen.insight.what_ifs import start as start_what_if
from jifen.programmes import selectors as programmes

__all__ = ["count_again", "find_what_if", "first_id", "refresh", "start_again", "start_what_if"]

SETTLING: Final = timedelta(minutes=15)
"""How old an id has to be before it is summed: by then whatever was booked with it was committed,
or never will be. What is younger is added up by whoever asks."""
SLICE: Final = 20_000
"""Rows in one step."""
COHORT_MONTHS: Final = 24
_FIRST: Final = UUID(int=0)
_MADE: Final = (PointsSum, OutstandingSum, SalesSum, CouponSum, CohortCount, RfmCount, TierCount)
"""Everything that follows from the books."""


def refresh(*, at: datetime, size: int = SLICE) -> bool:
    """One step: a slice of the sums, or the counts of the local day that is over. Answers whether
    something is left to do."""
    with transaction.atomic():
        progress = _locked()
        if _sum_up(progress, at=at, size=size):
            return True
        return _count_members(progress, at=at)


def start_again() -> None:
    """Forget everything, so that the next steps make it anew."""
    with transaction.atomic():
        _locked()
        for model in _MADE:
            model.objects.all().delete()
        Progress.objects.update(summed_to=_FIRST, counted_on=None, counted_at=None)


def count_again() -> None:
    """Have members counted anew by the next step that is free, although it was done for the day:
    orders of days that are over were brought in."""
    Progress.objects.update(counted_on=None)


def _locked() -> Progress:
    """The programme's row, locked until the transaction ends."""
    Progress.objects.bulk_create([Progress(summed_to=_FIRST)], ignore_conflicts=True)
    found: Progress = Progress.objects.select_for_update().get()
    return found


def _sum_up(progress: Progress, *, at: datetime, size: int) -> bool:
    """Add the next slice of what is settled; answers whether there was any."""
    begins, settled = progress.summed_to, first_id(at - SETTLING)
    if begins >= settled:
        return False
    zone = programmes.programme().time_zone
    ends = queries.slice_end(begins=begins, ends=settled, size=size)
    moved = queries.moved(begins=begins, ends=ends, zone=zone)
    queries.add_points(
        (row.unit, row.day, row.store, row.kind, row.act, row.rule, row.points, row.postings)
        for row in moved
        if row.points
    )
    queries.add_outstanding(_changes(moved))
    queries.add_sales(queries.sold(begins=begins, ends=ends, zone=zone))
    queries.add_coupons(queries.coupons_used(begins=begins, ends=ends, zone=zone))
    Progress.objects.update(summed_to=ends)
    return ends != settled


def _changes(rows: Iterable[Moved]) -> list[tuple[str, date, int]]:
    sums: Counter[tuple[str, date]] = Counter()
    for row in rows:
        sums[row.unit, row.day] += change_of(row)
    return [(unit, day, change) for (unit, day), change in sums.items() if change]


def _count_members(progress: Progress, *, at: datetime) -> bool:
    """Count anew once a local day is over; answers False, there being nothing left."""
    programme = programmes.programme()
    zone = ZoneInfo(programme.time_zone)
    today = at.astimezone(zone).date()
    day = today - timedelta(days=1)
    if progress.counted_on is not None and progress.counted_on >= day:
        return False
    ends_at = end_of_day(day, zone)
    months = day.year * 12 + day.month - COHORT_MONTHS
    for model in (CohortCount, RfmCount, TierCount):
        model.objects.all().delete()
    CohortCount.objects.bulk_create(
        CohortCount(store=store, first_month=first, month=month, members=members)
        for store, first, month, members in queries.cohorts(
            ends_at=ends_at,
            zone=programme.time_zone,
            since=date(months // 12, months % 12 + 1, 1),
        )
    )
    RfmCount.objects.bulk_create(
        RfmCount(
            store=store,
            recency=recency,
            frequency=frequency,
            members=members,
            paid_minor=paid_minor,
        )
        for store, recency, frequency, members, paid_minor in queries.rfm(
            ends_at=ends_at,
            zone=programme.time_zone,
            since=today - timedelta(days=RECENCY_DAYS[-1]),
            until=today,
        )
    )
    TierCount.objects.bulk_create(
        TierCount(store=store, tier=tier, members=members)
        for store, tier, members in queries.tier_members(at=at)
    )
    Progress.objects.update(counted_on=day, counted_at=at)
    return False


def first_id(at: datetime) -> UUID:
    """The lowest id that could be made at an instant: UUIDv7 begins with its milliseconds."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
