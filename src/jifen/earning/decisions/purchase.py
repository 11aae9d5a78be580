"""A purchase: it is priced and paid, the rules give an award, the member's standing grows."""

from __future__ import annotations

from msgspec.structs import replace

from jifen.earning.decisions.means import Paid, pay
from jifen.earning.decisions.rewarding import reward
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.tiers import raise_tier
from jifen.earning.errors import DiscountAboveAmount, DuplicateReference
from jifen.earning.record import ENCODER, Earlier, Record, Target, first_family
from jifen.earning.rules.policy import Policy
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Basket, Line, Purchase, Refusal
from jifen.tiers.types import StandingState

NO_MEMBER = Award(refusals=(Refusal("no_member"),))


def decide_purchase(
    state: State, item: Item, purchase: Purchase, member: MemberState | None
) -> Decision:
    """Book an order. Without a member it is kept and earns nothing."""
    refuse_known_reference(state, item, "purchase", purchase.reference)
    check_discounts(purchase.lines)
    sheet = Sheet(state, item, member)
    paid = pay(sheet, purchase)
    if member is None:
        record = Record(
            award=NO_MEMBER,
            spend_minor=paid.net_minor,
            purchases_kept=1,
            price=paid.price,
            used_coupons=paid.coupons,
        )
        return _finish(sheet, purchase, record, state.context.version)
    return book_order(sheet, purchase, paid, state.context.policy)


def book_order(
    sheet: Sheet, purchase: Purchase, paid: Paid, policy: Policy, of: Earlier | None = None
) -> Decision:
    """Reward a member's order that is priced and paid, and let the standing grow. ``of`` is the
    checkout that held it."""
    local = sheet.item.local
    paid_minor = paid.counted_minor
    sheet.pending = policy.pending()
    basket = Basket(paid.lines, paid.net_minor, paid_minor)
    facts, award, usage, own = reward(sheet, policy, "purchase", basket)
    if own or paid.taken or paid.stored:
        sheet.transaction("purchase")
    period = policy.period_of(local)
    count_purchase(sheet, period, paid_minor)
    tier = raise_tier(sheet)
    record = Record(
        award=sheet.noted(award),
        facts=facts,
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=tier,
        spend_minor=paid_minor,
        period=period,
        purchases_kept=1,
        usage=usage,
        own=own,
        taken=paid.taken,
        offset_minor=paid.offset_minor,
        price=paid.price,
        stored=paid.stored,
        used_coupons=paid.coupons,
        uses=paid.uses,
        waiting=sheet.waiting,
    )
    return _finish(sheet, purchase, record, policy.version, of)


def count_purchase(sheet: Sheet, period: str, paid_minor: int) -> None:
    """Add a kept purchase to the member's standing."""
    before = sheet.standing
    sheet.standing = StandingState(
        before.tier,
        before.opening_tier,
        before.spend_minor + paid_minor,
        before.purchases_kept + 1,
        before.reached,
        spend_in_period(before, period, paid_minor),
        before.terms,
    )


def spend_in_period(standing: StandingState, period: str, change_minor: int) -> dict[str, int]:
    """The spend by period after a change in one; an empty name is none."""
    periods = dict(standing.periods)
    if period:
        periods[period] = periods.get(period, 0) + change_minor
    return periods


def refuse_known_reference(state: State, item: Item, kind: str, reference: str) -> None:
    """Raise when the store has booked this reference before."""
    first = state.references.get((item.store.id, kind, reference))
    if first is not None:
        raise DuplicateReference(
            f"{item.store.code} has booked a {kind} with this reference before",
            reference=reference,
            store=item.store.code,
            first_id=str(first[0]),
            first_key=first[1],
        )


def check_discounts(lines: tuple[Line, ...]) -> None:
    """Raise when a line's discount is larger than its amount."""
    for position, line in enumerate(lines):
        if line.discount_minor > line.amount_minor:
            raise DiscountAboveAmount(
                f"line {position}: the discount is larger than the amount", line=position
            )


def _finish(
    sheet: Sheet, purchase: Purchase, record: Record, version: int, of: Earlier | None = None
) -> Decision:
    sheet.row(
        record,
        kind="purchase",
        version=version,
        reference=purchase.reference,
        of_id=of.id if of else None,
        of_seq=of.acts + 1 if of else None,
    )
    if of is not None:
        # What is kept of it is the order, as of any other purchase.
        sheet.rows[0] = replace(sheet.rows[0], body=ENCODER.encode(purchase))
    member_id = sheet.member.id if sheet.member else None
    family = first_family(member_id=member_id, version=version, record=record)
    return sheet.decision(Target(sheet.id, sheet.item.store.id, purchase, family))
