"""Local days and instants. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a local day is over: the next local midnight, or the first
    instant of the next day where clocks skip midnight."""
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return midnight.astimezone(UTC)


def last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """The last local day, or part of one, before something ends at ``ends_at``."""
    return (ends_at - timedelta(microseconds=1)).astimezone(zone).date()
