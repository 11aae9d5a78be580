"""The door to the outbox's statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from jifen.common.outbox.types import EventInfo, NewEvent
from jifen.common.sql import columns, in_transaction, statement

_HERE: Final = Path(__file__).parent


def insert_events(rows: Sequence[tuple[UUID, NewEvent, str]], *, at: datetime) -> None:
    """Append events: (id, event, reader)."""
    in_transaction()
    ids, topics, keys, payloads, readers = columns(
        [(i, each.topic, each.key, each.payload.decode(), reader) for i, each, reader in rows], 5
    )
    statement(_HERE, "insert_events").run(
        ids=ids, topics=topics, keys=keys, payloads=payloads, readers=readers, at=at
    )


def claim(
    *, reader: str, claim_id: UUID, at: datetime, until: datetime, limit: int
) -> list[EventInfo]:
    """Take the next events for a reader, until then."""
    rows = statement(_HERE, "claim").rows(
        reader=reader, claim=claim_id, at=at, until=until, limit=limit
    )
    return [
        EventInfo(event_id, topic, key, payload.encode(), tries)
        for event_id, topic, key, payload, tries in rows
    ]


def clean(*, before: datetime, limit: int) -> int:
    """Delete events done with before a time; answers how many."""
    return len(statement(_HERE, "clean").rows(before=before, limit=limit))
