"""Kinds of coupon: what they take off an order, for how long, where, and beside which others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from jifen.earning.rules.config import Names as ManyNames
from jifen.earning.rules.decimals import SCALE, Decimal4, scaled
from jifen.earning.rules.expiry import end_of_day
from jifen.earning.rules.ladder import Names
from jifen.earning.types import MAX_MINOR, Code
from jifen.wallet.types import CouponTerms

Minor = Annotated[int, Meta(ge=0, le=MAX_MINOR)]
SomeMinor = Annotated[int, Meta(ge=1, le=MAX_MINOR)]


class _Gives(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
             tag_field="kind"):  # fmt: skip
    """What a coupon does."""


class Amount(_Gives, frozen=True, kw_only=True, tag="amount"):
    """Takes so much off."""

    minor: SomeMinor


class Percent(_Gives, frozen=True, kw_only=True, tag="percent"):
    """Leaves this part of the price to pay (``"0.88"`` is 88折), and takes at most ``up_to_minor``
    off."""

    pay: Decimal4
    up_to_minor: SomeMinor | None = None

    def __post_init__(self) -> None:
        """It takes something off."""
        if scaled(self.pay) >= SCALE:
            raise ValueError("pay must be below 1")


class Goods(_Gives, frozen=True, kw_only=True, tag="goods"):
    """Makes so many pieces free, the dearest first."""

    pieces: Annotated[int, Meta(ge=1, le=10_000)] = 1
    up_to_minor: SomeMinor | None = None


class FreeDelivery(_Gives, frozen=True, kw_only=True, tag="free_delivery"):
    """Makes the shipping free."""

    up_to_minor: SomeMinor | None = None


class ForDays(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind",
              tag="days"):  # fmt: skip
    """Good from when it is issued to the end of the local day so many days later."""

    days: Annotated[int, Meta(ge=0, le=36_500)]

    def window(self, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
        """From when until when a coupon issued at ``at`` is good."""
        return at, end_of_day(at.astimezone(zone).date() + timedelta(days=self.days), zone)


class OnDates(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="dates",
    rename={"first": "from", "last": "until"},
):  # fmt: skip
    """Good from the begin of one local day to the end of another."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """One day or more."""
        if self.last < self.first:
            raise ValueError("until must not be before from")

    def window(self, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
        """From when until when a coupon issued at ``at`` is good."""
        return datetime.combine(self.first, time(), zone).astimezone(UTC), end_of_day(
            self.last, zone
        )


class Always(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind",
             tag="always"):  # fmt: skip
    """Good until it is used."""

    def window(self, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
        """From when until when a coupon issued at ``at`` is good."""
        return at, None


class Coupon(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of coupon. Those that were issued keep the terms of the version they are from.

    The lines that it is for (``products``, ``categories``; none of both: all goods and services)
    must cost ``threshold_minor`` after member prices. On one order go at most ``per_order``
    coupons of its ``group``, and any of other groups. ``give_back`` says when a refund makes it
    good again: ``never``, once the order is refunded in full (``full_refund``), or once all lines
    from which it took something are (``its_lines``); its time goes on meanwhile.
    """

    name: Names
    gives: Amount | Percent | Goods | FreeDelivery
    valid: ForDays | OnDates | Always = Always()
    threshold_minor: Minor = 0
    stores: Annotated[tuple[Code, ...], Meta(max_length=1_000)] = ()
    products: ManyNames = ()
    categories: ManyNames = ()
    group: Annotated[str, Meta(max_length=60)] = "coupon"
    per_order: Annotated[int, Meta(ge=1, le=20)] = 1
    give_back: Literal["never", "full_refund", "its_lines"] = "full_refund"

    def terms(self, code: str) -> CouponTerms:
        """As the checkout takes it; ``code`` is the kind's."""
        gives = self.gives
        return CouponTerms(
            code=code,
            kind=gives.__struct_config__.tag,  # type: ignore[arg-type]
            up_to_minor=getattr(gives, "up_to_minor", None),
            worth_minor=getattr(gives, "minor", 0),
            pay=(scaled(gives.pay), SCALE) if isinstance(gives, Percent) else (0, 1),
            pieces=getattr(gives, "pieces", 1),
            threshold_minor=self.threshold_minor,
            products=frozenset(self.products),
            categories=frozenset(self.categories),
            group=self.group,
            per_order=self.per_order,
        )
