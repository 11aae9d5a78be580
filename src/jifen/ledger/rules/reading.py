"""An account as it reads at a time, before anybody has written down what that time changed."""

from __future__ import annotations

from datetime import datetime

from jifen.ledger.rules.ends import is_idle, is_over
from jifen.ledger.rules.holds import release_due
from jifen.ledger.rules.pending import is_ripe
from jifen.ledger.types import AccountState


def read(account: AccountState, *, at: datetime) -> tuple[int, int, int, int]:
    """(available, pending, held, deficit) at ``at``: holds that have ended are released and pay
    a deficit first, ripe lots are available, due lots do not count, and of an account that was
    not used for too long nothing does."""
    if account.holds:
        account, _ = release_due(account, at=at, transaction_id=account.id)
    if is_idle(account, at):
        return 0, 0, account.held, account.deficit
    available, pending = account.available, account.pending
    for lot in account.lots:
        if is_over(account, lot.expires_at, at):
            if lot.is_pending:
                pending -= lot.remaining
            else:
                available -= lot.remaining
        elif is_ripe(account, lot, at):
            pending -= lot.remaining
            available += lot.remaining
    return available, pending, account.held, account.deficit
