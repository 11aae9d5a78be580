"""What an order would cost, before it is booked: the same decision without the write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.earning.context import Context
from jifen.earning.types import Award, Booked, Purchase
from jifen.ledger import selectors as ledger
from jifen.wallet import services as wallet
from jifen.wallet.types import Cart, Price


class CheckoutQuote(Struct, frozen=True):
    """What an order costs a member, step by step, and what booking it would give.

    ``most_points`` could be paid on it beside its coupons, ``most_stored_minor`` from stored value
    beside its coupons and points. ``points`` are by unit what the order would move.
    """

    price: Price
    points: Mapping[str, int]
    award: Award
    most_points: int
    most_stored_minor: int


def as_purchase(purchase: Purchase) -> Purchase:
    """The order under a key and a reference that nobody has."""
    fresh = new_id().hex
    return replace(purchase, key=fresh, reference=fresh)


def quote_of(
    context: Context, purchase: Purchase, booked: Booked, *, at: datetime
) -> CheckoutQuote:
    """The quote that a previewed order is, in the context and snapshot of its preview."""
    price = booked.price or wallet.price(
        Cart(
            lines=purchase.lines,
            points=purchase.points_paid,
            worth=context.policy.offset_worth,
        )
    )
    held = _available(booked.member_id, at)
    offset = context.policy.offset_quote(held.get(context.policy.offset_unit, 0), price.net_minor)
    stored = context.policy.document.stored_value
    most_stored = 0
    if stored is not None:
        most = wallet.most_stored(
            principal=held.get(stored.principal, 0),
            bonus=held.get(stored.bonus, 0),
            share=stored.bonus_share,
        )
        most_stored = min(most, price.net_minor - price.offset_minor)
    return CheckoutQuote(price, booked.points, booked.award, offset.points, most_stored)


def _available(member_id: UUID | None, at: datetime) -> dict[str, int]:
    if member_id is None:
        return {}
    return {row.unit: row.available for row in ledger.balances(member_id=member_id, at=at)}
