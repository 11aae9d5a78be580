"""Reads of outreach: notices, clears, runs, and whom nobody told."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from jifen.outreach import clearings as _clearings
from jifen.outreach.closing import left_over, preview_clear, preview_expiry, uncleared, untold
from jifen.outreach.models import Clearing, Notice, Run
from jifen.outreach.planning import preview_plan
from jifen.outreach.runs import infos, run
from jifen.outreach.types import ClearingInfo, NoticeInfo, RunInfo
from jifen.programmes import selectors as programmes

__all__ = [
    "clearing",
    "clearings",
    "left_over",
    "notices",
    "preview_clear",
    "preview_expiry",
    "preview_plan",
    "run",
    "runs",
    "uncleared",
    "untold",
]


def notices(
    *, member_id: UUID | None = None, state: str | None = None, before: UUID | None, limit: int
) -> list[NoticeInfo]:
    """Notices, the newest first, before a given one; a member's, or those in a state."""
    rows = Notice.objects.order_by("-id")
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    if state is not None:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _infos(rows[:limit])


def clearings(*, before: UUID | None, limit: int) -> list[ClearingInfo]:
    """Announced clears, also those that are done or cancelled, the newest first."""
    rows = Clearing.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _clearings.infos(rows[:limit])


def clearing(clearing_id: UUID) -> ClearingInfo:
    """One clear, or :class:`UnknownClearing`."""
    return _clearings.info(_clearings.find(clearing_id))


def runs(*, kind: str | None, before: UUID | None, limit: int) -> list[RunInfo]:
    """Runs, the newest first; only those of a kind."""
    rows = Run.objects.order_by("-id")
    if kind is not None:
        rows = rows.filter(kind=kind)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return infos(rows[:limit])


def _infos(rows: Iterable[Notice]) -> list[NoticeInfo]:
    codes = {unit.id: unit.code for unit in programmes.units().values()}
    return [
        NoticeInfo(
            id=row.id,
            member_id=row.member_id,
            unit=codes[row.unit_id],
            kind=row.kind,
            ends_on=row.ends_on,
            days_before=row.days_before,
            is_late=row.is_late,
            points=row.points,
            state=row.state,
            channel=row.channel,
            reason=row.reason,
            planned_at=row.planned_at,
            done_at=row.done_at,
        )
        for row in rows
    ]
