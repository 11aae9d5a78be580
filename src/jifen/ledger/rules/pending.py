"""Pending lots: earned, but not spendable before their time, or before an event.

A pending lot ripens once, in a posting of no amount that names it twice: its points are taken out
of pending and given back as available. Any other movement takes from it what it takes from any
lot; only burns, holds and transfers leave it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.ledger.rules.ends import is_due
from jifen.ledger.rules.posting import Step, post
from jifen.ledger.types import AccountState, Draw, LotState


def is_ripe(account: AccountState, lot: LotState, at: datetime) -> bool:
    """Whether a lot that is kept as pending is spendable at ``at``. What is past its date is not:
    it expires, and never ripens."""
    return (
        lot.is_pending
        and lot.ripens_at is not None
        and lot.ripens_at <= at
        and not is_due(account, lot.expires_at, at)
    )


def ripen_due(account: AccountState, *, at: datetime, transaction_id: UUID) -> Step | None:
    """Make the loaded lots spendable whose time has come; ``None`` when there is none."""
    ripe = [lot for lot in account.lots if is_ripe(account, lot, at)]
    return _ripen(account, ripe, transaction_id)


def ripen(
    account: AccountState, *, lots: Collection[UUID], at: datetime, transaction_id: UUID
) -> Step | None:
    """Make these lots spendable now, whatever they wait for. Those that are not pending any more,
    used up or past their date are left out; ``None`` when none remains."""
    ripe = [
        lot
        for lot in account.lots
        if lot.id in lots and lot.is_pending and not is_due(account, lot.expires_at, at)
    ]
    return _ripen(account, ripe, transaction_id)


def _ripen(account: AccountState, ripe: Iterable[LotState], transaction_id: UUID) -> Step | None:
    ids = {lot.id for lot in ripe}
    if not ids:
        return None
    lots = tuple(replace(lot, is_pending=False) if lot.id in ids else lot for lot in account.lots)
    draws = tuple(
        Draw(lot.id, amount)
        for lot in account.lots
        if lot.id in ids
        for amount in (lot.remaining, -lot.remaining)
    )
    # Who owes has no lots, so no deficit is left to be paid here: a constraint says so.
    return post(account, "ripen", 0, lots, account.deficit, transaction_id, draws)
