"""The undoing of an expiry: staff gives back what expired of a member's points, until a new date.

Once for a member and a transaction: the key of that is unique in the database, and ``verify``
compares what came back with what had expired.
"""

from __future__ import annotations

from uuid import UUID

from jifen.earning.decisions.adjustment import check_expiry
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.errors import AlreadyDone, UnknownExpiry
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import ExpiryUndo
from jifen.tiers.types import EndsTooEarly


def decide_expiry_undo(state: State, item: Item, undo: ExpiryUndo, member: MemberState) -> Decision:
    """Open lots again for what had expired."""
    found = [each for each in state.expiries[undo.transaction_id] if each.member_id == member.id]
    if not found:
        raise UnknownExpiry(
            "nothing of this member expired in this transaction", id=str(undo.transaction_id)
        )
    once_key = undo_key(undo.transaction_id, member.id)
    if once_key in state.once:
        raise AlreadyDone("this expiry was undone before", once="expiry_undo")
    for each in found:
        check_expiry(state.context, each.unit, undo.expires_at)
    if undo.expires_at <= state.at:
        raise EndsTooEarly("the new date has passed", expires_at=undo.expires_at.isoformat())
    sheet = Sheet(state, item, member)
    own: dict[str, tuple[UUID, ...]] = {}
    for each in found:
        own[each.unit] = sheet.undo_expiry(each.unit, each.portions, expires_at=undo.expires_at)
    sheet.transaction(
        "expiry_undo",
        actor=undo.actor,
        reason=undo.reason,
        reverses_id=undo.transaction_id,
    )
    record = Record(
        points=sheet.points(sheet.id), balances=sheet.balances(), tier=sheet.tier, own=own
    )
    sheet.row(record, kind="expiry_undo", version=state.context.version, once_key=once_key)
    return sheet.decision()


def undo_key(transaction_id: UUID, member_id: UUID) -> str:
    """What an expiry can be undone once for."""
    return f"expiry_undo:{transaction_id}:{member_id}"
