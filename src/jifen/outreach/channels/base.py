"""What a channel is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct


class Letter(Struct, frozen=True):
    """Something to be sent: the same ``id`` again is the same letter."""

    id: UUID
    member_id: UUID
    subject: str
    body: str
    at: datetime


class ChannelNotSetUp(Exception):
    """Its settings are missing. It is tried again, since somebody may set them."""


class Channel(Protocol):
    """A way to reach members."""

    name: str

    def address(self, identities: Mapping[str, str]) -> str | None:
        """Where it reaches somebody with these identities (value by kind); None: it does not."""

    def send(self, letter: Letter, address: str) -> None:
        """Send, or raise: ``Undeliverable`` for good, anything else to be tried again."""
