"""Benefits: what a tier gives besides its multiplier, and how often.

Each kind is a struct with the tiers that have it. A quota is counted by the calendar period of
the programme's zone in which a use occurred; it is the same for all tiers that share the benefit,
so climbing in the middle of a month brings no second use. Pure: how often a benefit was used is
passed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from msgspec.structs import replace

from jifen.earning.rules.config import MAX_ENTRIES, Fault
from jifen.earning.rules.decimals import SCALE, Decimal4, scaled
from jifen.earning.rules.expiry import end_of_day
from jifen.earning.rules.ladder import Names
from jifen.earning.rules.periods import Per, last_day_of, name_of
from jifen.earning.types import Code, Name
from jifen.tiers.types import (
    BenefitNotHeld,
    BenefitNotToday,
    BenefitUsedUp,
    UnknownBenefit,
    Use,
)

Used = Mapping[tuple[str, str], Use]
"""How often a member used benefits, by (benefit, period)."""
BenefitCode = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:-]+$")]
Tiers = Annotated[tuple[Code, ...], Meta(min_length=1, max_length=100)]
Rate = Annotated[
    Decimal4, Meta(description='What is left to pay, as a decimal: "0.98" is 98折, 2% off.')
]
Rates = Annotated[dict[Code, Rate], Meta(min_length=1, max_length=100)]
Chosen = Annotated[tuple[Name, ...], Meta(max_length=MAX_ENTRIES)]
_FURTHEST: Final = timedelta(days=3 * 366)
"""How far ahead the next member day is looked for: 29 February on a named weekday may be away
for longer, and then nothing is said."""


class Quota(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """At most so many ``uses`` in one local period; ``by_tier`` where a tier has others."""

    uses: Annotated[int, Meta(ge=1, le=1_000)]
    per: Per
    by_tier: Annotated[dict[Code, Annotated[int, Meta(ge=1, le=1_000)]], Meta(max_length=100)] = {}

    def of(self, tier: str) -> int:
        """How often a member of that tier may use it."""
        return self.by_tier.get(tier, self.uses)


class _Benefit(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
    tag_field="kind",
):  # fmt: skip
    """What every benefit has: its code and its name in both languages."""

    code: BenefitCode
    name: Names

    @property
    def kind(self) -> str:
        """The kind as it is written in the rule set."""
        return str(self.__struct_config__.tag)

    def rate_for(self, tier: str) -> str | None:
        """What a member of that tier has left to pay; None where it is no matter of prices."""
        return None

    def is_on(self, day: date) -> bool:
        """Whether it is there on that local day."""
        return True


class Discount(_Benefit, frozen=True, kw_only=True, tag="discount"):
    """A price for each tier, on everything, or on these products and categories."""

    rates: Rates
    products: Chosen = ()
    categories: Chosen = ()

    @property
    def holders(self) -> Collection[str]:
        """The tiers that have it."""
        return self.rates

    def rate_for(self, tier: str) -> str | None:
        """What a member of that tier has left to pay."""
        return self.rates.get(tier)


class MemberDayPrice(Discount, frozen=True, kw_only=True, tag="member_day_price"):
    """A discount on member days only: on these days of the week (1 is Monday), and of the month;
    what is not named does not matter."""

    weekdays: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)] = ()
    month_days: Annotated[tuple[Annotated[int, Meta(ge=1, le=31)], ...], Meta(max_length=31)] = ()

    def __post_init__(self) -> None:
        """A price for every day is a discount."""
        if not (self.weekdays or self.month_days):
            raise ValueError("a member day has weekdays or month_days")

    def is_on(self, day: date) -> bool:
        """Whether it is a member day."""
        if self.weekdays and day.isoweekday() not in self.weekdays:
            return False
        return not self.month_days or day.day in self.month_days


class _OfTiers(_Benefit, frozen=True, kw_only=True):
    """A benefit that is the same for some tiers."""

    tiers: Tiers

    @property
    def holders(self) -> Collection[str]:
        """The tiers that have it."""
        return self.tiers


class _Counted(_OfTiers, frozen=True, kw_only=True):
    """One that may have a quota."""

    quota: Quota | None = None


class FreeDelivery(_Counted, frozen=True, kw_only=True, tag="free_delivery"):
    """The order is delivered for nothing."""


class ProductDiscount(_Counted, frozen=True, kw_only=True, tag="product_discount"):
    """One piece of these products or categories at a rate; with a quota, so many of them."""

    rate: Rate
    products: Chosen = ()
    categories: Chosen = ()

    def __post_init__(self) -> None:
        """It names what it is for."""
        if not (self.products or self.categories):
            raise ValueError("a product discount has products or categories")

    def rate_for(self, tier: str) -> str | None:
        """What is left to pay."""
        return self.rate if tier in self.tiers else None


class PriorityAccess(_OfTiers, frozen=True, kw_only=True, tag="priority_access"):
    """The member may do first, or alone, what this benefit's code names elsewhere."""


Benefit = Discount | MemberDayPrice | FreeDelivery | ProductDiscount | PriorityAccess


class Available(Struct, frozen=True, kw_only=True):
    """A benefit of a member's tier at a time.

    ``is_on`` says whether it may be used now; if not, ``next_at`` is when it may be (None where
    that is unknown). ``rate`` is what is left to pay, on ``products`` and ``categories`` or, with
    neither, on everything. With a quota: ``quota`` uses in ``period``, ``used`` so far, ``left``,
    and at ``resets_at`` they begin anew.
    """

    code: str
    kind: str
    name: Names
    is_on: bool
    rate: str | None = None
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    quota: int | None = None
    used: int = 0
    left: int | None = None
    period: str = ""
    resets_at: datetime | None = None
    next_at: datetime | None = None

    @property
    def pay(self) -> tuple[int, int]:
        """``rate`` as numerator and denominator."""
        return scaled(self.rate or "1"), SCALE


class Benefits:
    """The benefits of one rule set, in a programme's zone."""

    def __init__(self, benefits: Sequence[Benefit], zone: ZoneInfo) -> None:
        self.all = tuple(benefits)
        self._zone = zone
        self._by_code = {benefit.code: benefit for benefit in benefits}
        self.counted = tuple(code for code in self._by_code if self.quota(code) is not None)
        """Codes of the benefits that have a quota."""

    def one(self, code: str) -> Benefit:
        """The benefit with this code, or :class:`UnknownBenefit`."""
        found = self._by_code.get(code)
        if found is None:
            raise UnknownBenefit(f"the rule set has no benefit {code!r}", benefit=code)
        return found

    def quota(self, code: str) -> Quota | None:
        """The quota of a benefit; None without one, and for one that is unknown."""
        found = self._by_code.get(code)
        return found.quota if isinstance(found, _Counted) else None

    def period(self, code: str, day: date) -> str:
        """The period in which a use on a local day counts; empty where nothing is counted."""
        quota = self.quota(code)
        return name_of(quota.per, day) if quota is not None else ""

    def places(self, day: date) -> list[tuple[str, str]]:
        """(benefit, period) of everything that is counted on a local day."""
        return [(code, self.period(code, day)) for code in self.counted]

    def available(self, *, tier: str, local: datetime, used: Used) -> list[Available]:
        """What that tier gives at a local time, used up or not, in the order of the rule set."""
        return [
            self._seen(benefit, tier, local.date(), used)
            for benefit in self.all
            if tier in benefit.holders
        ]

    def use(self, code: str, *, tier: str, local: datetime, used: Used) -> Use | None:
        """How often the benefit has been used in its period after one more use at a local time;
        None where uses are not counted.

        Raises UnknownBenefit, BenefitNotHeld, BenefitNotToday or BenefitUsedUp.
        """
        benefit = self.one(code)
        if tier not in benefit.holders:
            raise BenefitNotHeld(
                f"the tier {tier!r} does not give this" if tier else "without a tier there is none",
                benefit=code,
                tier=tier,
                tiers=sorted(benefit.holders),
            )
        seen = self._seen(benefit, tier, local.date(), used)
        if seen.is_on:
            if seen.quota is None:
                return None
            before = used.get((code, seen.period), Use())
            return replace(before, used=before.used + 1, quota=seen.quota)
        again = self._told(seen.next_at)
        if not benefit.is_on(local.date()):
            raise BenefitNotToday("this benefit is for other days", benefit=code, **again)
        raise BenefitUsedUp(
            f"used {seen.used} of {seen.quota} in {seen.period}; "
            f"the next one is there on {again['next_on']}",
            benefit=code,
            tier=tier,
            quota=seen.quota,
            used=seen.used,
            period=seen.period,
            **again,
        )

    def _seen(self, benefit: Benefit, tier: str, day: date, used: Used) -> Available:
        is_on = benefit.is_on(day)
        next_on = None if is_on else _next_on(benefit, day)
        seen = Available(
            code=benefit.code,
            kind=benefit.kind,
            name=benefit.name,
            is_on=is_on,
            rate=benefit.rate_for(tier),
            products=getattr(benefit, "products", ()),
            categories=getattr(benefit, "categories", ()),
            next_at=self._begins(next_on) if next_on else None,
        )
        quota = self.quota(benefit.code)
        return seen if quota is None else self._counted(seen, quota, tier, day, used)

    def _counted(
        self, seen: Available, quota: Quota, tier: str, day: date, used: Used
    ) -> Available:
        period = name_of(quota.per, day)
        count, most = used.get((seen.code, period), Use()).taken, quota.of(tier)
        resets_at = end_of_day(last_day_of(quota.per, day), self._zone)
        # A quota lowered by a later version may be overdrawn; then nothing is left.
        left = max(most - count, 0)
        return Available(
            code=seen.code,
            kind=seen.kind,
            name=seen.name,
            is_on=left > 0,
            rate=seen.rate,
            products=seen.products,
            categories=seen.categories,
            quota=most,
            used=count,
            left=left,
            period=period,
            resets_at=resets_at,
            next_at=None if left else resets_at,
        )

    def _begins(self, day: date) -> datetime:
        return end_of_day(day - timedelta(days=1), self._zone)

    def _told(self, at: datetime | None) -> dict[str, str]:
        """An instant as a refusal tells it: in the programme's zone, and its local day."""
        if at is None:
            return {}
        local = at.astimezone(self._zone)
        return {"next_at": local.isoformat(), "next_on": local.date().isoformat()}


def faults(benefits: Sequence[Benefit], tiers: Collection[str]) -> Iterator[Fault]:
    """What is wrong with the benefits beside the ladder's ``tiers``."""
    seen: set[str] = set()
    for index, benefit in enumerate(benefits):
        path = f"$.benefits[{index}]"
        if benefit.code in seen:
            yield f"{path}.code", f"two benefits have the code {benefit.code!r}"
        seen.add(benefit.code)
        quota = benefit.quota if isinstance(benefit, _Counted) else None
        for tier in (*benefit.holders, *(quota.by_tier if quota else ())):
            if tier not in tiers:
                yield path, f"the ladder has no tier {tier!r}"
        for tier in quota.by_tier if quota else ():
            if tier not in benefit.holders:
                yield f"{path}.quota.by_tier.{tier}", f"{tier!r} does not have this benefit"
        for tier in benefit.holders:
            rate = benefit.rate_for(tier)
            if rate is not None and not 0 < scaled(rate) <= SCALE:
                yield path, f"a rate is above 0 and at most 1, not {rate}"


def _next_on(benefit: Benefit, day: date) -> date | None:
    """The next local day on which it is there."""
    last = day + _FURTHEST
    while day < last:
        day += timedelta(days=1)
        if benefit.is_on(day):
            return day
    return None
