"""What crossed into an account goes back to where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from msgspec.structs import replace

from jifen.ledger.rules.orders import burn_order
from jifen.ledger.rules.posting import take
from jifen.ledger.rules.transfers import carry_out
from jifen.ledger.types import AccountState, Draw, InsufficientPoints, Movement, Portion


def transfer_back(
    account: AccountState, *, arrived: Mapping[UUID, int], transaction_id: UUID
) -> tuple[AccountState, Movement, tuple[Portion, ...]]:
    """Take out what had arrived, ``arrived`` points by lot (their sum > 0): from these very lots,
    spendable or pending, as far as it is there; the rest in burn order from what is spendable.

    Raises :class:`InsufficientPoints`. The account's lots must be loaded with their origins.
    """
    points = sum(arrived.values())
    own = {lot.id: min(lot.remaining, arrived.get(lot.id, 0)) for lot in account.lots}
    missing = points - sum(own.values())
    others = burn_order(
        replace(lot, remaining=lot.remaining - own[lot.id])
        for lot in account.lots
        if not lot.is_pending and lot.remaining > own[lot.id]
    )
    there = sum([lot.remaining for lot in others])
    if missing > there:
        raise InsufficientPoints(
            f"short by {missing - there} points",
            short_by=missing - there,
            available=account.available,
        )
    _, rest, _ = take(tuple(others), others, missing)
    for draw in rest:
        own[draw.lot_id] += draw.amount
    draws = tuple(Draw(lot.id, own[lot.id]) for lot in burn_order(account.lots) if own[lot.id])
    lots = tuple(
        replace(lot, remaining=lot.remaining - own[lot.id])
        for lot in account.lots
        if lot.remaining > own[lot.id]
    )
    return carry_out(account, lots, draws, transaction_id)
