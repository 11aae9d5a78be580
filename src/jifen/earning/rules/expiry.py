"""Expiry: until when points are valid. Always to the end of a local day."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from jifen.earning.rules.ladder import Period

_MONTHS: Final[dict[str, int]] = {"month": 1, "quarter": 3, "year": 12}
_YEAR: Final = 12


class Never(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind",
            tag="never"):  # fmt: skip
    """Points of this unit do not expire."""

    def last_day(self, earned_on: date) -> date | None:
        """There is none."""
        return None


class After(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
            tag_field="kind", tag="after"):  # fmt: skip
    """Valid to the end of the local day so many days, months or years after the day of
    occurrence. Where that month has no such day, its last day."""

    days: Annotated[int, Meta(ge=1, le=36_500)] | None = None
    months: Annotated[int, Meta(ge=1, le=1_200)] | None = None
    years: Annotated[int, Meta(ge=1, le=100)] | None = None

    def __post_init__(self) -> None:
        """One measure, no more."""
        if [self.days, self.months, self.years].count(None) != 2:  # noqa: PLR2004 - two of three
            raise ValueError("give exactly one of days, months and years")

    def last_day(self, earned_on: date) -> date | None:
        """The last local day on which points earned on that local day are good."""
        if self.days is not None:
            return earned_on + timedelta(days=self.days)
        return _later(earned_on, self.months or _YEAR * (self.years or 0))


class PeriodEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
                omit_defaults=True, tag_field="kind", tag="period_end"):  # fmt: skip
    """Valid to the end of the calendar period of occurrence, or of ``plus`` periods later."""

    period: Period
    plus: Annotated[int, Meta(ge=0, le=1)] = 0

    def last_day(self, earned_on: date) -> date | None:
        """The last local day on which points earned on that local day are good."""
        length = _MONTHS[self.period]
        first = date(earned_on.year, (earned_on.month - 1) // length * length + 1, 1)
        return _later(first, length * (1 + self.plus)) - timedelta(days=1)


Expiry = Never | After | PeriodEnd


def _later(day: date, months: int) -> date:
    """``months`` later, clamped to the end of that month."""
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a local day is over: the next local midnight, or the first
    instant of the next day where clocks skip midnight."""
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return midnight.astimezone(UTC)
