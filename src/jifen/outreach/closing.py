"""The runs that end points: expiry, which writes down what time has done, and an announced clear.

What is held is in no lot, so neither takes it. Where a notice is required, what nobody was told of
stays, and the run says whose it is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from jifen.common.days import last_day
from jifen.earning import selectors as earning
from jifen.ledger import services as ledger
from jifen.outreach import clearings, runs
from jifen.outreach.models import Clearing, Run
from jifen.outreach.runs import Progress, Step
from jifen.outreach.sql import queries
from jifen.outreach.types import (
    ClearingNotDue,
    ClearingOver,
    ClosedTotal,
    ClosingPart,
    ClosingPreview,
    RunInfo,
    Untold,
    UntoldTotal,
)
from jifen.programmes import selectors as programmes

SLICE: Final = 100
"""Accounts that are closed in one transaction. Their members wait for its end, some 50 ms; a
slice of five hundred takes little less time for each, and lets a till wait five times as long."""


def expire(
    *, at: datetime, by: str, limit: int | None = None, progress: Progress | None = None
) -> RunInfo:
    """Close what is past its date, as the first act on each account would have: no balance changes
    that anybody reads. ``limit`` accounts at most; the next call goes on where this one ended.

    Raises :class:`RunBusy` when another process is at it right now.
    """
    on_day = at.astimezone(earning.endings(at).zone).date()
    begun = runs.begin(kind="expiry", on_day=on_day, at=at, by=by)

    def step(row: Run, most: int) -> Step:
        return _step(ledger.close_lots(at=at, after=row.after, limit=most), most)

    return runs.work(
        begun.id,
        step,
        at=at,
        size=SLICE,
        limit=limit,
        progress=progress,
        last=lambda: left_over(at=at),
    )


def preview_expiry(*, at: datetime) -> ClosingPreview:
    """What an expiry run would close now, and what it would leave."""
    stores = _stores()
    closes = tuple(
        ClosingPart(
            each.unit,
            stores.get(each.store_id) if each.store_id else None,
            each.lots,
            each.members,
            each.points,
        )
        for each in ledger.preview_closing(at=at)
    )
    return ClosingPreview(closes, left_over(at=at))


def clear(
    *,
    clearing_id: UUID,
    at: datetime,
    by: str,
    limit: int | None = None,
    progress: Progress | None = None,
) -> RunInfo:
    """Close all lots of an announced clear whose day is over, but for what was booked since then,
    and what nobody was told of. While it has passed somebody over it is not done, so the schedule
    comes back to it. Done once, it can be done again for those who were told late.

    Raises :class:`UnknownClearing`, :class:`ClearingNotDue`, :class:`ClearingOver` for one that was
    cancelled, or :class:`RunBusy`.
    """
    on_day = at.astimezone(earning.endings(at).zone).date()
    with transaction.atomic():
        row = clearings.locked(clearing_id)
        if row.state == Clearing.State.CANCELLED:
            raise ClearingOver("this clear was cancelled", state=row.state)
        if row.ends_at > at:
            raise ClearingNotDue(
                "the day of this clear is not over", ends_at=row.ends_at.isoformat()
            )
        begun = runs.begin(
            kind="clear", on_day=on_day, at=at, by=by, unit_id=row.unit_id, clearing_id=row.id
        )

    def step(run: Run, most: int) -> Step:
        done = ledger.close_lots(
            at=at,
            after=run.after,
            limit=most,
            unit_id=row.unit_id,
            spare=lambda accounts: _spared(row, accounts, at),
            reason=row.reason,
        )
        return _step(done, most)

    run = runs.work(
        begun.id,
        step,
        at=at,
        size=SLICE,
        limit=limit,
        progress=progress,
        last=lambda: _uncleared_over(row),
    )
    if run.finished_at is not None and not run.passed_over:
        open_ones = Clearing.objects.filter(id=row.id, state=Clearing.State.ANNOUNCED)
        open_ones.update(state=Clearing.State.DONE)
    return run


def preview_clear(*, clearing_id: UUID, at: datetime) -> ClosingPreview:
    """What the run of a clear would close, as things are now, and what it would leave."""
    row = clearings.find(clearing_id)
    stores, unit = _stores(), clearings.info(row).unit
    found = queries.preview_clear(
        unit_id=row.unit_id,
        clearing_id=row.id,
        ends_at=row.ends_at,
        is_required=row.is_required,
        at=max(at, row.ends_at),
    )
    closes = tuple(
        ClosingPart(unit, stores.get(store) if store else None, lots, members, points)
        for store, lots, members, points in found
    )
    return ClosingPreview(closes, _uncleared_over(row))


def untold(*, at: datetime, after: UUID | None = None, limit: int) -> list[tuple[UUID, Untold]]:
    """Whose points stayed past their last day, because nobody told them: the account, for the next
    call, and what there is to know."""
    zone = earning.endings(at).zone
    return [
        (
            each.account_id,
            Untold(
                each.member_id,
                each.unit,
                each.points,
                last_day(each.ended_at, zone),
                each.reason,
            ),
        )
        for each in queries.find_untold(at=at, after=after, limit=limit)
    ]


def uncleared(
    *, clearing_id: UUID, after: UUID | None = None, limit: int
) -> list[tuple[UUID, Untold]]:
    """The same for a clear: whom it leaves."""
    row = clearings.find(clearing_id)
    if not row.is_required:
        return []
    unit = clearings.info(row).unit
    return [
        (account_id, Untold(member_id, unit, points, row.ends_on, reason))
        for account_id, member_id, points, reason in queries.find_uncleared(
            **_place(row), after=after, limit=limit
        )
    ]


def left_over(*, at: datetime) -> dict[str, UntoldTotal]:
    """How many members keep how many points past their last day, by unit."""
    return {
        unit: UntoldTotal(members, points) for unit, members, points in queries.sum_untold(at=at)
    }


def _uncleared_over(row: Clearing) -> dict[str, UntoldTotal]:
    """How many members keep how many points for which a clear was meant, by unit."""
    if not row.is_required:
        return {}
    members, points = queries.sum_uncleared(**_place(row))
    return {clearings.info(row).unit: UntoldTotal(members, points)} if members else {}


def _place(row: Clearing) -> dict[str, Any]:
    return {"unit_id": row.unit_id, "clearing_id": row.id, "ends_at": row.ends_at}


def _spared(row: Clearing, accounts: Collection[UUID], at: datetime) -> list[UUID]:
    return queries.spared_lots(
        accounts=accounts,
        clearing_id=row.id,
        ends_at=row.ends_at,
        is_required=row.is_required,
        at=at,
    )


def _step(done: ledger.Slice, accounts: int) -> Step:
    totals = {
        unit: ClosedTotal(each.accounts, each.lots, each.points)
        for unit, each in done.closed.items()
    }
    return Step(done.after, accounts, totals, passed_over=len(done.passed_over))


def _stores() -> dict[UUID, str]:
    return {store.id: store.code for store in programmes.stores().values()}
