"""When points end: at the date of their lot, or with all else in an account that nobody uses; and
not before the member was told, where the programme promises that.
"""

from __future__ import annotations

from datetime import datetime

from jifen.ledger.types import AccountState


def is_over(account: AccountState, ends_at: datetime | None, at: datetime) -> bool:
    """Whether what ends at ``ends_at`` by its own date has ended at ``at``."""
    if ends_at is None or ends_at > at:
        return False
    if account.guard is None:
        return True
    end = account.guard.end_of(ends_at)
    return end is not None and end <= at


def is_idle(account: AccountState, at: datetime) -> bool:
    """Whether the account was not used for too long at ``at``."""
    return account.idle_at is not None and is_over(account, account.idle_at, at)


def is_due(account: AccountState, expires_at: datetime | None, at: datetime) -> bool:
    """Whether a lot of the account with this date is no longer spendable at ``at``."""
    return is_over(account, expires_at, at) or is_idle(account, at)
