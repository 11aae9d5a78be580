"""A claim: a member takes over a purchase that was booked without one.

It is decided now (tier, first order and rules as they are) with the purchase's store and time
of occurrence, for what is still kept of it.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from jifen.earning.decisions.means import lines_of
from jifen.earning.decisions.purchase import count_purchase
from jifen.earning.decisions.rewarding import reward
from jifen.earning.decisions.sheet import Sheet, changed_family
from jifen.earning.decisions.tiers import raise_tier
from jifen.earning.errors import AlreadyClaimed, ClaimTooLate, NothingKept
from jifen.earning.record import Record, Target
from jifen.earning.rules.refund import keep
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Basket


def decide_claim(state: State, item: Item, target: Target, member: MemberState) -> Decision:
    """Give the purchase its member, once."""
    family, purchase = target.family, target.purchase
    if family.member_id is not None:
        raise AlreadyClaimed("this purchase has its member", order=str(target.id))
    days = state.context.settings.programme.claim_days
    if state.at > purchase.occurred_at + timedelta(days=days):
        raise ClaimTooLate(f"a purchase can be claimed within {days} days", days=days)
    lines = keep(lines_of(target), family.refunded)
    if not any(line.quantity for line in lines):
        raise NothingKept("everything of this purchase was refunded before", order=str(target.id))
    sheet = Sheet(state, item, member)
    policy = state.context.policy
    store = state.context.store_by_id(target.store_id)
    local = purchase.occurred_at.astimezone(state.context.settings.zone).replace(tzinfo=None)
    kept_minor = sum(line.net_minor for line in lines)
    sheet.pending = policy.pending(is_confirmed=family.is_confirmed)
    facts, award, usage, own = reward(
        sheet,
        policy,
        "purchase",
        Basket(lines, kept_minor, kept_minor),
        local=local,
        store=store,
        occurred_at=purchase.occurred_at,
    )
    if own:
        sheet.transaction("claim")
    period = policy.period_of(local)
    sheet.period = period
    count_purchase(sheet, period, kept_minor)
    tier = raise_tier(sheet)
    after = changed_family(
        family,
        member_id=member.id,
        version=state.context.version,
        facts=facts,
        award=award,
        spend_minor=kept_minor,
        period=period,
        own=own,
        waiting=sheet.waiting,
    )
    record = Record(
        award=sheet.noted(award),
        facts=facts,
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=tier,
        spend_minor=kept_minor,
        period=period,
        purchases_kept=1,
        usage=usage,
        own=own,
        family=after,
    )
    sheet.row(
        record,
        kind="claim",
        version=state.context.version,
        of_id=target.id,
        of_seq=after.acts,
    )
    return sheet.decision(replace(target, family=after))
