"""Writes of the members room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.common.ids import new_id
from jifen.common.sql import in_transaction
from jifen.members.models import Identity, Member
from jifen.members.rules.identities import normalise
from jifen.members.sql import queries
from jifen.members.types import (
    Added,
    IdentityTaken,
    IdentityValue,
    LostRace,
    NewMember,
    NoIdentity,
)
from jifen.programmes import selectors as programmes
from jifen.programmes.types import StoreInfo, UnknownStore


def lock(ids: Iterable[UUID]) -> dict[UUID, date | None]:
    """Lock members in id order inside the open transaction: id → birthday of those that exist."""
    return queries.lock_members(ids)


def add(*, people: Sequence[NewMember], at: datetime) -> list[Added | JifenError]:
    """Enrol people in the open transaction; one answer each, in order.

    Somebody any of whose identities is known *is* that member, and gains the new identities.
    Raises :class:`LostRace` when another transaction enrolled one of the identities at the
    same moment: the unique key let it win, and the caller runs the whole call again.
    """
    in_transaction()
    stores = programmes.stores()
    plans = [_plan(person, stores) for person in people]
    wanted = {identity for plan in plans if isinstance(plan, frozenset) for identity in plan}
    owners = queries.find_members(wanted) if wanted else {}
    known = dict(owners)
    answers: list[Added | JifenError] = []
    fresh: list[Member] = []
    for person, plan in zip(people, plans, strict=True):
        answer = plan if isinstance(plan, JifenError) else _settle(plan, known)
        answers.append(answer)
        if isinstance(answer, Added) and answer.is_new:
            fresh.append(_member(answer.id, person, stores, at))
    Member.objects.bulk_create(fresh)
    _attach({identity: known[identity] for identity in known.keys() - owners.keys()})
    return answers


def _plan(
    person: NewMember, stores: Mapping[str, StoreInfo]
) -> frozenset[IdentityValue] | JifenError:
    try:
        wanted = frozenset(normalise(identity) for identity in person.identities)
    except JifenError as error:
        return error
    if not wanted:
        return NoIdentity("a member needs at least one identity")
    if person.store is not None and person.store not in stores:
        return UnknownStore(f"no store has the code {person.store!r}", store=person.store)
    return wanted


def _settle(
    wanted: frozenset[IdentityValue], known: dict[IdentityValue, UUID]
) -> Added | IdentityTaken:
    """Whose these identities are; ``known`` learns the ones that are new."""
    owners = {known[identity] for identity in wanted if identity in known}
    if len(owners) > 1:
        return IdentityTaken("the identities belong to different members")
    answer = Added(owners.pop(), is_new=False) if owners else Added(new_id(), is_new=True)
    known.update(dict.fromkeys(wanted, answer.id))
    return answer


def _member(
    member_id: UUID, person: NewMember, stores: Mapping[str, StoreInfo], at: datetime
) -> Member:
    return Member(
        id=member_id,
        name=person.name,
        birthday_on=person.birthday_on,
        store_id=stores[person.store].id if person.store else None,
        enrolled_at=at,
    )


def _attach(claims: Mapping[IdentityValue, UUID]) -> None:
    """Write identities, all in one order, and look whether each one became ours."""
    ordered = sorted(claims, key=lambda identity: (identity.kind, identity.value))
    rows = [
        Identity(member_id=claims[identity], kind=identity.kind, value=identity.value)
        for identity in ordered
    ]
    Identity.objects.bulk_create(rows, ignore_conflicts=True)
    if rows and queries.find_members(ordered) != claims:
        raise LostRace("an identity was enrolled by another transaction")
