"""Enrolment: members, their standing and what they bring, with the activities that say so.

The rows keep a digest of the request but no name and no phone: personal data lives in the
members room only, where it can be erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from jifen.common.errors import JifenError
from jifen.earning.batch import run
from jifen.earning.context import Context
from jifen.earning.decisions.adjustment import check_opening
from jifen.earning.errors import KeyConflict
from jifen.earning.intake import take_in
from jifen.earning.sql import queries
from jifen.earning.sql.queries import KnownActivity
from jifen.earning.state import Item
from jifen.earning.types import (
    LONGEST_KEY,
    Activity,
    Caller,
    Enrolment,
    MemberRef,
    Opening,
    OpeningLot,
    Outcome,
    Refused,
)
from jifen.ledger import services as ledger
from jifen.members import services as members
from jifen.members.types import Added, IdentityValue, LostRace
from jifen.members.types import NewMember as Person
from jifen.tiers import services as tiers

_NOBODY: Final = UUID(int=0)
_ANY_DIGEST: Final = b"-"
"""Stands for a digest that nobody looks at."""


class NewMember(Struct, frozen=True, omit_defaults=True):
    """A person to enrol under a key of the caller, with what they bring."""

    key: str
    identities: tuple[IdentityValue, ...]
    name: str = ""
    birthday_on: date | None = None
    store: str | None = None
    lots: tuple[OpeningLot, ...] = ()
    tier: str | None = None
    occurred_at: datetime | None = None
    """When the member joined; now without it."""


class Enrolled(Struct, frozen=True):
    """The member; ``is_new`` is false for somebody who was a member before, ``replayed`` says
    that this key was answered before. ``activities`` are what was booked for it."""

    key: str
    member_id: UUID
    is_new: bool
    replayed: bool = False
    activities: tuple[Outcome, ...] = ()


def join(
    context: Context, people: Sequence[NewMember], caller: Caller, at: datetime
) -> list[Enrolled | Refused]:
    """Enrol in the open transaction; one answer each, in order."""
    digests = [_digest(person) for person in people]
    answers = _known(context, people, digests, caller, at)
    firsts: dict[str, int] = {}
    for position, person in enumerate(people):
        if position not in answers:
            firsts.setdefault(person.key, position)
    arrived = {
        position: Added(answer.member_id, is_new=False)
        for position, answer in answers.items()
        if isinstance(answer, Enrolled)
    }
    fresh = list(firsts.values())
    added = members.add(
        people=[
            Person(p.identities, p.name, p.birthday_on, p.store)
            for p in (people[position] for position in fresh)
        ],
        at=at,
    )
    _refuse_race(people, fresh, added, caller)
    for position, who in zip(fresh, added, strict=True):
        if isinstance(who, JifenError):
            answers[position] = Refused(people[position].key, who)
        else:
            arrived[position] = who
            answers[position] = Enrolled(people[position].key, who.id, who.is_new)
    newcomers = [who.id for who in arrived.values() if who.is_new]
    tiers.open_standings(newcomers)
    ledger.open_accounts(
        members=newcomers, units=[unit.id for unit in context.settings.units.values()]
    )
    booked = _book(context, people, digests, arrived, caller, at)
    for position, activities in booked.items():
        answers[position] = replace(answers[position], activities=activities)
    return [
        answers[position]
        if position in answers
        else _repeated(
            person,
            answers[firsts[person.key]],
            same=digests[position] == digests[firsts[person.key]],
        )
        for position, person in enumerate(people)
    ]


def _refuse_race(
    people: Sequence[NewMember],
    fresh: Sequence[int],
    added: Sequence[Added | JifenError],
    caller: Caller,
) -> None:
    """Raise :class:`LostRace` when somebody found as a member was enrolled under this very key
    since the keys were read: tried again, the key answers as it did."""
    keys = [
        (caller.client_id, people[position].key)
        for position, who in zip(fresh, added, strict=True)
        if isinstance(who, Added) and not who.is_new
    ]
    if keys and queries.known_keys(keys):
        raise LostRace("this key was enrolled by another transaction")


def _known(
    context: Context,
    people: Sequence[NewMember],
    digests: Sequence[bytes],
    caller: Caller,
    at: datetime,
) -> dict[int, Enrolled | Refused]:
    """Answers to those whose key is booked, and to those who cannot be enrolled."""
    keys = queries.known_keys([(caller.client_id, person.key) for person in people])
    answers: dict[int, Enrolled | Refused] = {}
    for position, person in enumerate(people):
        known = keys.get((caller.client_id, person.key))
        if known is not None:
            answers[position] = _again(person, known, digests[position])
        elif (refusal := _refused(context, person, caller, at)) is not None:
            answers[position] = Refused(person.key, refusal)
    return answers


def _refused(
    context: Context, person: NewMember, caller: Caller, at: datetime
) -> JifenError | None:
    """Why nobody can be enrolled by this request: all of it is booked, or nothing.

    What can be said against the opening's time and store would be said against the enrolment's.
    """
    nobody = _enrolment(person, MemberRef("id", str(_NOBODY)), at)
    refusal = take_in(context, 0, nobody, caller, at, _ANY_DIGEST).refusal
    if refusal is not None:
        return refusal
    try:
        check_opening(context, person.lots, person.tier)
    except JifenError as refusal:
        return refusal
    return None


def _book(
    context: Context,
    people: Sequence[NewMember],
    digests: Sequence[bytes],
    arrived: dict[int, Added],
    caller: Caller,
    at: datetime,
) -> dict[int, tuple[Outcome, ...]]:
    """Book the enrolments and openings of those who came; outcomes by position."""
    items: list[Item] = []
    owner: dict[int, int] = {}
    for position, answer in arrived.items():
        person = people[position]
        for activity in _activities(person, answer, at):
            owner[len(items)] = position
            items.append(take_in(context, len(items), activity, caller, at, digests[position]))
    outcomes = run(context, items, at=at, dry=False) if items else {}
    sorted_out: dict[int, list[Outcome]] = {}
    for place in sorted(outcomes):
        sorted_out.setdefault(owner[place], []).append(outcomes[place])
    return {position: tuple(found) for position, found in sorted_out.items()}


def _activities(person: NewMember, answer: Added, at: datetime) -> list[Activity]:
    who = MemberRef("id", str(answer.id))
    activities: list[Activity] = []
    if answer.is_new:
        activities.append(_enrolment(person, who, at))
    if person.lots or person.tier:
        opening = Opening(
            key=_opening_key(person.key),
            occurred_at=at,
            store=person.store,
            member=who,
            lots=person.lots,
            tier=person.tier,
        )
        activities.append(opening)
    return activities


def _enrolment(person: NewMember, who: MemberRef, at: datetime) -> Enrolment:
    when = person.occurred_at or at
    return Enrolment(key=person.key, occurred_at=when, store=person.store, member=who)


def _opening_key(key: str) -> str:
    """The key of what a member brings, as long as a key may be at most."""
    own = f"{key}:opening"
    return own if len(own) <= LONGEST_KEY else hashlib.sha256(own.encode()).hexdigest()


def _repeated(person: NewMember, answer: Enrolled | Refused, *, same: bool) -> Enrolled | Refused:
    """The answer to a key that came before in the same batch."""
    if isinstance(answer, Refused):
        return answer
    if not same:
        return Refused(person.key, KeyConflict("this key came before with another body"))
    return replace(answer, replayed=True)


def _again(person: NewMember, known: KnownActivity, digest: bytes) -> Enrolled | Refused:
    if known.member_id is None or known.digest != digest:
        conflict = KeyConflict("this key was booked with another body", first_id=str(known.id))
        return Refused(person.key, conflict)
    return Enrolled(person.key, known.member_id, is_new=True, replayed=True)


def _digest(person: NewMember) -> bytes:
    return hashlib.sha256(msgspec.json.encode(person)).digest()
