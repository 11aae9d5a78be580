"""Writes of the members room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.common.ids import new_id
from jifen.common.sql import RowsMissing, in_transaction, pipelined
from jifen.members.deeds import apply
from jifen.members.rules.birthdays import check_birthday
from jifen.members.rules.identities import normalise
from jifen.members.sql import queries
from jifen.members.statuses import change, freeze, gone, local_day, unfreeze
from jifen.members.types import (
    ACTIVE,
    FROZEN,
    Added,
    IdentityTaken,
    IdentityValue,
    LostRace,
    NewMember,
    NoIdentity,
    Registered,
)
from jifen.programmes import selectors as programmes
from jifen.programmes.types import StoreInfo, UnknownStore

Row = tuple[UUID, str, date | None, UUID | None]
"""A new member: id, name, birthday, store."""
__all__ = ["add", "apply", "change", "freeze", "gone", "lock", "lock_free", "unfreeze"]


def lock(ids: Iterable[UUID]) -> dict[UUID, Registered]:
    """Lock members in id order inside the open transaction: what is registered of those that
    exist, by id."""
    return queries.lock_members(ids)


def lock_free(ids: Iterable[UUID]) -> set[UUID]:
    """Lock those of these members whom nobody else holds, without waiting for the others; answers
    which. For work that can come back later."""
    return queries.lock_free_members(ids)


def add(*, people: Sequence[NewMember], at: datetime) -> list[Added | JifenError]:
    """Enrol people in the open transaction; one answer each, in order.

    Somebody any of whose identities is known *is* that member, and gains the new identities.
    Raises :class:`LostRace` when another transaction enrolled one of the identities at the
    same moment: the unique key let it win, and the caller runs the whole call again.
    """
    in_transaction()
    stores, today = programmes.stores(), local_day(at)
    plans = [_plan(person, stores, today) for person in people]
    wanted = {identity for plan in plans if isinstance(plan, frozenset) for identity in plan}
    owners = _locked_owners(wanted) if wanted else {}
    known = dict(owners)
    answers: list[Added | JifenError] = []
    fresh: list[Row] = []
    for person, plan in zip(people, plans, strict=True):
        answer = plan if isinstance(plan, JifenError) else _settle(plan, known)
        answers.append(answer)
        if isinstance(answer, Added) and answer.is_new:
            store_id = stores[person.store].id if person.store else None
            fresh.append((answer.id, person.name, person.birthday_on, store_id))
    _write(fresh, {each: known[each] for each in known.keys() - owners.keys()}, at)
    return answers


def _locked_owners(wanted: Iterable[IdentityValue]) -> dict[IdentityValue, UUID]:
    """Whose the identities are. Their owners are locked, so that nobody gains an identity while
    they are being merged or forgotten; raises :class:`LostRace` when somebody just was."""
    identities = list(wanted)
    owners = queries.find_members(identities)
    if owners:
        rows = queries.lock_members(owners.values())
        here = all(row.status in {ACTIVE, FROZEN} for row in rows.values())
        if not here or queries.find_members(identities) != owners:
            raise LostRace("a member was merged, or left, at this moment")
    return owners


def _plan(
    person: NewMember, stores: Mapping[str, StoreInfo], today: date
) -> frozenset[IdentityValue] | JifenError:
    try:
        wanted = frozenset(normalise(identity) for identity in person.identities)
        check_birthday(person.birthday_on, today)
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


def _write(fresh: Sequence[Row], claims: Mapping[IdentityValue, UUID], at: datetime) -> None:
    """Write members and identities, the latter in one order, each of which must become ours."""
    try:
        with pipelined():
            if fresh:
                queries.insert_members(fresh, enrolled_at=at)
            if claims:
                ordered = sorted(claims, key=lambda identity: (identity.kind, identity.value))
                queries.insert_identities({each: claims[each] for each in ordered})
    except RowsMissing as error:
        if error.name == queries.INSERT_IDENTITIES:
            raise LostRace("an identity was enrolled by another transaction") from error
        raise
