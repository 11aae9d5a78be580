"""The list of members: those of whom some filters hold, page by page, in the order they were made.

A page follows the narrowest index that one of the filters has, asks the others of the members that
it meets, and after so many of them stops: with what it has found, and where to go on. So it costs
the same however many members there are, and a page may be short, even empty, before the last one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from jifen.audience import selectors, services
from jifen.audience.rules.conditions import AllOf, ByStore, ByTag, ByTier, Condition
from jifen.audience.sql import queries
from jifen.audience.sql.questions import Asker
from jifen.members.selectors import normalise_tags
from jifen.members.types import ACTIVE, FROZEN, STATUSES
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores

MOST_LOOKED_AT: Final = 5_000
"""Members whom one page looks at."""
_WIDER: Final = 4
"""By how much a look is wider than all before it, at most."""
_FIRST: Final = UUID(int=0)
_PART: Final = (ACTIVE, FROZEN)

Status = Literal["active", "frozen", "left", "erased", "merged"]


class Filters(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has to hold of a member, all of it. Without a ``status`` any filter leaves those who
    take part; a segment only has active ones."""

    status: Status | None = None
    tier: str | None = None
    tag: str | None = None
    store: str | None = None
    segment: str | None = None


class Listed(NamedTuple):
    """A page of ids, and the last member it looked at: nobody follows where that is None."""

    ids: list[UUID]
    after: UUID | None


class _Lead(NamedTuple):
    """The index to follow, and by which values."""

    statement: str
    values: tuple[str | UUID, ...] = ()


def page(
    filters: Filters, *, after: UUID | None, limit: int, at: datetime, stores: Stores = None
) -> Listed:
    """The next members of whom the filters hold at ``at``, for somebody of these stores.

    Raises ``UnknownSegment``, ``UnknownTier``, ``UnknownStore``, ``InvalidTag``, and ``WrongStore``
    for the members of a store that is not theirs.
    """
    condition = _condition(filters, at=at, stores=stores)
    statuses = _statuses(filters)
    lead = _lead(condition, statuses)
    found: list[UUID] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        look = min(_look(limit + 1, len(found), looked_at), MOST_LOOKED_AT - looked_at)
        met = queries.next_members(
            lead.statement, values=list(lead.values), after=after or _FIRST, look=look, at=at
        )
        found += _holding(met, condition, statuses, at)
        if len(found) > limit:
            return Listed(found[:limit], found[limit - 1])
        if len(met) < look:
            return Listed(found, None)
        after = met[-1]
        looked_at += look
    return Listed(found, after)


def _look(wanted: int, found: int, looked_at: int) -> int:
    """How many members to look at next: as many as it takes if they are like those before, and a
    few more; four times as many as before at most."""
    if not looked_at:
        return wanted
    likely = (wanted - found) * looked_at // max(found, 1) + wanted
    return min(likely, looked_at * _WIDER)


def _condition(filters: Filters, *, at: datetime, stores: Stores) -> Condition | None:
    """What is asked of each member, checked; None where there is nothing to ask."""
    asked: list[Condition] = []
    if filters.tag is not None:
        asked.append(ByTag(any_of=(filters.tag,)))
    if filters.tier is not None:
        asked.append(ByTier(any_of=(filters.tier,)))
    if filters.store is not None:
        asked.append(ByStore(any_of=(filters.store,)))
    if asked:
        services.check_condition(AllOf(of=tuple(asked)), at=at, stores=stores)
    if filters.segment is not None:
        asked.append(selectors.segment(filters.segment, stores=stores).condition)
    return AllOf(of=tuple(asked)) if asked else None


def _statuses(filters: Filters) -> tuple[str, ...]:
    """The statuses that the list shows."""
    if filters.segment is not None:
        return (ACTIVE,) if filters.status in {None, ACTIVE} else ()
    if filters.status is not None:
        return (filters.status,)
    return STATUSES if filters == Filters() else _PART


def _lead(condition: Condition | None, statuses: tuple[str, ...]) -> _Lead:
    """The narrowest index, by what is usually rare."""
    if condition is None:
        by_status = _Lead("next_by_status", statuses)
        return _Lead("next_members") if statuses == STATUSES else by_status
    parts = list(_parts(condition))
    for part in parts:
        if isinstance(part, ByTag):
            return _Lead("next_by_tag", tuple(sorted(normalise_tags(part.any_of))))
    if ACTIVE not in statuses:
        return _Lead("next_by_status", statuses)
    for part in parts:
        if isinstance(part, ByTier) and "" not in part.any_of:
            return _Lead("next_by_tier", part.any_of)
    for part in parts:
        if isinstance(part, ByStore):
            known = programmes.stores()
            return _Lead("next_by_store", tuple(known[code].id for code in part.any_of))
    return _Lead("next_members")


def _parts(condition: Condition) -> Iterator[Condition]:
    """What has to hold in any case."""
    if isinstance(condition, AllOf):
        for part in condition.of:
            yield from _parts(part)
    else:
        yield condition


def _holding(
    met: list[UUID], condition: Condition | None, statuses: tuple[str, ...], at: datetime
) -> list[UUID]:
    """Those of the members met of whom it holds, in their order."""
    if condition is None or not met:
        return met
    asker = Asker(
        at=at,
        zone=ZoneInfo(programmes.programme().time_zone),
        stores={code: store.id for code, store in programmes.stores().items()},
        among=met,
        statuses=statuses,
    )
    return sorted(queries.among(asker.question(condition)))
