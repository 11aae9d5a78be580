"""What crosses the door of the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct


class NewEvent(Struct, frozen=True):
    """An event to be written: JSON ``payload`` of ``topic``, about ``key``."""

    topic: str
    key: UUID
    payload: bytes


class EventInfo(Struct, frozen=True):
    """An event as its reader gets it. ``tries`` counts this one too."""

    id: UUID
    topic: str
    key: UUID
    payload: bytes
    tries: int


class Undeliverable(Exception):
    """It can never be delivered, and why in one code of at most 60 letters."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reader(Protocol):
    """Who gets events. ``deliver`` reaches outside, with no transaction open; what it answers is
    passed on. The others are called in the transaction that records the result."""

    name: str
    topics: frozenset[str]

    def deliver(self, event: EventInfo, *, at: datetime) -> Any:
        """Deliver, or raise: :class:`Undeliverable` for good, anything else to be tried again. It
        may happen twice for one event, so what is reached should recognise the event's id."""

    def delivered(self, event: EventInfo, answer: Any, *, at: datetime) -> None:
        """Write down what follows from it."""

    def gave_up(self, event: EventInfo, reason: str, *, at: datetime) -> None:
        """Write down that it will not be tried again."""
