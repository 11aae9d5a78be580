"""Reading a request: its body and type, what it accepts, its idempotency key."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest

from jifen.faces.api import faults

_MOST_KEY = 200


def body(request: HttpRequest) -> bytes:
    """The bytes of the body. Raises :class:`faults.LengthRequired` for one without a length."""
    if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
        raise faults.LengthRequired("send the body with its Content-Length")
    return request.body


def media_type(request: HttpRequest, *, accepted: Collection[str]) -> str:
    """The body's type, one of ``accepted``. Raises :class:`faults.UnsupportedMediaType`."""
    found: str = request.META.get("CONTENT_TYPE", "")
    plain = found.partition(";")[0].strip().lower()
    if plain not in accepted:
        raise faults.UnsupportedMediaType(f"send {' or '.join(accepted)}", accepted=list(accepted))
    return plain


def check_accepts(request: HttpRequest, *, media: str) -> None:
    """Raise :class:`faults.NotAcceptable` unless the caller takes an answer of type ``media``."""
    accept: str = request.META.get("HTTP_ACCEPT", "")
    if not accept or "*/*" in accept or media in accept:
        return
    if f"{media.partition('/')[0]}/*" not in accept:
        raise faults.NotAcceptable(f"this address answers {media}")


def idempotency_key(request: HttpRequest) -> str:
    """The key of a single write, from its header."""
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        raise faults.MissingIdempotencyKey("send an Idempotency-Key header, new for each write")
    if not 0 < len(key) <= _MOST_KEY or not key.isascii() or not key.isprintable():
        raise faults.InvalidIdempotencyKey(
            f"an idempotency key is 1 to {_MOST_KEY} printable ASCII characters"
        )
    return key


def check_no_idempotency_key(request: HttpRequest) -> None:
    """Refuse the header where each item has a key of its own."""
    if "HTTP_IDEMPOTENCY_KEY" in request.META:
        raise faults.IdempotencyKeyRefused(
            "each item of a batch carries its own key; leave the Idempotency-Key header out"
        )
