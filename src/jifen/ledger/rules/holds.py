"""Holds: points reserved for something that is not decided yet, such as an unpaid order.

What is held has been drawn from lots. A capture burns it; a release returns it to the same lots.
Captures take from what was drawn first and releases from what was drawn last, so what is left of
a hold is always one stretch of its own draw-downs, and no other record of its lots is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.ledger.rules.ends import is_due
from jifen.ledger.rules.movements import take_spendable
from jifen.ledger.rules.orders import give_back_slices, latest_dates
from jifen.ledger.rules.posting import Step, post, taken_lots
from jifen.ledger.types import (
    AccountState,
    Draw,
    HoldState,
    HoldTooSmall,
    LotState,
    Movement,
    Origin,
    TakenLot,
    UnknownHold,
)


def hold(
    account: AccountState, *, points: int, expires_at: datetime | None, transaction_id: UUID
) -> Step:
    """Reserve ``points`` > 0 in burn order until ``expires_at`` (None: until somebody decides).

    The hold has the posting's id. Raises :class:`InsufficientPoints`.
    """
    lots, draws = take_spendable(account, points)
    made = HoldState(new_id(), account.seq + 1, 0, expires_at, taken_lots(account.lots, draws))
    return post(
        account,
        "hold",
        0,
        lots,
        account.deficit,
        transaction_id,
        draws,
        Origin(expires_at=expires_at),
        made.id,
        holds=(*account.holds, made),
    )


def find_hold(account: AccountState, hold_id: UUID) -> HoldState:
    """An open hold of the account, or :class:`UnknownHold`."""
    for each in account.holds:
        if each.id == hold_id:
            return each
    raise UnknownHold("no hold of this account has this id, or it has ended", id=str(hold_id))


def capture(
    account: AccountState, *, hold_id: UUID, points: int, transaction_id: UUID
) -> tuple[AccountState, Movement, tuple[TakenLot, ...]]:
    """Burn ``points`` > 0 of a hold; what is left stays held. Answers which lots paid too, in the
    order they were taken. A lot past its date pays: it was reserved in time.

    Each of these lots is drawn twice: given back by the hold, and taken by the burn. Raises
    :class:`UnknownHold` and :class:`HoldTooSmall`.
    """
    held = _enough(account, hold_id, points)
    taken, left = _split(held.slices, points)
    after = replace(held, captured=held.captured + points, slices=left)
    draws = tuple(Draw(part.id, amount) for part in taken for amount in (-part.amount, part.amount))
    state, movement = post(
        account,
        "burn",
        -points,
        account.lots,
        account.deficit,
        transaction_id,
        draws,
        holds=_with(account, after),
        hold_id=hold_id,
    )
    return state, movement, taken


def release(
    account: AccountState,
    *,
    hold_id: UUID,
    points: int | None = None,
    at: datetime,
    transaction_id: UUID,
) -> tuple[AccountState, list[Movement]]:
    """Return ``points`` > 0 of a hold (all of it without) to its lots, the one taken last first.

    A deficit is paid before a living lot gets anything. What belongs to a lot past its date at
    ``at`` comes back and expires at once, in a posting of its own. Raises :class:`UnknownHold`
    and :class:`HoldTooSmall`.
    """
    held = _enough(account, hold_id, points or 0)
    total = held.remaining if points is None else points
    dates = latest_dates(held.slices, account.lots)
    back = [
        replace(part, expires_at=dates[part.id]) for part in give_back_slices(held.slices, 0, total)
    ]
    kept, _ = _split(held.slices, held.remaining - total)
    lots = {lot.id: lot for lot in account.lots}
    deficit = account.deficit
    draws: list[Draw] = []
    late: list[Draw] = []
    for part in back:
        draws.append(Draw(part.id, -part.amount))
        if is_due(account, part.expires_at, at):
            late.append(Draw(part.id, part.amount))
            continue
        paid = min(deficit, part.amount)
        deficit -= paid
        if paid:
            draws.append(Draw(part.id, paid))
        if part.amount > paid:
            lot = lots.get(part.id) or _emptied(account, part)
            lots[part.id] = replace(lot, remaining=lot.remaining + part.amount - paid)
    state, posting = post(
        account,
        "release",
        0,
        tuple(lots.values()),
        deficit,
        transaction_id,
        tuple(draws),
        holds=_with(account, replace(held, slices=kept)),
        hold_id=hold_id,
    )
    movements = [posting]
    if late:
        gone = sum(draw.amount for draw in late)
        state, posting = post(
            state, "expire", -gone, state.lots, state.deficit, transaction_id, tuple(late)
        )
        movements.append(posting)
    return state, movements


def release_due(
    account: AccountState, *, at: datetime, transaction_id: UUID
) -> tuple[AccountState, list[Movement]]:
    """Release the holds whose time has come, the earliest first, each as of its own end: which
    of its lots were past their date then does not depend on when somebody looks."""
    movements: list[Movement] = []
    due = [each for each in account.holds if each.expires_at and each.expires_at <= at]
    for each in sorted(due, key=lambda held: (held.expires_at, held.seq)):
        ended_at = each.expires_at or at
        account, made = release(
            account, hold_id=each.id, at=ended_at, transaction_id=transaction_id
        )
        movements += made
    return account, movements


def slices_between(line: Sequence[TakenLot], start: int, end: int) -> tuple[TakenLot, ...]:
    """The points of ``line`` from the one numbered ``start`` up to ``end``."""
    _, rest = _split(line, start)
    return _split(rest, end - start)[0]


def _enough(account: AccountState, hold_id: UUID, points: int) -> HoldState:
    held = find_hold(account, hold_id)
    if points > held.remaining:
        raise HoldTooSmall(
            f"the hold has {held.remaining} points left", left=held.remaining, asked=points
        )
    return held


def _emptied(account: AccountState, part: TakenLot) -> LotState:
    """A lot that a hold has taken all of."""
    origin = account.origins.get(part.id)
    return LotState(part.id, part.seq, 0, part.expires_at, origin=origin)


def _split(
    line: Sequence[TakenLot], points: int
) -> tuple[tuple[TakenLot, ...], tuple[TakenLot, ...]]:
    """The first ``points`` of a line, and the others."""
    first: list[TakenLot] = []
    rest: list[TakenLot] = []
    for part in line:
        now = min(part.amount, points)
        points -= now
        if now:
            first.append(replace(part, amount=now))
        if now < part.amount:
            rest.append(replace(part, amount=part.amount - now))
    return tuple(first), tuple(rest)


def _with(account: AccountState, after: HoldState) -> tuple[HoldState, ...]:
    """The account's holds with this one as it is now; one that is used up is gone."""
    return tuple(
        after if each.id == after.id else each
        for each in account.holds
        if each.id != after.id or after.slices
    )
