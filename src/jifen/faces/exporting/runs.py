"""Exports as people ask for them, watch them, have their file, or call them off.

Who may not read what is in a file may not have the file, nor see that it is there: an export keeps
the rights and the stores that reading it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.db import transaction

from jifen.common.ids import new_id
from jifen.common.scope import scope
from jifen.faces.exporting.models import Export, ExportPart
from jifen.faces.exporting.types import (
    ExportAsked,
    ExportFileRemoved,
    ExportForm,
    ExportInfo,
    ExportKind,
    ExportNotReady,
    ExportOver,
    ExportStatus,
    InvalidExport,
    UnknownExport,
)
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Client, Stores, UnknownStore

KEPT: Final = timedelta(days=7)
"""How long a file is kept once it is there."""
EXPORT: Final = "export"
"""The right to take tables away, beside those to read what is in them."""
WHOLE_PHONES: Final = "members.phone"
OPEN: Final = ("waiting", "running")
_READING: Final[Mapping[str, tuple[str, ...]]] = {
    "members": ("members.read", "balances.read"),
    "activities": ("activities.read",),
    "postings": ("balances.read",),
    "lots": ("balances.read",),
    "coupons": ("balances.read",),
}
_IN_PERIOD: Final = ("activities", "postings", "coupons")
_EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(9000, 1, 1)


def rights_for(asked: ExportAsked) -> tuple[str, ...]:
    """What having such a file takes."""
    whole = (WHOLE_PHONES,) if asked.whole_phones else ()
    return (EXPORT, *_READING[asked.kind], *whole)


def check(asked: ExportAsked) -> None:
    """Raise :class:`InvalidExport` or ``UnknownStore`` for what no file can be of."""
    days = [day for day in (asked.since, asked.until) if day is not None]
    if days and asked.kind not in _IN_PERIOD:
        raise InvalidExport(f"{asked.kind} are told as they stand: they have no period")
    if any(not _EARLIEST <= day <= _LATEST for day in days) or days != sorted(set(days)):
        raise InvalidExport("a period ends after it begins, within the years 1900 to 8999")
    if asked.whole_phones and asked.kind != "members":
        raise InvalidExport(f"{asked.kind} hold no phones")
    if asked.store is not None and asked.store not in programmes.stores():
        raise UnknownStore("no store has this code", store=asked.store)


def ask(asked: ExportAsked, *, client_id: UUID, by: str, stores: Stores, at: datetime) -> UUID:
    """Have the worker make a file, of one store or of those that are the asker's to read; answers
    the export's id. Raises as :func:`check`."""
    check(asked)
    row = new_row(asked, client_id=client_id, by=by, stores=stores, at=at)
    row.save(force_insert=True)
    return UUID(str(row.id))


def new_row(
    asked: ExportAsked, *, client_id: UUID, by: str, stores: Stores, at: datetime
) -> Export:
    """What was asked for as a row that is written down nowhere yet."""
    of = (asked.store,) if asked.store is not None else stores
    return Export(
        id=new_id(),
        kind=asked.kind,
        form=asked.form,
        since=asked.since,
        until=asked.until,
        stores=None if of is None else list(of),
        whole_phones=asked.whole_phones,
        needs=list(rights_for(asked)),
        client_id=client_id,
        asked_by=by,
        asked_at=at,
    )


def one(export_id: UUID, *, client: Client) -> ExportInfo:
    """An export whose file the client may have, or :class:`UnknownExport`."""
    return _info(_row(export_id, client))


def exports(*, client: Client, before: UUID | None, limit: int) -> list[ExportInfo]:
    """The exports whose files the client may have, the newest first, before a given one."""
    rows = Export.objects.filter(**_may_have(client)).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_info(row) for row in rows[:limit]]


def cancel(export_id: UUID, *, client: Client, at: datetime) -> ExportInfo:
    """Call an export off; no file of it is kept. Raises :class:`ExportOver`."""
    row = _row(export_id, client)
    changed = Export.objects.filter(id=row.id, status__in=OPEN).update(
        status="cancelled", ended_at=at, claimed_until=None
    )
    found = _row(export_id, client)
    if not changed:
        raise ExportOver("the export is over", export_status=found.status)
    return _info(found)


def file(export_id: UUID, *, client: Client) -> tuple[ExportInfo, Iterator[bytes]]:
    """An export with its file, piece by piece: each is read when it is asked for.

    Raises :class:`ExportNotReady` or :class:`ExportFileRemoved`.
    """
    row = _row(export_id, client)
    if row.status != "done":
        raise ExportNotReady("there is no file of this export", export_status=row.status)
    if row.removed_at is not None:
        raise ExportFileRemoved("the file was removed; ask for it again", id=str(row.id))
    return _info(row), _pieces(row.programme_id, UUID(str(row.id)))


def clean(*, at: datetime) -> int:
    """Remove files that were made :data:`KEPT` ago; answers how many."""
    old = list(
        Export.objects.filter(status="done", removed_at=None, ended_at__lt=at - KEPT)
        .order_by("ended_at")
        .values_list("id", flat=True)[:100]
    )
    if old:
        with transaction.atomic():
            ExportPart.objects.filter(export_id__in=old).delete()
            Export.objects.filter(id__in=old).update(removed_at=at)
    return len(old)


def _pieces(programme_id: UUID, export_id: UUID) -> Iterator[bytes]:
    """The file's pieces in order. They are read while the answer is on its way, when whoever asked
    for it has left the scope."""
    number = 0
    while True:
        with scope(programme_id):
            part = ExportPart.objects.filter(export_id=export_id, number=number).first()
        if part is None:
            return
        yield bytes(part.content)
        number += 1


def _may_have(client: Client) -> dict[str, object]:
    """Exports of which the client may read everything, by rights and by stores."""
    within: dict[str, object] = {"needs__contained_by": sorted(client.rights)}
    if client.stores is not None:
        # One of every store has none written down, and is contained in nothing.
        within["stores__contained_by"] = list(client.stores)
    return within


def _row(export_id: UUID, client: Client) -> Export:
    row: Export | None = Export.objects.filter(id=export_id, **_may_have(client)).first()
    if row is None:
        raise UnknownExport("no export has this id", id=str(export_id))
    return row


def _info(row: Export) -> ExportInfo:
    has_file = row.status == "done" and row.removed_at is None
    return ExportInfo(
        id=row.id,
        kind=cast("ExportKind", row.kind),
        form=cast("ExportForm", row.form),
        since=row.since,
        until=row.until,
        stores=None if row.stores is None else tuple(row.stores),
        whole_phones=row.whole_phones,
        status=cast("ExportStatus", row.status),
        done=row.done,
        total=row.total,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        fault=row.fault,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        kept_until=row.ended_at + KEPT if has_file and row.ended_at else None,
        removed_at=row.removed_at,
    )
