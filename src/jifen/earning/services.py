"""The one way through the house: lock, load, decide, write.

``book`` takes many activities and answers each one; a till's single order and an import of a
million lines are the same call. ``preview`` is the same call without the write.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from django.db import (
    DataError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)

from jifen.common.database import LOCK_WAIT_MS
from jifen.common.errors import InvalidInput, JifenError
from jifen.common.sql import snapshot
from jifen.earning.batch import run
from jifen.earning.context import Context, by_version, in_force
from jifen.earning.decisions import gifts
from jifen.earning.decisions.moves import SYSTEM
from jifen.earning.errors import MemberBusy, NotBooked
from jifen.earning.intake import take_in
from jifen.earning.joining import Enrolled, NewMember, join
from jifen.earning.publishing import publish, settle_guards, withdraw
from jifen.earning.quoting import CheckoutQuote, as_purchase, quote_of
from jifen.earning.selectors import quote_offset
from jifen.earning.state import Collision, Item
from jifen.earning.types import (
    Activity,
    Booked,
    Caller,
    MemberRef,
    Outcome,
    Purchase,
    Refused,
    TierEnd,
)
from jifen.earning.verification import verify
from jifen.members.types import LostRace
from jifen.programmes import services as programme_services
from jifen.tiers import selectors as tiers

__all__ = [
    "CheckoutQuote",
    "Enrolled",
    "NewMember",
    "book",
    "book_many",
    "check_gift",
    "end_periods",
    "enrol",
    "preview",
    "publish",
    "quote_checkout",
    "quote_offset",
    "settle_guards",
    "verify",
    "withdraw",
]

BATCH: Final = 1_000
"""Activities in one transaction at most."""
_SHORT_WAIT_MS: Final = 20
"""What an item may still wait once that is used up."""
_TRIES: Final = 5
_RACES: Final = 50
_TRANSIENT: Final = {"40P01", "40001"}
_LOCK_TIMEOUT: Final = "55P03"
_log: Final = logging.getLogger(__name__)
A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")


def book(*, activities: Sequence[Activity], caller: Caller, at: datetime) -> list[Outcome]:
    """Book activities in order; one outcome each, a refusal among them spoils no other."""
    return book_many(items=[(caller, activity) for activity in activities], at=at)


def book_many(*, items: Sequence[tuple[Caller, Activity]], at: datetime) -> list[Outcome]:
    """Book activities of several callers of one programme, up to 1,000 in a transaction."""
    outcomes: list[Outcome] = []
    for start in range(0, len(items), BATCH):
        outcomes += _book(items[start : start + BATCH], at)
    return outcomes


def end_periods(*, at: datetime, limit: int = BATCH) -> int:
    """Book what time has done to the tiers of up to ``limit`` members, those first whose tier has
    been over for longest; answers how many it were, none when nothing is left.

    Nobody has to wait for it: a tier that is over is not used any more anyway. Killed and called
    again it goes on where it was, and nothing is booked twice. Who is frozen has its turn when that
    is over; who has left or was merged has none.
    """
    client = programme_services.internal_client(name=SYSTEM, at=at)
    ended = [
        TierEnd(
            key=f"tier_end:{member_id}:{since.isoformat()}",
            occurred_at=since,
            member=MemberRef("id", str(member_id)),
        )
        for member_id, since in tiers.ended(at=at, limit=limit)
    ]
    outcomes = book(activities=ended, caller=Caller(client.client_id, SYSTEM), at=at)
    # What another run of the job has just booked answers again, and is not counted here.
    return sum(isinstance(done, Booked) and not done.replayed for done in outcomes)


def preview(*, activities: Sequence[Activity], caller: Caller, at: datetime) -> list[Outcome]:
    """What ``book`` would answer now. Writes nothing and locks nobody."""
    with snapshot():
        return _previewed([(caller, activity) for activity in activities], at)


def quote_checkout(*, purchase: Purchase, caller: Caller, at: datetime) -> CheckoutQuote:
    """What an order would cost and give now; its key and reference are of no matter.

    Raises why it could not be booked so.
    """
    order = as_purchase(purchase)
    with snapshot():
        [(context, group)] = _by_version([(caller, order)], at)
        [outcome] = _decided(context, _taken_in(context, group, at), at=at, dry=True)
        if isinstance(outcome, Refused):
            raise outcome.error
        return quote_of(context, order, outcome, at=at)


def enrol(
    *, members: Sequence[NewMember], caller: Caller, at: datetime
) -> list[Enrolled | Refused]:
    """Enrol people in order, with what they bring; one answer each.

    Somebody who is known already is answered as that member, and gains the new identities.
    """
    answers: list[Enrolled | Refused] = []
    for start in range(0, len(members), BATCH):
        chunk = members[start : start + BATCH]
        answers += _together(
            chunk, lambda people: join(in_force(at), people, caller, at), lambda person: person.key
        )
    return answers


def check_gift(*, unit: str, expires_at: datetime | None, at: datetime) -> None:
    """Raise what any gift like this would be refused for, whoever gets it."""
    gifts.check_gift(in_force(at), unit, expires_at, at)


def _book(items: Sequence[tuple[Caller, Activity]], at: datetime) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for context, group in _by_version(items, at):
        outcomes += _together(
            _taken_in(context, group, at),
            partial(_decided, context, at=at, dry=False),
            lambda item: item.activity.key,
        )
    return outcomes


def _previewed(items: Sequence[tuple[Caller, Activity]], at: datetime) -> list[Outcome]:
    """What booking would answer, within a snapshot. Items of one version of the rules see each
    other; those of the next one see what is booked."""
    return [
        outcome
        for context, group in _by_version(items, at)
        for outcome in _decided(context, _taken_in(context, group, at), at=at, dry=True)
    ]


def _by_version(
    items: Sequence[tuple[Caller, Activity]], at: datetime
) -> Iterator[tuple[Context, list[tuple[Caller, Activity]]]]:
    return by_version(items, lambda item: _when(item[1], at))


def _when(activity: Activity, at: datetime) -> datetime:
    """When an activity happened, for the rules; ``at`` for one that is refused for its time."""
    return activity.occurred_at if activity.occurred_at.tzinfo else at


def _taken_in(
    context: Context, items: Sequence[tuple[Caller, Activity]], at: datetime
) -> list[Item]:
    return [
        take_in(context, position, activity, caller, at)
        for position, (caller, activity) in enumerate(items)
    ]


def _decided(context: Context, batch: Sequence[Item], *, at: datetime, dry: bool) -> list[Outcome]:
    found = run(context, batch, at=at, dry=dry)
    return [found[item.position] for item in batch]


def _together(
    things: Sequence[A], call: Callable[[Sequence[A]], list[B]], key: Callable[[A], str]
) -> list[B | Refused]:
    """All in one transaction; when the database objects, each in one of its own."""
    try:
        return [*_tried(lambda: call(things), LOCK_WAIT_MS)]
    except Exception as error:
        if _is_gone(error):
            raise
        if len(things) == 1:
            refusal = _refusal(error)
            if refusal is None:
                raise
            return [Refused(key(things[0]), refusal)]
    answers: list[B | Refused] = []
    wait_ms = LOCK_WAIT_MS
    for thing in things:
        began = time.monotonic()
        answer = _alone(thing, call, key, wait_ms)
        answers.append(answer)
        if isinstance(answer, Refused) and isinstance(answer.error, MemberBusy):
            waited_ms = int((time.monotonic() - began) * 1_000)
            wait_ms = max(wait_ms - waited_ms, _SHORT_WAIT_MS)
    return answers


def _alone(
    thing: A, call: Callable[[Sequence[A]], list[B]], key: Callable[[A], str], wait_ms: int
) -> B | Refused:
    """One item of a batch that failed; whatever is wrong with it is its own matter."""
    try:
        return _tried(lambda: call([thing]), wait_ms)[0]
    except Exception as error:
        if _is_gone(error):
            raise
        refusal = _refusal(error)
        if refusal is None:
            _log.exception("one item of a batch could not be booked")
            refusal = NotBooked("a fault of the server; nothing was booked for this item")
        return Refused(key(thing), refusal)


def _tried(call: Callable[[], T], wait_ms: int) -> T:
    """Run ``call`` in a transaction; again after a deadlock or a lost race for a unique key."""
    deadlocks = races = 0
    while True:
        try:
            return _in_transaction(call, wait_ms)
        except (Collision, LostRace):
            # Each lost race means that somebody else booked, so this ends with their number.
            races += 1
            if races == _RACES:
                raise
        except OperationalError as error:
            deadlocks += 1
            if deadlocks == _TRIES or _sqlstate(error) not in _TRANSIENT:
                raise


def _in_transaction(call: Callable[[], T], wait_ms: int) -> T:
    with transaction.atomic():
        if wait_ms != LOCK_WAIT_MS:
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{wait_ms}ms'")
        return call()


def _refusal(error: Exception) -> JifenError | None:
    """The named refusal behind a database error of a single item, if it is one."""
    sqlstate = _sqlstate(error)
    if isinstance(error, LostRace):
        return error
    if isinstance(error, Collision):
        return MemberBusy("other bookings of this key or purchase came first; try again")
    if sqlstate == _LOCK_TIMEOUT:
        return MemberBusy("another booking holds this member; try again")
    if isinstance(error, DataError):
        return InvalidInput("a value does not fit the database")
    return None


def _is_gone(error: Exception) -> bool:
    """Whether the database itself went away, so that trying each item alone is no use."""
    sqlstate = _sqlstate(error)
    return isinstance(error, InterfaceError | OperationalError) and (
        sqlstate is None or sqlstate.startswith(("08", "57P"))
    )


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
