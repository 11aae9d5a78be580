"""The prices that a member's tier gives on an order: benefits, as the checkout takes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from jifen.earning.decisions.benefit import use_benefit
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.record import UsedBenefit
from jifen.earning.rules.benefits import Available
from jifen.earning.types import Line, Purchase
from jifen.wallet import services as wallet
from jifen.wallet.types import BenefitTakesNothing, BenefitTwice, Discount, Price

_STEPS: Final[dict[str, Literal["tier_price", "member_day"]]] = {
    "discount": "tier_price",
    "product_discount": "tier_price",
    "free_delivery": "tier_price",
    "member_day_price": "member_day",
}
_FOR_EVERYBODY: Final = frozenset({"discount", "member_day_price"})
"""Kinds that are applied without being named: they have no quota."""


def prices_for(sheet: Sheet, purchase: Purchase) -> tuple[Discount, ...]:
    """The member's prices on an order: those of the tier and of member days when the order asks
    for member prices, and the benefits that it names, each of which must be there to be used."""
    if len(set(purchase.benefits)) < len(purchase.benefits):
        raise BenefitTwice("a benefit is used once on an order: name it once")
    if not (purchase.benefits or purchase.member_prices):
        return ()
    policy, local = sheet.state.context.policy, sheet.item.local
    there = policy.benefits.available(tier=sheet.tier, local=local, used=sheet.standing.terms.uses)
    return tuple(
        discount
        for each in there
        if each.code in purchase.benefits
        or (purchase.member_prices and each.is_on and each.kind in _FOR_EVERYBODY)
        for discount in _as_discount(each, purchase.lines)
    )


def use_benefits(
    sheet: Sheet, purchase: Purchase, price: Price, *, until: datetime | None = None
) -> tuple[UsedBenefit, ...]:
    """Use the benefits that an order names, or hold them until then. Raises for one that is not
    there, is used up, or took nothing."""
    used = []
    took = {step.code for step in price.steps if step.step != "coupon"}
    for code in purchase.benefits:
        used.append(use_benefit(sheet, code, local=sheet.item.local, until=until))
        if code not in took:
            raise BenefitTakesNothing(
                "the order has nothing for this benefit, or a better price", benefit=code
            )
    return tuple(used)


def _as_discount(benefit: Available, lines: Sequence[Line]) -> list[Discount]:
    step = _STEPS.get(benefit.kind)
    if step is None:
        return []
    is_free = benefit.kind == "free_delivery"
    positions = tuple(
        place
        for place, line in enumerate(lines)
        if (
            line.kind == "shipping"
            if is_free
            else wallet.chooses(benefit.products, benefit.categories, line)
        )
    )
    pieces = 1 if benefit.kind == "product_discount" else None
    pay = (0, 1) if is_free else benefit.pay
    return [Discount(code=benefit.code, step=step, pay=pay, positions=positions, pieces=pieces)]
