"""What every movement is made of: taking from lots, and the posting that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.ledger.types import AccountState, Draw, HoldState, LotState, Movement, Origin, TakenLot

Step = tuple[AccountState, Movement]
_NOWHERE: Final = Origin()


def take(
    lots: tuple[LotState, ...], order: Iterable[LotState], points: int
) -> tuple[tuple[LotState, ...], tuple[Draw, ...], int]:
    """Draw ``points`` from lots in ``order``: (what is left, the draws, what was missing)."""
    taken: dict[UUID, int] = {}
    for lot in order:
        if not points:
            break
        taken[lot.id] = min(lot.remaining, points)
        points -= taken[lot.id]
    left = tuple(
        replace(lot, remaining=lot.remaining - taken[lot.id]) if lot.id in taken else lot
        for lot in lots
        if taken.get(lot.id) != lot.remaining
    )
    return left, tuple(Draw(lot_id, amount) for lot_id, amount in taken.items()), points


def taken_lots(lots: Iterable[LotState], draws: Iterable[Draw]) -> tuple[TakenLot, ...]:
    """What ``draws`` took from ``lots`` (as they were before), in the order of the draws."""
    known = {lot.id: lot for lot in lots}
    return tuple(
        TakenLot(lot.id, lot.seq, lot.expires_at, draw.amount, lot.is_pending)
        for draw in draws
        for lot in (known[draw.lot_id],)
    )


def post(
    account: AccountState,
    kind: str,
    amount: int,
    lots: tuple[LotState, ...],
    deficit: int,
    transaction_id: UUID,
    draws: tuple[Draw, ...],
    origin: Origin = _NOWHERE,
    posting_id: UUID | None = None,
    *,
    holds: tuple[HoldState, ...] | None = None,
    hold_id: UUID | None = None,
) -> Step:
    """The account with these lots, holds and this deficit, and the posting that leads to it.

    ``amount`` is the change of available + pending + held − deficit. Pending and held follow from
    lots and holds, and what remains is available.
    """
    pending = account.pending
    if pending or origin.is_pending:
        pending += _pending(lots) - _pending(account.lots)
    held = account.held
    if holds is None:
        holds = account.holds
    else:
        held += _held(holds) - _held(account.holds)
    available = (
        account.available
        + amount
        + deficit
        - account.deficit
        + account.pending
        - pending
        + account.held
        - held
    )
    seq = account.seq + 1
    state = AccountState(
        account.id,
        account.member_id,
        account.unit_id,
        available,
        pending,
        held,
        deficit,
        seq,
        lots,
        holds,
        account.idle_at,
        account.guard,
        account.origins,
    )
    movement = Movement(
        posting_id or new_id(),
        transaction_id,
        account.id,
        seq,
        kind,
        amount,
        available + pending + held - deficit,
        deficit,
        origin,
        draws,
        pending,
        held,
        hold_id,
    )
    return state, movement


def _pending(lots: Iterable[LotState]) -> int:
    return sum([lot.remaining for lot in lots if lot.is_pending])


def _held(holds: Iterable[HoldState]) -> int:
    return sum([hold.remaining for hold in holds])
