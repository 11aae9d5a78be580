"""Writes of the audience: segments, and what undoes a merge."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from jifen.audience import selectors
from jifen.audience.models import Segment
from jifen.audience.rules.conditions import Condition, check, tiers_in
from jifen.audience.types import SegmentInfo, SegmentInUse, UnknownSegment
from jifen.common.ids import new_id
from jifen.earning import selectors as earning
from jifen.earning.errors import UnknownMerge, WrongStore
from jifen.earning.types import MemberRef, MergeUndo
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores
from jifen.tiers.types import UnknownTier


def save_segment(
    *,
    code: str,
    name: str,
    condition: Condition,
    by: str,
    at: datetime,
    stores: Stores = None,
) -> SegmentInfo:
    """Write a segment, replacing what it was, or raise what is wrong with its condition. Who works
    in some ``stores`` asks of those only, and replaces none that asks of others."""
    check_condition(condition, at=at, stores=stores)
    if code in selectors.codes():
        selectors.segment(code, stores=stores)
    values = {
        "name": name,
        "condition": msgspec.json.encode(condition).decode(),
        "updated_at": at,
        "updated_by": by,
    }
    Segment.objects.bulk_create(
        [Segment(id=new_id(), code=code, **values)],
        update_conflicts=True,
        unique_fields=["programme_id", "code"],
        update_fields=list(values),
    )
    return selectors.segment(code)


def check_condition(condition: Condition, *, at: datetime, stores: Stores = None) -> None:
    """Raise what is wrong with a condition: ``InvalidSegment``, ``UnknownStore``, ``UnknownTier``
    or ``InvalidTag``; with ``stores`` also ``WrongStore`` where it asks of others."""
    check(condition)
    if not selectors.asks_of(condition, stores):
        raise WrongStore("ask of your own stores only", stores=list(stores or ()))
    selectors.question(condition, at=at)
    _check_tiers(condition, at)


def drop_segment(*, code: str, at: datetime, stores: Stores = None) -> None:
    """Delete a segment that asks of these stores only. Raises :class:`UnknownSegment`, or
    :class:`SegmentInUse` while rules in force or to come are for its members: they would be for
    nobody in silence.

    Locked before the rules are read: who publishes some that name it is done by then, or waits
    and finds it gone (:func:`jifen.audience.selectors.kept`).
    """
    selectors.segment(code, stores=stores)
    found = Segment.objects.filter(code=code)
    with transaction.atomic():
        if found.select_for_update().first() is None:
            raise UnknownSegment(f"no segment has the code {code!r}", segment=code)
        if code in earning.segments_of_rules(at):
            raise SegmentInUse(
                f"rules in force or to come are for the segment {code!r}", segment=code
            )
        found.delete()


def undoing(
    *, merge_id: UUID, key: str, reason: str, actor: str, occurred_at: datetime
) -> MergeUndo:
    """The activity that undoes a merge, or :class:`UnknownMerge`."""
    merge = members.merge(merge_id)
    if merge is None:
        raise UnknownMerge("no merge has this id", id=str(merge_id))
    other = MemberRef("id", str(merge.other_id))
    return MergeUndo(
        key=key, occurred_at=occurred_at, of=merge_id, other=other, reason=reason, actor=actor
    )


def _check_tiers(condition: Condition, at: datetime) -> None:
    """Raise when the ladder in force has no such tier: a misspelt one would choose nobody."""
    named = tiers_in(condition)
    if not named:
        return
    document = programmes.rule_set(programmes.version_at(at)).document
    ladder = document.get("ladder") or {}
    for tier in sorted(named - {rung["code"] for rung in ladder.get("rungs", ())}):
        raise UnknownTier(f"the ladder has no tier {tier!r}", tier=tier)
