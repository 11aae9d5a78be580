"""What members are called; knows no room, so that every part may ask."""

from __future__ import annotations


def phone(number: int) -> str:
    """The phone of the member with this number, from 0; see also ``bench.orders.member_name``."""
    return f"139{number:08d}"
