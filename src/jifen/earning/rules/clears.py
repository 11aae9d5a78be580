"""Clears: days at whose end every lot of a unit ends, announced before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from jifen.earning.rules.expiry import MonthDay, next_of, on_day
from jifen.earning.rules.notices import DaysBefore

_LEAP_YEAR = 2024


class Clear(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All points of a unit are good to the end of these local days: of each year (``05-01``), or
    once (``on``). ``days`` before, members get a notice, in the way that the unit's notices say.
    When it is ``required``, points of whose end no notice was sent stay."""

    each_year: Annotated[tuple[MonthDay, ...], Meta(max_length=24)] = ()
    on: Annotated[tuple[date, ...], Meta(max_length=24)] = ()
    days: DaysBefore = (30, 7)
    required: bool = True

    def __post_init__(self) -> None:
        """Real days, at least one."""
        if not self.each_year and not self.on:
            raise ValueError("name a day, in each_year or on")
        for each in self.each_year:
            on_day(each, _LEAP_YEAR)
        if len(set(self.days)) != len(self.days):
            raise ValueError("something is there twice")

    def next_days(self, today: date) -> Iterator[date]:
        """The days to come, today included, for each that is named: the next time of it."""
        yield from (day for day in self.on if day >= today)
        for each in self.each_year:
            yield next_of((each,), today)
