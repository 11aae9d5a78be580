"""What staff does to a member: freeze, unfreeze, correct the name or birthday, put tags on.

Each takes the member's lock, so what is booked at the same moment is booked wholly before or
wholly after it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from msgspec import UNSET

from jifen.members import audit
from jifen.members.models import Member, Tag
from jifen.members.rules.birthdays import check_birthday
from jifen.members.rules.tags import MOST_TAGS, normalise_tags
from jifen.members.sql import queries
from jifen.members.types import (
    ACTIVE,
    FROZEN,
    MERGED,
    AlreadyFrozen,
    Changes,
    MemberLeft,
    MemberMerged,
    NotFrozen,
    Registered,
    TooManyTags,
    UnknownMember,
)
from jifen.programmes import selectors as programmes


def freeze(*, member_id: UUID, actor: str, reason: str, at: datetime) -> None:
    """Let the member earn, burn and transfer nothing until it is unfrozen."""
    with transaction.atomic():
        if present(member_id).status == FROZEN:
            raise AlreadyFrozen("this member is frozen already")
        Member.objects.filter(id=member_id).update(status=FROZEN)
        audit.record(member_id=member_id, kind="frozen", actor=actor, reason=reason, at=at)


def unfreeze(*, member_id: UUID, actor: str, reason: str, at: datetime) -> None:
    """Let a frozen member take part again."""
    with transaction.atomic():
        if present(member_id).status != FROZEN:
            raise NotFrozen("this member is not frozen")
        Member.objects.filter(id=member_id).update(status=ACTIVE)
        audit.record(member_id=member_id, kind="unfrozen", actor=actor, reason=reason, at=at)


def change(*, member_id: UUID, changes: Changes, actor: str, at: datetime) -> None:
    """Correct a member's name or birthday, put tags on and take tags off; all or nothing.

    What already is so stays so: the same change twice is one.
    """
    adding, removing = normalise_tags(changes.add_tags), normalise_tags(changes.remove_tags)
    if changes.birthday_on is not UNSET:
        check_birthday(changes.birthday_on, local_day(at))
    with transaction.atomic():
        present(member_id)
        fields = _write_fields(member_id, changes)
        if _write_tags(member_id, adding - removing, removing):
            fields.append("tags")
        if fields:
            audit.record(member_id=member_id, kind="changed", actor=actor, fields=fields, at=at)


def present(member_id: UUID) -> Registered:
    """Lock a member who is one still (active or frozen), or raise why there is none."""
    row = queries.lock_members([member_id]).get(member_id)
    if row is None:
        raise UnknownMember("no such member in this programme")
    if row.status not in {ACTIVE, FROZEN}:
        raise gone(row)
    return row


def gone(row: Registered) -> MemberMerged | MemberLeft:
    """Why a member is none any more."""
    if row.status == MERGED:
        survivor_id = str(row.merged_into)
        return MemberMerged("this member is a part of another one", survivor_id=survivor_id)
    return MemberLeft("this membership has ended", status=row.status)


def local_day(at: datetime) -> date:
    """The day of an instant in the programme's zone."""
    return at.astimezone(ZoneInfo(programmes.programme().time_zone)).date()


def _write_fields(member_id: UUID, changes: Changes) -> list[str]:
    """Write name and birthday where they differ; answers which did."""
    wanted = {"name": changes.name, "birthday_on": changes.birthday_on}
    row = Member.objects.get(id=member_id)
    changed = {
        field: value
        for field, value in wanted.items()
        if value is not UNSET and getattr(row, field) != value
    }
    if changed:
        Member.objects.filter(id=member_id).update(**changed)
    return list(changed)


def _write_tags(member_id: UUID, adding: Collection[str], removing: Collection[str]) -> bool:
    """Put tags on and take tags off a locked member; answers whether anything changed."""
    has = set(Tag.objects.filter(member_id=member_id).values_list("tag", flat=True))
    after = (has | set(adding)) - set(removing)
    if len(after) > MOST_TAGS and len(after) > len(has):
        raise TooManyTags(f"a member has at most {MOST_TAGS} tags", tags=len(after))
    Tag.objects.filter(member_id=member_id, tag__in=list(has - after)).delete()
    Tag.objects.bulk_create([Tag(member_id=member_id, tag=tag) for tag in sorted(after - has)])
    return after != has
