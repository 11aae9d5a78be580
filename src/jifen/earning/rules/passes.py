"""Passes: counted services, and where they can be used."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from jifen.earning.types import Code


class Pass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit that counts services: the merchants at whose stores it is used. Until when it is
    valid, ``expiry`` says, as for every unit."""

    merchants: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=1_000)]
