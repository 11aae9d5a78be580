"""What is kept of an order after refunds: absolute from the pieces refunded so far.

An amount of a line is split by pieces: refunded = floor(amount × pieces refunded ÷ pieces), kept
is the rest. Both depend on the sum of the refunds only, not on their number or order.
"""

from __future__ import annotations

from collections.abc import Mapping

from jifen.earning.rules.policy import Policy
from jifen.earning.types import Award, Basket, Facts, Line


def keep(lines: tuple[Line, ...], refunded: Mapping[int, int]) -> tuple[Line, ...]:
    """The lines with their kept pieces and amounts, each in its place: one that was refunded
    whole stays with nothing.

    The discount is what makes the kept net amount right: kept amount less kept net.
    """
    kept: list[Line] = []
    for position, line in enumerate(lines):
        pieces = refunded.get(position, 0)
        if pieces:
            amount = line.amount_minor - line.amount_minor * pieces // line.quantity
            net = line.net_minor - line.net_minor * pieces // line.quantity
            line = Line(  # noqa: PLW2901 - the kept part takes the line's place
                line.product,
                line.quantity - pieces,
                amount,
                amount - net,
                line.category,
                line.kind,
            )
        kept.append(line)
    return tuple(kept)


def award_kept(policy: Policy, facts: Facts, before: Award, kept: Basket) -> Award:
    """What is kept of the award ``before`` of an order of which ``kept`` is left.

    What the award took of each bound is its room now: others may have used the rest.
    """
    return policy.evaluate(policy.settled(facts, before), kept)
