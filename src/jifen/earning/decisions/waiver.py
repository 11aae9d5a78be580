"""A waiver: staff forgives what a member owes, all of it or a part, with a reason."""

from __future__ import annotations

from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.tiers import raise_tier
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Waiver
from jifen.ledger.types import NotOwed


def decide_waiver(state: State, item: Item, waiver: Waiver, member: MemberState) -> Decision:
    """Forgive points that are owed."""
    state.context.unit(waiver.unit)
    sheet = Sheet(state, item, member)
    deficit = sheet.account(waiver.unit).deficit
    if not deficit:
        raise NotOwed("the account owes nothing", deficit=0)
    sheet.waive(waiver.unit, waiver.points or deficit)
    sheet.transaction("waiver", actor=waiver.actor, reason=waiver.reason)
    points = sheet.points(sheet.id)
    tier = raise_tier(sheet)
    record = Record(points=points, balances=sheet.balances(), tier=tier)
    sheet.row(record, kind="waiver", version=state.context.version)
    return sheet.decision()
