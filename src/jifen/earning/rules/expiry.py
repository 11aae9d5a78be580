"""Expiry: until when points are valid. Always to the end of a local day.

A kind answers ``last_day``: the last local day on which points are good that were earned on a
local day, None for no such day. Under ``inactivity`` lots have none; there the account has one,
``idle_day``, which every use of the account moves.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct

from jifen.common.days import end_of_day
from jifen.earning.rules.periods import Per, last_day_of
from jifen.earning.rules.wording import Words

__all__ = [
    "After",
    "Expiry",
    "Fixed",
    "Inactivity",
    "MonthDay",
    "Never",
    "PeriodEnd",
    "end_of_day",
    "next_of",
    "on_day",
]

Grace = Annotated[
    int,
    Meta(ge=0, le=3_650, description="Days for which points that come back late are good again."),
]
MonthDay = Annotated[
    str,
    Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", description="Such as 05-01."),
]
"""A day of each year; 02-29 is the 28th in years without it."""
_YEAR: Final = 12
_LEAP_YEAR: Final = 2024


class Never(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind",
            tag="never"):  # fmt: skip
    """Points of this unit do not expire."""

    def last_day(self, earned_on: date) -> date | None:
        """There is none."""
        return None

    def sentence(self, unit: str, words: Words) -> str:
        """Until when points are good."""
        return words.say(zh="{unit}长期有效", en="{unit} do not expire", unit=words.unit(unit))


class After(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
            tag_field="kind", tag="after"):  # fmt: skip
    """Valid to the end of the local day so many days, months or years after the day of
    occurrence. Where that month has no such day, its last day. ``to`` prolongs it to the end of
    the calendar week, month, quarter or year in which that day lies."""

    days: Annotated[int, Meta(ge=1, le=36_500)] | None = None
    months: Annotated[int, Meta(ge=1, le=1_200)] | None = None
    years: Annotated[int, Meta(ge=1, le=100)] | None = None
    to: Per = "day"
    grace_days: Grace = 0

    def __post_init__(self) -> None:
        """One measure, no more."""
        if [self.days, self.months, self.years].count(None) != 2:  # noqa: PLR2004 - two of three
            raise ValueError("give exactly one of days, months and years")

    def last_day(self, earned_on: date) -> date | None:
        """The last local day on which points earned on that local day are good."""
        if self.days is not None:
            day = earned_on + timedelta(days=self.days)
        else:
            day = _later(earned_on, self.months or _YEAR * (self.years or 0))
        return last_day_of(self.to, day)

    def sentence(self, unit: str, words: Words) -> str:
        """Until when points are good."""
        span = words.span(days=self.days, months=self.months, years=self.years)
        if self.to == "day":
            return words.say(
                zh="{unit}自获得起 {span}内有效",
                en="{unit} are good for {span}",
                unit=words.unit(unit),
                span=span,
            )
        return words.say(
            zh="{unit}自获得起 {span}内有效，延至当{per}末",
            en="{unit} are good for {span}, and to the end of that {per}",
            unit=words.unit(unit),
            span=span,
            per=words.period(self.to),
        )


class PeriodEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
                omit_defaults=True, tag_field="kind", tag="period_end"):  # fmt: skip
    """Valid to the end of the calendar period of occurrence (the day itself, its week, month,
    quarter or year), or of the period ``plus`` later."""

    period: Per
    plus: Annotated[int, Meta(ge=0, le=12)] = 0
    grace_days: Grace = 0

    def last_day(self, earned_on: date) -> date | None:
        """The last local day on which points earned on that local day are good."""
        day = last_day_of(self.period, earned_on)
        for _ in range(self.plus):
            day = last_day_of(self.period, day + timedelta(days=1))
        return day

    def sentence(self, unit: str, words: Words) -> str:
        """Until when points are good."""
        if not self.plus:
            return words.say(
                zh="{unit}有效至获得当{per}末",
                en="{unit} are good to the end of the {per} in which they were earned",
                unit=words.unit(unit),
                per=words.period(self.period),
            )
        if self.plus == 1:
            return words.say(
                zh="{unit}有效至获得当{per}的下一{per}末",
                en="{unit} are good to the end of the {per} after the one in which they were "
                "earned",
                unit=words.unit(unit),
                per=words.period(self.period),
            )
        return words.say(
            zh="{unit}有效至获得当{per}之后第 {plus} 个{per}末",
            en="{unit} are good to the end of the {per} that is {plus} after the one in which "
            "they were earned",
            unit=words.unit(unit),
            per=words.period(self.period),
            plus=self.plus,
        )


class Fixed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
            tag_field="kind", tag="fixed"):  # fmt: skip
    """Valid to the end of the next of these days of the year that is at least ``min_days`` after
    the day of occurrence."""

    dates: Annotated[tuple[MonthDay, ...], Meta(min_length=1, max_length=366)]
    min_days: Annotated[int, Meta(ge=0, le=3_650)] = 0
    grace_days: Grace = 0

    def __post_init__(self) -> None:
        """Real days, each once."""
        for each in self.dates:
            on_day(each, _LEAP_YEAR)
        if len(set(self.dates)) != len(self.dates):
            raise ValueError("a date is there twice")

    def last_day(self, earned_on: date) -> date | None:
        """The last local day on which points earned on that local day are good."""
        return next_of(self.dates, earned_on + timedelta(days=self.min_days))

    def sentence(self, unit: str, words: Words) -> str:
        """Until when points are good."""
        told = words.say(
            zh="{unit}有效至下一个 {dates}",
            en="{unit} are good to the next {dates}",
            unit=words.unit(unit),
            dates=words.several(self.dates),
        )
        if not self.min_days:
            return told
        days = words.span(days=self.min_days, months=None)
        return words.aside(told, words.say(zh="至少 {days}", en="at least {days}", days=days))


class Inactivity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
                 omit_defaults=True, tag_field="kind", tag="inactivity"):  # fmt: skip
    """Everything in the account is valid to the end of the local day so many days or months after
    points were earned or spent in it for the last time."""

    days: Annotated[int, Meta(ge=1, le=36_500)] | None = None
    months: Annotated[int, Meta(ge=1, le=1_200)] | None = None
    # What comes back by a refund has used the account, so it lives as long as all else in it.
    grace_days: ClassVar[Literal[0]] = 0

    def __post_init__(self) -> None:
        """One measure, no more."""
        if (self.days is None) == (self.months is None):
            raise ValueError("give exactly one of days and months")

    def last_day(self, earned_on: date) -> date | None:
        """A lot has none of its own."""
        return None

    def idle_day(self, used_on: date) -> date:
        """The last local day on which an account is good that was last used on that local day."""
        if self.days is not None:
            return used_on + timedelta(days=self.days)
        return _later(used_on, self.months or 0)

    def sentence(self, unit: str, words: Words) -> str:
        """Until when points are good."""
        return words.say(
            zh="连续 {span}没有得分或用分，{unit}全部过期",
            en="All {unit} expire after {span} without earning or spending any",
            unit=words.unit(unit),
            span=words.span(days=self.days, months=self.months),
        )


Expiry = Never | After | PeriodEnd | Fixed | Inactivity


def next_of(dates: tuple[str, ...], from_day: date) -> date:
    """The first of these days of the year that is not before ``from_day``."""
    years = (from_day.year, from_day.year + 1)
    return min(day for year in years for each in dates if (day := on_day(each, year)) >= from_day)


def on_day(month_day: str, year: int) -> date:
    """``05-01`` in that year. Raises ValueError for a day that no year has."""
    month, day = (int(part) for part in month_day.split("-"))
    date(_LEAP_YEAR, month, day)
    return date(year, month, min(day, monthrange(year, month)[1]))


def _later(day: date, months: int) -> date:
    """``months`` later, clamped to the end of that month."""
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
