"""Members who became parts of others, and members who may not act.

An act on a merged member is its survivor's. Whose part somebody is may change at any moment, so it
is read with the lock: a batch that finds a merge it did not know of starts anew, and then locks
everybody on the line, in the order of ids like all others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning.context import Context
from jifen.earning.errors import MemberBusy
from jifen.earning.kinds import KINDS
from jifen.earning.state import Collision, Item, State
from jifen.members import selectors as members
from jifen.members import services as member_services
from jifen.members.types import ACTIVE, FROZEN, MERGED, MemberFrozen, Registered


def people(context: Context, wanted: Iterable[UUID], *, lock: bool) -> dict[UUID, Registered]:
    """Lock members (a preview only reads them) with everybody whose part they are; answers those
    that exist. Raises :class:`Collision` when somebody was merged, or a merge undone, since."""
    asked = _with_survivors(wanted, context.merged_into)
    found = member_services.lock(asked) if lock else members.registered(asked)
    merged = {each: row.merged_into for each, row in found.items() if row.merged_into}
    known = {each: into for each, into in context.merged_into.items() if each in found}
    if merged == known:
        return found
    context.merged_into = members.follow(merged)
    if lock:
        raise Collision
    return people(context, wanted, lock=False)


def notice(state: State, found: Mapping[UUID, Registered]) -> None:
    """Tell the state who may not act, and whose part somebody is."""
    state.closed.update({each: row for each, row in found.items() if row.status != ACTIVE})
    if state.closed:
        state.merged_into.update(
            {each: into for each, into in state.context.merged_into.items() if each in found}
        )


def follow(state: State, item: Item, member_id: UUID) -> UUID:
    """Whose an item about this member is: the survivor's, unless its kind says otherwise."""
    return state.survivor(member_id) if KINDS[type(item.activity)].follows else member_id


def refuse_closed(state: State, item: Item, owner: UUID | None) -> None:
    """Raise why the owner, or the second member whom the item touches, may not take part."""
    despite = KINDS[type(item.activity)].despite
    for each in (owner, state.partners.get(item.position)):
        row = state.closed.get(each) if each else None
        if each and row and row.status not in despite:
            raise _refusal(state, each, row)


def _refusal(state: State, member_id: UUID, row: Registered) -> JifenError:
    if row.status == FROZEN:
        return MemberFrozen("this member is frozen: nothing is earned, burned or transferred")
    if row.status == MERGED and member_id not in state.merged_into:
        return MemberBusy("this member was merged at this moment; try again")
    return member_services.gone(row)


def _with_survivors(wanted: Iterable[UUID], merged_into: Mapping[UUID, UUID]) -> Collection[UUID]:
    if not merged_into:
        return set(wanted)
    found: set[UUID] = set()
    for each in wanted:
        found.add(each)
        while each in merged_into:
            each = merged_into[each]  # noqa: PLW2901
            found.add(each)
    return found
