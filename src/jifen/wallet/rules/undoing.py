"""What a refund gives back of each means of payment: absolute from the money refunded so far.

One line through all means, in a written order: points, bonus money, principal, money. Each takes
its share of what the earlier ones left over, rounded down; the rest goes on to the next one, and
money takes what is left. Each share is a function of the sum refunded alone that never falls, so
any sequence of refunds gives back, of each means, what one refund of their union does; the parts
add up to what is refunded; and a full refund gives everything back. (Shares rounded each for
itself do not do this: the last one could be asked for more than was paid with it.)
"""

from __future__ import annotations

from jifen.wallet.types import Means


def undo(paid: Means, refunded_minor: int, net_minor: int) -> Means:
    """What goes back, in all, of an order of ``net_minor`` paid by ``paid`` when so much of it is
    refunded."""
    points = paid.points * refunded_minor // net_minor if net_minor else 0
    shares: list[int] = []
    left, of = refunded_minor, net_minor
    for amount in (paid.offset_minor, paid.bonus_minor, paid.principal_minor):
        share = amount * left // of if of else 0
        shares.append(share)
        left, of = left - share, of - amount
    offset_minor, bonus_minor, principal_minor = shares
    return Means(points, offset_minor, bonus_minor, principal_minor, left)


def less(after: Means, before: Means) -> Means:
    """What is given back now, when ``before`` was given back before."""
    return Means(
        after.points - before.points,
        after.offset_minor - before.offset_minor,
        after.bonus_minor - before.bonus_minor,
        after.principal_minor - before.principal_minor,
        after.money_minor - before.money_minor,
    )
