"""What members are called; knows no room, so that every part may ask."""

from __future__ import annotations

from typing import Final

SEGMENTS: Final = {"lately": 50_000, "nobody": 1_000_000_000}
"""The segments whose members are listed, by code: who spent that much (minor units) lately, which
is about half of the members, and nobody, so that a page looks at as many as it may."""


def phone(number: int) -> str:
    """The phone of the member with this number, from 0; see also ``bench.orders.member_name``."""
    return f"139{number:08d}"
