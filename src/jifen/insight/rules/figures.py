"""From rows that were summed up to the figures of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from jifen.insight.types import (
    Cohort,
    Flow,
    LiabilityDay,
    Moved,
    Period,
    Points,
    PointsDay,
    Sales,
    SalesDay,
    Sold,
    Worth,
)

ISSUED: Final = frozenset({"earn", "clawback", "adjust_up", "adjust_down", "waive"})
BURNED: Final = frozenset({"burn", "give_back"})
EXPIRED: Final = frozenset({"expire", "undo_expiry"})
"""Kinds of posting. All others move points between members, or between parts of one account."""


def points_of(rows: Iterable[Moved]) -> Points:
    """All that the rows moved."""
    sums = _by_kind(rows, lambda _: None)
    return _points(sums.get(None, Counter()))


def points_days(rows: Iterable[Moved], period: Period) -> tuple[PointsDay, ...]:
    """Every day of the period, also one on which nothing happened."""
    sums = _by_kind(rows, lambda row: row.day)
    found = {day: _points(sums.get(day, Counter())) for day in period.days()}
    return tuple(PointsDay(day, one.issued, one.burned, one.expired) for day, one in found.items())


def _by_kind(
    rows: Iterable[Moved], group: Callable[[Moved], date | None]
) -> Mapping[date | None, Counter[str]]:
    sums: dict[date | None, Counter[str]] = {}
    for row in rows:
        sums.setdefault(group(row), Counter())[row.kind] += row.points
    return sums


def _points(by_kind: Mapping[str, int]) -> Points:
    return Points(
        issued=_total(by_kind, ISSUED),
        burned=-_total(by_kind, BURNED),
        expired=-_total(by_kind, EXPIRED),
    )


def _total(by_kind: Mapping[str, int], kinds: Iterable[str]) -> int:
    return sum(by_kind.get(kind, 0) for kind in kinds)


def change_of(row: Moved) -> int:
    """By how much what members hold changed: what they owe is no part of it."""
    return row.points + row.owed


def liability_days(
    opening: int, changes: Mapping[date, int], period: Period, worth: Worth | None
) -> tuple[LiabilityDay, ...]:
    """What members hold at the end of each day, ``opening`` being what they had before."""
    held = opening
    found = []
    for day in period.days():
        held += changes.get(day, 0)
        value = None if worth is None else held * worth.worth_minor // worth.points
        found.append(LiabilityDay(day, held, value))
    return tuple(found)


def added(sales: Iterable[Sales]) -> Sales:
    """All of them together."""
    rows = list(sales)
    return Sales(*(sum(getattr(row, name) for row in rows) for name in Sales.__struct_fields__))


def sales_days(rows: Iterable[Sold], period: Period) -> tuple[SalesDay, ...]:
    """Every day of the period, also one on which nothing was sold."""
    by_day: dict[date, list[Sales]] = {day: [] for day in period.days()}
    for row in rows:
        by_day[row.day].append(row.sales)
    return tuple(
        SalesDay(
            day=day,
            **{name: getattr(total, name) for name in Sales.__struct_fields__},
        )
        for day, sales in by_day.items()
        for total in (added(sales),)
    )


def flows(rows: Iterable[Moved]) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
    """Where points came from, and where they went; the most first."""
    sources: Counter[tuple[str, str]] = Counter()
    uses: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.kind in ISSUED:
            sources[row.act, row.rule] += row.points
        elif row.kind in BURNED | EXPIRED:
            uses[row.act, row.rule] -= row.points
    return _flows(sources), _flows(uses)


def _flows(sums: Mapping[tuple[str, str], int]) -> tuple[Flow, ...]:
    found = [Flow(act, rule, points) for (act, rule), points in sums.items() if points]
    return tuple(sorted(found, key=lambda flow: (-flow.points, flow.act, flow.rule)))


def cohorts(counts: Mapping[tuple[date, date], int], last: date) -> tuple[Cohort, ...]:
    """Cohorts in the order of their months, each to the month of ``last``."""
    firsts = sorted({first for first, _ in counts})
    return tuple(
        Cohort(
            f"{first:%Y-%m}",
            tuple(counts.get((first, month), 0) for month in _months(first, last)),
        )
        for first in firsts
    )


def _months(first: date, last: date) -> list[date]:
    months = []
    while first <= last:
        months.append(first)
        first = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return months
