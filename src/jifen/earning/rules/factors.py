"""Factors: what each line and the order weigh, exactly, for one group of base rules.

A line's weight is its basis times its category's or product's multiplier, times the tier's and
the promotions' multipliers, or the largest of those (``combine = "best"``). A promotion of some
lines competes, or multiplies, on those lines only. No line's factors depend on other lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Literal

from jifen.earning.rules.decimals import SCALE
from jifen.earning.rules.plan import Factor, Named, Plan, Promotion
from jifen.earning.types import Facts, Line

Combine = Literal["multiply", "best"]
Counted = Sequence[tuple[int, int, Line]]
"""Position, basis in minor units and the line, for each line that counts."""
LineSteps = tuple[tuple[int, int, Named], ...]
"""Position, basis in minor units and factors, for each line that counts."""
Weighed = tuple[LineSteps, list[int], int, Named]
"""The lines as they are told; the weight of each, with all factors; what one minor unit weighs;
the order's factors as they are told."""

_ONCE: Factor = (SCALE, ())
_size = itemgetter(0)


class Factors:
    """The factors that work on one group of base rules."""

    def __init__(self, plan: Plan, base: str, combine: Combine) -> None:
        """Take from ``plan`` what works on the base rule ``base``."""
        self._best = combine == "best"
        self._categories = _merged(plan.categories, base)
        self._products = _merged(plan.products, base)
        self._tiers = tuple(_merged([entry], base) for entry in plan.tiers if _of(entry, base))
        self._promotions = tuple(
            each for scope, each in plan.promotions if _of((scope, each), base)
        )
        self._lines_vary = bool(self._categories or self._products)

    def weigh(self, facts: Facts, counted: Counted, shut: Collection[str] = ()) -> Weighed:
        """What each line of ``counted`` weighs under ``facts``. ``shut`` are the codes of
        promotions that are not for this member."""
        factors: Sequence[Factor] = [tiers.get(facts.tier, _ONCE) for tiers in self._tiers]
        promoted: Sequence[Promotion] = ()
        if self._promotions:
            on = [each for each in self._promotions if each.code not in shut and each.on(facts)]
            factors = [*factors, *(each.factor for each in on if not each.by_line)]
            promoted = [each for each in on if each.by_line]
        if self._best and len(factors) > 1:
            factors = (max(factors, key=_size),)
        if promoted:
            return self._weigh_promoted(counted, factors, promoted)
        order, whole, named = _multiplied(factors)
        if not self._lines_vary:
            steps = tuple([(position, basis, ()) for position, basis, _ in counted])
            return steps, [basis * order for _, basis, _ in counted], whole, named
        told, weights = [], []
        for position, basis, line in counted:
            factor, names = self._of_line(line)
            told.append((position, basis, names))
            weights.append(basis * factor * order)
        return tuple(told), weights, whole * SCALE, named

    def _weigh_promoted(
        self, counted: Counted, factors: Sequence[Factor], promoted: Sequence[Promotion]
    ) -> Weighed:
        """As ``weigh``, with promotions that work on some of the lines only."""
        # Besides the order's factors every line has its own, and one for each promotion, or
        # one for the best of all.
        order, whole, named = (1, 1, ()) if self._best else _multiplied(factors)
        whole *= SCALE * SCALE if self._best else SCALE ** (1 + len(promoted))
        told, weights = [], []
        for position, basis, line in counted:
            factor, names = self._of_line(line)
            matching = [each.factor for each in promoted if each.matches(line)]
            if self._best:
                rivals = [*factors, *matching]
                more, more_names = max(rivals, key=_size) if rivals else _ONCE
            else:
                more, _, more_names = _multiplied(matching)
                more *= SCALE ** (len(promoted) - len(matching))
            told.append((position, basis, names + more_names))
            weights.append(basis * factor * more * order)
        return tuple(told), weights, whole, named

    def _of_line(self, line: Line) -> Factor:
        """The product's multiplier, or else the category's."""
        found = self._products.get(line.product)
        return found if found is not None else self._categories.get(line.category, _ONCE)


def _of(entry: tuple[tuple[str, ...], object], base: str) -> bool:
    scope, _ = entry
    return not scope or base in scope


def _merged(
    entries: Sequence[tuple[tuple[str, ...], Mapping[str, Factor]]], base: str
) -> dict[str, Factor]:
    """One table; ``document.py`` has seen to it that no name is in two."""
    merged: dict[str, Factor] = {}
    for entry in entries:
        if _of(entry, base):
            merged.update(entry[1])
    return merged


def _multiplied(factors: Sequence[Factor]) -> tuple[int, int, Named]:
    """The product, what one whole is in it, and the names."""
    if len(factors) == 1:
        factor, names = factors[0]
        return factor, SCALE, names
    product, whole = 1, 1
    named: Named = ()
    for factor, names in factors:
        product, whole, named = product * factor, whole * SCALE, named + names
    return product, whole, named


def same_scope(plan: Plan, base: str) -> tuple[bool, ...]:
    """Which factors of the plan work on ``base``: base rules with the same share a group."""
    entries = (*plan.categories, *plan.products, *plan.tiers, *plan.promotions)
    return tuple(_of(entry, base) for entry in entries)
