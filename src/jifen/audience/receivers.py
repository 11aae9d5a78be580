"""Who gets a gift to many: members named one by one, or chosen by a question."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from jifen.audience import selectors, services
from jifen.audience.rules.conditions import ByOrders, Condition
from jifen.audience.types import BulkGift, ToAll, ToCondition, ToMembers, ToSegment
from jifen.earning import services as earning
from jifen.earning.types import MemberRef
from jifen.members import selectors as members
from jifen.members.types import IdentityValue, UnknownMember
from jifen.programmes.types import Stores

_EVERYBODY: Final = ByOrders(at_least=0)
"""Whoever takes part has no orders, or some."""


def check(gift: BulkGift, *, at: datetime, stores: Stores) -> None:
    """Raise what starting the gift would be refused for, by somebody of these stores."""
    earning.check_gift(unit=gift.unit, expires_at=gift.expires_at, at=at)
    match gift.to:
        case ToSegment(segment=code):
            selectors.segment(code, stores=stores)
        case ToCondition(condition=condition):
            services.check_condition(condition, at=at, stores=stores)


def count(gift: BulkGift, *, at: datetime, stores: Stores = None) -> int:
    """How many members a gift would go to, if somebody of these stores started it now. Raises what
    starting it would."""
    check(gift, at=at, stores=stores)
    if isinstance(gift.to, ToMembers):
        return len(named(gift.to.members))
    return selectors.count(condition_of(gift), at=at)


def discreet(gift: BulkGift) -> BulkGift:
    """A gift as it may be kept before it is started: members by their ids, and a reason that names
    nobody."""
    if not isinstance(gift.to, ToMembers):
        return replace(gift, reason=kept(gift.reason, ()))
    ids = sorted(named(gift.to.members))
    refs = tuple(MemberRef("id", str(member_id)) for member_id in ids)
    return replace(gift, reason=kept(gift.reason, ids), to=ToMembers(refs))


def kept(reason: str, ids: Collection[UUID]) -> str:
    """The reason as it may stay in the books: without the names and identities of those who get
    it."""
    personal = frozenset[str]().union(*members.personal(ids).values())
    return members.discreet(reason, personal=personal)


def condition_of(gift: BulkGift) -> Condition:
    """By what its members are chosen, unless they are named one by one."""
    match gift.to:
        case ToSegment(segment=code):
            return selectors.segment(code).condition
        case ToCondition(condition=condition):
            return condition
        case ToAll():
            return _EVERYBODY
        case ToMembers():
            raise RuntimeError("members who are named need no condition")


def named(refs: Iterable[MemberRef]) -> set[UUID]:
    """The members whom these name, or ``UnknownMember`` with the position of who is not there."""
    ids: dict[int, UUID] = {}
    identities: dict[int, IdentityValue] = {}
    for position, ref in enumerate(refs):
        if ref.kind != "id":
            identities[position] = members.normalise(IdentityValue(ref.kind, ref.value))
            continue
        try:
            ids[position] = UUID(ref.value)
        except ValueError as error:
            raise UnknownMember("a member's id is a UUID", position=position) from error
    known = members.find(set(identities.values()))
    ids |= {place: known[each] for place, each in identities.items() if each in known}
    there = members.registered(ids.values())
    for position in (*identities, *ids):
        if position not in ids or ids[position] not in there:
            raise UnknownMember("no member of this programme is this", position=position)
    return set(ids.values())
