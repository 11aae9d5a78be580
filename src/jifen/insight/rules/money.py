"""From rows that were summed up to top-ups and uses by day and store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, TypeVar

from msgspec import Struct

from jifen.insight.rules.figures import BURNED, ISSUED
from jifen.insight.types import (
    CouponsUsed,
    Moved,
    TopUpsDay,
    TopUpSums,
    UsesDay,
    UseSums,
)

Kinds = Mapping[str, str]
"""The kind of each unit, by its code."""
Place = tuple[date, str]
MONEY: Final = frozenset({"stored", "bonus", "pass"})
"""Kinds of unit that are topped up, given or bought, and then used."""
_OF_TOP_UPS: Final = frozenset({"top_up", "top_up_refund"})
Sums = TypeVar("Sums", bound=Struct)


def top_up_sums(rows: Iterable[Moved], kinds: Kinds) -> TopUpSums:
    """What the rows say of top-ups."""
    top_ups = paid = refunds = refunded = bonus = 0
    for row in rows:
        if row.kind == "top_up":
            top_ups += row.postings
            paid += row.points
        elif row.kind == "pay_out":
            refunds += row.postings
            refunded -= row.points
        elif kinds[row.unit] == "bonus" and row.act in _OF_TOP_UPS and row.kind in ISSUED:
            bonus += row.points
    return TopUpSums(top_ups, paid, refunds, refunded, bonus)


def top_ups_days(rows: Iterable[Moved], kinds: Kinds) -> tuple[TopUpsDay, ...]:
    """Every day and store that has top-ups or refunds of them, the latest day first."""
    sums = _by_place(rows, lambda found: top_up_sums(found, kinds))
    return tuple(TopUpsDay(day=day, store=store, **_figures(one)) for (day, store), one in sums)


def use_sums(rows: Iterable[Moved | CouponsUsed], kinds: Kinds) -> UseSums:
    """What the rows say of uses."""
    used = dict.fromkeys(MONEY, 0)
    coupons = 0
    for row in rows:
        if isinstance(row, CouponsUsed):
            coupons += row.coupons
        elif row.kind in BURNED:
            used[kinds[row.unit]] -= row.points
    return UseSums(used["stored"], used["bonus"], coupons, used["pass"])


def uses_days(rows: Iterable[Moved | CouponsUsed], kinds: Kinds) -> tuple[UsesDay, ...]:
    """Every day and store that has uses, the latest day first."""
    sums = _by_place(rows, lambda found: use_sums(found, kinds))
    return tuple(UsesDay(day=day, store=store, **_figures(one)) for (day, store), one in sums)


Row = TypeVar("Row", Moved, Moved | CouponsUsed)


def _by_place(
    rows: Iterable[Row], summed: Callable[[Iterable[Row]], Sums]
) -> list[tuple[Place, Sums]]:
    """The sums of each day and store; a place where all of them are nothing is left out."""
    places: dict[Place, list[Row]] = {}
    for row in rows:
        places.setdefault((row.day, row.store), []).append(row)
    order = sorted(places, key=lambda place: (-place[0].toordinal(), place[1]))
    found = [(place, summed(places[place])) for place in order]
    return [(place, one) for place, one in found if any(_figures(one).values())]


def _figures(one: Struct) -> dict[str, int]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
