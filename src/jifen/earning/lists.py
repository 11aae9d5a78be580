"""Lists of top-ups and of uses of passes, by store and day, by member, or by reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from jifen.earning.models import Activity
from jifen.earning.record import Earlier
from jifen.earning.sql import queries
from jifen.earning.types import Award, Listed, PassUseInfo, TopUpInfo
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes

TOP_UP: Final = "top_up"
USE: Final = "pass_use"
_FIRST: Final = UUID(int=0)
_Row = tuple[Earlier, str, str | None, datetime]
"""An act with its latest, and its store, reference and time."""


def top_ups(which: Listed) -> list[TopUpInfo]:
    """Top-ups, the latest first, as they stand now."""
    return [_top_up(*row) for row in _rows(TOP_UP, which)]


def pass_uses(which: Listed) -> list[PassUseInfo]:
    """Uses of passes, the latest first, as they stand now."""
    return [_pass_use(*row) for row in _rows(USE, which)]


def _rows(kind: str, which: Listed) -> list[_Row]:
    stores = {store.id: store.code for store in programmes.stores().values()}
    reach = [each for each, code in stores.items() if which.stores is None or code in which.stores]
    ids = _ids(kind, which, reach)
    acts = queries.load_earlier(ids)
    told = {
        row.id: (row.reference, row.occurred_at)
        for row in Activity.objects.filter(id__in=ids).only("id", "reference", "occurred_at")
    }
    return [(acts[each], stores[acts[each].store_id], *told[each]) for each in ids]


def _ids(kind: str, which: Listed, stores: list[UUID]) -> list[UUID]:
    before = _place(which)
    if which.reference is not None:
        return _by_reference(kind, which, stores, before)
    member_id = which.member_id
    return queries.listed(
        kind=kind,
        stores=stores,
        members=None if member_id is None else [member_id, *members.parts(member_id)],
        begins_at=which.begins_at,
        before=before,
        limit=which.limit,
    )


def _place(which: Listed) -> tuple[datetime, UUID]:
    """Where the list goes on: at its end, or after the row that was told last."""
    ends = (which.ends_at, _FIRST)
    if which.before is None:
        return ends
    last = Activity.objects.filter(id=which.before).values_list("occurred_at", "id").first()
    return min(ends, last) if last else (which.begins_at, _FIRST)


def _by_reference(
    kind: str, which: Listed, stores: list[UUID], before: tuple[datetime, UUID]
) -> list[UUID]:
    """A reference is one store's, so there is at most one row for each."""
    named = [(store, kind, which.reference or "") for store in stores]
    found = queries.known(references=named, once=(), keys=()).references.values()
    rows = Activity.objects.filter(id__in=[each for each, _ in found])
    if which.member_id is not None:
        rows = rows.filter(member_id__in=[which.member_id, *members.parts(which.member_id)])
    places = rows.filter(occurred_at__gte=which.begins_at).values_list("occurred_at", "id")
    wanted = sorted((place for place in places if place < before), reverse=True)
    return [activity_id for _, activity_id in wanted[: which.limit]]


def _top_up(act: Earlier, store: str, reference: str | None, at: datetime) -> TopUpInfo:
    latest = act.latest or act.record
    topped_up = latest.topped_up
    if act.member_id is None or topped_up is None or reference is None:
        raise RuntimeError("a top-up has a member, a reference and what it is")
    return TopUpInfo(
        id=act.id,
        member_id=act.member_id,
        store=store,
        reference=reference,
        occurred_at=at,
        paid_minor=topped_up.paid_minor,
        refunded_minor=topped_up.refunded_minor,
        gave=_gave(latest.award),
    )


def _gave(award: Award) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for part in award.parts:
        sums[part.unit] += part.points
    return {unit: points for unit, points in sums.items() if points}


def _pass_use(act: Earlier, store: str, reference: str | None, at: datetime) -> PassUseInfo:
    [(unit, points)] = act.record.points.items()
    if act.member_id is None:
        raise RuntimeError("a use of a pass has a member")
    return PassUseInfo(
        id=act.id,
        member_id=act.member_id,
        store=store,
        reference=reference,
        occurred_at=at,
        unit=unit,
        count=-points,
        is_undone=act.acts > 0,
    )
