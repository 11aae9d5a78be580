"""Sharing an amount over lines, exactly: largest remainders."""

from __future__ import annotations

from collections.abc import Sequence


def share_out(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """``amount`` ≤ the sum of ``weights``, in proportion to them: each gets its share rounded
    down, and what is left over goes, one each, to the largest remainders, the earlier first.

    The parts add up to the amount, and none is above its weight.
    """
    total = sum(weights)
    if not total:
        return (0,) * len(weights)
    parts = [amount * weight // total for weight in weights]
    left = amount - sum(parts)
    if left:
        order = sorted(
            range(len(weights)), key=lambda place: (-(amount * weights[place] % total), place)
        )
        for place in order[:left]:
            parts[place] += 1
    return tuple(parts)
