"""Conversions: what points of one unit are given for, in whole times, so nothing is rounded."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from jifen.earning.rules.bounds import Bound
from jifen.earning.types import MAX_POINTS, Code

CONVERSION: Final = "conversion:"
"""The bounds of a conversion have this and its code as their code, and how often."""
Some = Annotated[int, Meta(ge=1, le=MAX_POINTS)]
ConversionCode = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")]


class _To(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
          tag_field="kind"):  # fmt: skip
    """What is given."""


class ToUnit(_To, frozen=True, kw_only=True, tag="unit"):
    """So much of a unit: points of another type, services of a pass, bonus money in minor
    units."""

    unit: Code
    amount: Some


class ToCoupon(_To, frozen=True, kw_only=True, tag="coupon"):
    """Coupons of a kind."""

    coupon: Code
    count: Annotated[int, Meta(ge=1, le=100)] = 1


class ToTier(_To, frozen=True, kw_only=True, tag="tier"):
    """A tier above the member's own."""

    tier: Code


class Conversion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
                 omit_defaults=True):  # fmt: skip
    """``points`` of ``unit`` become what ``to`` says. A member may do it ``per_day`` times a
    local day and ``per_member`` times in all; nothing limits it without them."""

    points: Some
    unit: Code
    to: ToUnit | ToCoupon | ToTier
    per_day: Annotated[int, Meta(ge=1, le=10**6)] | None = None
    per_member: Annotated[int, Meta(ge=1, le=10**6)] | None = None

    def bounds(self, code: str, local: datetime) -> tuple[Bound, ...]:
        """How often a member may: a bound a day, and one for ever."""
        limits = (
            ("day", local.date().isoformat(), self.per_day),
            ("member", "", self.per_member),
        )
        return tuple(
            Bound(f"{CONVERSION}{code}:{per}", "member", period, limit)
            for per, period, limit in limits
            if limit is not None
        )
