"""A benefit used, and given back: by staff, or because its order was refunded in full."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.earning.decisions import caused
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.errors import AlreadyDone
from jifen.earning.record import Earlier, Record, Target, UsedBenefit
from jifen.earning.state import ActivityRow, Decision, Item, MemberState, State
from jifen.earning.types import Award, BenefitUse, Refusal
from jifen.tiers.types import HeldUse, Use

BACK = "benefit_back"
"""The kind of activity that gives a use back because its order was refunded."""


def decide_benefit_use(
    state: State, item: Item, activity: BenefitUse, member: MemberState
) -> Decision:
    """Book one use of a benefit, once for an order."""
    once_key = None
    if activity.reference is not None:
        once_key = use_key(activity.benefit, item.store.id, activity.reference)
        if once_key in state.once:
            raise AlreadyDone(
                "this benefit was used for this order before", once=activity.reference
            )
    sheet = Sheet(state, item, member)
    used = use_benefit(sheet, activity.benefit, local=item.local)
    record = Record(award=Award(refusals=(_told(sheet, used),)), tier=sheet.tier, uses=(used,))
    sheet.row(record, kind="benefit_use", version=state.context.version, once_key=once_key)
    return sheet.decision()


def use_key(benefit: str, store_id: UUID, reference: str) -> str:
    """What the use of a benefit for an order happens once for."""
    place = hashlib.sha256(f"{store_id}/{reference}".encode()).hexdigest()
    return f"benefit:{benefit}:{place}"


def use_benefit(
    sheet: Sheet, code: str, *, local: datetime, until: datetime | None = None
) -> UsedBenefit:
    """Use a benefit of the member's tier at a local time, or hold its use until then; answers what
    to keep of it.

    Raises UnknownBenefit, BenefitNotHeld, BenefitNotToday or BenefitUsedUp. The uses of the
    period must have been loaded (:mod:`jifen.earning.uses`).
    """
    benefits = sheet.state.context.policy.benefits
    used = UsedBenefit(code, benefits.period(code, local.date()))
    uses = sheet.standing.terms.uses
    after = benefits.use(code, tier=sheet.tier, local=local, used=uses)
    if after is not None and until is not None:
        kept = HeldUse(sheet.id, until)
        after = replace(after, used=after.used - 1, held=(*after.held, kept))
    if after is not None:
        _put(sheet, used, after)
    return used


def are_uses_held(sheet: Sheet, uses: Iterable[UsedBenefit], holder: UUID) -> bool:
    """Whether ``holder`` has them still. Its hold may be over for somebody whose clock is ahead."""
    there = sheet.standing.terms.uses
    places = [(used.benefit, used.period) for used in uses if used.period]
    return all(holder in [each.by for each in there[place].held] for place in places)


def use_held_benefits(sheet: Sheet, uses: Iterable[UsedBenefit], holder: UUID) -> None:
    """Use what ``holder`` holds."""
    for used in uses:
        if used.period:
            after = _let_go(sheet, used, holder)
            _put(sheet, used, replace(after, used=after.used + 1))


def give_held_uses_back(sheet: Sheet, uses: Iterable[UsedBenefit], holder: UUID) -> None:
    """Let go of what ``holder`` holds."""
    for used in uses:
        if used.period:
            _put(sheet, used, _let_go(sheet, used, holder))


def give_back_uses(sheet: Sheet, uses: Iterable[UsedBenefit]) -> None:
    """Take uses as if they had not happened; what is not counted stays as it is."""
    for used in uses:
        if used.period:
            before = sheet.standing.terms.uses[used.benefit, used.period]
            _put(sheet, used, replace(before, used=before.used - 1))


def give_back_order_uses(sheet: Sheet, target: Target) -> None:
    """Nothing of the order is kept: what was used for it, by its member or by who is a part of the
    member by now, is there again."""
    policy = sheet.state.context.policy
    for code in policy.benefits.counted:
        found = sheet.state.uses.get(use_key(code, target.store_id, target.purchase.reference))
        if found is None or found.acts or found.member_id is None or sheet.member is None:
            continue
        if sheet.state.holder(found.member_id) == sheet.member.id:
            give_back_uses(sheet, found.record.uses)
            sheet.rows.append(_back(sheet, found))
            sheet.recall(found.member_id)


def _let_go(sheet: Sheet, used: UsedBenefit, holder: UUID) -> Use:
    """The uses without the one that ``holder`` holds."""
    before = sheet.standing.terms.uses[used.benefit, used.period]
    return replace(before, held=tuple(each for each in before.held if each.by != holder))


def _put(sheet: Sheet, used: UsedBenefit, after: Use) -> None:
    terms = sheet.standing.terms
    place = (used.benefit, used.period)
    if place not in terms.uses:
        raise RuntimeError("a benefit was used without its uses being loaded")
    uses = {**terms.uses, place: after}
    sheet.standing = replace(sheet.standing, terms=replace(terms, uses=uses))


def _told(sheet: Sheet, used: UsedBenefit) -> Refusal:
    """What there is to say of a use: how many are left."""
    fields = {"benefit": used.benefit, "tier": sheet.tier}
    if not used.period:
        return Refusal("benefit_used", fields=fields)
    use = sheet.standing.terms.uses[used.benefit, used.period]
    counted = {"per": "quota", "used": use.taken, "quota": use.quota, "period": used.period}
    return Refusal("benefit_used", fields=fields | counted)


def _back(sheet: Sheet, found: Earlier) -> ActivityRow:
    """The row that gives a use back. Its place after the use is taken once: a reversal by staff
    and this one exclude each other."""
    [used] = found.record.uses
    told = Refusal(BACK, fields={"benefit": used.benefit, "period": used.period})
    return caused.row(
        sheet,
        BACK,
        Record(award=Award(refusals=(told,)), tier=sheet.tier),
        key=f"{used.benefit}:{sheet.id}",
        body={"benefit": used.benefit, "cause": sheet.id},
        of_id=found.id,
        of_seq=1,
        store_id=found.store_id,
    )
