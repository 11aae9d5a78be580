"""Intake: each activity checked on its own, before any lock is taken.

What can be refused without knowing the member's state is refused here.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from jifen.common.errors import InvalidInput
from jifen.earning.context import Context
from jifen.earning.errors import TimeInFuture, TimeTooEarly, TimeWithoutZone, WrongStore
from jifen.earning.state import Item
from jifen.earning.types import Activity, Caller

LEEWAY: Final = timedelta(minutes=5)
"""How far ahead of ours a caller's clock may be."""
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL character in encoded JSON, not the six characters that look like one."""
_ENCODER: Final = msgspec.json.Encoder()


def take_in(
    context: Context,
    position: int,
    activity: Activity,
    caller: Caller,
    at: datetime,
    digest: bytes | None = None,
) -> Item:
    """An item ready to be decided, or a named refusal.

    ``digest`` replaces the body's own where the request held more than is kept (personal data
    of an enrolment).
    """
    occurred_at = activity.occurred_at
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
    if caller.store is not None and activity.store not in (None, caller.store):
        raise WrongStore("this client books for its own store only", store=caller.store)
    body = _ENCODER.encode(activity)
    if b"\\u0000" in body and _NUL.search(body):
        raise InvalidInput("text holds a NUL character")
    return Item(
        position,
        activity,
        caller,
        context.store(activity.store or caller.store),
        local,
        body,
        digest or hashlib.sha256(body).digest(),
    )
