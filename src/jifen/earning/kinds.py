"""The kinds of activity: what the stream has to know of each, in one table.

The stream itself (:mod:`jifen.earning.batch`) knows no kind. A new act is a struct in
``earning.types``, a decision in ``earning.decisions`` and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from jifen.earning.decisions.adjustment import decide_adjustment, decide_opening
from jifen.earning.decisions.behaviour import decide_behaviour
from jifen.earning.decisions.claim import decide_claim
from jifen.earning.decisions.purchase import decide_purchase
from jifen.earning.decisions.refund import decide_refund
from jifen.earning.decisions.reversal import decide_reversal
from jifen.earning.errors import OrderNotFound
from jifen.earning.record import Target
from jifen.earning.state import Decision, Item, State
from jifen.earning.types import (
    Adjustment,
    Behaviour,
    Birthday,
    Claim,
    Enrolment,
    MemberRef,
    Opening,
    OrderRef,
    Purchase,
    Refund,
    Reversal,
)

Decide = Callable[[State, Item, UUID | None], Decision]


class Kind(Struct, frozen=True):
    """How one kind goes through the stream.

    ``decide`` gets the (locked, loaded) owner's id. ``takes`` says whether something may be taken
    from the owner's lots, which are loaded only then. ``partner`` names a second member whom the
    act touches: both are locked and loaded, and the decision finds the partner's id in
    ``state.partners`` by the item's position.
    """

    decide: Decide
    takes: Callable[[Any], bool] = lambda _: False
    partner: Callable[[Any], MemberRef | None] = lambda _: None


def of_member(decide: Callable[..., Decision]) -> Decide:
    """An act of one member: ``decide(state, item, activity, member)``."""

    def decided(state: State, item: Item, owner: UUID | None) -> Decision:
        if owner is None:
            raise RuntimeError("an activity of this kind has a member")
        return decide(state, item, item.activity, state.members[owner])

    return decided


def of_anybody(decide: Callable[..., Decision]) -> Decide:
    """An act that needs no member: ``decide(state, item, activity, member or None)``."""

    def decided(state: State, item: Item, owner: UUID | None) -> Decision:
        return decide(state, item, item.activity, state.members[owner] if owner else None)

    return decided


def of_order(decide: Callable[..., Decision]) -> Decide:
    """An act on a purchase, for the purchase's member:
    ``decide(state, item, activity, target, member or None)``."""

    def decided(state: State, item: Item, _: UUID | None) -> Decision:
        target = target_of(state, item, item.activity.of)  # type: ignore[union-attr,arg-type]
        holder = target.family.member_id
        member = state.members[holder] if holder else None
        return decide(state, item, item.activity, target, member)

    return decided


def of_activity(decide: Callable[..., Decision]) -> Decide:
    """An act on an earlier activity of the owner, named by its id:
    ``decide(state, item, activity, earlier, member)``."""

    def decided(state: State, item: Item, owner: UUID | None) -> Decision:
        earlier = state.earlier[item.activity.of]  # type: ignore[union-attr,index]
        return of_member(
            lambda state, item, activity, member: decide(state, item, activity, earlier, member)
        )(state, item, owner)

    return decided


def target_of(state: State, item: Item, of: OrderRef) -> Target:
    """The purchase that an activity names, or :class:`OrderNotFound`."""
    store = state.context.store(of.store) if of.store else item.store
    target = state.targets.get((store.id, of.reference))
    if target is None:
        raise OrderNotFound(
            f"store {store.code} has no purchase with this reference",
            reference=of.reference,
            store=store.code,
        )
    return target


def _claim(state: State, item: Item, activity: Claim, member: Any) -> Decision:
    return decide_claim(state, item, target_of(state, item, activity.of), member)


KINDS: Final[Mapping[type, Kind]] = {
    Purchase: Kind(of_anybody(decide_purchase), takes=lambda purchase: purchase.points_paid > 0),
    Refund: Kind(of_order(decide_refund)),
    Claim: Kind(of_member(_claim), takes=lambda _: True),
    Reversal: Kind(of_activity(decide_reversal), takes=lambda _: True),
    Behaviour: Kind(of_member(decide_behaviour)),
    Birthday: Kind(of_member(decide_behaviour)),
    Enrolment: Kind(of_member(decide_behaviour)),
    Adjustment: Kind(of_member(decide_adjustment), takes=lambda activity: activity.points < 0),
    Opening: Kind(of_member(decide_opening)),
}
"""Every kind. The owner of a refund is whoever holds the purchase; its lots are always loaded."""
