"""Tenancy that fails closed: every statement runs inside exactly one programme.

``with scope(programme_id):`` opens it. Outside a scope any query on a programme's tables
raises :class:`NoScope`; a scope inside another programme's scope raises too, because one
transaction serves one programme. There is no way to switch the check off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

_active: Final[ContextVar[UUID | None]] = ContextVar("jifen_programme", default=None)


class ScopeError(RuntimeError):
    """A programming fault: a query left its programme. Never shown to callers as data."""


class NoScope(ScopeError):
    """No programme is active."""


class ForeignRow(ScopeError):
    """A row or a scope of another programme was used."""


def current() -> UUID:
    """The active programme's id. Raises :class:`NoScope` outside a scope."""
    programme_id = _active.get()
    if programme_id is None:
        raise NoScope("no programme is active: wrap the call in scope(programme_id)")
    return programme_id


@contextmanager
def scope(programme_id: UUID) -> Iterator[None]:
    """Make ``programme_id`` the active programme until the block ends."""
    if not isinstance(programme_id, UUID):
        raise ScopeError(f"a scope needs a programme's UUID, not {programme_id!r}")
    outer = _active.get()
    if outer is not None and outer != programme_id:
        raise ForeignRow("a scope of another programme is already active")
    token = _active.set(programme_id)
    try:
        yield
    finally:
        _active.reset(token)
