"""In which order lots are taken. One line each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Final, TypeVar
from uuid import UUID

from msgspec.structs import replace

from jifen.ledger.types import LotState, TakenLot

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


Lot = TypeVar("Lot", LotState, TakenLot)


def burn_order(lots: Iterable[Lot]) -> list[Lot]:
    """Earliest expiry first, never last; the earlier opened first: expiry ASC NULLS LAST, seq."""
    return sorted(lots, key=_place)


def clawback_order(lots: Iterable[LotState], own: Collection[UUID]) -> list[LotState]:
    """The order's own lots as they were opened, then the rest in reverse burn order."""
    mine = sorted((lot for lot in lots if lot.id in own), key=lambda lot: lot.seq)
    others = burn_order(lot for lot in lots if lot.id not in own)
    return mine + others[::-1]


def give_back_slices(taken: Iterable[TakenLot], already: int, now: int) -> list[TakenLot]:
    """Which parts of a burn the next ``now`` points return to: the lot taken last comes first,
    and the first ``already`` points came back before.

    Slices of one fixed line, so any sequence of refunds ends where one refund of their sum does.
    """
    slices: list[TakenLot] = []
    start, end = already, already + now
    position = 0
    for lot in reversed(list(taken)):
        low, high = max(position, start), min(position + lot.amount, end)
        if low < high:
            slices.append(TakenLot(lot.id, lot.seq, lot.expires_at, high - low))
        position += lot.amount
    return slices


def back_to_lots(
    part: TakenLot, amount: int, owed: Sequence[TakenLot]
) -> tuple[list[TakenLot], list[TakenLot]]:
    """Where ``amount`` points of ``part`` come back to: first to lots in ``owed`` (in burn order)
    that a clawback reaches only after this one, then to its own. Answers what is owed still."""
    returns: list[TakenLot] = []
    left: list[TakenLot] = []
    for each in owed:
        due = min(each.amount, amount) if _place(each) < _place(part) else 0
        if due:
            amount -= due
            returns.append(replace(each, amount=due))
        if due < each.amount:
            left.append(replace(each, amount=each.amount - due))
    if amount:
        returns.append(replace(part, amount=amount))
    return returns, left


def latest_dates(*known: Iterable[LotState | TakenLot]) -> dict[UUID, datetime | None]:
    """The latest date that any of these knows of each lot; None is never, and later than any."""
    dates: dict[UUID, datetime | None] = {}
    for each in chain(*known):
        before = dates.get(each.id, each.expires_at)
        if before is not None and each.expires_at is not None:
            before = max(before, each.expires_at)
        dates[each.id] = before
    return dates


def _place(lot: LotState | TakenLot) -> tuple[datetime, int]:
    return lot.expires_at or _NEVER, lot.seq
