"""What activities do to members themselves: joined, parted, ended. Written in the activity's own
transaction, for members whose rows are locked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from django.db.models import F
from msgspec import Struct

from jifen.common.sql import in_transaction
from jifen.members import audit
from jifen.members.models import Audit, Identity, Member, Merge, Tag
from jifen.members.sql import queries
from jifen.members.types import (
    ACTIVE,
    ERASED,
    LEFT,
    MERGED,
    Deed,
    Ended,
    Joined,
    Parted,
    Recalled,
)


class Moved(Struct, frozen=True, omit_defaults=True):
    """What a merge moved of the members themselves: ids of identities, tags and names of fields
    that the survivor gained."""

    identities: tuple[UUID, ...] = ()
    tags: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


_MOVED: Final = msgspec.json.Decoder(Moved)
_EMPTY: Final = {"name": "", "birthday_on": None, "store_id": None}
"""What a survivor takes over from the other where it has nothing of its own."""


def apply(deed: Deed, *, at: datetime) -> None:
    """Write one deed in the open transaction."""
    in_transaction()
    match deed:
        case Joined():
            _join(deed, at)
        case Parted():
            _part(deed, at)
        case Recalled():
            _recall(deed)
        case Ended():
            _end(deed, at)


def _join(deed: Joined, at: datetime) -> None:
    survivor, other = deed.survivor_id, deed.other_id
    identities = Identity.objects.filter(member_id=other)
    moved = Moved(
        identities=tuple(identities.order_by("id").values_list("id", flat=True)),
        tags=tuple(_tags_gained(survivor, other)),
        fields=tuple(_fields_gained(survivor, other)),
    )
    Merge.objects.create(
        id=deed.merge_id,
        survivor_id=survivor,
        other_id=other,
        merged_at=at,
        moved=msgspec.json.encode(moved).decode(),
    )
    identities.update(member_id=survivor)
    Tag.objects.bulk_create([Tag(member_id=survivor, tag=tag) for tag in moved.tags])
    source = Member.objects.get(id=other)
    gained = {field: getattr(source, field) for field in moved.fields}
    if gained:
        Member.objects.filter(id=survivor).update(**gained)
    Member.objects.filter(id=other).update(status=MERGED, merged_into_id=survivor)
    _record(deed, "merged", at)


def _part(deed: Parted, at: datetime) -> None:
    survivor, other = deed.survivor_id, deed.other_id
    row = Merge.objects.get(id=deed.merge_id)
    moved = _MOVED.decode(row.moved)
    Merge.objects.filter(id=deed.merge_id).update(undone_at=at)
    Identity.objects.filter(id__in=moved.identities, member_id=survivor).update(member_id=other)
    Tag.objects.filter(member_id=survivor, tag__in=moved.tags).delete()
    source, holder = Member.objects.get(id=other), Member.objects.get(id=survivor)
    # What was corrected since stays.
    lost = {
        field: _EMPTY[field]
        for field in moved.fields
        if getattr(holder, field) == getattr(source, field)
    }
    if lost:
        Member.objects.filter(id=survivor).update(**lost)
    Member.objects.filter(id=other).update(status=ACTIVE, merged_into_id=None)
    _record(deed, "unmerged", at)


def _recall(deed: Recalled) -> None:
    Merge.objects.filter(other_id__in=deed.members, undone_at=None).update(
        acts_since=F("acts_since") + 1
    )


def _end(deed: Ended, at: datetime) -> None:
    member_id = deed.member_id
    everybody = [member_id, *(part for _, part in queries.find_merged([member_id]))]
    Identity.objects.filter(member_id__in=everybody).delete()
    status, reason = LEFT, deed.reason
    if deed.erased:
        status, reason = ERASED, ""
        Member.objects.filter(id__in=everybody).update(name="", birthday_on=None)
        Tag.objects.filter(member_id__in=everybody).delete()
        Audit.objects.filter(member_id__in=everybody).update(reason="")
    Member.objects.filter(id=member_id).update(status=status)
    kind = "erased" if deed.erased else "left"
    audit.record(member_id=member_id, kind=kind, actor=deed.actor, reason=reason, at=at)


def _tags_gained(survivor: UUID, other: UUID) -> list[str]:
    has = Tag.objects.filter(member_id=survivor).values_list("tag", flat=True)
    tags = Tag.objects.filter(member_id=other).values_list("tag", flat=True)
    return sorted(set(tags) - set(has))


def _fields_gained(survivor: UUID, other: UUID) -> list[str]:
    mine, theirs = Member.objects.get(id=survivor), Member.objects.get(id=other)
    return [
        field
        for field, nothing in _EMPTY.items()
        if getattr(mine, field) == nothing != getattr(theirs, field)
    ]


def _record(deed: Joined | Parted, kind: str, at: datetime) -> None:
    """On both members, so that each one's history tells it."""
    for member_id in (deed.survivor_id, deed.other_id):
        audit.record(member_id=member_id, kind=kind, actor=deed.actor, reason=deed.reason, at=at)
