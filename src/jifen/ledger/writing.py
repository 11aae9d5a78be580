"""Writing what rules have decided: postings are appended, accounts, lots and holds follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from jifen.common.sql import in_transaction
from jifen.ledger.sql import queries
from jifen.ledger.types import AccountState, HoldState, LotState, Movement, TransactionRow


class Changes(Struct, frozen=True):
    """What a batch did to the ledger. ``before`` holds the accounts as they were loaded."""

    transactions: Sequence[TransactionRow]
    movements: Sequence[Movement]
    before: Mapping[UUID, AccountState]
    after: Iterable[AccountState]


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
    _write_holds(changed)


_Changed = Sequence[tuple[AccountState | None, AccountState]]


def _write_lots(changed: _Changed) -> None:
    fresh: list[tuple[UUID, LotState]] = []
    touched: list[LotState] = []
    closed: list[UUID] = []
    for before, after in changed:
        was = {lot.id: lot for lot in before.lots} if before else {}
        for lot in after.lots:
            known = was.pop(lot.id, None)
            if known is None:
                fresh.append((after.id, lot))
            elif (known.remaining, known.expires_at, known.is_pending) != (
                lot.remaining,
                lot.expires_at,
                lot.is_pending,
            ):
                touched.append(lot)
        closed.extend(was)
    if fresh:
        queries.insert_lots(fresh)
    if touched:
        queries.update_lots(touched)
    if closed:
        queries.delete_lots(closed)


def _write_holds(changed: _Changed) -> None:
    fresh: list[tuple[UUID, HoldState]] = []
    touched: list[HoldState] = []
    ended: list[UUID] = []
    for before, after in changed:
        was = {held.id: held for held in before.holds} if before else {}
        for held in after.holds:
            known = was.pop(held.id, None)
            if known is None:
                fresh.append((after.id, held))
            elif known is not held:
                touched.append(held)
        ended.extend(was)
    if fresh:
        queries.insert_holds(fresh)
    if touched:
        queries.update_holds(touched)
    if ended:
        queries.delete_holds(ended)
