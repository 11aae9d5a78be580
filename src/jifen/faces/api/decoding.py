"""Bytes of a request → activities, item by item, with a named fault for what does not fit.

``msgspec`` decodes straight into the structs of ``earning.types``; what it finds wrong is told
by :func:`fault`, with the place as a path such as ``$.lines[0].quantity``. A bad item of a
batch never spoils its neighbours.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, structs

from jifen.common.errors import InvalidInput, JifenError
from jifen.earning.types import (
    Acceptance,
    Activity,
    Adjustment,
    Behaviour,
    BenefitUse,
    Birthday,
    Capture,
    Checkout,
    CheckoutCapture,
    CheckoutRelease,
    Claim,
    Confirmation,
    Conversion,
    CouponIssue,
    CouponVoid,
    Decline,
    ExpiryUndo,
    Gift,
    Hold,
    Opening,
    PassUse,
    Purchase,
    Refund,
    Release,
    Reversal,
    TierGrant,
    TierGrantEnd,
    TopUp,
    TopUpRefund,
    Transfer,
    Waiver,
)
from jifen.faces.api import faults

MOST_ITEMS: Final = 1000
"""How many activities one request may carry."""
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

WireActivity = (
    Purchase
    | Refund
    | Claim
    | Behaviour
    | Birthday
    | Adjustment
    | Opening
    | Reversal
    | TierGrant
    | TierGrantEnd
    | BenefitUse
    | Confirmation
    | Hold
    | Capture
    | Release
    | Transfer
    | Acceptance
    | Decline
    | Gift
    | Waiver
    | ExpiryUndo
    | TopUp
    | TopUpRefund
    | Conversion
    | PassUse
    | CouponIssue
    | CouponVoid
    | Checkout
    | CheckoutCapture
    | CheckoutRelease
)
"""What a caller may send. An enrolment is written by enrolling a member."""


class Undecoded(Struct, frozen=True):
    """An item that is no activity: its key, where it could be read, and what is wrong."""

    key: str
    error: JifenError


class _Batch(Struct, frozen=True, forbid_unknown_fields=True):
    activities: list[Raw]


class _Peek(Struct, frozen=True):
    activities: Raw = Raw()


class _KeyOnly(Struct, frozen=True):
    key: str = ""


_activity: Final = msgspec.json.Decoder(WireActivity)
_batch: Final = msgspec.json.Decoder(_Batch)
_peek: Final = msgspec.json.Decoder(_Peek)
_key_only: Final = msgspec.json.Decoder(_KeyOnly)
# Put in front of a single body as its key; no caller can know it, so a body with a key of its
# own is told from one without.
_PLACEHOLDER: Final = secrets.token_hex(16)
_HEAD: Final = b'{"key":"' + _PLACEHOLDER.encode() + b'"'
_BLANK: Final = b" \t\r\n"
_SHOWN: Final = 200
_EARLIEST_YEAR: Final = 1900
_LATEST_YEAR: Final = 9000


def one(*, body: bytes, key: str) -> Activity:
    """The activity in ``body``, which must not carry a key itself; ``key`` becomes its key.

    Raises a ``JifenError`` of ``faults``.
    """
    start = body.lstrip(_BLANK)
    if start[:1] == b"{":
        rest = start[1:].lstrip(_BLANK)
        body = _HEAD + (b"" if rest[:1] == b"}" else b",") + rest
    activity: Activity = decoded(body, _activity.decode)
    if activity.key != _PLACEHOLDER:
        raise faults.UnknownField(
            "a single activity's key goes into the Idempotency-Key header, not the body",
            at="$.key",
        )
    _check_times(activity)
    # Nobody else has seen the struct yet, so it may still get its key.
    structs.force_setattr(activity, "key", key)
    return activity


def many(*, body: bytes, content_type: str) -> list[Activity | Undecoded]:
    """The items of a batch, in order: ``{"activities": […]}``, or one JSON object a line.

    Raises a ``JifenError`` only when the whole is unreadable, empty or longer than
    ``MOST_ITEMS``; blank lines of NDJSON are not items.
    """
    items: Sequence[bytes | Raw]
    if content_type == NDJSON:
        items = [line for line in body.split(b"\n") if line.strip(_BLANK)]
    else:
        items = _read(body, _batch.decode).activities
    if not items:
        raise faults.EmptyBatch("the batch has no activities")
    if len(items) > MOST_ITEMS:
        raise faults.TooManyItems(
            f"a request carries at most {MOST_ITEMS} activities",
            items=len(items),
            most=MOST_ITEMS,
        )
    return [_item(item) for item in items]


def is_batch(body: bytes) -> bool:
    """Whether a JSON body is an object with ``activities``, not a single activity."""
    found: _Peek = _read(body, _peek.decode)
    return bool(bytes(found.activities))


def _item(raw: bytes | Raw) -> Activity | Undecoded:
    try:
        activity: Activity = decoded(raw, _activity.decode)
        _check_times(activity)
    except JifenError as error:
        return Undecoded(_key_of(raw), error)
    return activity


def _key_of(raw: bytes | Raw) -> str:
    try:
        key: str = _read(raw, _key_only.decode).key
    except JifenError:
        return ""
    return key[:_SHOWN].replace("\0", "")


def decoded(raw: bytes | Raw, decode: Callable[[Any], Any]) -> Any:
    """Decode, or raise what is wrong as a ``JifenError``; U+0000 in a text is refused.

    PostgreSQL keeps no U+0000, and JSON can only write it as an escape.
    """
    value = _read(raw, decode)
    if b"\\u0000" in bytes(raw) and _has_null(_read(raw, msgspec.json.decode)):
        raise faults.UnprintableText("a text holds the character U+0000")
    return value


def _read(raw: bytes | Raw, decode: Callable[[Any], Any]) -> Any:
    try:
        return decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise fault(error) from None


def _has_null(value: Any) -> bool:
    # A loop, since JSON may be nested deeper than Python calls may be.
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, str) and "\0" in part:
            return True
        if isinstance(part, dict):
            left += [*part, *part.values()]
        elif isinstance(part, list):
            left += part
    return False


def _check_times(activity: Activity) -> None:
    _check_time(activity.occurred_at, "$.occurred_at")
    if isinstance(activity, Adjustment | Gift | ExpiryUndo):
        _check_time(activity.expires_at, "$.expires_at")
    elif isinstance(activity, TierGrant):
        _check_time(activity.until, "$.until")
    elif isinstance(activity, Opening):
        for position, lot in enumerate(activity.lots):
            _check_time(lot.expires_at, f"$.lots[{position}].expires_at")


def _check_time(time: datetime | None, at: str) -> None:
    if time is None:
        return
    if time.tzinfo is None:
        raise faults.TimeWithoutZone("a time needs its zone: end it with Z or +08:00", at=at)
    if not _EARLIEST_YEAR <= time.year < _LATEST_YEAR:
        # Beyond these, changing into another zone leaves the calendar.
        raise faults.InvalidTime(
            f"a time lies in the years {_EARLIEST_YEAR} to {_LATEST_YEAR}", at=at
        )


# --- what msgspec says, by name -----------------------------------------------------------------

_AT: Final = re.compile(r" - at `(?P<at>[^`]*)`$")
_FAULTS: Final[Iterable[tuple[re.Pattern[str], type[JifenError]]]] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"Expected `int.*`.*, got `float`", faults.FractionalNumber),
        (r"Expected `.+`.*, got `", faults.WrongType),
        (r"Expected `int`.* >=? ", faults.TooSmall),
        (r"Expected `int`.* <=? ", faults.TooLarge),
        (r"Number out of range|Integer value out of range", faults.TooLarge),
        (r"Expected `.+` of length >= ", faults.TooShort),
        (r"Expected `.+` of length <= ", faults.TooLong),
        (r"Expected `str` matching regex", faults.WrongPattern),
        (r"Object missing required field", faults.MissingField),
        (r"Object contains unknown field", faults.UnknownField),
        (r"Expected `datetime` with a timezone", faults.TimeWithoutZone),
        (r"Invalid RFC3339|Invalid.*(date|time)|Timestamp", faults.InvalidTime),
        (r"Invalid (enum )?value", faults.UnknownValue),
        (r"Expected `", faults.WrongType),
    )
)


def fault(error: Exception) -> JifenError:
    """What ``msgspec`` or a codec found wrong, as a named fault; ``at`` is where."""
    if isinstance(error, UnicodeError):
        return faults.InvalidUtf8("the body is not UTF-8")
    if isinstance(error, RecursionError):
        return faults.MalformedJson("the JSON is nested too deeply")
    if not isinstance(error, msgspec.ValidationError):
        return faults.MalformedJson(_malformed(str(error)))
    text = str(error)
    place = _AT.search(text)
    detail = text[: place.start()] if place else text
    kind = next((kind for pattern, kind in _FAULTS if pattern.match(detail)), InvalidInput)
    return kind(_shown(detail), at=place["at"] if place else "$")


def _malformed(text: str) -> str:
    """The parser's words, but never its byte position: a key may have been put in front."""
    return re.sub(r" \(byte \d+\)", "", text)


def _shown(detail: str) -> str:
    """The sentence with a caller's own value cut to a readable length."""
    return detail if len(detail) <= _SHOWN else detail[:_SHOWN] + "…"
