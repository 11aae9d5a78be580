"""Writes of outreach: plan and send notices, announce clears, and run what ends points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from jifen.common.outbox import services as outbox
from jifen.common.outbox.services import Delivered
from jifen.earning.services import settle_guards
from jifen.outreach import clearings
from jifen.outreach.clearings import announce, cancel
from jifen.outreach.closing import clear, expire
from jifen.outreach.models import Run
from jifen.outreach.planning import SLICE, plan, plan_late, retry
from jifen.outreach.sending import READER
from jifen.outreach.types import RunInfo
from jifen.programmes import selectors as programmes

__all__ = [
    "Delivered",
    "announce",
    "cancel",
    "clean",
    "clear",
    "expire",
    "plan",
    "plan_late",
    "retry",
    "send",
    "tend",
]
SHARE: Final = 10 * SLICE
"""Accounts that one turn of the schedule goes over, before it is another programme's."""


def send(*, clock: Callable[[], datetime], limit: int | None = None) -> Delivered:
    """Send notices whose turn it is, ``limit`` at most. Several may do it at once."""
    return outbox.deliver(reader=READER, clock=clock, limit=limit)


def clean(*, at: datetime) -> int:
    """Delete events that have been done with for long; notices stay."""
    return outbox.clean(at=at)


def tend(*, at: datetime, by: str, limit: int = SHARE) -> list[RunInfo]:
    """What the schedule has to do now, and no more: plan this local day's notices, close expired
    lots once a local day, and do the clears whose day is over. Called again it goes on.

    First what may not end without a notice: rules may have begun since.
    """
    settle_guards(at=at)
    done = plan(at=at, by=by, limit=limit, again=False)
    if _is_to_expire(at):
        done.append(expire(at=at, by=by, limit=limit))
    for clearing_id in clearings.due(at=at):
        done.append(clear(clearing_id=clearing_id, at=at, by=by, limit=limit))
    return done


def _is_to_expire(at: datetime) -> bool:
    """Whether no run has been over since the local day began."""
    zone = ZoneInfo(programmes.programme().time_zone)
    today = at.astimezone(zone).date()
    last = Run.objects.filter(kind="expiry").order_by("-id").first()
    return last is None or last.finished_at is None or last.on_day < today
