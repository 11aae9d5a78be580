"""The one way through the house: lock, load, decide, write.

``book`` takes many activities and answers each one; a till's single order and an import of a
million lines are the same call. ``preview`` is the same call without the write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from jifen.common.errors import InvalidInput, JifenError
from jifen.earning.batch import Collision, run
from jifen.earning.context import Context
from jifen.earning.errors import MemberBusy
from jifen.earning.intake import take_in
from jifen.earning.joining import Enrolled, NewMember, join
from jifen.earning.rules.document import decode, encode
from jifen.earning.selectors import quote_offset
from jifen.earning.state import Item
from jifen.earning.types import Activity, Caller, Outcome, Refused
from jifen.members.types import LostRace
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services

__all__ = [
    "Enrolled",
    "NewMember",
    "book",
    "book_many",
    "enrol",
    "preview",
    "publish",
    "quote_offset",
]

BATCH: Final = 1_000
"""Activities in one transaction at most."""
LOCK_WAIT: Final = "2s"
"""How long a booking waits for a member that somebody else holds."""
_TRIES: Final = 5
_TRANSIENT: Final = {"40P01", "40001"}
_LOCK_TIMEOUT: Final = "55P03"
T = TypeVar("T")


def book(*, activities: Sequence[Activity], caller: Caller, at: datetime) -> list[Outcome]:
    """Book activities in order; one outcome each, a refusal among them spoils no other."""
    return book_many(items=[(caller, activity) for activity in activities], at=at)


def book_many(*, items: Sequence[tuple[Caller, Activity]], at: datetime) -> list[Outcome]:
    """Book activities of several callers of one programme, up to 1,000 in a transaction."""
    outcomes: list[Outcome] = []
    for start in range(0, len(items), BATCH):
        outcomes += _book(items[start : start + BATCH], at, dry=False)
    return outcomes


def preview(*, activities: Sequence[Activity], caller: Caller, at: datetime) -> list[Outcome]:
    """What ``book`` would answer now. Writes nothing and locks nobody."""
    return _book([(caller, activity) for activity in activities], at, dry=True)


def enrol(
    *, members: Sequence[NewMember], caller: Caller, at: datetime
) -> list[Enrolled | Refused]:
    """Enrol people in order, with what they bring; one answer each.

    Somebody who is known already is answered as that member, and gains the new identities.
    """
    answers: list[Enrolled | Refused] = []
    for start in range(0, len(members), BATCH):
        chunk = members[start : start + BATCH]
        answers += _tried(lambda chunk=chunk: join(Context(), chunk, caller, at))  # type: ignore[misc]
    return answers


def publish(*, document: Mapping[str, Any], by: str, at: datetime) -> int:
    """Check a rule set against the programme and publish it; answers its version.

    The document in force published again keeps its version. Raises ``invalid_rule_set``.
    """
    decoded = decode(document, units=frozenset(programmes.units()))
    plain = msgspec.json.decode(encode(decoded))
    return programme_services.append_rule_set(document=plain, by=by, at=at)


def _book(items: Sequence[tuple[Caller, Activity]], at: datetime, *, dry: bool) -> list[Outcome]:
    context = Context()
    outcomes: dict[int, Outcome] = {}
    ready: list[Item] = []
    for position, (caller, activity) in enumerate(items):
        try:
            ready.append(take_in(context, position, activity, caller, at))
        except JifenError as error:
            outcomes[position] = Refused(activity.key, error)
    if ready:
        outcomes.update(_together(context, ready, at, dry=dry))
    return [outcomes[position] for position in range(len(items))]


def _together(
    context: Context, items: Sequence[Item], at: datetime, *, dry: bool
) -> dict[int, Outcome]:
    """All in one transaction; when the database objects, each in one of its own."""
    try:
        return _tried(lambda: run(context, items, at=at, dry=dry))
    except (Error, Collision) as error:
        refusal = _refusal(error)
        if refusal is None and (len(items) == 1 or _is_gone(error)):
            raise
        if refusal is not None and len(items) == 1:
            return {items[0].position: Refused(items[0].activity.key, refusal)}
    outcomes: dict[int, Outcome] = {}
    for item in items:
        outcomes.update(_together(context, [item], at, dry=dry))
    return outcomes


def _tried(call: Callable[[], T]) -> T:
    """Run ``call`` in a transaction; again after a deadlock or a lost race for a unique key."""
    for _ in range(_TRIES - 1):
        try:
            return _in_transaction(call)
        except (Collision, LostRace):
            continue
        except OperationalError as error:
            if _sqlstate(error) not in _TRANSIENT:
                raise
    return _in_transaction(call)


def _in_transaction(call: Callable[[], T]) -> T:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        return call()


def _refusal(error: Exception) -> JifenError | None:
    """The named refusal behind a database error of a single activity, if it is one."""
    sqlstate = _sqlstate(error)
    if sqlstate == _LOCK_TIMEOUT or isinstance(error, Collision):
        return MemberBusy("another booking holds this member; try again")
    if sqlstate is not None and sqlstate.startswith("22"):
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
