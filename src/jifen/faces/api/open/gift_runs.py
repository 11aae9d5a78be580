"""Gifts to many: counted before, started, watched, cancelled. The worker gives them."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Struct

from jifen.audience import asking, gift_runs
from jifen.audience.types import ApprovalInfo, BulkGift, GiftRunInfo
from jifen.common import clock
from jifen.faces.api import cursors, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of
from jifen.faces.jobs.waking import wake
from jifen.members import selectors as members

READS_MEMBERS = "members.read"


class GiftRunPath(Struct, frozen=True):
    """The run's id."""

    run_id: UUID


class GiftRunCount(Struct, frozen=True):
    """How many members it would go to, with how many points in all, and the instant at which that
    was so. One that ``waits`` needs a second person before it is started."""

    members: int
    points: int
    waits: bool
    at: datetime


class RefusedMember(Struct, frozen=True):
    """A member who does not get the gift, and the code of why. The name is told to who may read
    members."""

    member_id: UUID
    name: str
    code: str


class RefusedMembers(Struct, frozen=True):
    """A page of them, in the order of their enrolment."""

    refused: list[RefusedMember]
    next_cursor: str | None


class GiftRuns(Struct, frozen=True):
    """A page of runs, the newest first."""

    gift_runs: list[GiftRunInfo]
    next_cursor: str | None


class GiftRunList(ApiController):
    """Start a gift to many, or list them."""

    tags = ("gift runs",)

    @validate(
        ResponseSpec(GiftRunInfo, status_code=HTTPStatus.CREATED, description="Started."),
        ResponseSpec(
            GiftRunInfo,
            status_code=HTTPStatus.OK,
            description="Started before under this key; as it stands now.",
        ),
        ResponseSpec(
            ApprovalInfo,
            status_code=HTTPStatus.ACCEPTED,
            description="A second person has to confirm it.",
        ),
        operation_id="startGiftRun",
    )
    def post(self, parsed_body: BodyMsgspec[BulkGift]) -> HttpResponse:
        """Start a gift to many under an Idempotency-Key.

        Who gets it is decided now: to all, to a segment, to those of whom a condition holds, or to
        members named one by one. Each of them gets it once. The worker gives it; read the run to
        see how far it is.
        """
        at, key = clock.now(), requests.idempotency_key(self.request)
        caller, gift = caller_of(client=self.client, at=at), parsed_body
        if self.client.is_person:
            held, gift = asking.hold_gift_run(gift, key=key, caller=caller, at=at)
            if held is not None:
                return self.to_response(held, status_code=HTTPStatus.ACCEPTED)
        started, again = gift_runs.start(gift, key=key, caller=caller, at=at)
        if not again:
            wake("jifen.gift_runs")
        return self.to_response(started, status_code=HTTPStatus.OK if again else HTTPStatus.CREATED)

    @modify(operation_id="listGiftRuns")
    def get(self, parsed_query: Query[answers.Page]) -> GiftRuns:
        """List gift runs, the newest first."""
        before = cursors.read_id(parsed_query.cursor)
        found = gift_runs.runs(
            before=before, limit=parsed_query.limit + 1, stores=self.client.stores
        )
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return GiftRuns(page, cursors.after_id(page[-1].id) if more else None)


class GiftRunPreview(ApiController):
    """The size of a gift to many."""

    tags = ("gift runs",)

    @modify(status_code=HTTPStatus.OK, operation_id="previewGiftRun")
    def post(self, parsed_body: BodyMsgspec[BulkGift]) -> GiftRunCount:
        """Count the members to whom a gift would go if it were started now. Starts nothing."""
        at = clock.now()
        counted = gift_runs.count(parsed_body, at=at, stores=self.client.stores)
        points = counted * parsed_body.points
        waits = self.client.is_person and asking.is_above(points)
        return GiftRunCount(members=counted, points=points, waits=waits, at=at)


class OneGiftRun(ApiController):
    """A gift to many."""

    tags = ("gift runs",)

    @modify(operation_id="getGiftRun")
    def get(self, parsed_path: Path[GiftRunPath]) -> GiftRunInfo:
        """Read a gift run: how many members it has, who of them was given to, who was not and
        why."""
        return gift_runs.run(parsed_path.run_id, stores=self.client.stores)


class GiftRunRefusals(ApiController):
    """Who does not get a gift to many."""

    tags = ("gift runs",)

    @modify(operation_id="listGiftRunRefused")
    def get(
        self, parsed_path: Path[GiftRunPath], parsed_query: Query[answers.Page]
    ) -> RefusedMembers:
        """List the members of a run who were refused, and why."""
        found = gift_runs.refused(
            parsed_path.run_id,
            after=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit + 1,
            stores=self.client.stores,
        )
        page = found[: parsed_query.limit]
        ids = [each.member_id for each in page] if self.may(READS_MEMBERS) else []
        names = {info.id: info.name for info in members.members_by_id(ids)}
        return RefusedMembers(
            [
                RefusedMember(each.member_id, names.get(each.member_id, ""), each.code)
                for each in page
            ],
            cursors.after_id(page[-1].member_id) if len(found) > len(page) else None,
        )


class GiftRunCancellation(ApiController):
    """The early end of a gift to many."""

    tags = ("gift runs",)

    @modify(status_code=HTTPStatus.OK, operation_id="cancelGiftRun")
    def post(self, parsed_path: Path[GiftRunPath]) -> GiftRunInfo:
        """Cancel a gift run. What was given stays given, and so does what is being given at this
        moment: up to 500 members more."""
        run = gift_runs.run(parsed_path.run_id, stores=self.client.stores)
        return gift_runs.cancel(run.id, by=self.client.name, at=clock.now())
