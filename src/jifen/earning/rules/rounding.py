"""Rounding with a name. Exact, for fractions of integers that are not negative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Mode = Literal["floor", "ceil", "half_up", "half_even"]


def floor(numerator: int, denominator: int) -> int:
    """Down to the whole number."""
    return numerator // denominator


def ceil(numerator: int, denominator: int) -> int:
    """Up to the whole number."""
    return -(-numerator // denominator)


def half_up(numerator: int, denominator: int) -> int:
    """To the nearest, a half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def half_even(numerator: int, denominator: int) -> int:
    """To the nearest, a half to the even one."""
    whole, rest = divmod(numerator, denominator)
    if 2 * rest == denominator:
        return whole + (whole & 1)
    return whole + (2 * rest > denominator)


MODES: Final[dict[str, Callable[[int, int], int]]] = {
    "floor": floor,
    "ceil": ceil,
    "half_up": half_up,
    "half_even": half_even,
}


class Rounding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a base rule's exact result becomes whole points: once per order, or once per line."""

    mode: Annotated[Mode, Meta(description="floor, ceil, half_up or half_even")] = "floor"
    per: Annotated[Literal["order", "line"], Meta(description="once an order or each line")] = (
        "order"
    )
