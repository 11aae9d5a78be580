"""Days of the year as numbers: 18 June is 618.

Who was born on 29 February has the birthday on the 28th in other years, as everywhere here.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from typing import Final

_FEB_28: Final = 228
_FEB_29: Final = 229
_YEAR: Final = [
    month * 100 + day
    for month, length in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1)
    for day in range(1, length + 1)
]


def month_days(first: str, last: str, today: date) -> list[int]:
    """The days from ``first`` to ``last`` (``06-18``), both included, also across New Year."""
    low, high = _number(first), _number(last)
    days = [day for day in _YEAR if (low <= day <= high if low <= high else not high < day < low)]
    if _FEB_28 in days and not isleap(today.year):
        days = sorted({*days, _FEB_29})
    return days


def upcoming(today: date, ahead: int) -> list[int]:
    """Today and the ``ahead`` days after it."""
    found: set[int] = set()
    for number in range(ahead + 1):
        day = today + timedelta(days=number)
        found.add(day.month * 100 + day.day)
        if (day.month, day.day) == (2, 28) and not isleap(day.year):
            found.add(_FEB_29)
    return sorted(found)


def _number(text: str) -> int:
    month, _, day = text.partition("-")
    return int(month) * 100 + int(day)
