"""What is loaded besides where members are merged or parted, and where acts of a member who was
merged are taken back.

Rare, so nothing of it is asked for unless an item of the batch needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import JifenError
from jifen.earning.sql import queries
from jifen.earning.state import Item, State
from jifen.earning.types import Merge, MergeUndo
from jifen.ledger import services as ledger
from jifen.ledger.types import TakenLot
from jifen.members import selectors as members
from jifen.tiers import selectors as tiers

Pairs = Collection[tuple[UUID, UUID]]
Place = tuple[UUID, str, str]


def pairs_of(
    state: State, items: Iterable[Item], owners: Mapping[int, UUID | JifenError | None]
) -> Pairs:
    """(survivor, other) of each merge, and of each undoing of one."""
    pairs = {
        (owner, state.partners[item.position])
        for item in items
        if isinstance(item.activity, Merge | MergeUndo)
        and isinstance(owner := owners[item.position], UUID)
        and item.position in state.partners
    }
    if pairs:
        state.merges.update(members.merges([other for _, other in pairs]))
    return pairs


def everybody(pairs: Pairs) -> set[UUID]:
    """Those whose points may cross."""
    return {each for pair in pairs for each in pair}


def uses_of_both(pairs: Pairs) -> set[Place]:
    """(member, benefit, period) of every use that the other has, for both."""
    return _of_both(pairs, tiers.uses_of)


def usage_of_both(pairs: Pairs) -> set[Place]:
    """(member, cap, period) of every use that the other has, for both."""
    return _of_both(pairs, queries.usage_of)


def crossed_lots(state: State) -> set[UUID]:
    """The lots that merges brought which are to be undone."""
    merged = [earlier.record.merged for earlier in state.earlier.values()]
    return {moved.lot for each in merged if each for lots in each.lots.values() for moved in lots}


def taken_back_of(state: State) -> set[UUID]:
    """Members who were merged, and whose earlier acts this batch may take back."""
    acts = (
        *(target.family.member_id for target in state.targets.values()),
        *(earlier.member_id for earlier in state.earlier.values()),
    )
    return {each for each in acts if each in state.merged_into}


def find_origins(state: State) -> None:
    """Fill the state with the origins of lots that such acts may give points back to."""
    remembered = (
        *[target.family for target in state.targets.values()],
        *[earlier.record for earlier in state.earlier.values()],
    )
    taken = {part.id for each in remembered for part in _taken_in(each)}
    state.origins.update(ledger.origins(taken) if taken else {})


def _taken_in(value: object) -> Iterator[TakenLot]:
    """The lots that paid, wherever an act remembers them."""
    if isinstance(value, TakenLot):
        yield value
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _taken_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _taken_in(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _taken_in(each)


def _of_both(
    pairs: Pairs, places_of: Callable[[Collection[UUID]], Iterable[tuple[Any, ...]]]
) -> set[Place]:
    survivors: dict[UUID, set[UUID]] = {}
    for survivor, other in pairs:
        survivors.setdefault(other, set()).add(survivor)
    if not survivors:
        return set()
    return {
        (each, name, period)
        for other, name, period in places_of(list(survivors))
        for each in (other, *survivors[other])
    }
