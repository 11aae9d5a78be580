"""Reads of the members room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from jifen.members.models import Identity, Member
from jifen.members.rules.identities import mask_phone, normalise
from jifen.members.sql import queries
from jifen.members.types import IdentityValue, MemberInfo, UnknownMember

__all__ = ["birthdays", "find", "mask_phone", "member", "members", "normalise"]


def find(identities: Collection[IdentityValue]) -> dict[IdentityValue, UUID]:
    """Member ids by (normalised) identity; unknown ones are left out. One query."""
    return queries.find_members(identities) if identities else {}


def birthdays(ids: Collection[UUID]) -> dict[UUID, date | None]:
    """Birthdays by id, of those that are members of this programme. Locks nothing."""
    return dict(Member.objects.filter(id__in=list(ids)).values_list("id", "birthday_on"))


def member(member_id: UUID) -> MemberInfo:
    """One member, or :class:`UnknownMember`."""
    row = Member.objects.filter(id=member_id).first()
    if row is None:
        raise UnknownMember("no such member in this programme")
    return _infos([row])[0]


def members(*, after: UUID | None, limit: int) -> list[MemberInfo]:
    """Members in the order they were made, after a given one."""
    rows = Member.objects.order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return _infos(list(rows[:limit]))


def _infos(rows: list[Member]) -> list[MemberInfo]:
    identities: dict[UUID, list[IdentityValue]] = {row.id: [] for row in rows}
    for row in Identity.objects.filter(member_id__in=list(identities)).order_by("id"):
        identities[row.member_id].append(IdentityValue(row.kind, row.value))
    return [
        MemberInfo(
            id=row.id,
            name=row.name,
            birthday_on=row.birthday_on,
            store_id=row.store_id,
            enrolled_at=row.enrolled_at,
            identities=tuple(identities[row.id]),
        )
        for row in rows
    ]
