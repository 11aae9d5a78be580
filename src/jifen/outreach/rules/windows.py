"""Which local days a day's notices are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from jifen.common.days import end_of_day

MOST_DAYS = 31
"""How far back days are made up for on which no notices were planned."""


class Window(Struct, frozen=True):
    """What ends on one local day: after ``begins_at`` and up to ``ends_at``."""

    days_before: int
    ends_on: date
    begins_at: datetime
    ends_at: datetime


def windows(days: Sequence[int], on: date, zone: ZoneInfo) -> list[Window]:
    """What is told of on the local day ``on``: the days that are just so many days ahead."""
    return [window_of(on + timedelta(days=before), before, zone) for before in days]


def window_of(ends_on: date, days_before: int, zone: ZoneInfo) -> Window:
    """A local day, from its begin to its end."""
    begins_at = end_of_day(ends_on - timedelta(days=1), zone)
    return Window(days_before, ends_on, begins_at, end_of_day(ends_on, zone))


def days_to_plan(last: date | None, today: date) -> Iterator[date]:
    """Every day since the last one that was planned; at first only today. One that is long gone
    is not made up for."""
    first = today if last is None else max(last + timedelta(days=1), today - _REACH)
    for offset in range((today - first).days + 1):
        yield first + timedelta(days=offset)


_REACH = timedelta(days=MOST_DAYS)
