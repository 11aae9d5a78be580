"""Acts of a member who was merged since, taken back from the survivor.

The lots that were earned are the survivor's now, under other ids until the merge is undone. Points
paid come back to the lots that paid, which are the merged member's for ever, and cross to the
survivor in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.earning.decisions.moves import Moves
from jifen.earning.naming import top_up_place
from jifen.earning.state import Item, MemberState, State
from jifen.earning.types import OrderRef, TopUpRefund
from jifen.ledger import services as ledger
from jifen.ledger.types import Movement, Portion, TakenLot


class Away(Moves):
    """The accounts of the merged member whose act it was, in the transaction of the survivor's
    sheet."""

    def __init__(self, state: State, member: MemberState, transaction_id: UUID) -> None:
        super().__init__(state, member)
        self.id = transaction_id

    def after(self) -> MemberState:
        """The merged member's state after everything."""
        return replace(self.owner, accounts=self.accounts)

    def give_back(
        self, unit: str, slices: Sequence[TakenLot], until: datetime | None
    ) -> tuple[list[Movement], tuple[Portion, ...]]:
        """Return points to the lots that paid, and take them out again at once; answers how they
        came back, and what crosses."""
        account, movements, _ = ledger.give_back(
            self.account(unit),
            slices=slices,
            at=self.state.at,
            transaction_id=self.id,
            until=until,
        )
        origins = self.state.origins
        lots = tuple(replace(lot, origin=lot.origin or origins[lot.id]) for lot in account.lots)
        self._moved(unit, replace(account, lots=lots), movements)
        crossing = self.transfer_all(unit, self.id)
        return movements, tuple(portion for _, portion in crossing)


def away_of(state: State, item: Item, member: MemberState, transaction_id: UUID) -> Away | None:
    """The merged member, now a part of ``member``, on whose earlier act this one is."""
    holder = _holder(state, item)
    if holder is None or holder == member.id or state.survivor(holder) != member.id:
        return None
    return Away(state, state.members[holder], transaction_id)


def lots_now(state: State, lots: Collection[UUID]) -> set[UUID]:
    """These lots, and all that they became by merges and by undoing an expiry: whatever of it an
    account has is of these lots."""
    found: set[UUID] = set()
    fresh = list(lots)
    while fresh:
        lot = fresh.pop()
        if lot not in found:
            found.add(lot)
            fresh.extend(state.became.get(lot, ()))
    return found


def _holder(state: State, item: Item) -> UUID | None:
    """Whose act the item names."""
    of = getattr(item.activity, "of", None)
    if isinstance(item.activity, TopUpRefund):
        named = state.references.get(top_up_place(state, item, item.activity.of))
        of = named[0] if named else None
    if isinstance(of, OrderRef):
        store = state.context.store(of.store) if of.store else item.store
        target = state.targets.get((store.id, of.reference))
        return target.family.member_id if target else None
    earlier = state.earlier.get(of) if isinstance(of, UUID) else None
    return earlier.member_id if earlier else None
