"""Named refusals. Each way to fail is one class with one stable ``code``.

A face translates them in one table; nothing below a face knows about HTTP.
"""

from __future__ import annotations

from typing import Any, ClassVar


class JifenError(Exception):
    """A refusal the caller can act on.

    ``code`` is stable and machine-readable, ``detail`` one English sentence, ``fields`` the
    facts behind it (plain JSON values, never secrets or whole phone numbers).
    """

    code: ClassVar[str] = "error"

    def __init__(self, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = fields


class InvalidInput(JifenError):
    """The input does not have the documented shape."""

    code = "invalid_input"


class Conflict(JifenError):
    """The request contradicts what is already there."""

    code = "conflict"


class NotFound(JifenError):
    """No such thing in this programme."""

    code = "not_found"
