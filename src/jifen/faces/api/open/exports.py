"""Exports: asked for, made by the worker, watched, called off, downloaded."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase, StreamingHttpResponse
from dmr import Path, Query, modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Struct, to_builtins

from jifen.common import clock
from jifen.faces.api import auth, cursors, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of, name_of
from jifen.faces.api.serving import Request
from jifen.faces.exporting import runs, writing
from jifen.faces.exporting.types import ExportAsked, ExportInfo
from jifen.faces.jobs.waking import wake
from jifen.programmes import selectors as programmes

JOB: Final = "jifen.exports"


class ExportPath(Struct, frozen=True):
    """The export's id."""

    export_id: UUID


class Exports(Struct, frozen=True):
    """A page of exports, the newest first."""

    exports: list[ExportInfo]
    next_cursor: str | None


class ExportList(ApiController):
    """Ask for a file, or list the exports."""

    tags = ("exports",)

    @modify(status_code=HTTPStatus.ACCEPTED, operation_id="startExport")
    def post(self, parsed_body: BodyMsgspec[ExportAsked]) -> ExportInfo:
        """Have the worker make a file: all of it as of one instant, kept for seven days.

        It takes the rights to read what is in it as well: of members `members.read` and
        `balances.read`, and `members.phone` for whole phones; of activities `activities.read`; of
        postings, lots and coupons `balances.read`. Who works in some stores gets what is of these.
        On record.
        """
        asked, client, at = parsed_body, self.client, clock.now()
        for right in runs.rights_for(asked):
            auth.require(client=client, right=right)
        if asked.store is not None:
            caller_of(client=client, at=at).check_store(asked.store)
        export_id = runs.ask(
            asked, client_id=client.client_id, by=name_of(client), stores=client.stores, at=at
        )
        wake(JOB)
        cast("Request", self.request).changed = (None, _told(asked))
        return runs.one(export_id, client=client)

    @modify(operation_id="listExports")
    def get(self, parsed_query: Query[answers.Page]) -> Exports:
        """List the exports whose files the caller may have, the newest first."""
        found = runs.exports(
            client=self.client,
            before=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit + 1,
        )
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return Exports(page, cursors.after_id(page[-1].id) if more else None)


class OneExport(ApiController):
    """An export."""

    tags = ("exports",)

    @modify(operation_id="getExport")
    def get(self, parsed_path: Path[ExportPath]) -> ExportInfo:
        """Read an export: how far it is, and what its file is."""
        return runs.one(parsed_path.export_id, client=self.client)


class ExportCancellation(ApiController):
    """The early end of an export."""

    tags = ("exports",)

    @modify(status_code=HTTPStatus.OK, operation_id="cancelExport")
    def post(self, parsed_path: Path[ExportPath]) -> ExportInfo:
        """Call an export off. No file of it is kept."""
        return runs.cancel(parsed_path.export_id, client=self.client, at=clock.now())


def download(request: Request, *, export_id: UUID) -> HttpResponseBase:
    """The file of an export, piece by piece; documented in ``plain``."""
    found, pieces = runs.file(export_id, client=request.client)
    media = writing.TYPES[found.form]
    requests.check_accepts(request, media=media)
    told = {"kind": found.kind, "rows": found.done, "whole_phones": found.whole_phones}
    request.changed = (None, told)
    response = StreamingHttpResponse(pieces, content_type=media)
    programme = programmes.programme()
    day = found.asked_at.astimezone(ZoneInfo(programme.time_zone)).date()
    name = f"{programme.code}-{found.kind}-{day}.{found.form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Length"] = str(found.size_bytes)
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(asked: ExportAsked) -> dict[str, Any]:
    """What was asked for, for the record of the staff."""
    told: dict[str, Any] = to_builtins(asked)
    return {name: value for name, value in told.items() if value is not None}
