"""What is told of imports that people start from a browser, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict, InvalidInput, NotFound

ImportKind = Literal["members", "orders", "online_retail"]
ImportStatus = Literal["uploaded", "checking", "checked", "running", "done", "failed"]


class UnknownImport(NotFound):
    """No import of this programme has this id."""

    code: ClassVar[str] = "unknown_import"


class ImportNotOpen(Conflict):
    """The import is under way or over, so it takes no such order any more."""

    code: ClassVar[str] = "import_not_open"


class ImportFileRemoved(Conflict):
    """The file was removed, as every file is after some days."""

    code: ClassVar[str] = "import_file_removed"


class SecondPersonNeeded(Conflict):
    """The file brings more points than one person gives by hand, and somebody else has to start the
    import: neither who uploaded the file nor who chose its columns."""

    code: ClassVar[str] = "second_person_needed"


class InvalidMapping(InvalidInput):
    """The columns of the file do not give what is needed."""

    code: ClassVar[str] = "invalid_mapping"


class RejectedLine(Struct, frozen=True):
    """A line that is not booked, or would not be. Lines count from 1, the header included."""

    line: int
    reason: str


class TargetColumn(Struct, frozen=True):
    """A column of ``docs/import.md``. ``needs`` is the right it needs beside the import's own;
    of those with the same ``one_of`` at least one has to be there."""

    name: str
    required: bool = False
    one_of: str = ""
    needs: str = ""
    values: tuple[str, ...] = ()


class ImportInfo(Struct, frozen=True):
    """An import. ``done`` of ``total`` lines of members or orders are booked, or checked; the
    ``counts`` say what became of them, of a check what would. ``reasons`` counts rejected lines.
    ``fault`` is the code of what stopped it."""

    id: UUID
    kind: ImportKind
    name: str
    encoding: str
    lines: int
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    fixed: Mapping[str, str]
    status: ImportStatus
    done: int
    total: int
    counts: Mapping[str, int]
    fault: str
    uploaded_by: str
    uploaded_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    removed_at: datetime | None
    is_mine: bool


class ImportDetails(Struct, frozen=True):
    """An import with what is shown beside it: the columns it may have, its first rows and its
    first rejected lines. Rows are told only to who uploaded it, or sees whole phone numbers."""

    run: ImportInfo
    targets: tuple[TargetColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    reasons: Mapping[str, int]
    rejected: tuple[RejectedLine, ...]
