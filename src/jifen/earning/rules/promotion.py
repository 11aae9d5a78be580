"""``promotion``: more points while something is on: a day, an hour, a store, a birthday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from jifen.earning.rules.config import MAX_ENTRIES, FactorRule, Segments, Tags
from jifen.earning.rules.decimals import Decimal4, plain, scaled
from jifen.earning.rules.plan import Factor, Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import Code, Facts, Line, Name

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
ClockTime = Annotated[
    str, Meta(pattern=_CLOCK, max_length=5, description="Local time HH:MM; 24:00 ends the day.")
]
_DAY_ENDS = 24 * 60


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


class Hours(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}
):
    """From ``from`` until just before ``until`` on the same local day. A window over midnight
    is written as two."""

    since: ClockTime
    until: ClockTime

    def __post_init__(self) -> None:
        """A window has some length."""
        if _minutes(self.since) >= _minutes(self.until):
            raise ValueError("from must be before until; split a window over midnight in two")


class When(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
    rename={"since": "from"},
):  # fmt: skip
    """Conditions that must all hold; one that is absent always does. Times are the local time
    of occurrence. ``products`` and ``categories`` together choose lines: any of them."""

    since: Annotated[date, Meta(description="First local day.")] | None = None
    until: Annotated[date, Meta(description="First local day after it.")] | None = None
    weekdays: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=7)], ...],
        Meta(max_length=7, description="1 is Monday, 7 Sunday."),
    ] = ()
    month_days: Annotated[tuple[Annotated[int, Meta(ge=1, le=31)], ...], Meta(max_length=31)] = ()
    hours: Annotated[tuple[Hours, ...], Meta(max_length=48)] = ()
    stores: Annotated[tuple[Code, ...], Meta(max_length=MAX_ENTRIES)] = ()
    products: Annotated[tuple[Name, ...], Meta(max_length=MAX_ENTRIES)] = ()
    categories: Annotated[tuple[Name, ...], Meta(max_length=MAX_ENTRIES)] = ()
    birthday: Annotated[bool, Meta(description="Only on the member's birthday.")] = False

    def __post_init__(self) -> None:
        """A window of days has some length."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("from must be before until")

    def told(self, words: Words) -> str:
        """When, where and for what; empty for always."""
        return words.several(part for part in self._conditions(words) if part)

    def _conditions(self, words: Words) -> Iterator[str]:
        if self.birthday:
            yield words.choose(zh="生日当天", en="on your birthday")
        if self.since is not None:
            yield words.say(zh="{day} 起", en="from {day}", day=self.since.isoformat())
        if self.until is not None:
            last = self.until - timedelta(days=1)
            yield words.say(zh="至 {day}", en="to {day}", day=last.isoformat())
        if self.weekdays:
            yield words.say(zh="每{days}", en="on {days}", days=words.weekdays(self.weekdays))
        if self.month_days:
            days = words.several(str(day) for day in self.month_days)
            yield words.say(zh="每月 {days} 日", en="on day {days} of the month", days=days)
        if self.hours:
            hours = words.several(f"{each.since}–{each.until}" for each in self.hours)
            yield words.say(zh="{hours}", en="{hours}", hours=hours)
        if self.stores:
            yield words.say(zh="在{stores}", en="at {stores}", stores=words.stores(self.stores))
        if self.products:
            names = words.several(self.products)
            yield words.say(zh="商品{names}", en="products {names}", names=names)
        if self.categories:
            names = words.several(self.categories)
            yield words.say(zh="品类{names}", en="categories {names}", names=names)


class Promotion(FactorRule, frozen=True, kw_only=True, tag="promotion"):
    """Multiplies the order while ``when`` holds. With products or categories it multiplies only
    the lines that match."""

    multiplier: Decimal4
    when: When = When()
    segments: Segments = ()
    tags: Tags = ()

    def __post_init__(self) -> None:
        """The multiplier is a decimal."""
        scaled(self.multiplier)

    def compile(self, plan: Plan) -> None:
        """A factor on the order or on some of its lines."""
        when, factor = self.when, scaled(self.multiplier)
        compiled = _Compiled(
            code=self.code,
            factor=(factor, ((f"promotion:{self.code}", plain(factor)),)),
            since=when.since or date.min,
            until=when.until,
            weekdays=frozenset(when.weekdays) or frozenset(range(1, 8)),
            month_days=frozenset(when.month_days) or frozenset(range(1, 32)),
            hours=tuple((_minutes(each.since), _minutes(each.until)) for each in when.hours)
            or ((0, _DAY_ENDS),),
            stores=frozenset(when.stores),
            products=frozenset(when.products),
            categories=frozenset(when.categories),
            birthday=when.birthday,
            by_line=bool(when.products or when.categories),
        )
        plan.promotions.append((self.rules, compiled))

    def sentence(self, words: Words) -> str:
        """How much more, and when."""
        when = self.when.told(words)
        multiplied = words.times(self.multiplier)
        told = (
            words.say(
                zh="{when}：积分 {times}", en="Points {times}: {when}", when=when, times=multiplied
            )
            if when
            else words.say(zh="积分 {times}", en="Points {times}", times=multiplied)
        )
        remarks = words.factors(self.rules), words.for_some(self.segments, self.tags)
        return words.aside(told, *remarks)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compiled:
    code: str
    factor: Factor
    since: date
    until: date | None
    weekdays: frozenset[int]
    month_days: frozenset[int]
    hours: tuple[tuple[int, int], ...]
    stores: frozenset[str]
    products: frozenset[str]
    categories: frozenset[str]
    birthday: bool
    by_line: bool

    def on(self, facts: Facts) -> bool:
        """Whether time, store and member fit."""
        local = facts.local
        day = local.date()
        if day < self.since or (self.until is not None and day >= self.until):
            return False
        if local.isoweekday() not in self.weekdays or local.day not in self.month_days:
            return False
        minute = local.hour * 60 + local.minute
        if not any(since <= minute < until for since, until in self.hours):
            return False
        if self.stores and facts.store not in self.stores:
            return False
        return facts.is_birthday or not self.birthday

    def matches(self, line: Line) -> bool:
        """Whether the line is one of those chosen."""
        return line.product in self.products or line.category in self.categories
