"""The end of an account: what is left in it is forfeited."""

from __future__ import annotations

from uuid import UUID

from jifen.ledger.rules.orders import burn_order
from jifen.ledger.rules.posting import Step, post, take
from jifen.ledger.types import AccountState


def forfeit(account: AccountState, *, transaction_id: UUID) -> Step | None:
    """Close every lot, spendable or pending, before its time; ``None`` when there is none. What is
    held stays, and so does a deficit. The account's lots must all be loaded."""
    points = sum([lot.remaining for lot in account.lots])
    if not points:
        return None
    lots, draws, _ = take(account.lots, burn_order(account.lots), points)
    return post(account, "expire", -points, lots, account.deficit, transaction_id, draws)
