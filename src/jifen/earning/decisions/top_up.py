"""Top-ups: money becomes principal, rules may add to it, and all of it can go back.

A refund is absolute: what is left of the top-up is rewarded again as the rules say for that
amount, under the facts of the booking, and the difference is taken back. So refunds in any parts
end where one refund of their sum does, and a top-up refunded in part is worth what a smaller one
is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec.structs import replace

from jifen.earning.decisions.away import lots_now
from jifen.earning.decisions.leaving import has_left
from jifen.earning.decisions.means import stored_value
from jifen.earning.decisions.purchase import refuse_known_reference
from jifen.earning.decisions.rewarding import reward
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.tiers import lower_tier, raise_tier
from jifen.earning.record import Earlier, Record, ToppedUp, Usage
from jifen.earning.rules.stored_value import StoredValue
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Basket, TopUp, TopUpRefund
from jifen.ledger import services as ledger
from jifen.ledger.types import Origin
from jifen.wallet.types import (
    AboveCardLimit,
    RewardSpent,
    TopUpSpent,
)

TOP_UP = "top_up"


def decide_top_up(state: State, item: Item, top_up: TopUp, member: MemberState) -> Decision:
    """Book money paid in, and what the rules give for it."""
    refuse_known_reference(state, item, TOP_UP, top_up.reference)
    policy, paid_minor = state.context.policy, top_up.paid_minor
    stored = stored_value(policy)
    sheet = Sheet(state, item, member)
    _refuse_above_limit(sheet, stored, paid_minor)
    store = item.store
    ends = policy.expires_at(stored.principal, top_up.occurred_at)
    origin = Origin("", store.id, store.merchant_id, ends)
    lot = sheet.open_lot(stored.principal, paid_minor, origin, sheet.id, kind=TOP_UP)
    basket = Basket((), paid_minor, paid_minor)
    facts, award, usage, own = reward(sheet, policy, TOP_UP, basket)
    sheet.transaction(TOP_UP)
    version = state.context.version
    record = Record(
        award=award,
        facts=facts,
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=raise_tier(sheet),
        usage=usage,
        own=own,
        topped_up=ToppedUp(stored.principal, lot, paid_minor, version, own),
    )
    sheet.row(record, kind=TOP_UP, version=version, reference=top_up.reference)
    return sheet.decision()


def decide_top_up_refund(
    state: State, item: Item, refund: TopUpRefund, earlier: Earlier, member: MemberState
) -> Decision:
    """Pay money of a top-up out, with what the rest of it would not have given."""
    if refund.reference is not None:
        refuse_known_reference(state, item, "top_up_refund", refund.reference)
    latest = earlier.latest or earlier.record
    before = latest.topped_up
    if before is None:
        raise RuntimeError("a top-up keeps what it is")
    sheet = Sheet(state, item, member)
    own = lots_now(state, [before.lot])
    minor = _asked(sheet, before.unit, own, refund)
    sheet.pay_out(before.unit, own, minor)
    after = replace(before, refunded_minor=before.refunded_minor + minor)
    award, usage, expired = _take_reward_back(sheet, earlier.record, latest.award, after)
    sheet.transaction("top_up_refund", reverses_id=earlier.id)
    lower_tier(sheet)
    record = Record(
        award=replace(award, refusals=(*award.refusals, *sheet.notices(sheet.id))),
        facts=earlier.record.facts,
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=raise_tier(sheet),
        usage=usage,
        topped_up=replace(after, expired=expired),
    )
    sheet.row(
        record,
        kind="top_up_refund",
        version=before.version,
        reference=refund.reference,
        of_id=earlier.id,
        of_seq=earlier.acts + 1,
    )
    return sheet.decision()


def _refuse_above_limit(sheet: Sheet, stored: StoredValue, paid_minor: int) -> None:
    is_registered = sheet.owner.id in sheet.state.registered
    limit = stored.limit_registered_minor if is_registered else stored.limit_bearer_minor
    held = sheet.account(stored.principal).net
    if held + paid_minor > limit:
        raise AboveCardLimit(
            f"a {'registered member' if is_registered else 'bearer'} holds at most {limit} minor"
            " units",
            limit_minor=limit,
            held_minor=held,
            room_minor=max(limit - held, 0),
        )


def _asked(sheet: Sheet, unit: str, own: Collection[UUID], refund: TopUpRefund) -> int:
    """How much is paid out: what is asked, or all that is left."""
    left = ledger.left_in(sheet.account(unit), own)
    asked = left if refund.minor is None else refund.minor
    if not left or asked > left:
        raise TopUpSpent(
            f"{left} minor units are left of this top-up", left_minor=left, asked_minor=asked
        )
    return asked


def _take_reward_back(
    sheet: Sheet, booked: Record, kept_before: Award, after: ToppedUp
) -> tuple[Award, tuple[Usage, ...], Mapping[str, int]]:
    """Reward what is left under the recorded facts and claw the difference back, or raise
    :class:`RewardSpent`. Answers what is kept of the award, how the use of bounds changes, and
    what of it had expired unspent, by unit."""
    facts = booked.facts
    if facts is None:
        raise RuntimeError("a top-up keeps the facts of its award")
    policy = sheet.state.context.policy_of(after.version)
    left_minor = after.paid_minor - after.refunded_minor
    award = policy.evaluate(policy.settled(facts, kept_before), Basket((), left_minor, left_minor))
    # Who has left can make up for nothing any more, and the money is the member's all the same.
    refuses = stored_value(policy).spent_reward == "refuse" and not has_left(sheet)
    expired = dict(after.expired)
    for unit, own in after.own.items():
        points = kept_before.points(unit) - award.points(unit)
        if points:
            counted = expired.get(unit, 0)
            now = _claw_back(sheet, unit, points, own, counted, refuses=refuses)
            expired[unit] = counted + now
    bounds = policy.bounds(facts.kind, facts.local)
    usage = sheet.use(bounds, policy.usage(kept_before), policy.usage(award))
    return award, usage, expired


def _claw_back(
    sheet: Sheet, unit: str, points: int, own: tuple[UUID, ...], counted: int, *, refuses: bool
) -> int:
    deficit = sheet.account(unit).deficit
    now = sheet.claw_back(unit, points, own, sheet.id, counted=counted)
    missing = sheet.account(unit).deficit - deficit
    if missing and refuses:
        raise RewardSpent(
            f"{missing} of what the top-up gave is spent", unit=unit, short_by=missing
        )
    return now
