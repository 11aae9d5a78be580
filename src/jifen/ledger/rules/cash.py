"""Money that members have topped up, on its way back to where it came from."""

from __future__ import annotations

from uuid import UUID

from jifen.ledger.rules.posting import Step, post, take
from jifen.ledger.types import AccountState, InsufficientPoints


def left_in(account: AccountState, lot_id: UUID) -> int:
    """What is left of one lot."""
    return sum([lot.remaining for lot in account.lots if lot.id == lot_id])


def pay_out(account: AccountState, *, lot_id: UUID, points: int, transaction_id: UUID) -> Step:
    """Take ``points`` > 0 of one lot out of the programme, or raise :class:`InsufficientPoints`:
    no other lot pays for it."""
    left = left_in(account, lot_id)
    if points > left:
        raise InsufficientPoints(
            f"short by {points - left}", short_by=points - left, available=left
        )
    own = [lot for lot in account.lots if lot.id == lot_id]
    lots, draws, _ = take(account.lots, own, points)
    return post(account, "pay_out", -points, lots, account.deficit, transaction_id, draws)
