"""Whose points paid for a burn: what settlements between merchants are made of."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from jifen.ledger.types import PaidBy


class Source(Struct, frozen=True):
    """``points`` of ``unit`` that a merchant had issued bought a lot of ``amount``, of which a
    burn took ``taken``, beginning at ``start``."""

    lot_id: UUID
    amount: int
    start: int
    taken: int
    merchant: str
    unit: str
    points: int


def paid_by(sources: Iterable[Source]) -> tuple[PaidBy, ...]:
    """By merchant and unit, what was paid for the stretches that a burn took of its lots.

    A stretch of a lot from ``start`` to ``end`` was paid by ⌊points × end ÷ amount⌋ −
    ⌊points × start ÷ amount⌋, so all uses of a lot together were paid by just what bought it.
    """
    sums: dict[tuple[str, str], int] = {}
    for each in sources:
        end = each.start + each.taken
        points = each.points * end // each.amount - each.points * each.start // each.amount
        place = (each.merchant, each.unit)
        sums[place] = sums.get(place, 0) + points
    return tuple(PaidBy(merchant, unit, points) for (merchant, unit), points in sums.items())
