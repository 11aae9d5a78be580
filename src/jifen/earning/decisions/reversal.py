"""A reversal: a new transaction that undoes an earlier one, once.

What was credited is clawed back, what was taken is given back to its lots, coupons that were issued
are void, what was used of the bounds is free again, and so is a use of a benefit.
"""

from __future__ import annotations

from typing import Final

from jifen.earning.decisions.benefit import give_back_uses
from jifen.earning.decisions.coupons import void_coupons
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.tiers import lower_tier, raise_tier, undo_usage
from jifen.earning.errors import AlreadyDone, NotReversible
from jifen.earning.record import Earlier, Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Reversal

REVERSIBLE: Final = frozenset(
    {
        "adjustment",
        "behaviour",
        "benefit_use",
        "birthday",
        "capture",
        "conversion",
        "coupon_issue",
        "gift",
        "pass_use",
    }
)


def decide_reversal(
    state: State, item: Item, reversal: Reversal, undone: Earlier, member: MemberState
) -> Decision:
    """Undo one activity."""
    if undone.kind not in REVERSIBLE:
        raise NotReversible(f"a {undone.kind} is not reversed", kind=undone.kind)
    if undone.record.bought_tier:
        raise NotReversible("points that bought a tier are not given back", kind=undone.kind)
    if undone.acts:
        raise AlreadyDone("this activity was reversed before", of=str(undone.id))
    sheet = Sheet(state, item, member)
    before = undone.record
    sheet.period = before.period
    for unit, lots in before.own.items():
        sheet.claw_back(unit, before.points[unit], lots, sheet.id)
    if before.taken:
        (unit,) = [unit for unit, points in before.points.items() if points < 0]
        sheet.give_back(unit, before.taken[::-1], state.context.policy)
    void_coupons(sheet, before.coupons)
    usage = undo_usage(sheet, before)
    give_back_uses(sheet, before.uses)
    if sheet.points(sheet.id):
        sheet.transaction(
            "reversal", actor=reversal.actor, reason=reversal.reason, reverses_id=undone.id
        )
    points = sheet.points(sheet.id)
    lower_tier(sheet)
    record = Record(
        award=Award(refusals=sheet.notices(sheet.id)),
        points=points,
        tier=raise_tier(sheet),
        balances=sheet.balances(),
        usage=usage,
    )
    sheet.row(
        record,
        kind="reversal",
        version=state.context.version,
        of_id=undone.id,
        of_seq=1,
    )
    return sheet.decision()
