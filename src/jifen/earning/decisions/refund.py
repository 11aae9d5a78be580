"""A refund: what the kept lines would have earned is computed again, and the difference posted.

Absolute, never incremental: the family of the purchase carries what is kept of the award, so
any sequence of partial refunds ends where one refund of their union does. The written order:
points paid come back first, then the clawback.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from jifen.earning.decisions.benefit import give_back_order_uses, give_back_uses
from jifen.earning.decisions.coupons import give_coupons_back
from jifen.earning.decisions.leaving import forfeit_if_left
from jifen.earning.decisions.means import (
    basket_of,
    counted_minor,
    give_stored_back,
    keep_clawed,
    remember_clawed,
)
from jifen.earning.decisions.purchase import refuse_known_reference, spend_in_period
from jifen.earning.decisions.sheet import Sheet, changed_family
from jifen.earning.decisions.tiers import lower_tier, raise_tier
from jifen.earning.errors import (
    NothingKept,
    RefundAbovePurchase,
    RefundBeforePurchase,
    RefundLeavesDeficit,
    UnknownLine,
)
from jifen.earning.intake import LEEWAY
from jifen.earning.record import Family, Record, Target, Usage
from jifen.earning.rules.refund import award_kept
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Basket, Refund
from jifen.ledger import services as ledger


def decide_refund(
    state: State, item: Item, refund: Refund, target: Target, member: MemberState | None
) -> Decision:
    """Take lines of a purchase back."""
    if refund.reference is not None:
        refuse_known_reference(state, item, "refund", refund.reference)
    _refuse_before(target, refund)
    family = target.family
    refunded = _refunded(target, refund)
    kept = basket_of(target, refunded)
    lines, net_minor = kept.lines, kept.net_minor
    kept_minor = sum(line.net_minor for line in lines)
    paid_minor = counted_minor(family, net_minor, kept_minor)
    sheet = Sheet(state, item, member)
    sheet.period = family.period
    offset_unit = state.context.policy_of(family.version).offset_unit if family.taken else ""
    sheet.clawed[offset_unit] = family.clawed
    remember_clawed(sheet, family.stored)
    given_back = _give_back(sheet, target, net_minor, kept_minor)
    stored = give_stored_back(sheet, family, net_minor, kept_minor)
    award, usage, expired = _take_award_back(sheet, family, kept)
    change_minor = paid_minor - family.spend_minor
    kept_change = 0 if any(line.quantity for line in lines) else -1
    tier = _lower_standing(sheet, family, change_minor, kept_change)
    if kept_change:
        give_back_order_uses(sheet, target)
        give_back_uses(sheet, family.uses)
    pieces = tuple([line.quantity for line in lines])
    coupons = give_coupons_back(sheet, target.id, family.coupons, pieces)
    _refuse_deficit(sheet)
    forfeit_if_left(sheet)
    if sheet.points(sheet.id):
        sheet.transaction("refund")
    after = changed_family(
        family,
        award=award,
        refunded=refunded,
        given_back=family.given_back + given_back,
        spend_minor=paid_minor,
        clawed=sheet.clawed[offset_unit] if offset_unit else (),
        expired=expired,
        stored=keep_clawed(sheet, stored),
        coupons=coupons,
    )
    record = Record(
        award=replace(award, refusals=(*award.refusals, *sheet.notices(sheet.id))),
        facts=family.facts,
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=tier,
        spend_minor=change_minor,
        purchases_kept=kept_change,
        usage=usage,
        given_back=given_back,
        family=after,
    )
    sheet.row(
        record,
        kind="refund",
        version=family.version or state.context.version,
        reference=refund.reference,
        of_id=target.id,
        of_seq=after.acts,
    )
    return sheet.decision(replace(target, family=after))


def _refuse_deficit(sheet: Sheet) -> None:
    """Raise where the programme does not let refunds leave a member owing more than before. Growth
    is nothing that a member could pay, so it may be owed."""
    if sheet.member is None or sheet.state.context.policy.document.deficit == "allow":
        return
    for unit, after in sheet.accounts.items():
        account = sheet.member.accounts.get(unit)
        *_, before = ledger.read(account, at=sheet.state.at) if account else (0,)
        if after.deficit > before and sheet.state.context.unit(unit).kind != "growth":
            missing = after.deficit - before
            raise RefundLeavesDeficit(
                f"{missing} of what the order gave are spent", unit=unit, short_by=missing
            )


def _refuse_before(target: Target, refund: Refund) -> None:
    """Raise when the refund says that it came before its purchase, by more than clocks differ."""
    bought_at = target.purchase.occurred_at
    if refund.occurred_at + LEEWAY < bought_at:
        raise RefundBeforePurchase(
            "the purchase was made after this refund", purchased_at=bought_at.isoformat()
        )


def _refunded(target: Target, refund: Refund) -> dict[int, int]:
    """Pieces refunded so far by line, this refund included."""
    before, lines = target.family.refunded, target.purchase.lines
    left = {
        position: line.quantity - before.get(position, 0) for position, line in enumerate(lines)
    }
    if not any(left.values()):
        raise NothingKept("everything of this purchase was refunded before", order=str(target.id))
    if refund.lines is None:
        return {position: line.quantity for position, line in enumerate(lines)}
    after = dict(before)
    for part in refund.lines:
        if part.line >= len(lines):
            raise UnknownLine(f"the purchase has no line {part.line}", line=part.line)
        if part.quantity > left[part.line]:
            raise RefundAbovePurchase(
                f"line {part.line} has {left[part.line]} left to refund",
                line=part.line,
                left=left[part.line],
                asked=part.quantity,
            )
        left[part.line] -= part.quantity
        after[part.line] = after.get(part.line, 0) + part.quantity
    return after


def _give_back(sheet: Sheet, target: Target, net_minor: int, kept_minor: int) -> int:
    """Return the points paid for what was refunded; answers how many."""
    family, points = target.family, target.purchase.points_paid
    if not points:
        return 0
    due = points * (net_minor - kept_minor) // net_minor - family.given_back
    if due:
        policy = sheet.state.context.policy_of(family.version)
        slices = ledger.give_back_slices(family.taken, family.given_back, due)
        sheet.give_back(policy.offset_unit, slices, policy)
    return due


def _take_award_back(
    sheet: Sheet, family: Family, kept: Basket
) -> tuple[Award, tuple[Usage, ...], Mapping[str, int]]:
    """Evaluate the kept lines under the recorded facts and claw the difference back. Answers what
    is kept of the award, how the use of bounds changes, and what of the order's own lots had
    expired unspent and counts as taken back: all that refunds of this order found, by unit.
    """
    facts = family.facts
    if facts is None:
        return family.award, (), family.expired
    policy = sheet.state.context.policy_of(family.version)
    award = award_kept(policy, facts, family.award, kept)
    expired = dict(family.expired)
    for unit, own in family.own.items():
        points = family.award.points(unit) - award.points(unit)
        if points:
            before = expired.get(unit, 0)
            now = sheet.claw_back(unit, points, own, sheet.id, counted=before)
            if now:
                expired[unit] = before + now
    bounds = policy.bounds(facts.kind, facts.local)
    usage = sheet.use(bounds, policy.usage(family.award), policy.usage(award))
    return award, usage, expired


def _lower_standing(sheet: Sheet, family: Family, change_minor: int, kept_change: int) -> str:
    """Take the refunded part out of the member's standing; answers the tier."""
    standing = sheet.standing
    if family.facts is None:
        return ""
    sheet.standing = replace(
        standing,
        spend_minor=standing.spend_minor + change_minor,
        purchases_kept=standing.purchases_kept + kept_change,
        periods=spend_in_period(standing, family.period, change_minor),
    )
    lower_tier(sheet)
    return raise_tier(sheet)
