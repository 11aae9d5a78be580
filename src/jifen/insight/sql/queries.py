"""The door to the insight room's statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jifen.common.sql import Statement, columns, composed, statement
from jifen.insight.rules.bands import ORDERS_FROM, RECENCY_DAYS
from jifen.insight.types import CouponsUsed, Moved, Period, Sales, Sold

_HERE: Final = Path(__file__).parent


def moved(*, begins: UUID, ends: UUID, zone: str) -> list[Moved]:
    """What the postings from one id up to another moved."""
    rows = statement(_HERE, "moved").rows(begins=begins, ends=ends, zone=zone)
    return [Moved(*row) for row in rows]


def sold(*, begins: UUID, ends: UUID, zone: str) -> list[Sold]:
    """What the orders from one id up to another came to."""
    rows = statement(_HERE, "sold").rows(begins=begins, ends=ends, zone=zone)
    return [_sold(*row) for row in rows]


def coupons_used(*, begins: UUID, ends: UUID, zone: str) -> list[CouponsUsed]:
    """How many coupons the orders from one id up to another used."""
    rows = statement(_HERE, "coupons_used").rows(begins=begins, ends=ends, zone=zone)
    return [CouponsUsed(*row) for row in rows]


def slice_end(*, begins: UUID, ends: UUID, size: int) -> UUID:
    """Where a slice of ``size`` rows ends: at ``ends`` where fewer are left."""
    rows = statement(_HERE, "slice_end").rows(begins=begins, ends=ends, size=size)
    return rows[0][0] if rows else ends


def add_points(rows: Iterable[tuple[str, date, str, str, str, str, int, int]]) -> None:
    """Add (unit, day, store, kind, act, rule, points, postings)."""
    names = ("units", "days", "stores", "kinds", "acts", "rules", "points", "postings")
    _add("add_points", names, rows)


def add_outstanding(rows: Iterable[tuple[str, date, int]]) -> None:
    """Add (unit, day, change)."""
    _add("add_outstanding", ("units", "days", "changes"), rows)


def add_sales(rows: Iterable[Sold]) -> None:
    """Add sales, each day and store once."""
    names = (
        *("days", "stores", "orders", "paids", "refundeds"),
        *("guest_orders", "guest_paids", "guest_refundeds"),
    )
    flat = [(row.day, row.store, *_values(row.sales)) for row in rows]
    _add("add_sales", names, flat)


def add_coupons(rows: Iterable[CouponsUsed]) -> None:
    """Add coupons that were used."""
    flat = [(row.day, row.store, row.kind, row.coupons) for row in rows]
    _add("add_coupons", ("days", "stores", "kinds", "coupons"), flat)


def points(*, unit: str, since: date, until: date, store: str | None) -> list[Moved]:
    """What the sums have of some days; the store is left out."""
    rows = statement(_HERE, "points").rows(unit=unit, since=since, until=until, store=store)
    return [Moved(*row) for row in rows]


def money(*, units: Iterable[str], since: date, until: date, store: str | None) -> list[Moved]:
    """What the sums have of some days, by store; the rule is left out."""
    rows = statement(_HERE, "money").rows(
        units=sorted(units), since=since, until=until, store=store
    )
    return [Moved(*row) for row in rows]


def coupons(*, since: date, until: date, store: str | None) -> list[CouponsUsed]:
    """What the sums have of some days."""
    rows = statement(_HERE, "coupons").rows(since=since, until=until, store=store)
    return [CouponsUsed(*row) for row in rows]


def outstanding(*, unit: str, period: Period) -> Mapping[date | None, int]:
    """What the sums have of each day of a period, and of all before it (None)."""
    rows = statement(_HERE, "outstanding").rows(unit=unit, since=period.since, until=period.until)
    return dict(rows)


def sales(*, since: date, until: date, store: str | None) -> list[Sold]:
    """What the sums have of some days."""
    rows = statement(_HERE, "sales").rows(since=since, until=until, store=store)
    return [_sold(*row) for row in rows]


def active(
    *, begins_at: datetime, ends_at: datetime, zone: str, store_id: UUID | None
) -> Mapping[date | None, int]:
    """How many members did something: by day, and in all (None)."""
    rows = statement(_HERE, "active").rows(
        begins_at=begins_at, ends_at=ends_at, zone=zone, store_id=store_id
    )
    return dict(rows)


def buyers(*, begins_at: datetime, ends_at: datetime, store_id: UUID | None) -> tuple[int, int]:
    """How many members ordered, and how many of them twice or more."""
    [row] = statement(_HERE, "buyers").rows(begins_at=begins_at, ends_at=ends_at, store_id=store_id)
    return row[0], row[1]


def cohorts(*, ends_at: datetime, zone: str, since: date) -> list[tuple[str, date, date, int]]:
    """(store, first month, month, members), of what happened before ``ends_at``."""
    return _of_kept_orders("cohorts").rows(ends_at=ends_at, zone=zone, since=since)


def rfm(
    *, ends_at: datetime, zone: str, since: date, until: date
) -> list[tuple[str, int, int, int, int]]:
    """(store, recency, frequency, members, paid), of what happened before ``ends_at``."""
    return _of_kept_orders("rfm").rows(
        ends_at=ends_at,
        zone=zone,
        since=since,
        until=until,
        recency_days=list(RECENCY_DAYS),
        orders_from=list(ORDERS_FROM),
    )


def tier_members(*, at: datetime) -> list[tuple[str, str, int]]:
    """(home store, tier, members)."""
    return statement(_HERE, "tier_members").rows(at=at)


@cache
def _of_kept_orders(name: str) -> Statement:
    """A statement that counts kept orders, with what those are before it."""
    kept, counting = statement(_HERE, "kept_orders").text, statement(_HERE, name).text
    before, _, after = counting.partition("WITH ")
    return composed(name, f"{before}WITH kept_order AS (\n{kept}),\n\n{after}")


def _sold(day: date, store: str, *values: int) -> Sold:
    return Sold(day, store, Sales(*values))


def _values(row: Sales) -> tuple[int, ...]:
    return tuple(getattr(row, name) for name in Sales.__struct_fields__)


def _add(name: str, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    found = list(rows)
    if found:
        named = dict(zip(names, columns(found, len(names)), strict=True))
        statement(_HERE, name).run(**named)


def export(name: str) -> Statement:
    """A statement that reads a whole programme for a file, by what it is of."""
    return statement(_HERE, f"export_{name}")
