"""What is asked of exports and told of them, and what can be wrong with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict, InvalidInput, NotFound
from jifen.programmes.types import Stores

ExportKind = Literal["members", "activities", "postings", "lots", "coupons"]
ExportForm = Literal["csv", "xlsx"]
ExportStatus = Literal["waiting", "running", "done", "failed", "cancelled"]


class ExportAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be in a file. ``since`` and ``until`` are local days, the last one not included:
    activities by when they happened, postings by when they were booked, coupons by when they were
    issued. ``store`` is one store's code; without it, every store that is the asker's to read.
    ``whole_phones`` tells phones and e-mail addresses of members, which are masked otherwise."""

    kind: ExportKind
    form: ExportForm = "csv"
    since: date | None = None
    until: date | None = None
    store: str | None = None
    whole_phones: bool = False


class ExportInfo(Struct, frozen=True):
    """An export. ``done`` of ``total`` rows are written. Its file is there while it is ``done``,
    until ``kept_until``. ``fault`` is the code of what stopped it."""

    id: UUID
    kind: ExportKind
    form: ExportForm
    since: date | None
    until: date | None
    stores: Stores
    whole_phones: bool
    status: ExportStatus
    done: int
    total: int
    size_bytes: int | None
    sha256: str
    fault: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    kept_until: datetime | None
    removed_at: datetime | None


class UnknownExport(NotFound):
    """No export of this programme that the asker may have has this id."""

    code: ClassVar[str] = "unknown_export"


class InvalidExport(InvalidInput):
    """What is asked for does not fit together."""

    code: ClassVar[str] = "invalid_export"


class ExportOver(Conflict):
    """The export is done, or was stopped before."""

    code: ClassVar[str] = "export_over"


class ExportNotReady(Conflict):
    """The export has no file: it is under way, or was stopped."""

    code: ClassVar[str] = "export_not_ready"


class ExportFileRemoved(Conflict):
    """The file was removed, as every file is after some days."""

    code: ClassVar[str] = "export_file_removed"


class CellTooLong(InvalidInput):
    """A text is longer than a cell of a workbook may be; CSV has no such bound."""

    code: ClassVar[str] = "cell_too_long"
