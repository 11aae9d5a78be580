"""What crosses from one account into another, or from one date to another, with its origin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.ledger.rules.movements import open_lot, take_spendable
from jifen.ledger.rules.orders import burn_order, latest_dates
from jifen.ledger.rules.posting import Step, post, take
from jifen.ledger.types import (
    AccountState,
    Draw,
    LotState,
    Movement,
    NotOwed,
    OriginsMissing,
    Portion,
    TakenLot,
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
    What is held stays, and so does a deficit. What comes of each lot can be followed."""
    total = sum([lot.remaining for lot in account.lots])
    if not total:
        return None
    lots, draws, _ = take(account.lots, burn_order(account.lots), total)
    state, movement, portions = carry_out(account, lots, draws, transaction_id)
    followed = [
        replace(portion, lot_id=draw.lot_id) for draw, portion in zip(draws, portions, strict=True)
    ]
    return state, movement, tuple(followed)


def transfer_in(
    account: AccountState, *, portions: Sequence[Portion], transaction_id: UUID
) -> tuple[AccountState, list[Movement]]:
    """Open a lot for each portion: the same origin, date and pending state; or give it back to the
    lot that it had been, which is pending again if it left so. What the account owes is paid first.

    Where what comes of a lot can be followed, the posting of the new one names it twice, given back
    and taken again.
    """
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
            each.lot_id,
        )
        for each in portions
    ]
    return _arrive(account, again, transaction_id, "undo_expiry")


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
        home, was = each.home, each.lot_id
        if home is not None and _fits(account, home, each.origin.expires_at):
            account, movement = _come_home(account, each, home, transaction_id)
        else:
            was = home.id if home is not None else was
            account, movement = open_lot(
                account,
                points=each.points,
                origin=each.origin,
                transaction_id=transaction_id,
                kind=kind,
            )
        if was is not None:
            movement = replace(movement, draws=(*_through(was, each.points), *movement.draws))
        movements.append(movement)
    return account, movements


def _fits(account: AccountState, home: TakenLot, expires_at: datetime | None) -> bool:
    """Whether points with this date may go back to their lot: it has one date, which is never moved
    by others, nor to an earlier one."""
    there = [lot for lot in account.lots if lot.id == home.id]
    dates = latest_dates([home, replace(home, expires_at=expires_at)])
    return dates[home.id] == expires_at and all(lot.expires_at == expires_at for lot in there)


def _come_home(
    account: AccountState, portion: Portion, home: TakenLot, transaction_id: UUID
) -> Step:
    """Give a portion back to the lot that it had been. The posting opens a lot like any that
    arrives, which pays at once into that one; so it says itself what came, and with which date."""
    posting_id = new_id()
    # Pending as the lot was that left: what ripened since ripens after it is back.
    origin = replace(portion.origin, is_pending=home.is_pending)
    paid = min(account.deficit, portion.points)
    back = portion.points - paid
    lots = {lot.id: lot for lot in account.lots}
    draws = [Draw(posting_id, portion.points)]
    if back:
        lot = lots.get(home.id) or LotState(
            home.id, home.seq, 0, origin.expires_at, origin.is_pending, origin.ripens_at, origin
        )
        lots[lot.id] = replace(lot, remaining=lot.remaining + back)
        draws.append(Draw(lot.id, -back))
    return post(
        account,
        "transfer_in",
        portion.points,
        tuple(lots.values()),
        account.deficit - paid,
        transaction_id,
        tuple(draws),
        origin,
        posting_id,
    )


def _through(lot_id: UUID, points: int) -> tuple[Draw, ...]:
    return Draw(lot_id, -points), Draw(lot_id, points)
