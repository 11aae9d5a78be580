"""The ledger's movements as pure functions: an account goes in, the next account comes out.

Each answers the new state and the posting that leads to it. ``amount`` of a posting is always
the change of available + pending + held less the change of deficit, so the running balance is
their sum. Holds, pending lots and what crosses accounts have files of their own beside this one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.ledger.rules.ends import is_due, is_over
from jifen.ledger.rules.orders import (
    back_to_lots,
    burn_order,
    clawback_order,
    latest_dates,
)
from jifen.ledger.rules.posting import Step, post, take
from jifen.ledger.types import (
    AccountState,
    Draw,
    InsufficientPoints,
    LotEnd,
    LotState,
    Movement,
    Origin,
    TakenLot,
)

_THROUGH: Final = frozenset({"transfer_in", "undo_expiry"})
"""Movements that take again, from the lot that theirs had been, what they gave back to it."""


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
        lot = LotState(
            posting_id,
            account.seq + 1,
            points - paid,
            origin.expires_at,
            origin.is_pending,
            origin.ripens_at,
            origin,
        )
        lots = (*lots, lot)
    draws = (Draw(posting_id, paid),) if paid else ()
    return post(
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
    lots, draws = take_spendable(account, points)
    return post(account, kind, -points, lots, account.deficit, transaction_id, draws)


def take_spendable(
    account: AccountState, points: int
) -> tuple[tuple[LotState, ...], tuple[Draw, ...]]:
    """Draw available points in burn order: (what is left, the draws). Pending lots pay nothing.

    Raises :class:`InsufficientPoints`.
    """
    if points > account.available:
        raise InsufficientPoints(
            f"short by {points - account.available} points",
            short_by=points - account.available,
            available=account.available,
        )
    order = burn_order(lot for lot in account.lots if not lot.is_pending)
    lots, draws, missing = take(account.lots, order, points)
    if missing:
        raise RuntimeError("an account was debited without its lots being loaded")
    return lots, draws


def claw_back(
    account: AccountState, *, points: int, own: Collection[UUID], transaction_id: UUID
) -> Step:
    """Take ``points`` > 0 from the order's own lots, then from the latest expiry backwards;
    what is missing becomes the deficit. Pending lots pay like others: points that nobody could
    spend yet vanish, and a deficit is left only when there are no lots."""
    lots, draws, missing = take(account.lots, clawback_order(account.lots, own), points)
    deficit = account.deficit + missing
    return post(account, "clawback", -points, lots, deficit, transaction_id, draws)


def expire_due(account: AccountState, *, at: datetime, transaction_id: UUID) -> Step | None:
    """Close the loaded lots whose time has come; ``None`` when there is none."""
    due = [lot for lot in burn_order(account.lots) if is_due(account, lot.expires_at, at)]
    if not due:
        return None
    points = sum(lot.remaining for lot in due)
    lots, draws, _ = take(account.lots, due, points)
    return post(account, "expire", -points, lots, account.deficit, transaction_id, draws)


def give_back(
    account: AccountState,
    *,
    slices: Sequence[TakenLot],
    at: datetime,
    transaction_id: UUID,
    clawed: Sequence[TakenLot] = (),
    until: datetime | None = None,
) -> tuple[AccountState, list[Movement], tuple[TakenLot, ...]]:
    """Return burned points to their lots.

    A deficit is paid before a living lot gets anything, and so are lots from which earlier
    refunds of the same order clawed back (``clawed``) although the clawback would have taken
    these very points first, had they been there: any parts of a refund then end where the whole
    does. Answers what is left of ``clawed`` too.

    What was taken from a lot that is past its date by now expires at once, in a posting of its
    own: it cannot pay a deficit, or the order in which parts are refunded would matter. With days
    of grace its lot lives again, to their end (``until``), and the posting that returns it says
    so. A lot has one date for all that is in it, the latest that it was given.
    """
    lots = {lot.id: lot for lot in account.lots}
    dates = latest_dates(slices, clawed, account.lots)
    moved = _graced(account, slices, dates, at, until)
    deficit = account.deficit
    returned: list[Draw] = []
    graced: list[Draw] = []
    late: list[Draw] = []
    owed = [
        part
        for part in burn_order([replace(each, expires_at=dates[each.id]) for each in clawed])
        # Of a lot that a clawback emptied while it was pending, nobody here knows whether it
        # would be ripe by now: what comes back goes to the lots that paid.
        if not is_over(account, part.expires_at, at) and (part.id in lots or not part.is_pending)
    ]
    for taken in slices:
        part = replace(taken, expires_at=dates[taken.id])
        if is_over(account, part.expires_at, at):
            returned.append(Draw(part.id, -part.amount))
            late.append(Draw(part.id, part.amount))
            continue
        paid = min(deficit, part.amount)
        deficit -= paid
        returns, owed = back_to_lots(part, part.amount - paid, owed)
        for each in returns:
            lot = lots.get(each.id) or LotState(each.id, each.seq, 0, each.expires_at)
            left = lot.remaining + each.amount
            lots[each.id] = replace(lot, remaining=left, expires_at=each.expires_at)
            (graced if each.id in moved else returned).append(Draw(each.id, -each.amount))
    again = -sum(draw.amount for draw in graced)
    gone = sum(draw.amount for draw in late)
    state, movements = account, list[Movement]()
    for kind, amount, draws, origin in (
        ("give_back", sum(part.amount for part in slices) - again, returned, Origin()),
        ("give_back", again, graced, Origin(expires_at=until)),
        ("expire", -gone, late, Origin()),
    ):
        if amount:
            state, movement = post(
                state,
                kind,
                amount,
                tuple(lots.values()),
                deficit,
                transaction_id,
                tuple(draws),
                origin,
            )
            movements.append(movement)
    return state, movements, tuple(owed)


def _graced(
    account: AccountState,
    slices: Iterable[TakenLot],
    dates: dict[UUID, datetime | None],
    at: datetime,
    until: datetime | None,
) -> set[UUID]:
    """Move the dates of lots that live again by grace; answers these lots.

    What counts is the date that the points had when they were taken: whatever else is in the lot
    by now may live longer already, by the grace of an earlier refund.
    """
    moved: set[UUID] = set()
    for part in slices:
        date = dates[part.id]
        if not (until and date is not None and date < until):
            continue
        if is_over(account, part.expires_at, at):
            dates[part.id] = until
            moved.add(part.id)
    return moved


def ends_by_lot(movements: Iterable[Movement]) -> dict[UUID, LotEnd]:
    """What these movements let expire of which lots, what of that they undid, and which lots they
    made of which."""
    ends: dict[UUID, LotEnd] = {}
    for movement in movements:
        if movement.kind == "expire":
            for draw in movement.draws:
                end = ends.get(draw.lot_id, LotEnd())
                ends[draw.lot_id] = replace(end, expired=end.expired + draw.amount)
        elif movement.kind in _THROUGH:
            for draw in movement.draws:
                if draw.amount > 0 and draw.lot_id != movement.id:
                    end = ends.get(draw.lot_id, LotEnd())
                    back = draw.amount if movement.kind == "undo_expiry" else 0
                    ends[draw.lot_id] = LotEnd(end.expired - back, (*end.became, movement.id))
    return ends
