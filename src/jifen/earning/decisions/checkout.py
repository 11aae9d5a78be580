"""Orders that are paid later: priced and held now, then captured when the money came, or released.

A checkout holds what pays for the order (points, stored value, coupons, benefits with a quota)
until a time, at the price of now. Its capture books the purchase at that price, by what was held.
Released, or when its time is over, everything is where it was, with no job.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from jifen.earning.decisions.benefit import (
    are_uses_held,
    give_held_uses_back,
    use_held_benefits,
)
from jifen.earning.decisions.coupons import are_held, give_held_back, hold_coupons, use_held
from jifen.earning.decisions.holding import is_held, local_minute
from jifen.earning.decisions.means import Paid, Priced, paid_by, price_order, stored_paid
from jifen.earning.decisions.prices import use_benefits
from jifen.earning.decisions.purchase import (
    book_order,
    check_discounts,
    refuse_known_reference,
)
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.errors import HoldEnded, HoldRanOut
from jifen.earning.record import Earlier, HeldOrder, Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import (
    Award,
    Checkout,
    CheckoutCapture,
    CheckoutRelease,
    MemberRef,
    Purchase,
    Refusal,
)
from jifen.ledger.types import TakenLot
from jifen.wallet.types import UnknownCheckout

CHECKOUT = "checkout"


def decide_checkout(state: State, item: Item, checkout: Checkout, member: MemberState) -> Decision:
    """Price an order, and hold what pays for it."""
    for kind in (CHECKOUT, "purchase"):
        refuse_known_reference(state, item, kind, checkout.reference)
    check_discounts(checkout.lines)
    order = _as_order(checkout, member.id)
    sheet = Sheet(state, item, member)
    priced = price_order(sheet, order)
    held = _hold(sheet, order, priced, state, checkout.minutes)
    _open_transaction(sheet, CHECKOUT)
    until = Refusal(
        "checkout_held",
        fields={
            "until": local_minute(sheet, held.expires_at),
            "expires_at": held.expires_at.isoformat(),
        },
    )
    record = Record(
        award=Award(refusals=(until,)),
        balances=sheet.balances(),
        tier=sheet.tier,
        price=priced.price,
        held_order=held,
    )
    sheet.row(record, kind=CHECKOUT, version=held.version, reference=checkout.reference)
    return sheet.decision()


def decide_checkout_capture(
    state: State, item: Item, capture: CheckoutCapture, earlier: Earlier, member: MemberState
) -> Decision:
    """The order is paid: book it at the price that was held."""
    held = _open(state, earlier)
    item = replace(item, store=state.context.store_by_id(earlier.store_id))
    refuse_known_reference(state, item, "purchase", held.order.reference)
    order = replace(held.order, key=capture.key, occurred_at=capture.occurred_at)
    sheet = Sheet(state, item, member)
    _refuse_run_out(sheet, earlier, held)
    points = _captured(sheet, held.offset_unit, held.points_hold)
    stored = held.stored
    if stored is not None:
        stored = replace(
            stored,
            bonus_taken=_captured(sheet, stored.bonus, held.bonus_hold),
            principal_taken=_captured(sheet, stored.principal, held.principal_hold),
        )
    use_held(sheet, held.coupons)
    use_held_benefits(sheet, held.uses, earlier.id)
    paid: Paid = paid_by(order, held.price, points, stored, held.coupons, held.uses)
    policy = state.context.policy_of(held.version)
    return book_order(sheet, order, paid, policy, of=earlier)


def decide_checkout_release(
    state: State, item: Item, _: CheckoutRelease, earlier: Earlier, member: MemberState
) -> Decision:
    """The order will not be paid: everything goes back."""
    held = _open(state, earlier)
    sheet = Sheet(state, item, member)
    _refuse_run_out(sheet, earlier, held)
    for unit, hold in _holds(held):
        expired = sheet.release(unit, hold)
        if expired:
            sheet.note(sheet.id, "given_back_expired", points=expired)
    give_held_back(sheet, held.coupons, earlier.id)
    give_held_uses_back(sheet, held.uses, earlier.id)
    _open_transaction(sheet, "checkout_release")
    record = Record(
        award=Award(refusals=sheet.notices(sheet.id)),
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=sheet.tier,
    )
    sheet.row(
        record,
        kind="checkout_release",
        version=held.version,
        of_id=earlier.id,
        of_seq=earlier.acts + 1,
    )
    return sheet.decision()


def _as_order(checkout: Checkout, member_id: UUID) -> Purchase:
    """The purchase that the checkout becomes, its member by id."""
    return Purchase(
        key=checkout.key,
        occurred_at=checkout.occurred_at,
        store=checkout.store,
        reference=checkout.reference,
        lines=checkout.lines,
        member=MemberRef("id", str(member_id)),
        points_paid=checkout.points_paid,
        coupons=checkout.coupons,
        stored_minor=checkout.stored_minor,
        member_prices=checkout.member_prices,
        benefits=checkout.benefits,
        due_minor=checkout.due_minor,
    )


def _hold(sheet: Sheet, order: Purchase, priced: Priced, state: State, minutes: int) -> HeldOrder:
    """Hold everything that pays, until then."""
    expires_at = state.at + timedelta(minutes=minutes)
    price, policy = priced.price, state.context.policy
    stored = stored_paid(policy, price)

    def held(unit: str, amount: int) -> UUID | None:
        return sheet.hold(unit, amount, expires_at=expires_at) if amount else None

    return HeldOrder(
        order=order,
        price=price,
        version=state.context.version,
        expires_at=expires_at,
        offset_unit=policy.offset_unit,
        points_hold=held(policy.offset_unit, price.points),
        stored=stored,
        bonus_hold=held(stored.bonus, price.bonus_minor) if stored else None,
        principal_hold=held(stored.principal, price.principal_minor) if stored else None,
        coupons=hold_coupons(sheet, priced.chosen, price, expires_at),
        uses=use_benefits(sheet, order, price, until=expires_at),
    )


def _open_transaction(sheet: Sheet, kind: str) -> None:
    """Open the transaction of what was held or released, if anything was."""
    if any(movement.transaction_id == sheet.id for movement in sheet.movements):
        sheet.transaction(kind)


def _captured(sheet: Sheet, unit: str, hold: UUID | None) -> tuple[TakenLot, ...]:
    return sheet.capture(unit, hold) if hold is not None else ()


def _open(state: State, earlier: Earlier) -> HeldOrder:
    """The order that is held, or why there is none any more."""
    held = earlier.record.held_order
    if earlier.kind != CHECKOUT or held is None:
        raise UnknownCheckout("this activity is no checkout", id=str(earlier.id))
    if earlier.acts:
        raise HoldEnded("this checkout was captured or released before", id=str(earlier.id))
    if held.expires_at <= state.at:
        raise _ran_out(earlier, held)
    return held


def _holds(held: HeldOrder) -> list[tuple[str, UUID]]:
    """(unit, hold) of everything in the ledger that pays for the order."""
    stored = held.stored
    holds = (
        (held.offset_unit, held.points_hold),
        (stored.bonus if stored else "", held.bonus_hold),
        (stored.principal if stored else "", held.principal_hold),
    )
    return [(unit, hold) for unit, hold in holds if hold is not None]


def _refuse_run_out(sheet: Sheet, earlier: Earlier, held: HeldOrder) -> None:
    """Raise when somebody whose clock is ahead has seen the end of the checkout already."""
    if not (
        all(is_held(sheet, unit, hold) for unit, hold in _holds(held))
        and are_held(sheet, held.coupons, earlier.id)
        and are_uses_held(sheet, held.uses, earlier.id)
    ):
        raise _ran_out(earlier, held)


def _ran_out(earlier: Earlier, held: HeldOrder) -> HoldRanOut:
    return HoldRanOut(
        "the checkout ended by itself, and what it held went back",
        id=str(earlier.id),
        ended_at=held.expires_at.isoformat(),
    )
