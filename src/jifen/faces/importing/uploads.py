"""Imports that people start from a browser: a file is uploaded, mapped, checked, then run.

The file is kept in the database, so any server and any worker can go on with it. Checking writes
nothing but its findings. Running books batch by batch through the same functions as the command
line, with the same keys: killed at any moment it goes on from the last batch that was written down,
and what was booked already answers again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction

from jifen.faces.exporting.writing import neutral
from jifen.faces.importing import mapping as mappings
from jifen.faces.importing import reading
from jifen.faces.importing.files import BadLineError, RawLine, UnreadableFile, cells, split_header
from jifen.faces.importing.mapping import Chosen
from jifen.faces.importing.models import Import, ImportFile, ImportReject
from jifen.faces.importing.types import (
    ImportDetails,
    ImportFileRemoved,
    ImportInfo,
    ImportKind,
    ImportNotOpen,
    ImportStatus,
    RejectedLine,
    UnknownImport,
)
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores

KEPT: Final = timedelta(days=7)
"""How long a file is kept, from its upload on."""
SHOWN_ROWS: Final = 5
SHOWN_REJECTS: Final = 50
_LONGEST_NAME: Final = 200
_LONGEST_CELL: Final = 200
_OPEN: Final = ("uploaded", "checked", "failed")
"""Where somebody may still choose, check and start."""
_RIGHTS: Final[Mapping[str, tuple[str, ...]]] = {
    "members": ("members.write",),
    "orders": ("members.write", "activities.write"),
    "online_retail": ("members.write", "activities.write"),
}


def rights_for(kind: ImportKind, columns: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What somebody needs for an import: of orders also to book, and to bring points or tiers
    also to adjust."""
    brought = kind == "members" and any(map(mappings.brings, columns or ()))
    return (*_RIGHTS[kind], *(("adjust",) if brought else ()))


def upload(
    *,
    content: bytes,
    kind: ImportKind,
    form: str,
    name: str,
    client_id: UUID,
    by: str,
    at: datetime,
) -> UUID:
    """Keep a file (``form`` is ``csv`` or ``xlsx``), with the mapping that its header speaks for.

    Raises :class:`~jifen.faces.importing.files.UnreadableFile`.
    """
    name = "".join(each for each in name if each.isprintable())[-_LONGEST_NAME:] or form
    text = reading.read(content, kind=form, name=name)
    header, rest = split_header(reading.lines(text.content), name=name)
    try:
        columns = mappings.column_names(header)
    except BadLineError as error:
        raise UnreadableFile(f"{name} has too many columns", file=name, reason=str(error)) from None
    count = sum(1 for _ in rest)
    if not count:
        raise UnreadableFile(f"{name} has no line below its header", file=name, reason="no_lines")
    proposed, fixed = mappings.proposal(kind, columns, points=_points())
    with transaction.atomic():
        made = Import(
            kind=kind,
            name=name,
            encoding=text.encoding,
            lines=count,
            columns=list(columns),
            mapping=proposed,
            fixed=fixed,
            client_id=client_id,
            uploaded_by=by,
            uploaded_at=at,
        )
        made.save(force_insert=True)
        ImportFile(import_id=made.id, content=text.content).save(force_insert=True)
    return UUID(str(made.id))


def choose(
    import_id: UUID, *, columns: Mapping[str, str], fixed: Mapping[str, str], by: UUID
) -> None:
    """Say which column is which; ``by`` is the client that does. Raises ``InvalidMapping`` or
    :class:`ImportNotOpen`."""
    row = _row(import_id)
    mappings.check(
        cast("ImportKind", row.kind),
        Chosen(columns, fixed),
        row.columns,
        points=_points(),
        stores=programmes.stores(),
    )
    with transaction.atomic():
        _change(
            row,
            mapping=dict(columns),
            fixed=dict(fixed),
            mapped_by_id=by,
            status="uploaded",
            **_FRESH,
        )
        ImportReject.objects.filter(import_id=import_id).delete()


def start_check(import_id: UUID, *, stores: Stores) -> None:
    """Have the worker find out what a run would do for somebody of these stores. Raises as
    :func:`start_run`."""
    row = _ready(import_id)
    if row.status != "checking":
        _change(row, status="checking", stores=stores, ended_at=None, **_FRESH)


def start_run(
    import_id: UUID,
    *,
    stores: Stores,
    earliest_at: datetime | None,
    at: datetime,
    allow: Callable[[Import], None] = lambda _: None,
) -> None:
    """Have the worker book the file, within what bounds who starts it; again changes nothing.

    ``allow`` may raise against it while nobody can change what will be booked. Raises
    ``InvalidMapping`` where a column is missing, :class:`ImportNotOpen` while it is checked, or
    :class:`ImportFileRemoved`.
    """
    with transaction.atomic():
        row = Import.objects.select_for_update(no_key=True).filter(id=import_id).first()
        if row is not None and row.status in {"running", "done"}:
            return
        row = _ready(import_id)
        allow(row)
        _change(
            row,
            status="running",
            stores=stores,
            earliest_at=earliest_at,
            started_at=at,
            ended_at=None,
            **_FRESH,
        )
        ImportReject.objects.filter(import_id=import_id).delete()


def clean(*, at: datetime) -> int:
    """Remove files that were uploaded :data:`KEPT` ago, unless they are being worked on; answers
    how many."""
    old = list(
        Import.objects.filter(removed_at=None, uploaded_at__lt=at - KEPT)
        .exclude(status__in=["checking", "running"])
        .values_list("id", flat=True)[:100]
    )
    if old:
        with transaction.atomic():
            ImportFile.objects.filter(import_id__in=old).delete()
            Import.objects.filter(id__in=old).update(removed_at=at)
    return len(old)


# --- reading --------------------------------------------------------------------------------------


def one(import_id: UUID, *, client_id: UUID, only_mine: bool = False) -> ImportInfo:
    """An import, or :class:`UnknownImport`, as which others' are told with ``only_mine``."""
    return info(_row(import_id, client_id if only_mine else None), client_id)


def details(
    import_id: UUID, *, client_id: UUID, whole_phones: bool, only_mine: bool = False
) -> ImportDetails:
    """An import with what is shown beside it; refused as in :func:`one`."""
    row = _row(import_id, client_id if only_mine else None)
    run = info(row, client_id)
    may_see = run.is_mine or whole_phones
    rejected = ImportReject.objects.filter(import_id=import_id).order_by("line")[:SHOWN_REJECTS]
    return ImportDetails(
        run=run,
        targets=mappings.targets(run.kind, points=_points()),
        rows=tuple(_first_rows(row)) if may_see else (),
        reasons=row.reasons,
        rejected=tuple(RejectedLine(each.line, each.reason) for each in rejected)
        if may_see
        else (),
    )


def imports(
    *, client_id: UUID, before: UUID | None, limit: int, only_mine: bool = False
) -> list[ImportInfo]:
    """The imports, the newest first, before a given one."""
    rows = Import.objects.order_by("-id")
    if only_mine:
        rows = rows.filter(client_id=client_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [info(row, client_id) for row in rows[:limit]]


def rejected_rows(import_id: UUID) -> Iterator[list[str]]:
    """The lines that are not booked, with their reason and what stands in them, none of it a
    formula to whoever opens it: a header, then rows. Without the file, only the number and the
    reason."""
    row = _row(import_id)
    reasons = dict(
        ImportReject.objects.filter(import_id=import_id)
        .order_by("line")
        .values_list("line", "reason")
    )
    if row.removed_at is not None:
        yield ["line", "reason"]
        yield from ([str(line), reason] for line, reason in reasons.items())
        return
    yield ["line", "reason", *map(neutral, row.columns)]
    for line in raw_lines(row):
        if line.number in reasons:
            try:
                found = cells(line.content)
            except BadLineError:
                found = []
            yield [str(line.number), reasons[line.number], *map(neutral, found)]


def raw_lines(row: Import) -> Iterator[RawLine]:
    """The file's lines below its header. Raises :class:`ImportFileRemoved`."""
    file = ImportFile.objects.filter(import_id=row.id).first()
    if file is None:
        raise ImportFileRemoved("the file was removed; upload it again", id=str(row.id))
    return split_header(reading.lines(bytes(file.content)), name=row.name)[1]


def info(row: Import, client_id: UUID) -> ImportInfo:
    """A row as it is told."""
    return ImportInfo(
        id=row.id,
        kind=cast("ImportKind", row.kind),
        name=row.name,
        encoding=row.encoding,
        lines=row.lines,
        columns=tuple(row.columns),
        mapping=row.mapping,
        fixed=row.fixed,
        status=cast("ImportStatus", row.status),
        done=row.done,
        total=row.total,
        counts=row.counts,
        fault=row.fault,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        removed_at=row.removed_at,
        is_mine=row.client_id == client_id,
    )


# --- helpers --------------------------------------------------------------------------------------

_FRESH: Final[dict[str, Any]] = {"done": 0, "total": 0, "counts": {}, "reasons": {}, "fault": ""}
"""What is known of a check or a run before its first batch."""


def _row(import_id: UUID, client_id: UUID | None = None) -> Import:
    """The import; with a client, if that one uploaded it."""
    row: Import | None = Import.objects.filter(id=import_id).first()
    if row is None or client_id not in (None, row.client_id):
        raise UnknownImport("no import has this id", id=str(import_id))
    return row


def _ready(import_id: UUID) -> Import:
    """An import that could be checked or run."""
    row = _row(import_id)
    choose_again = Chosen(row.mapping, row.fixed)
    kind = cast("ImportKind", row.kind)
    mappings.check(kind, choose_again, row.columns, points=_points(), stores=programmes.stores())
    if row.removed_at is not None:
        raise ImportFileRemoved("the file was removed; upload it again", id=str(import_id))
    return row


def _change(row: Import, **values: Any) -> None:
    """Write to a row that takes orders, or raise :class:`ImportNotOpen`."""
    if not Import.objects.filter(id=row.id, status__in=_OPEN).update(**values):
        status = Import.objects.values_list("status", flat=True).get(id=row.id)
        raise ImportNotOpen("the import is under way or over", import_status=status)


def _first_rows(row: Import) -> Iterator[tuple[str, ...]]:
    if row.removed_at is not None:
        return
    for number, line in enumerate(raw_lines(row)):
        if number == SHOWN_ROWS:
            return
        try:
            yield tuple(cell.strip()[:_LONGEST_CELL] for cell in cells(line.content))
        except BadLineError as error:
            yield (str(error),)


def _points() -> tuple[str, ...]:
    return tuple(unit.code for unit in programmes.units().values() if unit.kind == "points")
