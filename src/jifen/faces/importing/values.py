"""Values as people write them in a file: whole numbers, amounts, days and times. Pure.

Each raises :class:`~jifen.faces.importing.files.BadLineError` with a reason that names the column.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from jifen.faces.importing.files import BadLineError

_WHOLE: Final = re.compile(r"[0-9]{1,15}")
_AMOUNT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]+))?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def whole(text: str, *, name: str) -> int:
    """A whole number, 0 or more."""
    if not _WHOLE.fullmatch(text):
        raise BadLineError(f"{name}_not_a_whole_number")
    return int(text)


def minor(text: str, *, digits: int) -> int:
    """A decimal amount of the main unit in minor units, exactly: ``128.9`` is 12890."""
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise BadLineError("amount_not_a_number")
    decimals = found.group(2) or ""
    if len(decimals.rstrip("0")) > digits:
        raise BadLineError("amount_has_too_many_decimals")
    return int(found.group(1) + decimals[:digits].ljust(digits, "0"))


def day(text: str, *, name: str) -> date:
    """A calendar day, ``2026-06-01``."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadLineError(f"{name}_not_a_day")


def moment(text: str, *, zone: ZoneInfo) -> datetime:
    """An ISO 8601 time; without an offset it is local time in ``zone``."""
    try:
        if _TIME.fullmatch(text) and "1900" <= text[:4] <= "2999":
            found = datetime.fromisoformat(text)
            return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(UTC)
    except ValueError:
        pass
    raise BadLineError("occurred_at_not_a_time")
