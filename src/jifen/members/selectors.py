"""Reads of the members room."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from jifen.members.audit import entries
from jifen.members.models import Identity, Member, Merge, Tag
from jifen.members.rules.birthdays import check_birthday
from jifen.members.rules.identities import masked, normalise
from jifen.members.rules.privacy import discreet
from jifen.members.rules.tags import normalise_tag, normalise_tags
from jifen.members.sql import queries
from jifen.members.types import (
    IdentityValue,
    MemberInfo,
    MergeState,
    Registered,
    UnknownMember,
)

__all__ = [
    "check_birthday",
    "discreet",
    "entries",
    "find",
    "follow",
    "known_by_name",
    "masked",
    "member",
    "members_by_id",
    "merge",
    "merges",
    "normalise",
    "normalise_tag",
    "normalise_tags",
    "personal",
    "registered",
    "tagged",
    "tags",
    "used_tags",
]
_COUNTRY = "+86"


def find(identities: Collection[IdentityValue]) -> dict[IdentityValue, UUID]:
    """Member ids by (normalised) identity; unknown ones are left out. One query."""
    return queries.find_members(identities) if identities else {}


def registered(ids: Iterable[UUID]) -> dict[UUID, Registered]:
    """What is registered of those that are members of this programme. Locks nothing."""
    rows = Member.objects.filter(id__in=list(ids))
    return {
        member_id: Registered(birthday_on, status, merged_into)
        for member_id, birthday_on, status, merged_into in rows.values_list(
            "id", "birthday_on", "status", "merged_into_id"
        )
    }


def follow(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Whom each merged member became a part of, and so on up to one who is not merged."""
    return queries.follow_merges(ids) if ids else {}


def parts(member_id: UUID) -> list[UUID]:
    """Everybody who was merged into this member, directly or not."""
    return [part for _, part in queries.find_merged([member_id])]


def merges(others: Collection[UUID]) -> dict[UUID, MergeState]:
    """The merges in force by which these members became parts of others, by member."""
    rows = Merge.objects.filter(other_id__in=list(others), undone_at=None)
    return {row.other_id: _merge(row) for row in rows}


def merge(merge_id: UUID) -> MergeState | None:
    """The merge that this activity made, whether or not it was undone since."""
    row = Merge.objects.filter(id=merge_id).first()
    return _merge(row) if row else None


def personal(ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """The name and the identities of each member, also the names of all who became a part of it,
    and phones as they are dialled at home: what no text may keep."""
    whose = [(member_id, member_id) for member_id in ids] + queries.find_merged(ids)
    named = Member.objects.filter(id__in={part for _, part in whose})
    names = dict(named.values_list("id", "name"))
    found: dict[UUID, set[str]] = {member_id: set() for member_id in ids}
    for member_id, part in whose:
        found[member_id].add(names.get(part, ""))
    for row in Identity.objects.filter(member_id__in=list(ids)):
        found[row.member_id] |= {row.value, row.value.removeprefix(_COUNTRY)}
    return {member_id: frozenset(values - {""}) for member_id, values in found.items()}


def tags() -> dict[str, int]:
    """Every tag in use, with how many members who take part have it: reads all of them."""
    return queries.count_tags()


def used_tags() -> list[str]:
    """Every tag that some member has, whether or not they take part."""
    return queries.find_tags()


def tagged(ids: Collection[UUID], tags: Collection[str]) -> dict[str, set[UUID]]:
    """By tag as it is given, those of these members who have it. One query."""
    found: dict[str, set[UUID]] = {normalise_tag(tag): set() for tag in tags}
    rows = Tag.objects.filter(member_id__in=list(ids), tag__in=list(found))
    for member_id, tag in rows.values_list("member_id", "tag"):
        found[tag].add(member_id)
    return {tag: found[normalise_tag(tag)] for tag in tags}


def member(member_id: UUID) -> MemberInfo:
    """One member, or :class:`UnknownMember`. A merged or erased one is shown as it is."""
    row = Member.objects.filter(id=member_id).first()
    if row is None:
        raise UnknownMember("no such member in this programme")
    return _infos([row])[0]


def members_by_id(ids: Collection[UUID]) -> list[MemberInfo]:
    """These members, in the order they were made."""
    return _infos(list(Member.objects.filter(id__in=list(ids)).order_by("id")))


def names(ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those of these members who have one."""
    rows = Member.objects.filter(id__in=list(ids)).exclude(name="")
    return dict(rows.values_list("id", "name"))


def _merge(row: Merge) -> MergeState:
    return MergeState(row.id, row.survivor_id, row.other_id, row.merged_at, row.acts_since)


def _infos(rows: list[Member]) -> list[MemberInfo]:
    identities: dict[UUID, list[IdentityValue]] = {row.id: [] for row in rows}
    for row in Identity.objects.filter(member_id__in=list(identities)).order_by("id"):
        identities[row.member_id].append(IdentityValue(row.kind, row.value))
    tagged: dict[UUID, list[str]] = {row.id: [] for row in rows}
    # Put in order here: asked for in order, they might be read by the tag.
    for member_id, tag in Tag.objects.filter(member_id__in=list(tagged)).values_list(
        "member_id", "tag"
    ):
        tagged[member_id].append(tag)
    return [
        MemberInfo(
            id=row.id,
            name=row.name,
            birthday_on=row.birthday_on,
            store_id=row.store_id,
            enrolled_at=row.enrolled_at,
            identities=tuple(identities[row.id]),
            status=row.status,
            merged_into=row.merged_into_id,
            tags=tuple(sorted(tagged[row.id])),
        )
        for row in rows
    ]


def known_by_name(ids: Collection[UUID]) -> set[UUID]:
    """Those of whom a name, a phone or a WeChat is known; an e-mail address, a card or an external
    id is not enough."""
    wanted = list(ids)
    named = set(Member.objects.filter(id__in=wanted).exclude(name="").values_list("id", flat=True))
    reachable = Identity.objects.filter(member_id__in=wanted, kind__in=("phone", "wechat"))
    return named | set(reachable.values_list("member_id", flat=True))
