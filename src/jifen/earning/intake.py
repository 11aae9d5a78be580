"""Intake: each activity checked on its own, before any lock is taken.

What can be refused without knowing the member's state is refused here.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from jifen.common.errors import InvalidInput, JifenError
from jifen.earning.context import Context
from jifen.earning.errors import TimeInFuture, TimeTooEarly, TimeWithoutZone
from jifen.earning.state import Item
from jifen.earning.types import Activity, Caller, Claim, Confirmation, Refund, TopUpRefund
from jifen.programmes.types import StoreInfo

LEEWAY: Final = timedelta(minutes=5)
"""How far ahead of ours a caller's clock may be."""
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL character in encoded JSON, not the six characters that look like one."""
NOWHEN: Final = datetime(1, 1, 1)  # noqa: DTZ001 - local wall time of what was refused
_ENCODER: Final = msgspec.json.Encoder()


def take_in(
    context: Context,
    position: int,
    activity: Activity,
    caller: Caller,
    at: datetime,
    digest: bytes | None = None,
) -> Item:
    """The activity as an item of a batch, with what can be said against it before any lock.

    A refusal is carried along and raised only when the key is not booked: a booked activity
    answers the same for ever, also when today it would come too late. ``digest`` replaces the
    body's own where the request held more than is kept (personal data of an enrolment).
    """
    body = _ENCODER.encode(activity)
    digest = digest or hashlib.sha256(body).digest()
    try:
        local = _local_time(context, activity.occurred_at, caller, at)
        store = _store(context, activity, caller)
        if b"\\u0000" in body and _NUL.search(body):
            raise InvalidInput("text holds a NUL character")
    except JifenError as refusal:
        nowhere = context.store(None)
        return Item(position, activity, caller, nowhere, NOWHEN, body, digest, refusal)
    return Item(position, activity, caller, store, local, body, digest)


def _local_time(context: Context, occurred_at: datetime, caller: Caller, at: datetime) -> datetime:
    """Wall time in the programme's zone, or why this caller may not book at that time."""
    zone = context.settings.zone
    if occurred_at.tzinfo is None:
        raise TimeWithoutZone("occurred_at needs an offset, such as +08:00")
    try:
        local = occurred_at.astimezone(zone).replace(tzinfo=None)
        instant = occurred_at.astimezone(UTC)
    except OverflowError as error:
        raise TimeTooEarly("occurred_at is outside the calendar") from error
    if instant > at + LEEWAY:
        raise TimeInFuture(
            "occurred_at is more than five minutes ahead", occurred_at=occurred_at.isoformat()
        )
    opening = datetime.combine(context.settings.programme.opening_on, time.min, zone)
    earliest_at = max(opening, caller.earliest_at or opening)
    if instant < earliest_at:
        raise TimeTooEarly(
            "occurred_at is before the time from which this caller may book",
            occurred_at=occurred_at.isoformat(),
            earliest_at=earliest_at.isoformat(),
        )
    return local


def _store(context: Context, activity: Activity, caller: Caller) -> StoreInfo:
    """Where it happened. A caller with stores acts for those only, also on old orders."""
    named = [activity.store]
    if isinstance(activity, Refund | Claim | Confirmation | TopUpRefund):
        named.append(activity.of.store)
    for code in named:
        if code is not None:
            caller.check_store(code)
    return context.store(activity.store or caller.home)
