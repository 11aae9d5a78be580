"""Writing events, and bringing them to their readers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import F
from msgspec import Struct

from jifen.common.ids import new_id
from jifen.common.outbox.models import Delivery
from jifen.common.outbox.sql import queries
from jifen.common.outbox.types import EventInfo, NewEvent, Reader, Undeliverable
from jifen.common.sql import in_transaction

CLAIM: Final = 10
"""Events that a worker takes at once."""
LEASE: Final = timedelta(minutes=10)
"""How long they are its own. None is begun in its second half, so what is begun ends within it."""
TRIES: Final = 8
KEPT: Final = timedelta(days=30)
"""How long an event is kept that is done with."""
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
_LONGEST_REASON: Final = 60
_RECORD_TRIES: Final = 5
_log: Final = logging.getLogger(__name__)
_readers: Final[dict[str, Reader]] = {}


class Delivered(Struct, frozen=True):
    """What became of the events that were tried."""

    delivered: int = 0
    again: int = 0
    given_up: int = 0

    @property
    def tried(self) -> int:
        """All of them."""
        return self.delivered + self.again + self.given_up


def register(reader: Reader) -> None:
    """Let a reader have the events of its topics that are written from now on."""
    _readers[reader.name] = reader


def write(events: Sequence[NewEvent], *, at: datetime) -> None:
    """Append events in the open transaction. Whoever locks their keys' owners before writes them
    in the order in which they happened. What no reader wants is not kept."""
    in_transaction()
    rows = [
        (event_id, event, reader.name)
        for event_id, event in [(new_id(), each) for each in events]
        for reader in _readers.values()
        if event.topic in reader.topics
    ]
    if rows:
        queries.insert_events(rows, at=at)


def deliver(*, reader: str, clock: Callable[[], datetime], limit: int | None = None) -> Delivered:
    """Bring a reader the events whose time has come, ``limit`` at most.

    Several workers may do it at once. Killed at any moment, what one had taken is anybody's again
    after a while. ``clock`` is read for each event: delivering takes time.
    """
    counts = Delivered()
    while limit is None or counts.tried < limit:
        most = CLAIM if limit is None else min(CLAIM, limit - counts.tried)
        claim_id, at = new_id(), clock()
        with transaction.atomic():
            events = queries.claim(
                reader=reader, claim_id=claim_id, at=at, until=at + LEASE, limit=most
            )
        if not events:
            break
        for done, event in enumerate(events):
            if done and clock() >= at + LEASE / 2:
                _leave(reader, events[done:], claim_id, clock())
                break
            counts = _counted(counts, _deliver(_readers[reader], event, claim_id, clock))
    return counts


def clean(*, at: datetime, limit: int = 10_000) -> int:
    """Delete up to ``limit`` events that have been done with for long; answers how many."""
    with transaction.atomic():
        return queries.clean(before=at - KEPT, limit=limit)


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries: 1, 4, 16 minutes and so on, 6 hours at most."""
    longest: int = 4 ** (tries - 1)
    return min(_FIRST_WAIT * longest, _LONGEST_WAIT)


def _leave(reader: str, events: Sequence[EventInfo], claim_id: UUID, at: datetime) -> None:
    """Let others have what was not begun, as if it had not been taken, unless they do already."""
    mine = Delivery.objects.filter(
        event_id__in=[event.id for event in events],
        reader=reader,
        state="waiting",
        claim=claim_id,
    )
    mine.update(claim=None, next_at=at, tries=F("tries") - 1)


def _deliver(
    reader: Reader, event: EventInfo, claim_id: UUID, clock: Callable[[], datetime]
) -> str:
    """One event; answers the state it has now, or nothing when somebody else has it by now."""
    if event.tries > TRIES:
        return _give_up(reader, event, claim_id, "never_came_back", clock())
    try:
        answer = reader.deliver(event, at=clock())
        return _record(reader, event, claim_id, answer, clock)
    except Undeliverable as error:
        return _give_up(reader, event, claim_id, error.reason, clock())
    except Exception as error:  # noqa: BLE001  # whatever it is, it concerns this event alone
        reason = type(error).__name__
        _log.warning("event %s failed for %s: %s", event.id, reader.name, reason)
        if event.tries >= TRIES:
            return _give_up(reader, event, claim_id, reason, clock())
        return _try_again(reader, event, claim_id, reason, clock())


def _record(
    reader: Reader, event: EventInfo, claim_id: UUID, answer: Any, clock: Callable[[], datetime]
) -> str:
    """Write that it was delivered. It was, so whoever holds what is to be written is waited for
    several times before all of it is tried again."""
    tries = 0
    while True:
        at, tries = clock(), tries + 1
        try:
            with transaction.atomic():
                if not _change(reader, event, claim_id, state="delivered", done_at=at, reason=""):
                    return ""
                reader.delivered(event, answer, at=at)
        except OperationalError:
            if tries == _RECORD_TRIES:
                raise
        else:
            return "delivered"


def _try_again(reader: Reader, event: EventInfo, claim_id: UUID, reason: str, at: datetime) -> str:
    next_at = at + wait_after(event.tries)
    return "waiting" if _change(reader, event, claim_id, next_at=next_at, reason=reason) else ""


def _give_up(reader: Reader, event: EventInfo, claim_id: UUID, reason: str, at: datetime) -> str:
    with transaction.atomic():
        if not _change(reader, event, claim_id, state="given_up", done_at=at, reason=reason):
            return ""
        reader.gave_up(event, reason, at=at)
    return "given_up"


def _change(
    reader: Reader, event: EventInfo, claim_id: UUID, *, reason: str, **changes: Any
) -> bool:
    """Write the result, unless the event was taken by another worker since."""
    mine = Delivery.objects.filter(
        event_id=event.id, reader=reader.name, state="waiting", claim=claim_id
    )
    return bool(mine.update(claim=None, reason=reason[:_LONGEST_REASON], **changes))


def _counted(counts: Delivered, state: str) -> Delivered:
    return Delivered(
        counts.delivered + (state == "delivered"),
        counts.again + (state == "waiting"),
        counts.given_up + (state == "given_up"),
    )
