"""Which uses of benefits a batch may ask for, found before anything is decided.

Everything that a decision asks for must be in here: uses that were not loaded are an error,
never none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning.decisions.benefit import use_key
from jifen.earning.sql import queries
from jifen.earning.state import Item, State
from jifen.earning.types import BenefitUse, Checkout, Purchase, Refund
from jifen.members import selectors as members

Place = tuple[UUID, str, str]
"""Member, benefit and period."""


def find_uses(state: State, items: Iterable[Item], orders: Collection[tuple[UUID, str]]) -> None:
    """Fill ``state.uses`` with the uses for orders that are refunded, by their once-key;
    ``orders`` are those by (store, reference), booked before or in this batch."""
    counted = state.context.policy.benefits.counted
    if not counted or not any(isinstance(item.activity, Refund) for item in items):
        return
    keys = {
        use_key(code, store_id, reference) for store_id, reference in orders for code in counted
    }
    if not keys:
        return
    found = queries.load_uses(keys)
    state.uses.update(found)
    # Who used one may be a part of the order's member, and nobody else here has asked for it. On
    # such a line nothing changes while its survivor is locked.
    state.merged_into.update(
        members.follow({use.member_id for use in found.values() if use.member_id is not None})
    )


def once_keys(items: Iterable[Item]) -> set[str]:
    """What uses for orders happen once for."""
    return {
        use_key(item.activity.benefit, item.store.id, item.activity.reference)
        for item in items
        if isinstance(item.activity, BenefitUse) and item.activity.reference is not None
    }


def uses_in_reach(
    state: State, items: Iterable[Item], owners: Mapping[int, UUID | JifenError | None]
) -> set[Place]:
    """Where uses may be added by ``items``, or given back."""
    benefits = state.context.policy.benefits
    places: set[Place] = set()
    for item in items:
        activity, owner = item.activity, owners[item.position]
        if isinstance(activity, BenefitUse) and isinstance(owner, UUID):
            period = benefits.period(activity.benefit, item.local.date())
            if period:
                places.add((owner, activity.benefit, period))
        elif isinstance(activity, Purchase | Checkout) and isinstance(owner, UUID):
            day = item.local.date()
            named = ((code, benefits.period(code, day)) for code in activity.benefits)
            places |= {(owner, code, period) for code, period in named if period}
    for target in state.targets.values():
        holder = target.family.member_id
        if holder is not None:
            places |= {
                (state.survivor(holder), each.benefit, each.period)
                for each in target.family.uses
                if each.period
            }
    for used in (*state.uses.values(), *state.earlier.values()):
        if used.member_id is not None:
            held = used.record.held_order
            places |= {
                (state.survivor(used.member_id), each.benefit, each.period)
                for each in (*used.record.uses, *(held.uses if held else ()))
                if each.period
            }
    return places
