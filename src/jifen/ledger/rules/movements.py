"""The ledger's movements as pure functions: an account goes in, the next account comes out.

Each answers the new state and the posting that leads to it. ``amount`` of a posting is always
the change of available less the change of deficit, so the running balance is their sum.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.ledger.rules.orders import back_to_lots, burn_order, clawback_order
from jifen.ledger.types import (
    AccountState,
    Draw,
    InsufficientPoints,
    LotState,
    Movement,
    Origin,
    TakenLot,
)

Step = tuple[AccountState, Movement]
_NOWHERE = Origin()


def open_lot(
    account: AccountState,
    *,
    points: int,
    origin: Origin,
    transaction_id: UUID,
    kind: str = "earn",
) -> Step:
    """Credit ``points`` > 0 in a new lot; what the account owes is paid from it first."""
    posting_id = new_id()
    paid = min(account.deficit, points)
    lots = account.lots
    if points > paid:
        lots = (*lots, LotState(posting_id, account.seq + 1, points - paid, origin.expires_at))
    draws = (Draw(posting_id, paid),) if paid else ()
    return _post(
        account,
        kind,
        points,
        lots,
        account.deficit - paid,
        transaction_id,
        draws,
        origin,
        posting_id,
    )


def burn(account: AccountState, *, points: int, transaction_id: UUID, kind: str = "burn") -> Step:
    """Take ``points`` > 0 in burn order, or raise :class:`InsufficientPoints`."""
    if points > account.available:
        raise InsufficientPoints(
            f"short by {points - account.available} points",
            short_by=points - account.available,
            available=account.available,
        )
    lots, draws, missing = _take(account.lots, burn_order(account.lots), points)
    if missing:
        raise RuntimeError("an account was debited without its lots being loaded")
    return _post(account, kind, -points, lots, account.deficit, transaction_id, draws)


def claw_back(
    account: AccountState, *, points: int, own: Collection[UUID], transaction_id: UUID
) -> Step:
    """Take ``points`` > 0 from the order's own lots, then from the latest expiry backwards;
    what is missing becomes the deficit."""
    lots, draws, missing = _take(account.lots, clawback_order(account.lots, own), points)
    deficit = account.deficit + missing
    return _post(account, "clawback", -points, lots, deficit, transaction_id, draws)


def expire_due(account: AccountState, *, at: datetime, transaction_id: UUID) -> Step | None:
    """Close the loaded lots whose time has come; ``None`` when there is none."""
    due = [lot for lot in burn_order(account.lots) if is_due(lot.expires_at, at)]
    if not due:
        return None
    points = sum(lot.remaining for lot in due)
    lots, draws, _ = _take(account.lots, due, points)
    return _post(account, "expire", -points, lots, account.deficit, transaction_id, draws)


def give_back(
    account: AccountState,
    *,
    slices: Sequence[TakenLot],
    at: datetime,
    transaction_id: UUID,
    clawed: Sequence[TakenLot] = (),
) -> tuple[AccountState, list[Movement], tuple[TakenLot, ...]]:
    """Return burned points to their lots.

    A deficit is paid before a living lot gets anything, and so are lots from which earlier
    refunds of the same order clawed back (``clawed``) although the clawback would have taken
    these very points first, had they been there: any parts of a refund then end where the whole
    does. Answers what is left of ``clawed`` too.

    What belongs to a lot past its date comes back and expires at once, in a posting of its own:
    it cannot pay a deficit, or the order in which parts are refunded would matter.
    """
    lots = {lot.id: lot for lot in account.lots}
    deficit = account.deficit
    returned: list[Draw] = []
    late: list[Draw] = []
    owed = [part for part in burn_order(clawed) if not is_due(part.expires_at, at)]
    for part in slices:
        amount = part.amount
        if is_due(part.expires_at, at):
            late.append(Draw(part.id, amount))
        else:
            paid = min(deficit, amount)
            deficit -= paid
            amount -= paid
            returns, owed = back_to_lots(part, amount, owed)
            for each in returns:
                lot = lots.get(each.id) or LotState(each.id, each.seq, 0, each.expires_at)
                lots[each.id] = replace(lot, remaining=lot.remaining + each.amount)
            returned.extend(Draw(each.id, -each.amount) for each in returns)
            continue
        returned.append(Draw(part.id, -amount))
    total = sum(part.amount for part in slices)
    state, posting = _post(
        account, "give_back", total, tuple(lots.values()), deficit, transaction_id, tuple(returned)
    )
    movements = [posting]
    if late:
        gone = sum(draw.amount for draw in late)
        state, posting = _post(
            state, "expire", -gone, state.lots, state.deficit, transaction_id, tuple(late)
        )
        movements.append(posting)
    return state, movements, tuple(owed)


def is_due(expires_at: datetime | None, at: datetime) -> bool:
    """Whether a lot is no longer spendable at ``at``."""
    return expires_at is not None and expires_at <= at


def _take(
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


def _post(
    account: AccountState,
    kind: str,
    amount: int,
    lots: tuple[LotState, ...],
    deficit: int,
    transaction_id: UUID,
    draws: tuple[Draw, ...],
    origin: Origin = _NOWHERE,
    posting_id: UUID | None = None,
) -> Step:
    available = account.available + amount + deficit - account.deficit
    seq = account.seq + 1
    state = AccountState(
        account.id,
        account.member_id,
        account.unit_id,
        available,
        account.pending,
        account.held,
        deficit,
        seq,
        lots,
    )
    balance = available + account.pending + account.held - deficit
    movement = Movement(
        posting_id or new_id(),
        transaction_id,
        account.id,
        seq,
        kind,
        amount,
        balance,
        deficit,
        origin,
        draws,
    )
    return state, movement
