"""What can be wrong with a request before any room is asked. Statuses are in ``problems``."""

from __future__ import annotations

from typing import ClassVar

from jifen.common.errors import InvalidInput, JifenError, NotFound


class MissingKey(JifenError):
    """No API key came with the request."""

    code: ClassVar[str] = "missing_key"


class ForbiddenRight(JifenError):
    """The API client lacks the right that this call needs."""

    code: ClassVar[str] = "forbidden_right"


class CrossSiteRequest(JifenError):
    """A session's cookie came with a request that another site's page made."""

    code: ClassVar[str] = "cross_site_request"


class NoSuchRoute(NotFound):
    """Nothing is at this address."""

    code: ClassVar[str] = "no_such_route"


class MethodNotAllowed(JifenError):
    """The address does not know this method."""

    code: ClassVar[str] = "method_not_allowed"


class NotAcceptable(JifenError):
    """The caller accepts nothing that this address can answer."""

    code: ClassVar[str] = "not_acceptable"


class UnsupportedMediaType(JifenError):
    """The body is of a type that this address does not read."""

    code: ClassVar[str] = "unsupported_media_type"


class LengthRequired(JifenError):
    """The body came without its length."""

    code: ClassVar[str] = "length_required"


class BodyTooLarge(JifenError):
    """The body is larger than the server reads."""

    code: ClassVar[str] = "body_too_large"


class BodyInterrupted(JifenError):
    """The caller went away before its body had arrived."""

    code: ClassVar[str] = "body_interrupted"


class MalformedJson(JifenError):
    """The bytes are not JSON."""

    code: ClassVar[str] = "malformed_json"


class InvalidUtf8(JifenError):
    """A text is not UTF-8."""

    code: ClassVar[str] = "invalid_utf8"


class WrongType(InvalidInput):
    """A value is of another type than documented."""

    code: ClassVar[str] = "wrong_type"


class FractionalNumber(InvalidInput):
    """A number has a fraction or an exponent where whole numbers are counted."""

    code: ClassVar[str] = "fractional_number"


class TooSmall(InvalidInput):
    """A number is below its least value."""

    code: ClassVar[str] = "too_small"


class TooLarge(InvalidInput):
    """A number is above its greatest value."""

    code: ClassVar[str] = "too_large"


class TooShort(InvalidInput):
    """A text or list is shorter than allowed."""

    code: ClassVar[str] = "too_short"


class TooLong(InvalidInput):
    """A text or list is longer than allowed."""

    code: ClassVar[str] = "too_long"


class WrongPattern(InvalidInput):
    """A text has characters that its field does not allow."""

    code: ClassVar[str] = "wrong_pattern"


class UnprintableText(InvalidInput):
    """A text holds the character U+0000."""

    code: ClassVar[str] = "unprintable_text"


class MissingField(InvalidInput):
    """A field that is needed was not given."""

    code: ClassVar[str] = "missing_field"


class UnknownField(InvalidInput):
    """A field was given that nobody knows."""

    code: ClassVar[str] = "unknown_field"


class UnknownValue(InvalidInput):
    """A value is none of those that its field allows."""

    code: ClassVar[str] = "unknown_value"


class InvalidTime(InvalidInput):
    """A time cannot be read, or lies outside of the years 1900 to 9000."""

    code: ClassVar[str] = "invalid_time"


class TimeWithoutZone(InvalidInput):
    """A time does not say in which zone it is."""

    code: ClassVar[str] = "time_without_zone"


class InvalidCursor(InvalidInput):
    """The cursor is not one that this API gave."""

    code: ClassVar[str] = "invalid_cursor"


class MissingIdempotencyKey(JifenError):
    """A single write needs an ``Idempotency-Key`` header."""

    code: ClassVar[str] = "missing_idempotency_key"


class InvalidIdempotencyKey(JifenError):
    """The key is not 1 to 200 printable ASCII characters."""

    code: ClassVar[str] = "invalid_idempotency_key"


class IdempotencyKeyRefused(JifenError):
    """In a batch every item carries its own key, so the header is refused."""

    code: ClassVar[str] = "idempotency_key_refused"


class EmptyBatch(InvalidInput):
    """A batch has no items."""

    code: ClassVar[str] = "empty_batch"


class TooManyItems(InvalidInput):
    """A batch has more items than one request may carry."""

    code: ClassVar[str] = "too_many_items"


class Busy(JifenError):
    """The request waited too long for its turn; nothing was booked."""

    code: ClassVar[str] = "busy"


class Unavailable(JifenError):
    """The database did not answer. A write may be repeated with the same key."""

    code: ClassVar[str] = "unavailable"


class InternalFault(JifenError):
    """A fault of the server. The log has it under the request's id."""

    code: ClassVar[str] = "internal_error"
