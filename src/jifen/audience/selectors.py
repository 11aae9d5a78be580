"""Reads of the audience room: segments, and who is in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from jifen.audience.models import Segment
from jifen.audience.rules.conditions import Condition, schema, stores_in
from jifen.audience.sql import queries
from jifen.audience.sql.questions import Asker, Question
from jifen.audience.types import SegmentInfo, UnknownSegment
from jifen.common.sql import in_transaction
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores, UnknownStore

__all__ = [
    "among",
    "asks_of",
    "codes",
    "count",
    "kept",
    "members",
    "question",
    "schema",
    "segment",
    "segments",
]
# Seen by msgspec now, in one thread: two that look into a type for the first time can crash.
_CONDITIONS: Final = msgspec.json.Decoder(Condition)


def segments(*, stores: Stores = None) -> list[SegmentInfo]:
    """Every segment, by code; with ``stores`` those that ask of no other."""
    infos = [_info(row) for row in Segment.objects.order_by("code")]
    return [info for info in infos if asks_of(info.condition, stores)]


def segment(code: str, *, stores: Stores = None) -> SegmentInfo:
    """One segment, that asks of these stores only, or :class:`UnknownSegment`."""
    row = Segment.objects.filter(code=code).first()
    if row is None or not asks_of((info := _info(row)).condition, stores):
        raise UnknownSegment(f"no segment has the code {code!r}", segment=code)
    return info


def asks_of(condition: Condition, stores: Stores) -> bool:
    """Whether the condition names none but these stores: who is chosen by another store's orders
    tells what was bought there."""
    return stores is None or stores_in(condition) <= set(stores)


def count(condition: Condition, *, at: datetime) -> int:
    """How many members the condition chooses at ``at``."""
    return queries.count(question(condition, at=at))


def members(condition: Condition, *, at: datetime, after: UUID | None, limit: int) -> list[UUID]:
    """The members that the condition chooses at ``at``, in the order they were made, after a given
    one: a job that asks page by page with one ``at`` meets each once."""
    return queries.members(question(condition, at=at), after=after, limit=limit)


def codes() -> set[str]:
    """The codes of all segments."""
    return set(Segment.objects.values_list("code", flat=True))


def kept() -> set[str]:
    """The same, none of which goes away before the open transaction ends: rules
    that are being published may name them."""
    in_transaction()
    return set(queries.keep_segments())


def among(
    codes: Collection[str],
    members: Collection[UUID],
    *,
    at: datetime,
    zone: ZoneInfo,
    stores: Mapping[str, UUID],
) -> dict[str, set[UUID]]:
    """Those of ``members`` who are in each segment at ``at``, in one statement for a segment and
    one for all their conditions; nobody is in one that is gone."""
    rows = Segment.objects.filter(code__in=list(codes)).values_list("code", "condition")
    found: dict[str, set[UUID]] = {code: set() for code in codes}
    for code, text in rows:
        condition = _CONDITIONS.decode(text)
        if not stores_in(condition) <= stores.keys():  # one of them is newer than ``stores``
            stores = {each: store.id for each, store in programmes.stores().items()}
        asker = Asker(at=at, zone=zone, stores=stores, among=members)
        found[code] = set(queries.among(asker.question(condition)))
    return found


def question(condition: Condition, *, at: datetime) -> Question:
    """The condition as it is asked. Raises ``UnknownStore`` and ``InvalidTag``."""
    stores = {code: store.id for code, store in programmes.stores().items()}
    for code in sorted(stores_in(condition)):
        if code not in stores:
            raise UnknownStore(f"no store has the code {code!r}", store=code)
    zone = ZoneInfo(programmes.programme().time_zone)
    return Asker(at=at, zone=zone, stores=stores).question(condition)


def _info(row: Segment) -> SegmentInfo:
    return SegmentInfo(
        id=row.id,
        code=row.code,
        name=row.name,
        condition=_CONDITIONS.decode(row.condition),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
