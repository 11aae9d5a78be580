"""Statements that live in ``.sql`` files: one each, run inside the active programme.

A room's ``sql/queries.py`` is the only door to its statements. ``%(programme_id)s`` is always
the active scope's; a caller that passes its own is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import IntegrityError, connection, transaction

from jifen.common.scope import ScopeError, current


class Statement:
    """One SQL file, read once."""

    def __init__(self, path: Path) -> None:
        self._hold(path.stem, path.read_text(encoding="utf-8"))

    def _hold(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        if "%(programme_id)s" not in text:
            raise ScopeError(f"{name} does not filter by programme_id")

    def rows(self, **params: Any) -> list[tuple[Any, ...]]:
        """Run it and fetch every row. A list is sent as an array."""
        with self._executed(params) as cursor:
            return cursor.fetchall()

    def ask(self, **params: Any) -> Answer:
        """Run it and fetch later; inside :func:`pipelined` it is only sent."""
        connection.ensure_connection()
        cursor = psycopg.Cursor(connection.connection)
        with connection.wrap_database_errors:
            cursor.execute(self.text, self._params(params))
        return Answer(cursor)

    def pages(self, size: int, /, **params: Any) -> Iterator[list[tuple[Any, ...]]]:
        """Run it through a cursor of the server: ``size`` rows at a time, all of them as the open
        transaction sees them, and memory for one page."""
        in_transaction()
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.text, self._params(params))
            while page := cursor.fetchmany(size):
                yield page

    def count(self, **params: Any) -> int:
        """How many rows it would fetch."""
        counting = composed(f"{self.name}_count", f"SELECT count(*) FROM (\n{self.text}) AS t")
        return int(counting.rows(**params)[0][0])

    def run(self, expect: int | None = None, /, **params: Any) -> None:
        """Run it; inside :func:`pipelined` it is only sent, and checked at the end of the block.

        ``expect`` is how many rows it must touch, or :class:`RowsMissing` is raised.
        """
        waiting = _pipe.get()
        if waiting is None:
            with self._executed(params) as cursor:
                _check(self.name, cursor, expect)
        else:
            cursor = psycopg.Cursor(connection.connection)
            cursor.execute(self.text, self._params(params))
            waiting.append((self.name, cursor, expect))

    @contextmanager
    def _executed(self, params: Mapping[str, Any]) -> Iterator[psycopg.Cursor[Any]]:
        # Django's own cursor writes parameters into the statement's text, which for arrays of
        # thousands costs more than the work itself; a plain psycopg cursor binds them.
        connection.ensure_connection()
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(self.text, self._params(params))
            yield cursor

    def _params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        if "programme_id" in params:
            raise ScopeError("a statement takes its programme from the scope, not the caller")
        named = {
            name: array(value) if isinstance(value, list) else value
            for name, value in params.items()
        }
        return {**named, "programme_id": current()}


class Answer:
    """The rows of a statement that was asked; complete when its :func:`pipelined` block is."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor

    def rows(self) -> list[tuple[Any, ...]]:
        """Every row, once."""
        with connection.wrap_database_errors, self._cursor:
            return self._cursor.fetchall()


class RowsMissing(RuntimeError):
    """A statement touched other rows than it must: the transaction has to be rolled back."""

    def __init__(self, name: str, expected: int, found: int) -> None:
        super().__init__(f"{name} touched {found} rows instead of {expected}")
        self.name = name


def _check(name: str, cursor: psycopg.Cursor[Any], expect: int | None) -> None:
    if expect is not None and cursor.rowcount != expect:
        raise RowsMissing(name, expect, cursor.rowcount)


_Waiting = list[tuple[str, "psycopg.Cursor[Any]", int | None]]
_pipe: Final[ContextVar[_Waiting | None]] = ContextVar("jifen_pipe", default=None)


@contextmanager
def pipelined() -> Iterator[None]:
    """Send the statements that the block runs without waiting for one before the next.

    PostgreSQL works while the next statement is being spelled, and a batch waits once instead
    of eight times. What each statement must have touched is checked in the order they were sent;
    what was asked can be read when the block has ended.
    """
    connection.ensure_connection()
    waiting: _Waiting = []
    token = _pipe.set(waiting)
    try:
        with connection.wrap_database_errors, connection.connection.pipeline():
            yield
    finally:
        _pipe.reset(token)
    for name, cursor, expect in waiting:
        _check(name, cursor, expect)


def composed(name: str, text: str) -> Statement:
    """A statement that a room put together from fixed pieces of its own; every value that somebody
    gave is a parameter of it."""
    made = Statement.__new__(Statement)
    made._hold(name, text)  # noqa: SLF001
    return made


@cache
def statement(folder: Path, name: str) -> Statement:
    """The statement ``folder/name.sql``."""
    return Statement(folder / f"{name}.sql")


def in_transaction() -> None:
    """Raise unless a transaction is open: locks taken outside one guard nothing."""
    if not connection.in_atomic_block:
        raise ScopeError("locks are taken inside a transaction only")


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused a row."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


@contextmanager
def snapshot() -> Iterator[None]:
    """One unchanging view of the database, in which nothing can be written.

    Inside a transaction that is open already, whatever that one sees: one view only where it is
    such a snapshot itself.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def flush_later() -> None:
    """Let the open transaction commit before it is on the disk. Others' commits, or the server
    within a second, bring it there; if the machine dies in between, it never was. Only for what is
    done again then."""
    in_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def columns(rows: Sequence[Sequence[Any]], width: int) -> list[str]:
    """Turn rows into ``width`` array literals, as ``unnest()`` takes them."""
    if not rows:
        return ["{}"] * width
    return [_column(column) for column in zip(*rows, strict=True)]


def _column(values: tuple[Any, ...]) -> str:
    """The literal of a column. One that holds the same throughout, as many do, is spelled once."""
    first = values[0]
    if type(first) in _CONSTANTS and values.count(first) == len(values):
        spelled = _SPELLINGS[type(first)](first)
        return "{" + ",".join([spelled] * len(values)) + "}"
    return array(values)


def array(values: Iterable[Any]) -> str:
    """PostgreSQL's literal of a one-dimensional array.

    The driver's own dumper costs ten times as much for texts of some length, which is what a
    batch mostly sends; the statement casts the literal, so types are still checked.
    """
    return "{" + ",".join([_SPELLINGS[type(value)](value) for value in values]) + "}"


_CONSTANTS: Final = frozenset({type(None), str, int, bool})
"""Types of which comparing a value is cheaper than spelling it."""


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


_SPELLINGS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "NULL",
    str: _quoted,
    int: str,
    bool: str,
    UUID: lambda value: f"{value.int:032x}",
    bytes: lambda value: f'"\\\\x{value.hex()}"',
    datetime: lambda value: f'"{value.isoformat()}"',
    date: str,
}
