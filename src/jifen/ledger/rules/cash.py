"""Money that members have topped up, on its way back to where it came from."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from jifen.ledger.rules.orders import burn_order
from jifen.ledger.rules.posting import Step, post, take
from jifen.ledger.types import AccountState, InsufficientPoints


def left_in(account: AccountState, lots: Collection[UUID]) -> int:
    """What is left of these lots."""
    return sum([lot.remaining for lot in account.lots if lot.id in lots])


def pay_out(
    account: AccountState, *, lots: Collection[UUID], points: int, transaction_id: UUID
) -> Step:
    """Take ``points`` > 0 of these lots out of the programme, or raise
    :class:`InsufficientPoints`: no other lot pays for it."""
    left = left_in(account, lots)
    if points > left:
        raise InsufficientPoints(
            f"short by {points - left}", short_by=points - left, available=left
        )
    own = burn_order(lot for lot in account.lots if lot.id in lots)
    after, draws, _ = take(account.lots, own, points)
    return post(account, "pay_out", -points, after, account.deficit, transaction_id, draws)
