"""Notices: who was told, and planning and sending them by hand."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final, Literal

from dmr import Path, Query, modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.faces.api import cursors
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.endings import RunOrder
from jifen.faces.api.open.members import MemberPath
from jifen.faces.jobs.waking import wake
from jifen.members import selectors as members
from jifen.outreach import selectors, services
from jifen.outreach.types import NoticeInfo, PlannedTotal, RunInfo

JOB: Final = "jifen.notices"
"""The job that sends them."""
MOST: Final = 10_000
"""Notices that one call plans late or tries again; the next call goes on."""


class NoticeQuery(answers.Page, frozen=True):
    """Which notices."""

    state: Literal["planned", "sent", "failed"] | None = None


class SendOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """How many now: the next call goes on."""

    limit: Annotated[int, Meta(ge=1, le=1_000, description="Notices at most.")] = 100


class Notices(Struct, frozen=True):
    """A page of notices, the newest first."""

    notices: list[NoticeInfo]
    next_cursor: str | None


class NoticePlan(Struct, frozen=True):
    """Notices that planning would make now."""

    totals: list[PlannedTotal]


class Planned(Struct, frozen=True):
    """The runs that planned them, one for each unit and clear."""

    runs: list[RunInfo]


class Counted(Struct, frozen=True):
    """How many notices."""

    notices: int


class Sent(Struct, frozen=True):
    """What became of notices that were tried: sent, to be tried again later, or failed."""

    sent: int
    again: int
    failed: int


class MemberNotices(ApiController):
    """A member's notices."""

    tags = ("notices",)

    @modify(operation_id="listMemberNotices")
    def get(self, parsed_path: Path[MemberPath], parsed_query: Query[NoticeQuery]) -> Notices:
        """List a member's notices, the newest first: what they were told, when and how."""
        member = members.member(parsed_path.member_id)
        limit = parsed_query.limit
        before = cursors.read_id(parsed_query.cursor)
        found = selectors.notices(
            member_id=member.id, state=parsed_query.state, before=before, limit=limit + 1
        )
        return _page(found, limit)


class NoticeList(ApiController):
    """Everybody's notices."""

    tags = ("notices",)

    @modify(operation_id="listNotices")
    def get(self, parsed_query: Query[NoticeQuery]) -> Notices:
        """List notices, the newest first."""
        limit = parsed_query.limit
        before = cursors.read_id(parsed_query.cursor)
        found = selectors.notices(state=parsed_query.state, before=before, limit=limit + 1)
        return _page(found, limit)


class NoticePreview(ApiController):
    """What there is to be told today."""

    tags = ("notices",)

    @modify(status_code=HTTPStatus.OK, operation_id="previewNotices")
    def post(self) -> NoticePlan:
        """Tell how many notices planning this local day would make now. Makes none."""
        return NoticePlan(selectors.preview_plan(at=clock.now()))


class NoticePlanning(ApiController):
    """Planning by hand."""

    tags = ("notices",)

    @modify(status_code=HTTPStatus.OK, operation_id="planNotices")
    def post(self, parsed_body: BodyMsgspec[RunOrder]) -> Planned:
        """Plan the notices of this local day without waiting for its hour, and what came since it
        was planned. Nobody gets one twice."""
        runs = services.plan(at=clock.now(), by=self.client.name, limit=parsed_body.limit)
        wake(JOB)
        return Planned(runs)


class LateNotices(ApiController):
    """Telling those whom nobody told."""

    tags = ("notices",)

    @modify(status_code=HTTPStatus.OK, operation_id="planLateNotices")
    def post(self) -> Counted:
        """Plan a notice for each member who keeps points past their last day because nobody told
        them, 10,000 at most: the next call goes on. It names a later day, on which they end once it
        is sent."""
        planned = services.plan_late(at=clock.now(), limit=MOST)
        wake(JOB)
        return Counted(planned)


class NoticeRetry(ApiController):
    """Trying failed notices once more."""

    tags = ("notices",)

    @modify(status_code=HTTPStatus.OK, operation_id="retryNotices")
    def post(self) -> Counted:
        """Let notices that failed be sent once more, if their day has not come yet; 10,000 at
        most."""
        again = services.retry(at=clock.now(), limit=MOST)
        wake(JOB)
        return Counted(again)


class NoticeSending(ApiController):
    """Sending by hand."""

    tags = ("notices",)

    @modify(status_code=HTTPStatus.OK, operation_id="sendNotices")
    def post(self, parsed_body: BodyMsgspec[SendOrder]) -> Sent:
        """Send notices whose turn it is now, without waiting for the worker."""
        done = services.send(clock=clock.now, limit=parsed_body.limit)
        return Sent(done.delivered, done.again, done.given_up)


def _page(found: list[NoticeInfo], limit: int) -> Notices:
    page = found[:limit]
    more = len(found) > len(page)
    return Notices(page, cursors.after_id(page[-1].id) if more else None)
