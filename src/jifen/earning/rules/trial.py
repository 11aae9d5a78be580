"""A trial: what a rule set would give for one order, for a member of each tier and of none.

The same :class:`Policy` that books it decides. Caps and budgets have all of their room: a trial is
of an order alone, not of what came before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from jifen.earning.rules.policy import Policy
from jifen.earning.types import Award, Basket, Facts, Line


class Order(Struct, frozen=True, kw_only=True):
    """An order to try: what was bought, where and when (local, without a zone), and what the rules
    ask of the member who buys."""

    lines: tuple[Line, ...]
    store: str
    local: datetime
    first_order: bool = False
    is_birthday: bool = False
    segments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Tried(Struct, frozen=True):
    """What a member of ``tier`` gets; empty is none."""

    tier: str
    facts: Facts
    award: Award

    @property
    def points(self) -> dict[str, int]:
        """Points by unit, without those of which there are none."""
        units = dict.fromkeys(part.unit for part in self.award.parts)
        given = {unit: self.award.points(unit) for unit in units}
        return {unit: points for unit, points in given.items() if points}


def whole(amount_minor: int) -> tuple[Line, ...]:
    """An order of which nothing is known but what it costs: a product that no rule can name."""
    return (Line(product="", quantity=1, amount_minor=amount_minor),)


def tried(policy: Policy, order: Order) -> Sequence[Tried]:
    """What the order gives without a tier, and in each tier from the lowest."""
    net_minor = sum(line.net_minor for line in order.lines)
    basket = Basket(order.lines, net_minor, net_minor)
    found = []
    for tier in ("", *policy.tiers):
        facts = Facts(
            kind="purchase",
            local=order.local,
            store=order.store,
            tier=tier,
            first_order=order.first_order,
            is_birthday=order.is_birthday,
            segments=order.segments,
            tags=order.tags,
        )
        found.append(Tried(tier, facts, policy.evaluate(facts, basket)))
    return found
