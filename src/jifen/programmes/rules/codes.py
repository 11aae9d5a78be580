"""Codes that people copy: of an authenticator (RFC 6238), for its loss, and for setting up."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

import pyotp

SPARE_CODES: Final = 10
"""How many recovery codes somebody gets."""
_NEIGHBOURS: Final = (-1, 0, 1)
"""Steps of thirty seconds that a clock may be wrong by."""
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""No two that look alike: some read them from paper."""
LENGTH: Final = 16
"""Letters of a code, its groups left out."""
_GROUP: Final = 4


def new_secret() -> str:
    """A secret of 160 bits, in base 32 as authenticators take it."""
    return pyotp.random_base32()


def address_of(secret: str, *, login: str, issuer: str) -> str:
    """The ``otpauth`` address that an authenticator scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The step whose code this is, among those around ``at``; None where it is no such code. Each
    is compared in the same time, right or wrong."""
    totp = pyotp.TOTP(secret)
    now = totp.timecode(at)
    found: int | None = None
    for offset in _NEIGHBOURS:
        expected = totp.at(at, counter_offset=offset)
        if hmac.compare_digest(expected.encode(), _plain(code).encode()):
            found = now + offset
    return found


def new_spare_codes() -> list[str]:
    """So many recovery codes."""
    return [new_code() for _ in range(SPARE_CODES)]


def new_code() -> str:
    """A code of 79 bits, in groups of four."""
    text = "".join(secrets.choice(_LETTERS) for _ in range(LENGTH))
    return "-".join(text[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def is_long(code: str) -> bool:
    """Whether a code that somebody chose has as many letters and digits as one of ours."""
    return len(_plain(code)) >= LENGTH


def is_code(sent: str, kept: str) -> bool:
    """Whether what was sent is the code, however its groups are written. It takes the same time,
    right or wrong."""
    return hmac.compare_digest(spare_digest(sent), spare_digest(kept))


def spare_digest(code: str) -> bytes:
    """What is kept of a recovery code, however its groups are written. It is too long to be tried,
    so a fast digest will do."""
    return hashlib.sha256(_plain(code).lower().encode()).digest()


def _plain(code: str) -> str:
    return "".join(each for each in code if each.isalnum())
