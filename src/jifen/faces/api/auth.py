"""Who calls: bearer API keys, remembered for a second.

A key is looked up by its SHA-256 in the database. What was found is kept in this process for
``FRESH_SECONDS``, so a key that is revoked, or whose rights change, may be honoured that much
longer by each process. A key's expiry is compared with the clock on every request.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import close_old_connections

from jifen.common.errors import JifenError
from jifen.faces.api.faults import ForbiddenRight, MissingKey
from jifen.programmes import selectors
from jifen.programmes.types import Client, ExpiredKey, InvalidKey

FRESH_SECONDS: Final = 1.0
MOST_KEYS: Final = 4096
_BEARER: Final = re.compile(r"bearer +([\x21-\x7e]{1,200})", re.IGNORECASE)


class _Known(NamedTuple):
    client: Client
    found_at: datetime
    found_on: float


def _authenticate(*, raw_key: str, at: datetime) -> Client:
    """Ask the database, and give the connection back to the pool.

    The thread may go on to wait for another one's commit, which needs a connection itself.
    """
    try:
        return selectors.authenticate(raw_key=raw_key, at=at)
    finally:
        close_old_connections()


class KeyCache:
    """Clients by the digest of their key; bounded, the oldest goes first."""

    def __init__(
        self,
        find: Callable[..., Client] = _authenticate,
        *,
        most: int = MOST_KEYS,
    ) -> None:
        self._find = find
        self._most = most
        self._known: dict[bytes, _Known] = {}
        # When an entry goes stale under load, one thread asks the database and the others wait.
        self._asking = [threading.Lock() for _ in range(16)]

    def client(self, *, raw_key: str, at: datetime) -> Client:
        """Who holds the key. Raises ``InvalidKey`` or ``ExpiredKey``."""
        digest = hashlib.sha256(raw_key.encode()).digest()
        known = self._fresh(digest, at)
        if known is None:
            with self._asking[digest[0] % len(self._asking)]:
                known = self._fresh(digest, at) or self._ask(digest, raw_key, at)
        return _unexpired(known, at)

    def forget(self) -> None:
        """Drop everything that is remembered."""
        self._known.clear()

    def _fresh(self, digest: bytes, at: datetime) -> Client | None:
        known = self._known.get(digest)
        if known is None or time.monotonic() - known.found_on >= FRESH_SECONDS:
            return None
        # The clock may have been set, in a test or by hand: then what was found says nothing.
        drift = abs(at - known.found_at)
        return known.client if drift < timedelta(seconds=FRESH_SECONDS) else None

    def _ask(self, digest: bytes, raw_key: str, at: datetime) -> Client:
        client = self._find(raw_key=raw_key, at=at)
        while len(self._known) >= self._most:
            self._known.pop(next(iter(self._known)), None)
        self._known.pop(digest, None)
        self._known[digest] = _Known(client, at, time.monotonic())
        return client


def _unexpired(client: Client, at: datetime) -> Client:
    expires_at: datetime | None = client.expires_at
    if expires_at is not None and expires_at <= at:
        raise ExpiredKey("the API key has expired", expired_at=expires_at.isoformat())
    return client


KEYS: Final = KeyCache()
"""The keys this process has seen."""


def client_of(*, authorization: str, at: datetime) -> Client:
    """The client behind an ``Authorization: Bearer …`` header.

    Raises :class:`MissingKey`, ``InvalidKey`` or ``ExpiredKey``.
    """
    if not authorization:
        raise MissingKey("send the API key as 'Authorization: Bearer …'")
    bearer = _BEARER.fullmatch(authorization)
    if bearer is None:
        raise InvalidKey("the Authorization header is not 'Bearer' and a key")
    return KEYS.client(raw_key=bearer[1], at=at)


def require(*, client: Client, right: str) -> None:
    """Raise :class:`ForbiddenRight` unless the client has the right."""
    if right not in client.rights:
        raise missing_right(right)


def missing_right(right: str) -> JifenError:
    """The refusal for a right that a client lacks."""
    return ForbiddenRight(f"this API client lacks the right {right!r}", right=right)
