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

from jifen.common.sql import violated
from jifen.outreach.models import Run
from jifen.outreach.types import ClosedTotal, RunBusy, RunInfo, UnknownRun, UntoldTotal
from jifen.programmes import selectors as programmes

Progress = Callable[[int], None]
"""Told how much of it has been done since it was told before."""
Stepper = Callable[[Run, "int"], "Step"]
"""Does one slice of so many accounts at most, in an open transaction."""
_ONCE: Final = frozenset({"outreach_run_one_at_a_time", "outreach_run_day_once"})
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
) -> Run:
    """The open run of this kind, whatever its day, or a new one; or the run in which the notices of
    this day were planned already, when somebody was faster."""
    of_part = Run.objects.filter(kind=kind, unit_id=unit_id, clearing_id=clearing_id)
    open_ones = of_part.filter(finished_at=None)
    while True:
        row: Run | None = open_ones.first()
        if row is not None:
            return row
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
        except IntegrityError as error:
            if violated(error) not in _ONCE:
                raise
            planned: Run | None = of_part.filter(kind="notices", on_day=on_day).first()
            if planned is not None:
                return planned
        else:
            return fresh


def work(
    run_id: UUID,
    step: Stepper,
    *,
    at: datetime,
    size: int,
    limit: int | None = None,
    progress: Progress | None = None,
    last: Callable[[], Mapping[str, UntoldTotal]] | None = None,
) -> RunInfo:
    """Take slices of ``size`` accounts until the run is over, or ``limit`` were looked at in this
    call.

    ``last`` says at the end what was left: it goes over the whole programme, so in a transaction
    of its own, when nobody's members are locked any more. Raises :class:`RunBusy` when another
    process has the run right now.
    """
    seen = 0
    while limit is None or seen < limit:
        most = size if limit is None else min(size, limit - seen)
        with transaction.atomic():
            row = _taken(run_id)
            if row is None:
                return _over(run_id)
            done = step(row, most)
            _write(row, done, finished_at=at if done.after is None and last is None else None)
        seen += done.accounts
        if progress is not None:
            progress(done.notices + sum(each.lots for each in done.totals.values()))
        if done.after is None:
            return _finish(run_id, last, at) if last else run(run_id)
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


def _taken(run_id: UUID) -> Run | None:
    """The open run, locked; None when it is over, or somebody else's right now."""
    row: Run | None = (
        Run.objects.select_for_update(skip_locked=True).filter(id=run_id, finished_at=None).first()
    )
    return row


def _finish(run_id: UUID, last: Callable[[], Mapping[str, UntoldTotal]], at: datetime) -> RunInfo:
    """Write what was left, and that the run is over. Counted before the run is taken: others who
    have work for it need not wait for a look at the whole programme."""
    untold = msgspec.json.encode(last()).decode()
    with transaction.atomic():
        if _taken(run_id) is None:
            return _over(run_id)
        Run.objects.filter(id=run_id).update(finished_at=at, untold=untold)
    return run(run_id)


def _over(run_id: UUID) -> RunInfo:
    """The run as somebody else ended it, or that somebody is at it."""
    found = run(run_id)
    if found.finished_at is None:
        raise RunBusy("another process is at work on this run", run=str(run_id))
    return found


def _write(row: Run, done: Step, *, finished_at: datetime | None) -> None:
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
    )
