"""What one person asked for and another has to confirm."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast
from uuid import UUID

from dmr import Path, Query, modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Struct

from jifen.audience import approvals
from jifen.audience.types import ApprovalInfo, ApprovalPreview
from jifen.common import clock
from jifen.earning.types import Reason
from jifen.faces.api import cursors
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.staff import myself
from jifen.faces.api.serving import Request
from jifen.faces.jobs.waking import wake


class ApprovalPath(Struct, frozen=True):
    """The request's id."""

    approval_id: UUID


class ApprovalsAsked(answers.Page, frozen=True):
    """Which requests: all, or those that are ``open``."""

    open: bool = False


class Approvals(Struct, frozen=True):
    """A page of requests, the newest first."""

    approvals: list[ApprovalInfo]
    next_cursor: str | None


class ApprovalSeen(Struct, frozen=True):
    """A request, and what confirming it would do now, as long as it is open."""

    approval: ApprovalInfo
    preview: ApprovalPreview | None


class ApprovalRefusal(Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is not to be."""

    reason: Reason


class ApprovalList(ApiController):
    """The requests."""

    tags = ("approvals",)

    @modify(operation_id="listApprovals")
    def get(self, parsed_query: Query[ApprovalsAsked]) -> Approvals:
        """List what needs, or needed, a second person, the newest first."""
        found = approvals.requests(
            before=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit + 1,
            stores=self.client.stores,
            only_open=parsed_query.open,
            at=clock.now(),
        )
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return Approvals(page, cursors.after_id(page[-1].id) if more else None)


class OneApproval(ApiController):
    """A request."""

    tags = ("approvals",)

    @modify(operation_id="getApproval")
    def get(self, parsed_path: Path[ApprovalPath]) -> ApprovalSeen:
        """Read a request, with what confirming it would do now."""
        at, stores = clock.now(), self.client.stores
        found = approvals.one(parsed_path.approval_id, stores=stores, at=at)
        if found.status != "pending":
            return ApprovalSeen(found, None)
        return ApprovalSeen(found, approvals.preview(found.id, stores=stores, at=at))


class ApprovalConfirmation(ApiController):
    """The confirmation of a request."""

    tags = ("approvals",)

    @modify(status_code=HTTPStatus.OK, operation_id="confirmApproval")
    def post(self, parsed_path: Path[ApprovalPath]) -> ApprovalInfo:
        """Confirm what another person asked for; it is booked now, once."""
        decided = approvals.confirm(
            parsed_path.approval_id,
            by=myself(self).id,
            stores=self.client.stores,
            at=clock.now(),
        )
        if decided.kind == "gift_run":
            wake("jifen.gift_runs")
        return _told(self, decided)


class ApprovalRefused(ApiController):
    """The refusal of a request."""

    tags = ("approvals",)

    @modify(status_code=HTTPStatus.OK, operation_id="refuseApproval")
    def post(
        self, parsed_path: Path[ApprovalPath], parsed_body: BodyMsgspec[ApprovalRefusal]
    ) -> ApprovalInfo:
        """Refuse what another person asked for, with a reason. Nothing is booked."""
        decided = approvals.refuse(
            parsed_path.approval_id,
            by=myself(self).id,
            reason=parsed_body.reason,
            stores=self.client.stores,
            at=clock.now(),
        )
        return _told(self, decided)


class ApprovalWithdrawn(ApiController):
    """The withdrawal of a request."""

    tags = ("approvals",)

    @modify(status_code=HTTPStatus.OK, operation_id="withdrawApproval")
    def post(self, parsed_path: Path[ApprovalPath]) -> ApprovalInfo:
        """Withdraw what one asked for oneself, as long as it is open. Nothing is booked."""
        decided = approvals.withdraw(
            parsed_path.approval_id,
            by=myself(self).id,
            stores=self.client.stores,
            at=clock.now(),
        )
        return _told(self, decided)


def _told(controller: ApiController, decided: ApprovalInfo) -> ApprovalInfo:
    """For the record of the staff."""
    became = {
        "status": decided.status,
        "points": decided.points,
        "requested_by": decided.requested_by,
        "reason": decided.reason,
    }
    cast("Request", controller.request).changed = ({"status": "pending"}, became)
    return decided
