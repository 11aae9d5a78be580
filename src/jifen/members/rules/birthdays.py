"""Which days a birthday may be."""

from __future__ import annotations

from datetime import date
from typing import Final

from jifen.members.types import InvalidBirthday

EARLIEST_YEAR: Final = 1900


def check_birthday(born: date | None, today: date) -> None:
    """Raise :class:`InvalidBirthday` when nobody who lives on ``today`` was born then."""
    if born is not None and not (born.year >= EARLIEST_YEAR and born <= today):
        raise InvalidBirthday(f"a birthday lies in the past, from {EARLIEST_YEAR} on")
