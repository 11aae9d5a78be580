"""A purchase: points paid are burned, the rules give an award, the member's standing grows."""

from __future__ import annotations

from jifen.earning.decisions.sheet import Sheet, facts_for
from jifen.earning.decisions.tiers import raise_tier
from jifen.earning.errors import DiscountAboveAmount, DuplicateReference, OffsetNeedsMember
from jifen.earning.record import Record, Target, first_family
from jifen.earning.rules.policy import Policy
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Basket, Line, Purchase, Refusal
from jifen.ledger.types import TakenLot
from jifen.tiers.types import StandingState

NO_MEMBER = Award(refusals=(Refusal("no_member"),))


def decide_purchase(
    state: State, item: Item, purchase: Purchase, member: MemberState | None
) -> Decision:
    """Book an order. Without a member it is kept and earns nothing."""
    refuse_known_reference(state, item, "purchase", purchase.reference)
    net_minor = _net_minor(purchase.lines)
    sheet = Sheet(state, item, member)
    if member is None:
        if purchase.points_paid:
            raise OffsetNeedsMember("points are paid by a member: name one")
        record = Record(award=NO_MEMBER, spend_minor=net_minor, purchases_kept=1)
        return _finish(sheet, purchase, record)
    policy = state.context.policy
    offset_minor, taken = _pay(sheet, policy, purchase.points_paid, net_minor)
    paid_minor = net_minor - offset_minor
    bounds = policy.bounds("purchase", item.local)
    facts = facts_for(sheet, kind="purchase", local=item.local, bounds=bounds)
    award = policy.evaluate(facts, Basket(purchase.lines, net_minor, paid_minor))
    usage = sheet.use(bounds, {}, policy.usage(award)) if bounds else ()
    own = sheet.give(award, policy=policy, transaction_id=sheet.id)
    if own or taken:
        sheet.transaction("purchase")
    period = policy.period_of(item.local)
    count_purchase(sheet, period, paid_minor)
    tier = raise_tier(sheet)
    record = Record(
        award=award,
        facts=facts,
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=tier,
        spend_minor=paid_minor,
        period=period,
        purchases_kept=1,
        usage=usage,
        own=own,
        taken=taken,
        offset_minor=offset_minor,
    )
    return _finish(sheet, purchase, record)


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


def _net_minor(lines: tuple[Line, ...]) -> int:
    total = 0
    for position, line in enumerate(lines):
        if line.discount_minor > line.amount_minor:
            raise DiscountAboveAmount(
                f"line {position}: the discount is larger than the amount", line=position
            )
        total += line.amount_minor - line.discount_minor
    return total


def _pay(
    sheet: Sheet, policy: Policy, points: int, net_minor: int
) -> tuple[int, tuple[TakenLot, ...]]:
    """Burn the points paid; answers their worth in money and the lots that paid."""
    if not points:
        return 0, ()
    worth_minor = policy.offset_worth(points, net_minor)
    return worth_minor, sheet.burn(policy.offset_unit, points)


def _finish(sheet: Sheet, purchase: Purchase, record: Record) -> Decision:
    version = sheet.state.context.version
    sheet.row(record, kind="purchase", version=version, reference=purchase.reference)
    member_id = sheet.member.id if sheet.member else None
    family = first_family(member_id=member_id, version=version, record=record)
    return sheet.decision(Target(sheet.id, sheet.item.store.id, purchase, family))
