"""Calendar periods, local: what they are called, which day ends one, how they are counted.

Weeks begin on Monday and are those of ISO 8601: the last days of December may belong to the
first week of the next year.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Final, Literal

Per = Literal["day", "week", "month", "quarter", "year"]
"""What a quota is counted in."""
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
"""The length in months of those periods that have one."""
_YEAR: Final = 12
_WEEK: Final = 7


def name_of(per: Per, day: date) -> str:
    """The period in which a local day lies: ``2026-11-22``, ``2026-W47``, ``2026-11``,
    ``2026-Q4``, ``2026``."""
    if per == "day":
        return day.isoformat()
    if per == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return name_at(per, index_of(per, day))


def last_day_of(per: Per, day: date) -> date:
    """The last local day of the period in which ``day`` lies."""
    if per == "day":
        return day
    if per == "week":
        return day + timedelta(days=_WEEK - day.isoweekday())
    return last_day_at(per, index_of(per, day))


def index_of(per: Per, day: date) -> int:
    """The number of a month, quarter or year, so that the next one has the next number."""
    return (day.year * _YEAR + day.month - 1) // MONTHS[per]


def index_named(per: Per, name: str) -> int | None:
    """The number of the period with this name; None for one of another length."""
    year, dash, part = name.partition("-")
    if per == "year":
        return int(year) if not dash else None
    if not dash or part.startswith("Q") != (per == "quarter") or "W" in part or "-" in part:
        return None
    places = _YEAR // MONTHS[per]
    return int(year) * places + int(part.removeprefix("Q")) - 1


def name_at(per: Per, index: int) -> str:
    """The name of the period with this number."""
    places = _YEAR // MONTHS[per]
    year, place = divmod(index, places)
    if per == "year":
        return f"{year:04}"
    return f"{year:04}-Q{place + 1}" if per == "quarter" else f"{year:04}-{place + 1:02}"


def last_day_at(per: Per, index: int) -> date:
    """The last day of the period with this number."""
    year, month = divmod((index + 1) * MONTHS[per] - 1, _YEAR)
    return date(year, month + 1, monthrange(year, month + 1)[1])
