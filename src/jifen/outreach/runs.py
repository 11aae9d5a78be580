"""Runs: going over all members in slices, so that a kill costs one slice and nobody waits long.

A slice and where it has come to are one transaction. Whoever calls next goes on there; two at once
take slices in turn, or one is told that the other is at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from msgspec import Struct

from jifen.outreach.models import Run
from jifen.outreach.types import ClosedTotal, RunBusy, RunInfo, UnknownRun, UntoldTotal
from jifen.programmes import selectors as programmes

SLICE: Final = 500
"""Accounts in one slice."""
Progress = Callable[[int], None]
"""Told how much of it has been done since it was told before."""
Stepper = Callable[[Run, "int"], "Step"]
"""Does one slice of so many accounts at most, in an open transaction."""
_TOTALS: Final = msgspec.json.Decoder(dict[str, ClosedTotal])
_LEFT: Final = msgspec.json.Decoder(dict[str, UntoldTotal])


class Step(Struct, frozen=True):
    """What one slice did. ``after`` is where the next one begins, None when there is none."""

    after: UUID | None
    accounts: int = 0
    totals: Mapping[str, ClosedTotal] = {}
    passed_over: int = 0
    notices: int = 0


def begin(
    *,
    kind: str,
    on_day: date,
    at: datetime,
    by: str,
    unit_id: UUID | None = None,
    clearing_id: UUID | None = None,
) -> UUID:
    """The open run of this kind, or a new one; answers its id."""
    found = Run.objects.filter(
        kind=kind, unit_id=unit_id, clearing_id=clearing_id, finished_at=None
    )
    while True:
        row = found.first()
        if row is not None:
            return UUID(str(row.id))
        fresh = Run(
            kind=kind,
            unit_id=unit_id,
            clearing_id=clearing_id,
            on_day=on_day,
            started_at=at,
            started_by=by,
        )
        try:
            with transaction.atomic():
                fresh.save(force_insert=True)
        except IntegrityError:
            if not found.exists():
                raise
            continue
        return UUID(str(fresh.id))


def work(
    run_id: UUID,
    step: Stepper,
    *,
    at: datetime,
    limit: int | None = None,
    progress: Progress | None = None,
    last: Callable[[], Mapping[str, UntoldTotal]] | None = None,
) -> RunInfo:
    """Take slices until the run is over, or ``limit`` accounts were looked at in this call.

    ``last`` says at the end what was left. Raises :class:`RunBusy` when another process has the
    run right now.
    """
    seen = 0
    while limit is None or seen < limit:
        most = SLICE if limit is None else min(SLICE, limit - seen)
        with transaction.atomic():
            row = (
                Run.objects.select_for_update(skip_locked=True)
                .filter(id=run_id, finished_at=None)
                .first()
            )
            if row is None:
                return _over(run_id)
            done = step(row, most)
            finished_at = at if done.after is None else None
            left = last() if last and finished_at else {}
            _write(row, done, finished_at=finished_at, left=left)
        seen += done.accounts
        if progress is not None:
            progress(done.notices + sum(each.lots for each in done.totals.values()))
        if done.after is None:
            break
    return run(run_id)


def run(run_id: UUID) -> RunInfo:
    """One run, or :class:`UnknownRun`."""
    row = Run.objects.filter(id=run_id).first()
    if row is None:
        raise UnknownRun("no run has this id", id=str(run_id))
    return infos([row])[0]


def infos(rows: Iterable[Run]) -> list[RunInfo]:
    """As others may see them."""
    units = {unit.id: unit.code for unit in programmes.units().values()}
    return [
        RunInfo(
            id=row.id,
            kind=row.kind,
            unit=units[row.unit_id] if row.unit_id else None,
            clearing_id=row.clearing_id,
            on_day=row.on_day,
            started_at=row.started_at,
            started_by=row.started_by,
            finished_at=row.finished_at,
            slices=row.slices,
            passed_over=row.passed_over,
            notices=row.notices,
            totals=_TOTALS.decode(row.totals),
            untold=_LEFT.decode(row.untold),
        )
        for row in rows
    ]


def _over(run_id: UUID) -> RunInfo:
    """The run as somebody else ended it, or that somebody is at it."""
    found = run(run_id)
    if found.finished_at is None:
        raise RunBusy("another process is at work on this run", run=str(run_id))
    return found


def _write(
    row: Run, done: Step, *, finished_at: datetime | None, left: Mapping[str, UntoldTotal]
) -> None:
    totals = _TOTALS.decode(row.totals)
    for unit, each in done.totals.items():
        before = totals.get(unit, ClosedTotal())
        totals[unit] = ClosedTotal(
            before.accounts + each.accounts,
            before.lots + each.lots,
            before.points + each.points,
        )
    Run.objects.filter(id=row.id).update(
        after=done.after or row.after,
        finished_at=finished_at,
        slices=row.slices + 1,
        passed_over=row.passed_over + done.passed_over,
        notices=row.notices + done.notices,
        totals=msgspec.json.encode(totals).decode(),
        untold=msgspec.json.encode(left).decode(),
    )
