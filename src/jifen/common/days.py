"""Local days and instants. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jifen.common.errors import InvalidInput


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a local day is over: the next local midnight, or the first
    instant of the next day where clocks skip midnight."""
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return midnight.astimezone(UTC)


def in_utc(moment: datetime) -> datetime:
    """The same moment: PostgreSQL does not read each offset that one may be written with. Raises
    ``InvalidInput`` for one outside the calendar, or without an offset."""
    if moment.tzinfo is None:
        raise InvalidInput("the moment needs an offset, such as +08:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput("the moment is outside the calendar") from error


def last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """The last local day, or part of one, before something ends at ``ends_at``."""
    return (ends_at - timedelta(microseconds=1)).astimezone(zone).date()
