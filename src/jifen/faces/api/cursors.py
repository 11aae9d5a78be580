"""Where a list goes on: the last row that was answered, as text that means nothing to a caller."""

from __future__ import annotations

import base64
import binascii
from typing import Final
from uuid import UUID

from jifen.faces.api.faults import InvalidCursor

_ID_BYTES: Final = 16
_NUMBER_BYTES: Final = 4
_GREATEST: Final = 2**31 - 1


def after_id(last_id: UUID) -> str:
    """The cursor after the row with this id."""
    return _written(last_id.bytes)


def read_id(cursor: str | None) -> UUID | None:
    """The id behind a cursor, None for the beginning. Raises :class:`InvalidCursor`."""
    return None if cursor is None else UUID(bytes=_read(cursor, _ID_BYTES))


def after_number(last: int) -> str:
    """The cursor after the row with this number (0 to 2³¹ − 1)."""
    return _written(last.to_bytes(_NUMBER_BYTES, "big"))


def read_number(cursor: str | None) -> int | None:
    """The number behind a cursor, None for the beginning. Raises :class:`InvalidCursor`."""
    if cursor is None:
        return None
    number = int.from_bytes(_read(cursor, _NUMBER_BYTES), "big")
    if number > _GREATEST:
        raise InvalidCursor("the cursor is not one that this API gave for this list")
    return number


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _read(cursor: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(f"{cursor}==".encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeError):
        raw = b""
    if len(raw) != length or _written(raw) != cursor:
        raise InvalidCursor("the cursor is not one that this API gave for this list")
    return raw
