"""The end of a membership: what is left is forfeited, and the identities are free again.

Nothing is forfeited that is not the programme's to take: stored money has to be paid out before,
and holds have to end, since somebody waits for them. What the member owes stays in the books.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from jifen.earning.decisions.sheet import Sheet
from jifen.earning.errors import HoldsOpen, MoneyLeft
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Erasure, Leave, kind_of
from jifen.members.types import ERASED, LEFT, Ended

MONEY: Final = "stored"
"""The kind of unit that a member has paid for in money: nobody may forfeit it."""
FORFEITED: Final = "forfeited"
"""Said of points that came back to a member who had left."""
FORGOTTEN: Final = "erasure"
"""The reason that stands in the books: nobody has to give one to be forgotten."""


def decide_leave(
    state: State, item: Item, activity: Leave | Erasure, member: MemberState
) -> Decision:
    """End the membership; an erasure forgets who it was besides."""
    erased = isinstance(activity, Erasure)
    reason = FORGOTTEN if isinstance(activity, Erasure) else activity.reason
    sheet = Sheet(state, item, member)
    for unit in member.accounts:
        refuse_held(sheet, unit)
        _refuse_money(sheet, unit)
        sheet.forfeit(unit)
    if sheet.points(sheet.id):
        sheet.transaction("leave", actor=activity.actor, reason=reason)
    record = Record(points=sheet.points(sheet.id), balances=sheet.balances(), tier=sheet.tier)
    sheet.row(record, kind=kind_of(activity), version=state.context.version)
    ended = Ended(member.id, erased, activity.actor, reason)
    return replace(sheet.decision(), deeds=(ended,))


def forfeit_if_left(sheet: Sheet) -> None:
    """Nobody is there to spend what comes back to a member who left. Money stays: it is owed."""
    if not has_left(sheet):
        return
    for unit in list(sheet.accounts):
        account = sheet.account(unit)
        points = account.available + account.pending
        if points and sheet.state.context.unit(unit).kind != MONEY:
            sheet.forfeit(unit)
            sheet.note(sheet.id, FORFEITED, points=points, unit=unit)


def has_left(sheet: Sheet) -> bool:
    """Whether the sheet's member has ended the membership."""
    if not sheet.state.closed or sheet.member is None:
        return False
    row = sheet.state.closed.get(sheet.member.id)
    return row is not None and row.status in {LEFT, ERASED}


def refuse_held(sheet: Sheet, unit: str) -> None:
    """Raise when points of the account are held."""
    held = sheet.account(unit).held
    if held:
        raise HoldsOpen(f"{held} {unit} are held: end the holds first", unit=unit, held=held)


def refuse_held_uses(sheet: Sheet) -> None:
    """Raise when an order that is not paid yet holds a benefit."""
    for (benefit, _), use in sheet.standing.terms.uses.items():
        if use.held:
            raise HoldsOpen(f"{benefit} is held for an order: end that first", benefit=benefit)


def _refuse_money(sheet: Sheet, unit: str) -> None:
    account = sheet.account(unit)
    left = account.available + account.pending
    if left and sheet.state.context.unit(unit).kind == MONEY:
        raise MoneyLeft("the member has stored money: pay it out first", unit=unit, left=left)
