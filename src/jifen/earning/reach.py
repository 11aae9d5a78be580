"""Which caps and budgets a batch may ask for, before anything is decided.

Everything that a decision asks for must be in here: a bound that was not loaded is an error,
never an unused one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, product
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning.record import Earlier, used_bounds
from jifen.earning.rules.bounds import Bound
from jifen.earning.state import Item, State
from jifen.earning.types import (
    Behaviour,
    CheckoutCapture,
    Claim,
    Conversion,
    Refund,
    Transfer,
    kind_of,
)

Owner = UUID | JifenError | None


def bounds_in_reach(
    state: State,
    items: Iterable[Item],
    owners: Mapping[int, Owner],
    debited: Collection[UUID],
    claimed: Mapping[int, list[datetime]],
) -> Iterator[tuple[UUID, Bound]]:
    """(member, bound) for every award that may be given, taken back or computed again.

    ``debited`` are the members of refunds and reversals, ``claimed`` the local times of the
    purchases that a claim may be about, by the claim's position.
    """
    return chain(
        _given(state, items, owners, claimed),
        _given_by_refunds(state, items, debited),
        _computed_again(state),
        _taken_back(state, debited),
    )


def _given(
    state: State,
    items: Iterable[Item],
    owners: Mapping[int, Owner],
    claimed: Mapping[int, list[datetime]],
) -> Iterator[tuple[UUID, Bound]]:
    for item in items:
        owner = owners[item.position]
        if isinstance(owner, UUID):
            for bound in _bounds(state, item, claimed):
                yield owner, bound


def _given_by_refunds(
    state: State, items: Iterable[Item], debited: Collection[UUID]
) -> Iterator[tuple[UUID, Bound]]:
    """A refund too may find that the ladder, changed since, gives the member a tier."""
    for item in items:
        if isinstance(item.activity, Refund):
            yield from product(debited, _tier_bounds(state, item))


def _computed_again(state: State) -> Iterator[tuple[UUID, Bound]]:
    for target in state.targets.values():
        family, holder = target.family, target.family.member_id
        if holder and family.facts is not None:
            policy = state.context.policy_of(family.version)
            for bound in policy.bounds(family.facts.kind, family.facts.local):
                yield state.survivor(holder), bound


def _taken_back(state: State, debited: Collection[UUID]) -> Iterator[tuple[UUID, Bound]]:
    for undone in state.earlier.values():
        if undone.member_id:
            holder = state.survivor(undone.member_id)
            yield from product([holder], used_bounds(undone.record))
            yield from product([holder], _rewarded_again(state, undone))
    for record in state.reached.values():
        yield from product(debited, used_bounds(record))


def _rewarded_again(state: State, earlier: Earlier) -> tuple[Bound, ...]:
    """The bounds of a top-up, of which what is left is rewarded again when it is refunded."""
    top_up, facts = earlier.record.topped_up, earlier.record.facts
    if top_up is None or facts is None:
        return ()
    return state.context.policy_of(top_up.version).bounds(facts.kind, facts.local)


def _of_version(state: State, version: int, local: datetime) -> tuple[Bound, ...]:
    return state.context.policy_of(version).bounds("purchase", local)


def _bounds(state: State, item: Item, claimed: Mapping[int, list[datetime]]) -> list[Bound]:
    """The bounds that this item's own award, and tiers it reaches, may meet."""
    policy, activity = state.context.policy, item.activity
    kind = kind_of(activity)
    if isinstance(activity, Behaviour):
        kind = f"behaviour:{activity.name}"
    times = [item.local]
    if isinstance(activity, Claim):
        kind, times = "purchase", claimed.get(item.position, [])
    bounds = [bound for local in times for bound in policy.bounds(kind, local)]
    if isinstance(activity, CheckoutCapture):
        earlier = state.earlier.get(activity.of)
        held = earlier.record.held_order if earlier else None
        bounds += _of_version(state, held.version, item.local) if held else ()
    if isinstance(activity, Conversion):
        conversion = policy.document.conversions.get(activity.code)
        bounds += conversion.bounds(activity.code, item.local) if conversion else ()
    if isinstance(activity, Transfer):
        transfers = policy.document.transfers.get(activity.unit)
        bounds += transfers.bounds(activity.unit, item.local) if transfers else ()
    return bounds + _tier_bounds(state, item)


def _tier_bounds(state: State, item: Item) -> list[Bound]:
    """The bounds that awards for reaching a tier may meet."""
    policy = state.context.policy
    return [bound for kind in policy.rewarded_tiers for bound in policy.bounds(kind, item.local)]
