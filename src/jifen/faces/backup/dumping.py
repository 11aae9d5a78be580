"""Taking a backup: one snapshot, counted by us and written by ``pg_dump``.

Readers of a snapshot block nobody and wait for nobody but a migration, so a shop goes on.
"""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

import psycopg
from psycopg import sql

from jifen.common.database import Address, DatabaseUnavailable, connect
from jifen.faces.backup import programs
from jifen.faces.backup.archive import CHUNK, FORMAT, Manifest, Writer, new_file
from jifen.faces.backup.errors import BackupFailed

# Level 3 takes less than half of the processor's time of the usual 6 for a sixth more bytes.
_ARGUMENTS: Final = (
    *("--format=custom", "--compress=gzip:3", "--schema=public"),
    *("--no-owner", "--no-privileges", "--verbose"),
)
_BEGUN: Final = re.compile(r'dumping contents of table "public\.(\w+)"')
Advance = Callable[[int], None]


def back_up(
    *,
    file: Path,
    address: Address,
    at: datetime,
    replace: bool = False,
    begin: Callable[[int], Advance] = lambda _: lambda _: None,
) -> Manifest:
    """Write everything that the database of ``address`` (its owner's) holds at this instant.

    ``begin`` hears how many rows there are and answers what hears of each table's rows.
    Raises :class:`BackupFailed`, ``ProgramMissing``, ``UnwritableFile``, ``FileExists`` and
    ``DatabaseUnavailable``; the file is then as it was before.
    """
    with connect(address) as connection, new_file(file, replace=replace) as writer:
        try:
            return _dump(connection, address, writer, at, begin)
        except psycopg.Error as error:
            told = str(error).strip().splitlines() or [type(error).__name__]
            raise BackupFailed(f"the database cannot be read: {told[0]}") from error


def _dump(
    connection: psycopg.Connection,
    address: Address,
    writer: Writer,
    at: datetime,
    begin: Callable[[int], Advance],
) -> Manifest:
    major = connection.info.server_version // 10_000
    program, dump_major = programs.find("pg_dump", major=major)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        migrations = _migrations(connection, address)
        counts = count_rows(connection)
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None  # noqa: S101 (a function answers one row)
        command, environment = programs.connected(
            program, address, *_ARGUMENTS, f"--snapshot={snapshot[0]}"
        )
        _stream(command, environment, writer, counts, begin(sum(counts.values())))
    manifest = Manifest(
        format=FORMAT,
        jifen=version("jifen"),
        at=at,
        postgres=str(connection.info.parameter_status("server_version")),
        pg_dump=dump_major,
        migrations=migrations,
        counts=counts,
        bytes=writer.bytes,
        sha256=writer.sha256,
    )
    writer.finish(manifest)
    return manifest


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Rows by table, as the open transaction sees them. Reads all of them."""
    return {name: count_table(connection, name) for name in table_names(connection)}


def count_table(connection: psycopg.Connection, name: str) -> int:
    """Rows of one table, as the open transaction sees them."""
    counting = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", name))
    row = connection.execute(counting).fetchone()
    return int(row[0]) if row else 0


def table_names(connection: psycopg.Connection) -> list[str]:
    """The tables of the schema ``public``."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    ).fetchall()
    return [name for (name,) in rows]


def migrations_in(connection: psycopg.Connection) -> tuple[str, ...]:
    """What a database with tables of Jifen was migrated with, as ``ledger.0001_initial``."""
    rows = connection.execute(
        "SELECT app || '.' || name FROM public.django_migrations ORDER BY app, name"
    ).fetchall()
    return tuple(name for (name,) in rows)


def _migrations(connection: psycopg.Connection, address: Address) -> tuple[str, ...]:
    """What was migrated. Raises without any of Jifen's tables."""
    row = connection.execute("SELECT to_regclass('public.programme') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        raise DatabaseUnavailable(
            f"{address.setting}: {address.shown()} has no tables of Jifen to back up"
        )
    return migrations_in(connection)


def _stream(
    command: list[str],
    environment: Mapping[str, str],
    writer: Writer,
    counts: Mapping[str, int],
    advance: Advance,
) -> None:
    """Run pg_dump and write what it prints."""
    with ExitStack() as parts:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # A Ctrl-C is ours to answer.
            start_new_session=True,
        )
        parts.callback(_end, process)
        assert process.stdout is not None  # noqa: S101 (asked for above)
        assert process.stderr is not None  # noqa: S101
        told = _Listener(process.stderr, counts, advance)
        while piece := process.stdout.read(CHUNK):
            writer.write(piece)
        code = process.wait()
        complaint = told.complaint()
    if code != 0:
        raise BackupFailed(programs.reason(complaint))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


class _Listener:
    """Reads what pg_dump tells: tables begun move the bar, the rest is kept for a complaint."""

    def __init__(self, stream: IO[bytes], counts: Mapping[str, int], advance: Advance) -> None:
        self._stream, self._counts, self._advance = stream, counts, advance
        self._kept: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def complaint(self) -> str:
        """Everything that was no mere progress."""
        self._thread.join()
        return "\n".join(self._kept)

    def _listen(self) -> None:
        for line in self._stream:
            text = line.decode("utf-8", "replace").strip()
            begun = _BEGUN.search(text)
            if begun is not None:
                self._advance(self._counts.get(begun[1], 0))
            elif "error:" in text or "detail:" in text:
                self._kept.append(text.removeprefix("pg_dump: "))
