"""What time alone has done to an account, written down before anything else may move in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jifen.common.ids import new_id
from jifen.ledger.rules.holds import release_due
from jifen.ledger.rules.movements import expire_due
from jifen.ledger.rules.pending import ripen_due
from jifen.ledger.types import SYSTEM, AccountState, Movement, TransactionRow


def settle(
    account: AccountState, *, at: datetime
) -> tuple[AccountState, list[TransactionRow], list[Movement]]:
    """The account as it stands at ``at``. In this order: holds that have ended are released, ripe
    lots become spendable, due lots are closed; each in a transaction of its own."""
    transactions: list[TransactionRow] = []
    movements: list[Movement] = []

    def booked(kind: str, transaction_id: UUID, made: Sequence[Movement]) -> None:
        movements.extend(made)
        transactions.append(TransactionRow(transaction_id, kind, SYSTEM, at))

    transaction_id = new_id()
    if account.holds:
        account, released = release_due(account, at=at, transaction_id=transaction_id)
        if released:
            booked("release", transaction_id, released)
            transaction_id = new_id()
    if account.pending:
        step = ripen_due(account, at=at, transaction_id=transaction_id)
        if step is not None:
            account = step[0]
            booked("ripen", transaction_id, step[1:])
            transaction_id = new_id()
    step = expire_due(account, at=at, transaction_id=transaction_id)
    if step is not None:
        account = step[0]
        booked("expire", transaction_id, step[1:])
    return account, transactions, movements
