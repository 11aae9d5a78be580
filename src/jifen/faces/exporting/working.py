"""The worker's part of an export: one snapshot, read by the page into a file, kept once whole.

Until then nothing of it is there, so a worker that was killed leaves nothing: the next one begins
again, in a snapshot of its own. How far it is, is written down beside the snapshot, on a connection
of its own.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import date, datetime, timedelta
from typing import BinaryIO, Final, TypeVar, cast
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from jifen.common.days import end_of_day
from jifen.common.errors import JifenError
from jifen.common.sql import snapshot
from jifen.faces.exporting import runs, tables, writing
from jifen.faces.exporting.models import Export, ExportPart
from jifen.faces.exporting.types import ExportAsked, ExportForm, ExportKind
from jifen.insight.exports import Choice
from jifen.programmes import selectors as programmes
from jifen.programmes import services
from jifen.programmes.types import Stores

CLAIM: Final = timedelta(minutes=2)
"""How long a worker has an export to itself after each page: longer than a page takes."""
MOST_TRIES: Final = 5
"""Workers that may die of one export."""
PART: Final = 1024 * 1024
COMMAND: Final = "jifen export"
"""Who asked, where somebody did on the command line."""
T = TypeVar("T")
log = logging.getLogger(__name__)


class _NotOurs(Exception):
    """Somebody called the export off, or another worker has it by now."""


def go_on(*, at: datetime) -> bool:
    """Make the oldest file that nobody is making; answers whether another one waits."""
    row = _claimed(at)
    if row is None:
        return False
    began = time.monotonic()
    try:
        _make(row, at)
    except _NotOurs:
        log.info("export %s is not this worker's any more", row.id)
    except (OperationalError, InterfaceError):
        # The database was not there for a moment; the next turn begins again.
        _mine(row).update(claimed_until=None)
        raise
    except JifenError as error:
        _fail(row, error.code, at)
    except Exception:
        _fail(row, "internal_error", at)
        raise
    return _open(at + timedelta(seconds=time.monotonic() - began)).exists()


def write(
    asked: ExportAsked,
    *,
    stores: Stores,
    at: datetime,
    into: BinaryIO,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Write a table as of one snapshot; ``advance`` is told after each page how many rows of how
    many there are. Answers how many. Raises ``cell_too_long``."""
    with snapshot():
        table = tables.table(
            asked.kind, _choice(asked, stores, at), whole_phones=asked.whole_phones
        )
        done = 0
        advance(done, table.total)
        with writing.writer(asked.form, table.head, into=into) as writer:
            for page in table.pages:
                writer.write(page)
                done += len(page)
                advance(done, table.total)
    return done


def command(asked: ExportAsked, *, into: BinaryIO, at: datetime) -> int:
    """What the command line exports: at once, of every store, into a file of its own; the export
    itself is on record beside those of the console. Answers how many rows.

    Raises ``invalid_export``, ``unknown_store`` or ``cell_too_long``.
    """
    runs.check(asked)
    client = services.internal_client(name=COMMAND, at=at)
    row = runs.new_row(asked, client_id=client.client_id, by=COMMAND, stores=None, at=at)
    done = write(asked, stores=_stores(row), at=at, into=into)
    row.status, row.done, row.total = "done", done, done
    row.size_bytes, row.sha256 = digest(into)
    row.started_at = row.ended_at = row.removed_at = at
    row.save(force_insert=True)
    return done


def digest(file: BinaryIO) -> tuple[int, str]:
    """The size and the SHA-256 of a file."""
    file.seek(0)
    found = hashlib.sha256()
    for content in iter(lambda: file.read(PART), b""):
        found.update(content)
    return file.tell(), found.hexdigest()


# --- one export -----------------------------------------------------------------------------------


def _open(at: datetime) -> QuerySet[Export]:
    """Exports that nobody is making."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    return Export.objects.filter(free, status__in=runs.OPEN)


def _claimed(at: datetime) -> Export | None:
    """The oldest of them, which is this worker's from now on."""
    for export_id in list(_open(at).order_by("id").values_list("id", flat=True)):
        taken = (
            _open(at)
            .filter(id=export_id)
            .update(
                status="running",
                tries=F("tries") + 1,
                done=0,
                total=0,
                started_at=Coalesce("started_at", Value(at)),
                claimed_until=at + CLAIM,
            )
        )
        if not taken:
            continue
        row: Export = Export.objects.get(id=export_id)
        if row.tries <= MOST_TRIES:
            return row
        _fail(row, "given_up", at)
    return None


def _mine(row: Export) -> QuerySet[Export]:
    """The export, as long as it is this worker's."""
    return Export.objects.filter(id=row.id, status="running", tries=row.tries)


def _fail(row: Export, code: str, at: datetime) -> None:
    log.warning("export %s stopped: %s", row.id, code)
    _mine(row).update(status="failed", fault=code, ended_at=at, claimed_until=None)


def _make(row: Export, at: datetime) -> None:
    began = time.monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=time.monotonic() - began)

    with tempfile.TemporaryFile() as file:
        with _beside() as elsewhere:

            def advance(done: int, total: int) -> None:
                claim = {"done": done, "total": total, "claimed_until": now() + CLAIM}
                if not elsewhere(lambda: _mine(row).update(**claim)):
                    raise _NotOurs

            write(_asked(row), stores=_stores(row), at=at, into=file, advance=advance)
        _keep(row, file, now)


def _keep(row: Export, file: BinaryIO, now: Callable[[], datetime]) -> None:
    """Have the whole file in the database, or nothing of it."""
    size_bytes, sha256 = digest(file)
    with transaction.atomic():
        mine = _mine(row).update(
            status="done",
            size_bytes=size_bytes,
            sha256=sha256,
            ended_at=now(),
            claimed_until=None,
        )
        if not mine:
            raise _NotOurs
        file.seek(0)
        for number, content in enumerate(iter(lambda: file.read(PART), b"")):
            part = ExportPart(export_id=row.id, number=number, content=content)
            part.save(force_insert=True)


def _asked(row: Export) -> ExportAsked:
    """What was asked for; of which stores, the row says."""
    return ExportAsked(
        kind=cast("ExportKind", row.kind),
        form=cast("ExportForm", row.form),
        since=row.since,
        until=row.until,
        whole_phones=row.whole_phones,
    )


def _stores(row: Export) -> Stores:
    return None if row.stores is None else tuple(row.stores)


def _choice(asked: ExportAsked, stores: Stores, at: datetime) -> Choice:
    zone = ZoneInfo(programmes.programme().time_zone)
    ids = programmes.store_ids(stores)
    return Choice(
        at=at,
        begins_at=_begin(asked.since, zone),
        ends_at=_begin(asked.until, zone),
        stores=None if ids is None else tuple(ids),
    )


def _begin(day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a local day begins."""
    return None if day is None else end_of_day(day - timedelta(days=1), zone)


@contextmanager
def _beside() -> Iterator[Callable[[Callable[[], T]], T]]:
    """A way to write while a snapshot is read, in which nothing can be written: in a thread, which
    has a connection of its own."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        context = copy_context()
        try:
            yield lambda what: thread.submit(context.run, what).result()
        finally:
            thread.submit(connections.close_all).result()
