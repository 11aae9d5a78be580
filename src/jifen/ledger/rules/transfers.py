"""What crosses from one account into another, or from one date to another, with its origin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.ledger.rules.movements import open_lot, take_spendable
from jifen.ledger.rules.orders import burn_order
from jifen.ledger.rules.posting import Step, post, take
from jifen.ledger.types import (
    AccountState,
    Draw,
    LotState,
    Movement,
    NotOwed,
    OriginsMissing,
    Portion,
)


def transfer_out(
    account: AccountState, *, points: int, transaction_id: UUID
) -> tuple[AccountState, Movement, tuple[Portion, ...]]:
    """Take ``points`` > 0 in burn order out of the account; answers what crosses, by lot.

    Raises :class:`InsufficientPoints`. The account's lots must be loaded with their origins.
    """
    lots, draws = take_spendable(account, points)
    return carry_out(account, lots, draws, transaction_id)


def transfer_all(
    account: AccountState, *, transaction_id: UUID
) -> tuple[AccountState, Movement, tuple[Portion, ...]] | None:
    """Take everything in the account's lots, also what is pending; ``None`` when there is nothing.
    What is held stays, and so does a deficit."""
    total = sum([lot.remaining for lot in account.lots])
    if not total:
        return None
    lots, draws, _ = take(account.lots, burn_order(account.lots), total)
    return carry_out(account, lots, draws, transaction_id)


def transfer_in(
    account: AccountState, *, portions: Sequence[Portion], transaction_id: UUID
) -> tuple[AccountState, list[Movement]]:
    """Open a lot for each portion: the same origin, date and pending state. What the account owes
    is paid first."""
    return _arrive(account, portions, transaction_id, "transfer_in")


def undo_expiry(
    account: AccountState,
    *,
    portions: Sequence[Portion],
    expires_at: datetime | None,
    transaction_id: UUID,
) -> tuple[AccountState, list[Movement]]:
    """Open a lot for each portion that had expired, of the same origin but with a new date, and
    spendable at once. What the account owes is paid first.

    The posting names the lot that had expired twice, given back and taken again: so what came of
    it can be followed.
    """
    again = [
        Portion(
            replace(each.origin, expires_at=expires_at, is_pending=False, ripens_at=None),
            each.points,
        )
        for each in portions
    ]
    account, opened = _arrive(account, again, transaction_id, "undo_expiry")
    return account, [
        movement if was is None else replace(movement, draws=_through(was, points) + movement.draws)
        for movement, points, was in zip(
            opened,
            [each.points for each in portions],
            [each.lot_id for each in portions],
            strict=True,
        )
    ]


def _through(lot_id: UUID, points: int) -> tuple[Draw, ...]:
    return Draw(lot_id, -points), Draw(lot_id, points)


def waive(account: AccountState, *, points: int, transaction_id: UUID) -> Step:
    """Forgive ``points`` > 0 of what the account owes, or raise :class:`NotOwed`."""
    if points > account.deficit:
        raise NotOwed(
            f"the account owes {account.deficit} points", deficit=account.deficit, asked=points
        )
    deficit = account.deficit - points
    return post(account, "waive", points, account.lots, deficit, transaction_id, ())


def carry_out(
    account: AccountState,
    lots: tuple[LotState, ...],
    draws: tuple[Draw, ...],
    transaction_id: UUID,
) -> tuple[AccountState, Movement, tuple[Portion, ...]]:
    """The account after ``draws`` took points over the border; answers what crosses, by lot."""
    before = {lot.id: lot for lot in account.lots}
    portions = tuple(_portion(before[draw.lot_id], draw.amount) for draw in draws)
    points = sum([draw.amount for draw in draws])
    state, movement = post(
        account, "transfer_out", -points, lots, account.deficit, transaction_id, draws
    )
    return state, movement, portions


def _portion(lot: LotState, points: int) -> Portion:
    if lot.origin is None:
        raise OriginsMissing("a lot crosses whose origin was not loaded")
    ripens_at = lot.ripens_at if lot.is_pending else None
    # The lot's own date: days of grace may have moved it since the lot was opened.
    origin = replace(
        lot.origin, expires_at=lot.expires_at, is_pending=lot.is_pending, ripens_at=ripens_at
    )
    return Portion(origin, points)


def _arrive(
    account: AccountState, portions: Sequence[Portion], transaction_id: UUID, kind: str
) -> tuple[AccountState, list[Movement]]:
    movements: list[Movement] = []
    for each in portions:
        account, movement = open_lot(
            account,
            points=each.points,
            origin=each.origin,
            transaction_id=transaction_id,
            kind=kind,
        )
        movements.append(movement)
    return account, movements
