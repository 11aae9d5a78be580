"""What free text must not keep: it goes into rows that nobody can change afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

HIDDEN: Final = "***"
_SHORTEST: Final = 2
"""A name of one letter would hide half of a text."""
_PHONE: Final = re.compile(
    r"(?<![\w+])(?:(?:\+|00)[1-9](?:[ .()-]{0,2}[0-9]){7,14}|1[3-9](?:[ .-]?[0-9]){9})(?![\w])"
)
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def discreet(text: str, *, personal: Iterable[str]) -> str:
    """``text`` with what looks like a phone number or an e-mail address, and each of ``personal``
    (a member's name and identities), hidden."""
    values = sorted({value for value in personal if len(value) >= _SHORTEST}, key=len)[::-1]
    if values:
        text = re.sub("|".join(map(_whole, values)), HIDDEN, text, flags=re.IGNORECASE)
    return _EMAIL.sub(HIDDEN, _PHONE.sub(HIDDEN, text))


def _whole(value: str) -> str:
    """A pattern for ``value`` that leaves longer words of the same alphabet alone."""
    before = r"(?<![A-Za-z0-9])" if _is_latin(value[0]) else ""
    after = r"(?![A-Za-z0-9])" if _is_latin(value[-1]) else ""
    return f"{before}{re.escape(value)}{after}"


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()
