"""What members are called; knows no room, so that every part may ask."""

from __future__ import annotations

from typing import Final

SEGMENT: Final = "lately"
"""The code of the segment whose members are listed."""


def phone(number: int) -> str:
    """The phone of the member with this number, from 0; see also ``bench.orders.member_name``."""
    return f"139{number:08d}"
