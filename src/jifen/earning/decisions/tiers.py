"""Tiers follow what is kept: raised at once, lowered by a refund, and by time (:mod:`.terms`).

What a member reached or lost shows in the record of the activity that did it. A tier that the
rules reward is an activity of its own besides (``tier_reached``); a refund that lowers the member
takes those awards back (``tier_lost``), so going up and down again earns nothing.
"""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.earning.decisions import caused
from jifen.earning.decisions.rewarding import reward
from jifen.earning.decisions.sheet import SYSTEM, Sheet
from jifen.earning.decisions.terms import amount_of, count_growth, follow, growth_of
from jifen.earning.record import Record, Usage, used_bounds
from jifen.earning.rules.policy import Policy
from jifen.earning.types import Award, Basket, Refusal
from jifen.ledger.types import TransactionRow


def tier_amount(sheet: Sheet, policy: Policy) -> int:
    """What the ladder counts: kept spend (of the best period of its kind), or growth."""
    return amount_of(sheet.standing, policy.ladder, growth_of(sheet))


def raise_tier(sheet: Sheet) -> str:
    """Lift the member to what the ladder gives, never lower; answers the tier in force."""
    policy = sheet.state.context.policy
    if policy.ladder is None:
        return sheet.tier
    count_growth(sheet)
    given = policy.tier_for(tier_amount(sheet, policy))
    for code in _between(policy, sheet.standing.tier, given):
        _reach(sheet, policy, code)
    follow(sheet)
    return sheet.tier


def lower_tier(sheet: Sheet) -> None:
    """After a refund: the tier that the kept orders give, not below the opening tier.

    Lost is every tier above it, and every one that today's ladder no longer has: its award
    must not outlive it.
    """
    policy = sheet.state.context.policy
    if policy.ladder is None:
        return
    count_growth(sheet)
    _lower(sheet, policy)
    follow(sheet, anew=True)


def _lower(sheet: Sheet, policy: Policy) -> None:
    standing = sheet.standing
    given = policy.tier_for(tier_amount(sheet, policy))
    target = max(given, standing.opening_tier, key=policy.tier_rank)
    gone = [code for code in standing.reached if not policy.tier_rank(code)]
    if standing.tier and not policy.tier_rank(standing.tier):
        # Climbed anew from the opening tier by raise_tier, with an award for each tier.
        target = standing.opening_tier if policy.tier_rank(standing.opening_tier) else ""
        lost = gone
    elif policy.tier_rank(target) < policy.tier_rank(standing.tier):
        lost = [*gone, *reversed(_between(policy, target, standing.tier))]
    else:
        return
    sheet.standing = replace(standing, tier=target)
    for code in lost:
        if code in standing.reached:
            _lose(sheet, code)


def _between(policy: Policy, lower: str, upper: str) -> list[str]:
    """The tiers above ``lower`` up to and with ``upper``, ascending."""
    low, high = policy.tier_rank(lower), policy.tier_rank(upper)
    return [tier for tier in policy.tiers if low < policy.tier_rank(tier) <= high]


def _reach(sheet: Sheet, policy: Policy, tier: str) -> None:
    kind = f"tier_reached:{tier}"
    # One in ``reached`` was rewarded before: the ladder changed and came back.
    if kind not in policy.rewarded_tiers or tier in sheet.standing.reached:
        sheet.standing = replace(sheet.standing, tier=tier)
        return
    activity_id = new_id()
    facts, award, usage, own = reward(sheet, policy, kind, Basket(), transaction_id=activity_id)
    standing = sheet.standing
    reached = {**standing.reached, tier: activity_id}
    sheet.standing = replace(standing, tier=tier, reached=reached)
    record = Record(
        award=sheet.noted(award, activity_id),
        facts=facts,
        points=sheet.points(activity_id),
        balances=sheet.balances(),
        tier=tier,
        usage=usage,
        own=own,
    )
    _caused(sheet, "tier_reached", tier, activity_id, record, moved=bool(own))


def _lose(sheet: Sheet, tier: str) -> None:
    standing = sheet.standing
    reached_id = standing.reached.get(tier)
    sheet.standing = replace(
        standing, reached={code: at for code, at in standing.reached.items() if code != tier}
    )
    before = sheet.state.reached[reached_id] if reached_id else Record()
    activity_id = new_id()
    for unit, lots in before.own.items():
        sheet.claw_back(unit, before.award.points(unit), lots, activity_id)
        # These lots go in full, so what an earlier clawback took from them never comes back.
        kept = tuple(part for part in sheet.clawed.get(unit, ()) if part.id not in lots)
        sheet.clawed[unit] = kept
    usage = undo_usage(sheet, before)
    points = sheet.points(activity_id)
    lost = Refusal("tier_lost", fields={"tier": tier})
    record = Record(
        award=Award(refusals=(lost, *sheet.notices(activity_id))),
        points=points,
        balances=sheet.balances(),
        tier=sheet.standing.tier,
        usage=usage,
    )
    _caused(sheet, "tier_lost", tier, activity_id, record, moved=bool(points))


def undo_usage(sheet: Sheet, before: Record) -> tuple[Usage, ...]:
    """Free what an award used of its bounds."""
    before_used = {use.bound: use.points for use in before.usage}
    return sheet.use(used_bounds(before), before_used, {})


def _caused(
    sheet: Sheet, kind: str, tier: str, activity_id: UUID, record: Record, *, moved: bool
) -> None:
    """Add the row of an activity that the one on the sheet caused, with its transaction."""
    key, body = f"{tier}:{sheet.id}", {"tier": tier, "cause": sheet.id}
    sheet.rows.append(
        caused.row(sheet, kind, record, key=key, body=body, row_id=activity_id, of_id=sheet.id)
    )
    if moved:
        sheet.transactions.append(
            TransactionRow(activity_id, kind, SYSTEM, sheet.item.activity.occurred_at)
        )
