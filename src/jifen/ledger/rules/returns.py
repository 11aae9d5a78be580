"""What crossed into an account goes back to where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from jifen.ledger.rules.orders import burn_order
from jifen.ledger.rules.posting import take
from jifen.ledger.rules.transfers import carry_out
from jifen.ledger.types import (
    AccountState,
    Arrived,
    Draw,
    InsufficientPoints,
    LotState,
    Movement,
    Portion,
    TakenLot,
)


def transfer_back(
    account: AccountState, *, arrived: Sequence[Arrived], transaction_id: UUID
) -> tuple[AccountState, Movement, tuple[Portion, ...]]:
    """Take out what had arrived (more than nothing): from its very lots, spendable or pending, as
    far as it is there; the rest in burn order from what is spendable. Only the former goes home.

    Raises :class:`InsufficientPoints`. The account's lots must be loaded with their origins.
    """
    own, homes = _own(account.lots, arrived)
    missing = sum([each.points for each in arrived]) - sum(own.values())
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
    state, movement, portions = carry_out(account, lots, draws, transaction_id)
    going = [
        replace(portion, home=homes.get(draw.lot_id))
        for draw, portion in zip(draws, portions, strict=True)
    ]
    return state, movement, tuple(going)


def _own(
    lots: Sequence[LotState], arrived: Sequence[Arrived]
) -> tuple[dict[UUID, int], dict[UUID, TakenLot]]:
    """How much of what arrived is in which lot still, and where it goes back to."""
    own = dict.fromkeys([lot.id for lot in lots], 0)
    homes: dict[UUID, TakenLot] = {}
    for each in arrived:
        left = each.points
        for lot in burn_order(lot for lot in lots if lot.id in each.lots):
            found = min(lot.remaining - own[lot.id], left)
            own[lot.id] += found
            left -= found
            if each.home is not None:
                homes[lot.id] = each.home
    return own, homes
