"""The means of payment of an order: coupons, points, stored value, and how refunds undo them.

Paying: the checkout prices the order in one pure call (:func:`jifen.wallet.services.price`), then
what it says is taken. Undoing: what goes back of each means in all is a function of the money
refunded so far alone (:func:`jifen.wallet.services.undo`); what went back before is subtracted. So
refunds in any parts end where one refund of their union does, for every means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from jifen.earning.decisions.coupons import choose_coupons, terms_of, use_coupons
from jifen.earning.decisions.prices import prices_for, use_benefits
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.errors import OffsetNeedsMember
from jifen.earning.record import Family, StoredPaid, Target, UsedBenefit, UsedCoupon
from jifen.earning.rules.coupons import Coupon
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.refund import keep
from jifen.earning.rules.stored_value import StoredValue
from jifen.earning.types import Basket, Line, Purchase
from jifen.ledger import services as ledger
from jifen.ledger.types import TakenLot
from jifen.wallet import services as wallet
from jifen.wallet.types import (
    Cart,
    CouponState,
    InsufficientStoredValue,
    Means,
    Price,
    PriceChanged,
    StoredPayment,
    StoredValueNeedsMember,
    StoredValueNotAllowed,
)


class Paid(Struct, frozen=True):
    """An order as it was priced and paid. ``lines`` cost what they cost the member; of
    ``net_minor``, ``counted_minor`` earns and climbs as money does."""

    lines: tuple[Line, ...]
    net_minor: int
    counted_minor: int
    offset_minor: int = 0
    taken: tuple[TakenLot, ...] = ()
    price: Price | None = None
    stored: StoredPaid | None = None
    coupons: tuple[UsedCoupon, ...] = ()
    uses: tuple[UsedBenefit, ...] = ()


class Priced(Struct, frozen=True):
    """An order's price, and the coupons that it is with, by code."""

    price: Price
    chosen: dict[str, tuple[CouponState, Coupon]]


def pay(sheet: Sheet, purchase: Purchase) -> Paid:
    """Price an order and take what pays for it, or raise."""
    if sheet.member is None:
        _refuse_without_member(purchase)
    net_minor = sum([line.net_minor for line in purchase.lines])
    if not _is_priced(purchase):
        _refuse_another_price(purchase, net_minor)
        return Paid(purchase.lines, net_minor, net_minor)
    return _checked_out(sheet, purchase)


def price_order(sheet: Sheet, purchase: Purchase) -> Priced:
    """What an order costs the member, or why it cannot be paid so. Nothing is taken."""
    policy = sheet.state.context.policy
    chosen = choose_coupons(sheet, purchase.coupons)
    price = wallet.price(
        Cart(
            lines=purchase.lines,
            discounts=prices_for(sheet, purchase),
            coupons=terms_of(purchase.coupons, chosen),
            points=purchase.points_paid,
            worth=policy.offset_worth,
            stored=_stored_payment(sheet, purchase.stored_minor),
        )
    )
    _refuse_another_price(purchase, price.due_minor)
    return Priced(price, chosen)


def stored_paid(policy: Policy, price: Price) -> StoredPaid | None:
    """What stored value pays of a price, under the terms of the rule set; no lots yet."""
    if not (price.bonus_minor or price.principal_minor):
        return None
    terms = stored_value(policy)
    return StoredPaid(
        terms.principal,
        terms.bonus,
        price.principal_minor,
        price.bonus_minor,
        principal_earns=terms.principal_earns,
        bonus_earns=terms.bonus_earns,
    )


def paid_by(
    purchase: Purchase,
    price: Price,
    taken: tuple[TakenLot, ...],
    stored: StoredPaid | None,
    coupons: tuple[UsedCoupon, ...],
    uses: tuple[UsedBenefit, ...] = (),
) -> Paid:
    """The order, paid at this price by these lots and coupons."""
    return Paid(
        _priced(purchase.lines, price.lines),
        price.net_minor,
        price.net_minor - price.offset_minor - _not_earning(stored),
        price.offset_minor,
        taken,
        price if len(price.steps) > bool(price.points) else None,
        stored,
        coupons,
        uses,
    )


def lines_of(target: Target) -> tuple[Line, ...]:
    """The lines of an order as they were priced."""
    return _priced(target.purchase.lines, target.family.nets)


def basket_of(target: Target, refunded: Mapping[int, int]) -> Basket:
    """What is kept of an order when so many pieces of its lines are refunded.

    The basket's paid share is the whole order's: one exact ratio, so that keeping less never
    earns more, whatever the rounding of the kept amounts.
    """
    lines = lines_of(target)
    net_minor = sum([line.net_minor for line in lines])
    return Basket(keep(lines, refunded), net_minor, net_minor - uncounted_minor(target.family))


def uncounted_minor(family: Family) -> int:
    """What of an order neither earned nor climbed: points paid, and stored value that does not."""
    return family.offset_minor + _not_earning(family.stored)


def counted_minor(family: Family, net_minor: int, kept_minor: int) -> int:
    """What of the kept part of an order earns and climbs as money does."""
    paid = _means(family, net_minor)
    back = wallet.undo(paid, net_minor - kept_minor, net_minor)
    kept = wallet.less(paid, back)
    stored = family.stored
    if stored is None:
        return kept.money_minor
    return (
        kept.money_minor
        + (kept.principal_minor if stored.principal_earns else 0)
        + (kept.bonus_minor if stored.bonus_earns else 0)
    )


def give_stored_back(
    sheet: Sheet, family: Family, net_minor: int, kept_minor: int
) -> StoredPaid | None:
    """Return stored value that paid for what was refunded; answers what is left of it."""
    stored = family.stored
    if stored is None:
        return None
    policy = sheet.state.context.policy_of(family.version)
    back = wallet.undo(_means(family, net_minor), net_minor - kept_minor, net_minor)
    for unit, taken, before, after in (
        (stored.bonus, stored.bonus_taken, stored.bonus_back, back.bonus_minor),
        (stored.principal, stored.principal_taken, stored.principal_back, back.principal_minor),
    ):
        if after > before:
            slices = ledger.give_back_slices(taken, before, after - before)
            sheet.give_back(unit, slices, policy)
    return replace(stored, bonus_back=back.bonus_minor, principal_back=back.principal_minor)


def remember_clawed(sheet: Sheet, stored: StoredPaid | None) -> None:
    """Tell the sheet what earlier refunds of the order took from other lots of stored value."""
    if stored is not None:
        sheet.clawed.update(stored.clawed)


def keep_clawed(sheet: Sheet, stored: StoredPaid | None) -> StoredPaid | None:
    """The same, to be kept for the next refund."""
    if stored is None:
        return None
    clawed = {unit: sheet.clawed.get(unit, ()) for unit in (stored.bonus, stored.principal)}
    return replace(stored, clawed={unit: parts for unit, parts in clawed.items() if parts})


def stored_value(policy: Policy) -> StoredValue:
    """How the rule set keeps stored value, or :class:`StoredValueNotAllowed`."""
    stored = policy.document.stored_value
    if stored is None:
        raise StoredValueNotAllowed("the rule set has no stored value")
    return stored


def _refuse_without_member(purchase: Purchase) -> None:
    if purchase.points_paid:
        raise OffsetNeedsMember("points are paid by a member: name one")
    if purchase.stored_minor:
        raise StoredValueNeedsMember("stored value is paid by a member: name one")


def _is_priced(purchase: Purchase) -> bool:
    """Whether an order is more than what the shop asks, paid in money."""
    return bool(
        purchase.points_paid
        or purchase.stored_minor
        or purchase.coupons
        or purchase.member_prices
        or purchase.benefits
    )


def _refuse_another_price(purchase: Purchase, due_minor: int) -> None:
    if purchase.due_minor is not None and purchase.due_minor != due_minor:
        raise PriceChanged(
            f"{due_minor} minor units are left to pay in money",
            due_minor=due_minor,
            expected_minor=purchase.due_minor,
        )


def _checked_out(sheet: Sheet, purchase: Purchase) -> Paid:
    priced = price_order(sheet, purchase)
    price = priced.price
    uses = use_benefits(sheet, purchase, price)
    coupons = use_coupons(sheet, priced.chosen, price)
    policy = sheet.state.context.policy
    taken = _burned(sheet, policy.offset_unit, price.points)
    stored = stored_paid(policy, price)
    if stored is not None:
        stored = replace(
            stored,
            bonus_taken=_burned(sheet, stored.bonus, price.bonus_minor),
            principal_taken=_burned(sheet, stored.principal, price.principal_minor),
        )
    return paid_by(purchase, price, taken, stored, coupons, uses)


def _stored_payment(sheet: Sheet, amount_minor: int) -> StoredPayment | None:
    """What is to be paid from stored value, or :class:`InsufficientStoredValue`."""
    if not amount_minor:
        return None
    stored = stored_value(sheet.state.context.policy)
    principal = sheet.account(stored.principal).available
    bonus = sheet.account(stored.bonus).available
    most = wallet.most_stored(principal=principal, bonus=bonus, share=stored.bonus_share)
    if amount_minor > most:
        raise InsufficientStoredValue(
            f"short by {amount_minor - most} minor units",
            short_by=amount_minor - most,
            most_minor=most,
        )
    return StoredPayment(amount_minor=amount_minor, share=stored.bonus_share, bonus_available=bonus)


def _burned(sheet: Sheet, unit: str, amount: int) -> tuple[TakenLot, ...]:
    return sheet.burn(unit, amount) if amount else ()


def _priced(lines: tuple[Line, ...], nets: Sequence[int]) -> tuple[Line, ...]:
    """The lines with discounts that make them cost ``nets``; as they are without any."""
    if not nets:
        return lines
    return tuple(
        line if line.net_minor == net else replace(line, discount_minor=line.amount_minor - net)
        for line, net in zip(lines, nets, strict=True)
    )


def _not_earning(stored: StoredPaid | None) -> int:
    if stored is None:
        return 0
    return (0 if stored.principal_earns else stored.principal_minor) + (
        0 if stored.bonus_earns else stored.bonus_minor
    )


def _means(family: Family, net_minor: int) -> Means:
    """How an order was paid, points by their worth alone."""
    stored = family.stored
    bonus_minor = stored.bonus_minor if stored else 0
    principal_minor = stored.principal_minor if stored else 0
    return Means(
        offset_minor=family.offset_minor,
        bonus_minor=bonus_minor,
        principal_minor=principal_minor,
        money_minor=net_minor - family.offset_minor - bonus_minor - principal_minor,
    )
