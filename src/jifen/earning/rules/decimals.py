"""Decimals as integers: a text with at most four places becomes a whole number of 1/10,000."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

SCALE: Final = 10_000
"""One whole, in the integers that :func:`scaled` returns."""
PLACES: Final = 4

Decimal4 = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,6}([.][0-9]{1,4})?$",
        max_length=11,
        description='A decimal as text, from 0, at most four places: "1.5".',
    ),
]


def scaled(text: str) -> int:
    """``"1.5"`` → ``15000``. Raises ValueError when the text is not such a decimal."""
    whole, point, places = text.partition(".")
    if not (whole.isdecimal() and whole.isascii() and len(places) <= PLACES):
        raise ValueError(f"{text!r} is not a decimal with at most {PLACES} places")
    if point and not (places.isdecimal() and places.isascii()):
        raise ValueError(f"{text!r} is not a decimal with at most {PLACES} places")
    return int(whole) * SCALE + int(places.ljust(PLACES, "0"))


def plain(amount: int) -> str:
    """``15000`` → ``"1.5"``: the shortest text that :func:`scaled` reads back."""
    whole, places = divmod(amount, SCALE)
    if not places:
        return str(whole)
    return f"{whole}.{places:04}".rstrip("0")
