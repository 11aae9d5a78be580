"""Writes of the ledger: load states under lock, and write the states that rules made of them.

The caller holds the members' locks (:func:`jifen.members.services.lock`) in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from jifen.common.ids import new_id
from jifen.common.sql import in_transaction
from jifen.ledger.rules.movements import burn, claw_back, expire_due, give_back, is_due, open_lot
from jifen.ledger.rules.orders import give_back_slices
from jifen.ledger.sql import queries
from jifen.ledger.types import AccountState, LotState, Movement, TransactionRow
from jifen.ledger.verification import verify

__all__ = [
    "Changes",
    "burn",
    "claw_back",
    "expire_due",
    "give_back",
    "give_back_slices",
    "is_due",
    "load",
    "open_accounts",
    "open_lot",
    "verify",
    "write",
]


class Changes(Struct, frozen=True):
    """What a batch did to the ledger. ``before`` holds the accounts as they were loaded."""

    transactions: Sequence[TransactionRow]
    movements: Sequence[Movement]
    before: Mapping[UUID, AccountState]
    after: Iterable[AccountState]


def open_accounts(*, members: Collection[UUID], units: Collection[UUID]) -> None:
    """An empty account of each unit for new members.

    A unit that the programme adds later gets its account with the member's first posting.
    """
    in_transaction()
    queries.insert_accounts(
        [AccountState(new_id(), member_id, unit_id) for member_id in members for unit_id in units]
    )


def load(
    *, members: Collection[UUID], debited: Collection[UUID], at: datetime
) -> list[AccountState]:
    """Accounts of locked members with the lots that the batch may need."""
    return queries.load_accounts(members=members, debited=debited, at=at)


def write(changes: Changes, *, booked_at: datetime) -> None:
    """Append transactions, postings and draw-downs; bring accounts and open lots to ``after``.

    Raises ``RowsMissing`` when an account or a lot was touched by somebody without the lock.
    """
    in_transaction()
    changed = [
        (changes.before.get(state.id), state)
        for state in changes.after
        if changes.before.get(state.id) is not state
    ]
    opened = [state for before, state in changed if before is None]
    moved = [(before, state) for before, state in changed if before is not None]
    if changes.transactions:
        queries.insert_transactions(changes.transactions, booked_at=booked_at)
    if opened:
        queries.insert_accounts(opened)
    if moved:
        queries.update_accounts(moved)
    if changes.movements:
        queries.insert_postings(changes.movements)
        queries.insert_draw_downs(changes.movements)
    _write_lots(changed)


def _write_lots(changed: Sequence[tuple[AccountState | None, AccountState]]) -> None:
    fresh: list[tuple[UUID, LotState]] = []
    touched: list[LotState] = []
    closed: list[UUID] = []
    for before, after in changed:
        was = {lot.id: lot.remaining for lot in before.lots} if before else {}
        for lot in after.lots:
            remaining = was.pop(lot.id, None)
            if remaining is None:
                fresh.append((after.id, lot))
            elif remaining != lot.remaining:
                touched.append(lot)
        closed.extend(was)
    if fresh:
        queries.insert_lots(fresh)
    if touched:
        queries.update_lots(touched)
    if closed:
        queries.delete_lots(closed)
