"""The reports. Every figure that anybody is shown, or given as a file, comes from here.

A report of a period is the sums by day, and what was booked after them: together they are the
books, whether the job has run or not.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from jifen.common.days import end_of_day
from jifen.common.sql import snapshot
from jifen.earning import selectors as earning
from jifen.insight.models import CohortCount, Progress, RfmCount, TierCount
from jifen.insight.rules import figures, money
from jifen.insight.rules.bands import ORDERS_FROM, RECENCY_DAYS
from jifen.insight.sql import queries
from jifen.insight.types import (
    ActiveDay,
    Activeness,
    CohortsReport,
    CouponsUsed,
    FlowsReport,
    LiabilityReport,
    MembersReport,
    Moved,
    Period,
    PointsReport,
    RfmCell,
    RfmReport,
    SalesReport,
    Sold,
    TierMembers,
    TiersReport,
    TopUpsReport,
    UsesReport,
    Worth,
)
from jifen.insight.what_ifs import what_if
from jifen.programmes import selectors as programmes
from jifen.programmes.types import StoreInfo, UnknownStore, UnknownUnit

__all__ = [
    "cohorts",
    "flows",
    "liability",
    "members",
    "period",
    "points",
    "rfm",
    "sales",
    "tiers",
    "what_if",
]

USUAL_DAYS: Final = 30
_FIRST: Final = UUID(int=0)
_LAST: Final = UUID(int=2**128 - 1)


def period(*, since: date | None, until: date | None, at: datetime) -> Period:
    """The period asked for; without an end to the present day, without a beginning of thirty."""
    today = at.astimezone(_zone()).date()
    end = until or today + timedelta(days=1)
    usual = timedelta(days=USUAL_DAYS)
    # The first days of the calendar have none before them, and no report.
    return Period(since or (end - usual if end - date.min > usual else date.min), end)


def points(*, period: Period, unit: str | None, store: str | None) -> PointsReport:
    """Points issued, burned and expired. What expired is of the store where it was earned."""
    code = _unit(unit)
    _place(store)
    rows = _moved(code, since=period.before.since, until=period.until, store=store)
    return PointsReport(
        unit=code,
        days=figures.points_days((row for row in rows if row.day in period), period),
        total=figures.points_of(row for row in rows if row.day in period),
        before=figures.points_of(row for row in rows if row.day in period.before),
    )


def flows(*, period: Period, unit: str | None, store: str | None) -> FlowsReport:
    """Where points came from and went to."""
    code = _unit(unit)
    _place(store)
    rows = _moved(code, since=period.since, until=period.until, store=store)
    sources, uses = figures.flows(rows)
    return FlowsReport(code, sources, uses)


def liability(*, period: Period, unit: str | None, at: datetime) -> LiabilityReport:
    """Outstanding points at the end of each day, and what they are worth under the rules in force
    at ``at``. Of the whole programme: points are good in every store."""
    code = _unit(unit)
    with snapshot():
        changes = Counter(queries.outstanding(unit=code, period=period))
        for row in _unsettled_moves():
            if row.unit == code and row.day < period.until:
                changes[row.day if row.day in period else None] += figures.change_of(row)
    worth = _worth(code, at)
    by_day = {day: change for day, change in changes.items() if day is not None}
    return LiabilityReport(
        code, figures.liability_days(changes[None], by_day, period, worth), worth
    )


def sales(*, period: Period, store: str | None) -> SalesReport:
    """Orders and sales of members, and of guests as far as they were reported."""
    _place(store)
    with snapshot():
        before = period.before
        rows = queries.sales(since=before.since, until=period.until, store=store)
        rows += [
            row
            for row in _unsettled_sales()
            if before.since <= row.day < period.until and store in {None, row.store}
        ]
    told = [row for row in rows if row.day in period]
    total = figures.added(row.sales for row in told)
    return SalesReport(
        days=figures.sales_days(told, period),
        total=total,
        before=figures.added(row.sales for row in rows if row.day in before),
        total_known=total.guest_orders > 0,
    )


def members(*, period: Period, store: str | None) -> MembersReport:
    """Active members, buyers, and those who came back."""
    place = _place(store)
    by_day, total = _activeness(period, place)
    return MembersReport(
        days=tuple(ActiveDay(day, by_day.get(day, 0)) for day in period.days()),
        total=total,
        before=_activeness(period.before, place)[1],
    )


def top_ups(*, period: Period, store: str | None) -> TopUpsReport:
    """Money topped up and paid out again, by day and store."""
    _place(store)
    kinds = _kinds_of_money()
    rows = _moved_money(kinds, period, store)
    told = [row for row in rows if row.day in period]
    return TopUpsReport(
        days=money.top_ups_days(told, kinds),
        total=money.top_up_sums(told, kinds),
        before=money.top_up_sums((row for row in rows if row.day in period.before), kinds),
    )


def uses(*, period: Period, store: str | None) -> UsesReport:
    """Stored value, coupons and passes that were used, by day and store."""
    _place(store)
    kinds = _kinds_of_money()
    rows: list[Moved | CouponsUsed] = []
    with snapshot():
        rows += _moved_money(kinds, period, store)
        rows += _used_coupons(period, store)
    told = [row for row in rows if row.day in period]
    return UsesReport(
        days=money.uses_days(told, kinds),
        total=money.use_sums(told, kinds),
        before=money.use_sums((row for row in rows if row.day in period.before), kinds),
    )


def cohorts(*, store: str | None) -> CohortsReport:
    """Cohorts by month of the first order, as they were counted last."""
    _place(store)
    progress = _progress()
    if progress is None or progress.counted_on is None:
        return CohortsReport(None, ())
    rows = CohortCount.objects.filter(store=store or "")
    counts = {(row.first_month, row.month): row.members for row in rows}
    return CohortsReport(progress.counted_on, figures.cohorts(counts, progress.counted_on))


def rfm(*, store: str | None) -> RfmReport:
    """The map of recency and frequency, as it was counted last."""
    _place(store)
    progress = _progress()
    rows = RfmCount.objects.filter(store=store or "").order_by("recency", "frequency")
    return RfmReport(
        counted_on=progress.counted_on if progress else None,
        recency_days=RECENCY_DAYS,
        orders_from=ORDERS_FROM,
        cells=tuple(
            RfmCell(row.recency, row.frequency, row.members, row.paid_minor) for row in rows
        ),
    )


def tiers(*, store: str | None, at: datetime) -> TiersReport:
    """How many members each tier has; with a store, of those whose home it is."""
    _place(store)
    progress = _progress()
    counts = {row.tier: row.members for row in TierCount.objects.filter(store=store or "")}
    names = earning.tier_names(at)
    told = [
        TierMembers(code, name.zh, name.en, counts.pop(code, 0)) for code, name in names.items()
    ]
    others = [TierMembers(code, code, code, found) for code, found in sorted(counts.items())]
    return TiersReport(progress.counted_at if progress else None, (*others, *told))


# --- what is summed, and what is not yet --------------------------------------------------------


def _moved(unit: str, *, since: date, until: date, store: str | None) -> list[Moved]:
    with snapshot():
        rows = queries.points(unit=unit, since=since, until=until, store=store)
        rows += [
            row
            for row in _unsettled_moves()
            if row.unit == unit and since <= row.day < until and store in {None, row.store}
        ]
    return rows


def _moved_money(kinds: money.Kinds, period: Period, store: str | None) -> list[Moved]:
    """What of these units was moved in a period and in as many days before, by store."""
    before = period.before
    with snapshot():
        rows = queries.money(units=kinds, since=before.since, until=period.until, store=store)
        rows += [
            row
            for row in _unsettled_moves()
            if row.unit in kinds
            and before.since <= row.day < period.until
            and store in {None, row.store}
        ]
    return rows


def _used_coupons(period: Period, store: str | None) -> list[CouponsUsed]:
    """Coupons that were used in a period and in as many days before, by store."""
    before = period.before
    rows = queries.coupons(since=before.since, until=period.until, store=store)
    unsettled = queries.coupons_used(begins=_summed_to(), ends=_LAST, zone=_zone().key)
    return rows + [
        row
        for row in unsettled
        if before.since <= row.day < period.until and store in {None, row.store}
    ]


def _unsettled_moves() -> list[Moved]:
    return queries.moved(begins=_summed_to(), ends=_LAST, zone=_zone().key)


def _unsettled_sales() -> list[Sold]:
    return queries.sold(begins=_summed_to(), ends=_LAST, zone=_zone().key)


def _summed_to() -> UUID:
    progress = _progress()
    return progress.summed_to if progress else _FIRST


def _progress() -> Progress | None:
    found: Progress | None = Progress.objects.first()
    return found


def _activeness(period: Period, place: StoreInfo | None) -> tuple[dict[date, int], Activeness]:
    zone = _zone()
    begins_at = end_of_day(period.since - timedelta(days=1), zone)
    ends_at = end_of_day(period.until - timedelta(days=1), zone)
    store_id = place.id if place else None
    active = dict(
        queries.active(begins_at=begins_at, ends_at=ends_at, zone=zone.key, store_id=store_id)
    )
    total = active.pop(None, 0)
    bought = queries.buyers(begins_at=begins_at, ends_at=ends_at, store_id=store_id)
    return {day: count for day, count in active.items() if day}, Activeness(total, *bought)


# --- what was asked for -------------------------------------------------------------------------


def _zone() -> ZoneInfo:
    return ZoneInfo(programmes.programme().time_zone)


def _unit(code: str | None) -> str:
    """The unit that was named, or the first of points."""
    known = [unit.code for unit in programmes.units().values() if unit.kind == "points"]
    if code is None and known:
        return known[0]
    if code not in known:
        raise UnknownUnit(f"no unit of points has the code {code!r}", unit=code)
    return code


def _kinds_of_money() -> dict[str, str]:
    """The units of money and of passes, by code, with their kinds."""
    units = programmes.units().values()
    return {unit.code: unit.kind for unit in units if unit.kind in money.MONEY}


def _place(code: str | None) -> StoreInfo | None:
    """The store that was named."""
    if code is None:
        return None
    stores = programmes.stores()
    if code not in stores:
        raise UnknownStore(f"no store has the code {code!r}", store=code)
    return stores[code]


def _worth(unit: str, at: datetime) -> Worth | None:
    """What points of the unit pay, if they do."""
    offset = earning.offset(at)
    if offset is None or offset.unit != unit:
        return None
    return Worth(offset.points, offset.worth_minor)
