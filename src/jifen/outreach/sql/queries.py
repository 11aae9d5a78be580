"""The door to outreach's statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from jifen.common.sql import Statement, columns, composed, statement
from jifen.outreach.rules.windows import Window

_HERE: Final = Path(__file__).parent


class Ending(Struct, frozen=True):
    """So many points of an account end on the day that is ``days_before`` days ahead; None and 0
    for an account that was looked at and has nothing to be told of."""

    account_id: UUID
    member_id: UUID
    days_before: int | None
    points: int


class Overdue(Struct, frozen=True):
    """Points of an account that stayed because nobody told its member. What is past ``since`` is
    meant, and the first of it should have ended at ``ended_at``."""

    account_id: UUID
    member_id: UUID
    unit_id: UUID
    unit: str
    since: datetime
    points: int
    ended_at: datetime
    reason: str


class NoticeRow(Struct, frozen=True):
    """A notice to be inserted."""

    id: UUID
    member_id: UUID
    account_id: UUID
    unit_id: UUID
    clearing_id: UUID | None
    kind: str
    ends_on: date
    ends_at: datetime
    days_before: int
    is_late: bool
    begins_at: datetime
    covers_to: datetime
    points: int


def find_ending(
    *, unit_id: UUID, windows: Sequence[Window], after: UUID | None, limit: int
) -> list[Ending]:
    """The next accounts in which something ends by itself on one of these days."""
    days, ends_ons, begins_ats, ends_ats = columns(
        [(each.days_before, each.ends_on, each.begins_at, each.ends_at) for each in windows], 4
    )
    rows = statement(_HERE, "find_ending").rows(
        unit_id=unit_id,
        days=days,
        ends_ons=ends_ons,
        begins_ats=begins_ats,
        ends_ats=ends_ats,
        after=after,
        limit=limit,
    )
    return [Ending(*row) for row in rows]


def find_cleared(
    *, unit_id: UUID, clearing_id: UUID, window: Window, after: UUID | None, limit: int
) -> list[Ending]:
    """The next accounts of which an announced clear will end something."""
    rows = statement(_HERE, "find_cleared").rows(
        unit_id=unit_id,
        clearing_id=clearing_id,
        days_before=window.days_before,
        ends_at=window.ends_at,
        after=after,
        limit=limit,
    )
    return [Ending(*row) for row in rows]


def insert_notices(rows: Sequence[NoticeRow], *, at: datetime) -> dict[UUID, UUID]:
    """Append notices that are not there yet; answers them with their members, by id."""
    names = (
        *("ids", "members", "accounts", "units", "clearings", "kinds", "ends_ons", "ends_ats"),
        *("days", "are_late", "begins_ats", "covers_tos", "points"),
    )
    values: list[tuple[Any, ...]] = [
        tuple(getattr(row, name) for name in NoticeRow.__struct_fields__) for row in rows
    ]
    arrays = dict(zip(names, columns(values, len(names)), strict=True))
    return dict(statement(_HERE, "insert_notices").rows(at=at, **arrays))


def find_untold(*, at: datetime, after: UUID | None, limit: int) -> list[Overdue]:
    """The next accounts whose points stayed past their last day."""
    rows = statement(_HERE, "find_untold").rows(at=at, after=after, limit=limit)
    return [Overdue(*row) for row in rows]


def find_uncleared(
    *, unit_id: UUID, clearing_id: UUID, ends_at: datetime, after: UUID | None, limit: int
) -> list[tuple[UUID, UUID, int, str]]:
    """(account, member, points, reason) of the next accounts that a clear left."""
    rows = statement(_HERE, "find_uncleared").rows(
        unit_id=unit_id, clearing_id=clearing_id, ends_at=ends_at, after=after, limit=limit
    )
    return [(account, member, points, reason) for account, member, points, reason in rows]


def sum_untold(*, at: datetime) -> list[tuple[str, int, int]]:
    """(unit, members, points) that stayed past their last day."""
    rows = _summed("find_untold", "code").rows(at=at, after=None, limit=None)
    return [(unit, members, points) for unit, members, points in rows]


def sum_uncleared(*, unit_id: UUID, clearing_id: UUID, ends_at: datetime) -> tuple[int, int]:
    """(members, points) that a clear left."""
    [(members, points)] = _summed("find_uncleared").rows(
        unit_id=unit_id, clearing_id=clearing_id, ends_at=ends_at, after=None, limit=None
    )
    return members, points


@cache
def _summed(name: str, by: str = "") -> Statement:
    """How many members, and points, a statement finds in all: it is asked without a limit."""
    found = f"({statement(_HERE, name).text}) AS found"
    sums = f"count(*) AS members, coalesce(sum(found.points), 0)::bigint AS points FROM {found}"
    grouped = f"SELECT found.{by}, {sums} GROUP BY found.{by} ORDER BY found.{by}"
    return composed(f"sum_{name}", grouped if by else f"SELECT {sums}")


def spared_lots(
    *,
    accounts: Collection[UUID],
    clearing_id: UUID,
    ends_at: datetime,
    is_required: bool,
    at: datetime,
) -> list[UUID]:
    """Which lots of these accounts a clear leaves."""
    rows = statement(_HERE, "spared_lots").rows(
        accounts=list(accounts),
        clearing_id=clearing_id,
        ends_at=ends_at,
        is_required=is_required,
        at=at,
    )
    return [lot_id for (lot_id,) in rows]


def preview_clear(
    *, unit_id: UUID, clearing_id: UUID, ends_at: datetime, is_required: bool, at: datetime
) -> list[tuple[UUID | None, int, int, int]]:
    """What a clear would end: (store, lots, members, points)."""
    rows = statement(_HERE, "preview_clear").rows(
        unit_id=unit_id,
        clearing_id=clearing_id,
        ends_at=ends_at,
        is_required=is_required,
        at=at,
    )
    return [(store, lots, members, points) for store, lots, members, points in rows]
