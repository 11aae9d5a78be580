"""Restoring: everything of a backup in one transaction, or nothing.

``pg_restore`` spells the dump as statements and ``psql`` runs them, between a beginning of ours,
which makes sure that nothing is lost, and an end of ours, which counts what came and commits.
Whatever stops before that end, even ``kill -9``, leaves the database as it was.

The dump carries no rights. So between the commit and the migration that follows, which gives
them, the application may not even read: what is not finished is not served.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import IO, BinaryIO, Final

import msgspec
import psycopg
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from jifen.common.database import MIGRATION_LOCK, Address, connect
from jifen.common.tables import DISTRIBUTED, GLOBAL, LOCAL_PREFIXES
from jifen.faces.backup import programs
from jifen.faces.backup.archive import CHUNK, Backup
from jifen.faces.backup.dumping import count_table, migrations_in, table_names
from jifen.faces.backup.errors import BackupTooNew, DatabaseNotEmpty, RestoreFailed

_OURS: Final = frozenset({*DISTRIBUTED, *GLOBAL})
_KNOWS_TRANSACTION_TIMEOUT: Final = 17
_TRANSACTION_TIMEOUT: Final = b"SET transaction_timeout = 0;\n"

# Locks: the programmes, so that none is made meanwhile, and whatever is dropped: empty tables of
# ours, since without a programme nothing is in them. One statement drops them all, and only if
# nothing of somebody else's depends on them.
_BEGINNING: Final = """\
BEGIN;
SET LOCAL lock_timeout = '10s';
SET LOCAL maintenance_work_mem = '256MB';
SELECT pg_advisory_xact_lock({lock});
DO $jifen$
DECLARE
    thing text;
    things text;
    programmes bigint := 0;
BEGIN
    IF to_regclass('public.programme') IS NOT NULL THEN
        LOCK TABLE public.programme IN ACCESS EXCLUSIVE MODE;
        SELECT count(*) INTO programmes FROM public.programme;
        IF programmes > 0 THEN
            RAISE EXCEPTION 'the database holds programmes';
        END IF;
    END IF;
    FOR thing IN
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate%'
    LOOP
        EXECUTE 'DROP ROUTINE IF EXISTS ' || thing || ' CASCADE';
    END LOOP;
    SELECT string_agg(oid::regclass::text, ', ') INTO things FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND (relname = ANY ({tables}) OR relname LIKE ANY ({prefixes}));
    IF things IS NOT NULL THEN
        EXECUTE 'DROP TABLE ' || things;
    END IF;
    FOR thing IN
        SELECT t.oid::regtype::text FROM pg_type AS t
        LEFT JOIN pg_class AS c ON t.typrelid = c.oid
        WHERE t.typnamespace = 'public'::regnamespace AND t.typname LIKE 'procrastinate%'
            AND t.typcategory <> 'A' AND (t.typtype = 'e' OR c.relkind = 'c')
    LOOP
        EXECUTE 'DROP TYPE IF EXISTS ' || thing || ' CASCADE';
    END LOOP;
END
$jifen$;
"""
_END: Final = """\
DO $jifen$
DECLARE
    told record;
    found bigint;
BEGIN
    FOR told IN SELECT * FROM json_each_text({counts}) LOOP
        EXECUTE format('SELECT count(*) FROM public.%I', told.key) INTO found;
        IF found <> told.value::bigint THEN
            RAISE EXCEPTION 'the table % has % rows instead of %', told.key, found, told.value;
        END IF;
    END LOOP;
END
$jifen$;
"""
# What an embedded database was migrated with; without it the next command migrates.
_FORGET: Final = """\
DO $jifen$ BEGIN
    EXECUTE format('COMMENT ON DATABASE %I IS NULL', current_database());
END $jifen$;
"""
_COMMIT: Final = "COMMIT;\n"


def check_fit(*, backup: Backup, address: Address, place: str) -> None:
    """Raise unless the backup can be restored into the database of ``address`` (its owner's),
    which is told to people as ``place``.

    :class:`BackupTooNew` when it was migrated further than this Jifen knows,
    :class:`DatabaseNotEmpty` when something would be lost. Django must be set up.
    """
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(backup.manifest.migrations) - known)
    if unknown:
        raise BackupTooNew(
            f"the backup was made by Jifen {backup.manifest.jifen} with migrations that this one"
            f" does not know ({unknown[0]}); restore it with that version or a newer one",
            made_by=backup.manifest.jifen,
        )
    with connect(address) as connection:
        _check_empty(connection, place)


def restore(
    *,
    backup: Backup,
    address: Address,
    embedded: bool,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Fill the database; ``advance`` hears the bytes of the dump.

    The application may read nothing of it until the database has been migrated. Raises
    :class:`RestoreFailed`, ``ProgramMissing`` and ``DatabaseUnavailable``; then nothing changed.
    """
    with connect(address) as connection:
        major = connection.info.server_version // 10_000
    reader, _ = programs.find("pg_restore", major=backup.manifest.pg_dump)
    runner, _ = programs.find("psql", major=backup.manifest.pg_dump)
    command, environment = programs.connected(
        runner, address, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"
    )
    spell = [str(reader), "--no-owner", "--no-privileges", "--schema=public", "--file=-"]
    last = (_FORGET if embedded else "") + _COMMIT
    with ExitStack() as parts:
        complaints = parts.enter_context(tempfile.TemporaryFile())
        target = _started(parts, command, environment, complaints, stdout=subprocess.DEVNULL)
        source = _started(parts, spell, environment, complaints, stdout=subprocess.PIPE)
        file = parts.enter_context(backup.path.open("rb"))
        file.seek(backup.offset)
        feeder = threading.Thread(
            target=_feed, args=(file, backup.manifest.bytes, source, advance), daemon=True
        )
        feeder.start()
        with suppress(BrokenPipeError):
            _run(target, source, backup.manifest.counts, last, major)
        if target.wait() != 0 or source.wait() != 0:
            complaints.seek(0)
            told = complaints.read().decode("utf-8", "replace")
            raise RestoreFailed(f"nothing was restored: {programs.reason(told)}")
        feeder.join()


def analyze(address: Address) -> None:
    """Let the planner know what came; without it the first orders would be planned for nothing."""
    with connect(address) as connection:
        for name in table_names(connection):
            connection.execute(sql.SQL("ANALYZE {}").format(_table(name)))


def migrations_of(address: Address) -> frozenset[str]:
    """What the database has been migrated with."""
    with connect(address) as connection:
        return frozenset(migrations_in(connection))


def _started(
    parts: ExitStack,
    command: Sequence[str],
    environment: Mapping[str, str],
    complaints: BinaryIO,
    *,
    stdout: int,
) -> subprocess.Popen[bytes]:
    """A program that reads from us, and is gone at the end."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=complaints,
        env=environment,
        # A Ctrl-C is ours to answer.
        start_new_session=True,
    )
    parts.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()


def _feed(
    file: BinaryIO, size: int, source: subprocess.Popen[bytes], advance: Callable[[int], None]
) -> None:
    """Hand the dump to the program that spells it, which may end before we do."""
    sink = _pipe(source.stdin)
    with suppress(BrokenPipeError, ValueError):
        while size and (piece := file.read(min(CHUNK, size))):
            sink.write(piece)
            size -= len(piece)
            advance(len(piece))
    with suppress(BrokenPipeError, ValueError):
        sink.close()


def _run(
    target: subprocess.Popen[bytes],
    source: subprocess.Popen[bytes],
    counts: Mapping[str, int],
    last: str,
    major: int,
) -> None:
    """Our beginning, what the dump spells, and our end only if all of it was spelled."""
    sink, spelled = _pipe(target.stdin), _pipe(source.stdout)
    sink.write(_beginning().encode())
    first = spelled.read(CHUNK)
    if major < _KNOWS_TRANSACTION_TIMEOUT:
        first = first.replace(_TRANSACTION_TIMEOUT, b"", 1)
    sink.write(first)
    while piece := spelled.read(CHUNK):
        sink.write(piece)
    if source.wait() == 0:
        sink.write((_END.format(counts=_quoted(msgspec.json.encode(counts))) + last).encode())
    sink.close()


def _beginning() -> str:
    tables = "ARRAY[" + ",".join(_quoted(name.encode()) for name in sorted(_OURS)) + "]"
    prefixes = [prefix.replace("_", r"\_") + "%" for prefix in LOCAL_PREFIXES]
    likes = "ARRAY[" + ",".join(_quoted(prefix.encode()) for prefix in prefixes) + "]"
    return _BEGINNING.format(lock=MIGRATION_LOCK, tables=tables, prefixes=likes)


def _quoted(text: bytes) -> str:
    return "'" + text.decode().replace("'", "''") + "'"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 (each was asked for)
    return stream


def _check_empty(connection: psycopg.Connection, place: str) -> None:
    """Raise unless the database holds at most empty tables of ours."""
    names = table_names(connection)
    strange = [name for name in names if not _is_ours(name)]
    if strange:
        raise DatabaseNotEmpty(
            f"{place} has tables that are not Jifen's ({strange[0]}); restore into a"
            f" database of its own, made by createdb",
            tables=strange,
        )
    programmes = count_table(connection, "programme") if "programme" in names else 0
    if programmes:
        raise DatabaseNotEmpty(
            f"{place} holds programmes ({programmes}), and a restore removes nothing; restore into"
            f" an empty database: a new JIFEN_HOME, or one made by createdb",
            programmes=programmes,
        )


def _is_ours(table: str) -> bool:
    return table in _OURS or table.startswith(LOCAL_PREFIXES)


def _table(name: str) -> sql.Identifier:
    return sql.Identifier("public", name)
