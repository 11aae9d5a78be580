"""What is loaded besides where members give each other points, and where staff gives back what
expired.

Nothing of it is asked for unless an item of the batch needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning.decisions.expiry_undo import undo_key
from jifen.earning.decisions.transferring import receiver_of
from jifen.earning.kinds import KINDS
from jifen.earning.state import Item, State
from jifen.earning.types import ExpiryUndo
from jifen.ledger import selectors as ledger

Owners = Mapping[int, UUID | JifenError | None]


def receivers(state: State) -> set[UUID]:
    """To whom the transfers were offered that items answer. They see the answer, whoever gives
    it."""
    found = (receiver_of(earlier.record) for earlier in state.earlier.values())
    return {each for each in found if each is not None}


def givers(items: Iterable[Item], owners: Owners) -> set[UUID]:
    """Those whose points may cross into an account of somebody else."""
    return {
        owner
        for item in items
        if KINDS[type(item.activity)].crosses and isinstance(owner := owners[item.position], UUID)
    }


def find_expiries(state: State, items: Iterable[Item]) -> None:
    """Fill the state with what expired in the transactions that are to be undone."""
    for item in items:
        if isinstance(item.activity, ExpiryUndo):
            transaction_id = item.activity.transaction_id
            state.expiries[transaction_id] = ledger.expired(transaction_id)


def once_keys(items: Iterable[Item], owners: Owners) -> set[str]:
    """What undoing an expiry happens once for."""
    return {
        undo_key(item.activity.transaction_id, owner)
        for item in items
        if isinstance(item.activity, ExpiryUndo)
        and isinstance(owner := owners[item.position], UUID)
    }
