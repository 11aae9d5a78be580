"""A process: fill an empty database with as many members as asked for, by ``COPY``.

Indexes and foreign keys go before and come back after, with every row checked against them; a
template of a hundred members is multiplied in between (``template``). Rows come in the order in
which a shop would have written them: everybody's first order, then everybody's second, so that
what one member owns lies as scattered over the tables as it would.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec
import psycopg
from msgspec import Struct
from psycopg import sql

from jifen.common.process import settle
from jifen.faces.bench.scale.names import SEGMENTS
from jifen.faces.cli.startup import open_database

if TYPE_CHECKING:
    from jifen.faces.bench.scale.template import Row, Table

_DAYS: Final = 90
_PIECE: Final = 256 * 1024
_SETTINGS: Final = (
    "SET maintenance_work_mem = '512MB'",
    "SET max_parallel_maintenance_workers = 2",
    "SET synchronous_commit = off",
)


class Options(Struct, frozen=True):
    """So many members (rounded up to whole hundreds), each with so many postings."""

    members: int
    postings: int


class Definition(Struct, frozen=True):
    """A constraint or index and the statements that take it away and bring it back."""

    drop: str
    make: str


def fill(options: Options) -> dict[str, Any]:
    """Book the template, multiply it, and tell how many rows each table has."""
    from jifen.audience import services as audience
    from jifen.audience.types import Condition
    from jifen.common import clock
    from jifen.common.database import connect, owner_address
    from jifen.common.scope import scope
    from jifen.earning.types import Caller
    from jifen.faces.bench import filling
    from jifen.faces.bench.place import CODE
    from jifen.faces.bench.scale import template
    from jifen.programmes import selectors as programmes
    from jifen.programmes import services as programme_services

    began = time.perf_counter()
    filling.fill(filling.Options(members=0))
    at = clock.now()
    with connect(owner_address()) as connection:
        with scope(programmes.programme_by_code(CODE).id):
            client = programme_services.internal_client(name="scale", at=at)
            for code, least in SEGMENTS.items():
                # Asks of each member what it did lately: of the conditions, the dearest.
                spent = {"kind": "spend", "at_least_minor": least, "days": _DAYS}
                condition = msgspec.convert(spent, Condition)
                audience.save_segment(code=code, name=code, condition=condition, by="bench", at=at)
            before = template.filled(connection)
            digested = template.book(
                postings=options.postings, caller=Caller(client.client_id, client.name), at=at
            )
        tables = template.read(
            connection, tables=template.filled(connection) - before, digested=digested
        )
        clones = -(-options.members // template.MEMBERS)
        for statement in _SETTINGS:
            connection.execute(statement.encode())
        with _bare(connection, [table.name for table in tables]):
            rows = {table.name: _copy(connection, table, clones) for table in tables}
        for table in tables:
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return {
        "members": clones * template.MEMBERS,
        "rows": rows,
        "bytes": row[0] if row else 0,
        "seconds": time.perf_counter() - began,
    }


def _copy(connection: psycopg.Connection[Any], table: Table, clones: int) -> int:
    """Put the clones in the place of the template's rows; answers how many rows there are.

    Emptied in the same transaction, so that the rows come frozen and nothing is left to vacuum.
    """
    name = sql.Identifier(table.name)
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in table.columns)
    copy = sql.SQL("COPY {} ({}) FROM STDIN WITH (FREEZE)").format(name, columns)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("TRUNCATE {}").format(name))
        with cursor.copy(copy) as stream:
            for piece in _pieces(table, clones):
                stream.write(piece)
    return clones * len(table.rows)


def _pieces(table: Table, clones: int) -> Iterator[bytes]:
    """The clones' rows, a hundred of the template's at a time for all clones."""
    from jifen.faces.bench.scale.template import MEMBERS

    waiting: list[bytes] = []
    size = 0
    for start in range(0, len(table.rows), MEMBERS):
        group = table.rows[start : start + MEMBERS]
        for number in range(clones):
            text = _clone(group, number)
            waiting.append(text)
            size += len(text)
            if size >= _PIECE:
                yield b"".join(waiting)
                waiting, size = [], 0
    yield b"".join(waiting)


def _clone(group: Sequence[Row], number: int) -> bytes:
    from jifen.faces.bench.scale.template import DIGEST_MARK, clone_of

    marks = list(clone_of(number))
    if not any(row.digested for row in group):
        return _filled(b"".join(row.text for row in group), marks)
    return b"".join(
        _filled(row.text, marks).replace(
            DIGEST_MARK, hashlib.sha256(_filled(row.digested, marks)).hexdigest().encode()
        )
        for row in group
    )


def _filled(text: bytes, marks: list[tuple[bytes, bytes]]) -> bytes:
    for mark, value in marks:
        text = text.replace(mark, value)
    return text


@contextmanager
def _bare(connection: psycopg.Connection[Any], tables: list[str]) -> Iterator[None]:
    """Without indexes and foreign keys; they come back and are checked at the end."""
    keys, uniques, indexes = _foreign_keys(connection, tables), *_indexes(connection, tables)
    everything = [*keys, *uniques, *indexes]
    for definition in everything:
        connection.execute(definition.drop.encode())
    yield
    for definition in reversed(everything):
        connection.execute(definition.make.encode())


def _foreign_keys(connection: psycopg.Connection[Any], tables: list[str]) -> list[Definition]:
    """Those from these tables and those to them."""
    rows = connection.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE contype = 'f'"
        " AND (conrelid = any(%(of)s::regclass []) OR confrelid = any(%(of)s::regclass []))",
        {"of": tables},
    )
    return [_constraint(*row) for row in rows]


def _indexes(
    connection: psycopg.Connection[Any], tables: list[str]
) -> tuple[list[Definition], list[Definition]]:
    """Primary keys and unique constraints, and the indexes that are neither."""
    constraints = connection.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = any(%s::regclass [])",
        [tables],
    ).fetchall()
    plain = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = any(%s::regclass []) AND NOT EXISTS"
        " (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
        [tables],
    ).fetchall()
    return (
        [_constraint(*row) for row in constraints],
        [Definition(f"DROP INDEX {name}", make) for name, make in plain],
    )


def _constraint(table: str, name: str, text: str) -> Definition:
    return Definition(
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}",
    )


if __name__ == "__main__":
    open_database()
    settle()
    answer = fill(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
