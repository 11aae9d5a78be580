"""Imports from a browser: uploaded, mapped, checked, run by the worker, and read while it works."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.faces.api import auth, cursors, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of, name_of
from jifen.faces.api.serving import Request
from jifen.faces.importing import limits, reading, sample, uploads, working
from jifen.faces.importing.models import Import
from jifen.faces.importing.types import ImportDetails, ImportInfo, ImportKind
from jifen.faces.jobs.waking import wake
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Client

WHOLE_PHONES: Final = "members.phone"
JOB: Final = "jifen.imports"
ColumnName = Annotated[str, Meta(max_length=260)]


class UploadAsked(Struct, frozen=True):
    """What the file is. ``online_retail`` is the data set of docs/online-retail.md."""

    kind: ImportKind
    name: Annotated[str, Meta(min_length=1, max_length=200, description="The file's name.")]


class ImportPath(Struct, frozen=True):
    """The import's id."""

    import_id: UUID


class ImportMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """``columns``: by our column, the file's. ``fixed``: what every line has, for ``member_kind``
    and ``store``."""

    columns: Annotated[Mapping[str, ColumnName], Meta(max_length=200)]
    fixed: Annotated[Mapping[str, ColumnName], Meta(max_length=10)] = {}


class Imports(Struct, frozen=True):
    """A page of imports, the newest first."""

    imports: list[ImportInfo]
    next_cursor: str | None


class ImportList(ApiController):
    """Upload a file, or list the imports."""

    tags = ("imports",)

    @validate(
        ResponseSpec(ImportDetails, status_code=HTTPStatus.CREATED, description="Uploaded."),
        operation_id="uploadImport",
    )
    def post(self, parsed_query: Query[UploadAsked]) -> HttpResponse:
        """Upload a file of members or orders, as CSV or XLSX.

        Answers its columns, its first rows, and which of them would be which of ours. Nothing is
        booked. Orders need the right `activities.write` as well. The file is removed after seven
        days.
        """
        _allow(self.client, parsed_query.kind)
        media = requests.media_type(self.request, accepted=reading.TYPES)
        at = clock.now()
        import_id = uploads.upload(
            content=requests.body(self.request),
            kind=parsed_query.kind,
            form=reading.TYPES[media],
            name=parsed_query.name,
            client_id=self.client.client_id,
            by=name_of(self.client),
            at=at,
        )
        return self.to_response(_details(self, import_id), status_code=HTTPStatus.CREATED)

    @modify(operation_id="listImports")
    def get(self, parsed_query: Query[answers.Page]) -> Imports:
        """List imports, the newest first."""
        found = uploads.imports(
            client_id=self.client.client_id,
            before=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit + 1,
            only_mine=_only_mine(self.client),
        )
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return Imports(page, cursors.after_id(page[-1].id) if more else None)


class OneImport(ApiController):
    """An import."""

    tags = ("imports",)

    @modify(operation_id="getImport")
    def get(self, parsed_path: Path[ImportPath]) -> ImportDetails:
        """Read an import: how far it is, what became of its lines, and why some were left out.

        What stands in the file is told to who uploaded it, and to a machine with the right
        `members.phone`.
        """
        return _details(self, parsed_path.import_id)


class OneImportMapping(ApiController):
    """Which column is which."""

    tags = ("imports",)

    @modify(operation_id="mapImport")
    def put(
        self, parsed_path: Path[ImportPath], parsed_body: BodyMsgspec[ImportMapping]
    ) -> ImportDetails:
        """Say which column of the file is which of ours; what was checked before is forgotten.

        Bringing members points, growth or a tier needs the right `adjust` as well.
        """
        found = _one(self.client, parsed_path.import_id)
        _allow(self.client, found.kind, parsed_body.columns)
        uploads.choose(
            parsed_path.import_id,
            columns=parsed_body.columns,
            fixed=parsed_body.fixed,
            by=self.client.client_id,
        )
        return _details(self, parsed_path.import_id)


class ImportCheck(ApiController):
    """The dry run of an import."""

    tags = ("imports",)

    @modify(status_code=HTTPStatus.ACCEPTED, operation_id="checkImport")
    def post(self, parsed_path: Path[ImportPath]) -> ImportInfo:
        """Have the worker find out what the import would do. Nothing is booked."""
        _allow_one(self, parsed_path.import_id)
        uploads.start_check(parsed_path.import_id, stores=self.client.stores)
        wake(JOB, alone=False)
        return uploads.one(parsed_path.import_id, client_id=self.client.client_id)


class ImportStart(ApiController):
    """The run of an import."""

    tags = ("imports",)

    @modify(status_code=HTTPStatus.ACCEPTED, operation_id="runImport")
    def post(self, parsed_path: Path[ImportPath]) -> ImportInfo:
        """Have the worker book the file. Once it runs, or is done, this changes nothing.

        The same file again, here or on the command line, books nothing twice. A file of members
        that brings more points than one person may give is started by another one than who
        uploaded it or chose its columns.
        """
        _allow_one(self, parsed_path.import_id)
        at = clock.now()
        caller = caller_of(client=self.client, at=at)
        uploads.start_run(
            parsed_path.import_id,
            stores=caller.stores,
            earliest_at=caller.earliest_at,
            at=at,
            allow=lambda row: _allow_points(self.client, row, at),
        )
        wake(JOB, alone=False)
        return uploads.one(parsed_path.import_id, client_id=self.client.client_id)


def rejected(request: Request, *, import_id: UUID) -> HttpResponse:
    """The lines that were left out, as a CSV that Excel opens; documented in ``plain``."""
    requests.check_accepts(request, media="text/csv")
    found = _one(request.client, import_id)
    _allow(request.client, found.kind)
    if not found.is_mine:
        auth.require(client=request.client, right=WHOLE_PHONES)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(uploads.rejected_rows(import_id))
    # Excel takes UTF-8 for what it is only with the mark.
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="rejected-{import_id}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def sample_orders(request: Request) -> HttpResponse:
    """Orders to try an import with; documented in ``plain``."""
    requests.check_accepts(request, media="text/csv")
    today = clock.now().astimezone(ZoneInfo(programmes.programme().time_zone)).date()
    response = HttpResponse(sample.moved(sample.shift_before(today)), content_type="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="sample-orders.csv"'
    return response


def _details(controller: ApiController, import_id: UUID) -> ImportDetails:
    return uploads.details(
        import_id,
        client_id=controller.client.client_id,
        # A person reads what stands in another's file as its rejected lines, which is on record.
        whole_phones=controller.may(WHOLE_PHONES) and not controller.client.is_person,
        only_mine=_only_mine(controller.client),
    )


def _one(client: Client, import_id: UUID) -> ImportInfo:
    return uploads.one(import_id, client_id=client.client_id, only_mine=_only_mine(client))


def _only_mine(client: Client) -> bool:
    """Whether only one's own imports are told: a file is of no one store, so those of others are
    for who works in all of them."""
    return client.stores is not None


def _allow_points(client: Client, row: Import, at: datetime) -> None:
    """Machines have a limit of their own, which is their rights."""
    if client.is_person and row.kind == "members":
        limits.check(row, working.people_of(row, at), client_id=client.client_id)


def _allow_one(controller: ApiController, import_id: UUID) -> None:
    found = _one(controller.client, import_id)
    _allow(controller.client, found.kind, found.mapping)


def _allow(client: Client, kind: ImportKind, columns: Mapping[str, str] | None = None) -> None:
    for right in uploads.rights_for(kind, columns):
        auth.require(client=client, right=right)


UPLOAD_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        media: {
            "schema": {"type": "string", "format": "binary"},
            "example": "phone,name\n13812342186,Li Na\n" if media == "text/csv" else "…",
        }
        for media in reading.TYPES
    },
}
"""What the document says of the body of an upload."""
