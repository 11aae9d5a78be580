"""What is done to whole members: frozen, merged and parted, leaving, forgotten; their tags."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.audience import services as audience
from jifen.common import clock
from jifen.earning.types import (
    Activity,
    Booked,
    Erasure,
    Leave,
    MemberRef,
    Merge,
    Name,
    Reason,
)
from jifen.faces.api import cursors, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers, booking
from jifen.faces.api.open.members import MemberPath, read_member
from jifen.members import selectors as members
from jifen.members import services as member_services
from jifen.members.types import AuditEntry

Occurred = Annotated[datetime, Meta(description="When, with its zone.")]
_NEW = ResponseSpec(Booked, status_code=HTTPStatus.CREATED, description="Booked.")
_AGAIN = ResponseSpec(
    Booked,
    status_code=HTTPStatus.OK,
    description="Booked before under this key; the first answer again.",
)


class ByStaff(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, and who did it."""

    reason: Reason
    actor: Name


class Leaving(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the membership ends, and who books it."""

    occurred_at: Occurred
    reason: Reason
    actor: Name


class Forgetting(Struct, frozen=True, forbid_unknown_fields=True):
    """Who books it. A person who wants to be forgotten has to give no reason."""

    occurred_at: Occurred
    actor: Name


class Merging(Struct, frozen=True, forbid_unknown_fields=True):
    """Who else is the same person: ``other`` becomes a part of the member of the address."""

    other: MemberRef
    occurred_at: Occurred
    reason: Reason
    actor: Name


class Tags(Struct, frozen=True):
    """Every tag in use, by name."""

    tags: list[TagCount]


class TagsAsked(Struct, frozen=True):
    """Whether the members of each tag are counted."""

    counted: bool = True


class TagCount(Struct, frozen=True):
    """A tag, and how many active or frozen members have it, where that was asked for."""

    tag: str
    members: int | None


class Audit(Struct, frozen=True):
    """A page of what was done to a member's own data, the newest first."""

    entries: list[AuditEntry]
    next_cursor: str | None


class MergePath(Struct, frozen=True):
    """The id of the activity that merged."""

    activity_id: UUID


class Frozen(ApiController):
    """Freezing a member."""

    tags = ("members",)

    @modify(status_code=HTTPStatus.OK, operation_id="freezeMember")
    def post(
        self, parsed_path: Path[MemberPath], parsed_body: BodyMsgspec[ByStaff]
    ) -> answers.Member:
        """Freeze a member: nothing is earned, burned or transferred until it is unfrozen.

        Refunds of earlier orders are booked all the same.
        """
        member_services.freeze(
            member_id=parsed_path.member_id,
            actor=parsed_body.actor,
            reason=parsed_body.reason,
            at=clock.now(),
        )
        return read_member(self, parsed_path.member_id)


class Unfrozen(ApiController):
    """Unfreezing a member."""

    tags = ("members",)

    @modify(status_code=HTTPStatus.OK, operation_id="unfreezeMember")
    def post(
        self, parsed_path: Path[MemberPath], parsed_body: BodyMsgspec[ByStaff]
    ) -> answers.Member:
        """Let a frozen member take part again."""
        member_services.unfreeze(
            member_id=parsed_path.member_id,
            actor=parsed_body.actor,
            reason=parsed_body.reason,
            at=clock.now(),
        )
        return read_member(self, parsed_path.member_id)


class Left(ApiController):
    """The end of a membership."""

    tags = ("members",)

    @validate(_NEW, _AGAIN, operation_id="endMembership")
    def post(
        self, parsed_path: Path[MemberPath], parsed_body: BodyMsgspec[Leaving]
    ) -> HttpResponse:
        """End a membership under an Idempotency-Key.

        What is left is forfeited, and the identities are free for a new enrolment.
        """
        return _booked(
            self,
            Leave(
                key=requests.idempotency_key(self.request),
                occurred_at=parsed_body.occurred_at,
                member=_ref(parsed_path.member_id),
                reason=parsed_body.reason,
                actor=parsed_body.actor,
            ),
        )


class Forgotten(ApiController):
    """Forgetting a person."""

    tags = ("members",)

    @validate(_NEW, _AGAIN, operation_id="eraseMember")
    def post(
        self, parsed_path: Path[MemberPath], parsed_body: BodyMsgspec[Forgetting]
    ) -> HttpResponse:
        """Erase a member's personal data under an Idempotency-Key, ending the membership first.

        The books stay whole: they never held a name or a phone.
        """
        return _booked(
            self,
            Erasure(
                key=requests.idempotency_key(self.request),
                occurred_at=parsed_body.occurred_at,
                member=_ref(parsed_path.member_id),
                actor=parsed_body.actor,
            ),
        )


class Merged(ApiController):
    """Two members who are one person."""

    tags = ("members",)

    @validate(_NEW, _AGAIN, operation_id="mergeMember")
    def post(
        self, parsed_path: Path[MemberPath], parsed_body: BodyMsgspec[Merging]
    ) -> HttpResponse:
        """Merge another member into this one under an Idempotency-Key.

        Points cross lot by lot with their dates, identities, spend and growth with them. The other
        stays readable under its id; what is booked for it from now on is this member's.
        """
        return _booked(
            self,
            Merge(
                key=requests.idempotency_key(self.request),
                occurred_at=parsed_body.occurred_at,
                member=_ref(parsed_path.member_id),
                other=parsed_body.other,
                reason=parsed_body.reason,
                actor=parsed_body.actor,
            ),
        )


class Parted(ApiController):
    """Undoing a merge."""

    tags = ("members",)

    @validate(_NEW, _AGAIN, operation_id="undoMerge")
    def post(self, parsed_path: Path[MergePath], parsed_body: BodyMsgspec[Leaving]) -> HttpResponse:
        """Undo a merge under an Idempotency-Key, within the days of the rule set.

        Refused when the survivor no longer has the points, or when something that the other had
        done before was refunded since.
        """
        return _booked(
            self,
            audience.undoing(
                merge_id=parsed_path.activity_id,
                key=requests.idempotency_key(self.request),
                occurred_at=parsed_body.occurred_at,
                reason=parsed_body.reason,
                actor=parsed_body.actor,
            ),
        )


class MemberAudit(ApiController):
    """What was done to a member's own data."""

    tags = ("members",)

    @modify(operation_id="auditMember")
    def get(self, parsed_path: Path[MemberPath], parsed_query: Query[answers.Page]) -> Audit:
        """Read who froze, corrected, merged or ended this member, when and why; newest first."""
        member = members.member(parsed_path.member_id)
        found = members.entries(
            member_id=member.id,
            before=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit + 1,
        )
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return Audit(page, cursors.after_id(page[-1].id) if more else None)


class TagList(ApiController):
    """The tags in use."""

    tags = ("members",)

    @modify(operation_id="listTags")
    def get(self, parsed_query: Query[TagsAsked]) -> Tags:
        """List every tag in use, with how many members who take part have it.

        Counting reads every tag of every member: without it (`counted=false`) the list is there at
        once, and also names tags that nobody has who takes part.
        """
        if not parsed_query.counted:
            return Tags([TagCount(tag, None) for tag in members.used_tags()])
        return Tags([TagCount(tag, count) for tag, count in members.tags().items()])


def _booked(controller: ApiController, activity: Activity) -> HttpResponse:
    booked = booking.book_one(activity=activity, client=controller.client)
    status = HTTPStatus.OK if booked.replayed else HTTPStatus.CREATED
    return controller.to_response(booked, status_code=status)


def _ref(member_id: UUID) -> MemberRef:
    return MemberRef("id", str(member_id))
