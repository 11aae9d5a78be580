"""Members: enrol, find, read and list. An identity is never part of an address."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.earning import services as earning
from jifen.earning.types import Booked, Code, Key, Outcome, Refused
from jifen.faces.api import cursors, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of
from jifen.members import selectors as members
from jifen.members.types import IdentityValue, UnknownMember
from jifen.tiers import selectors as tiers

WHOLE_PHONES = "members.phone"
"""The right to see phones in full."""


class Identity(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to recognise a member."""

    kind: Literal["external", "phone", "card", "wechat"]
    value: Key

    def plain(self) -> IdentityValue:
        """As the members room takes it."""
        return IdentityValue(self.kind, self.value)


class NewMember(Struct, frozen=True, forbid_unknown_fields=True):
    """A person to enrol."""

    identities: Annotated[tuple[Identity, ...], Meta(min_length=1, max_length=10)]
    name: Annotated[str, Meta(max_length=120)] = ""
    birthday_on: date | None = None
    store: Code | None = None


class RefusedActivity(Struct, frozen=True):
    """Something that enrolling would have given, and why it did not."""

    code: str
    detail: str


class Enrolment(Struct, frozen=True):
    """The member; ``is_new`` is false for somebody who was one before, ``replayed`` says that
    this key was answered before. ``activities`` are what was booked for the enrolment."""

    member: answers.Member
    is_new: bool
    replayed: bool
    activities: list[Booked]
    refused: list[RefusedActivity]


class MemberPath(Struct, frozen=True):
    """The member's id."""

    member_id: UUID


class Members(ApiController):
    """Enrol a member, or list them."""

    tags = ("members",)

    @validate(
        ResponseSpec(Enrolment, status_code=HTTPStatus.CREATED, description="Enrolled."),
        ResponseSpec(Enrolment, status_code=HTTPStatus.OK, description="A member already."),
        operation_id="enrolMember",
    )
    def post(self, parsed_body: BodyMsgspec[NewMember]) -> HttpResponse:
        """Enrol a member under an Idempotency-Key.

        Somebody whom one of the identities names already is answered as that member, and gains
        the identities that are new.
        """
        at = clock.now()
        person = earning.NewMember(
            key=requests.idempotency_key(self.request),
            identities=tuple(identity.plain() for identity in parsed_body.identities),
            name=parsed_body.name,
            birthday_on=parsed_body.birthday_on,
            store=parsed_body.store or self.client.store,
        )
        (answer,) = earning.enrol(
            members=[person], caller=caller_of(client=self.client, at=at), at=at
        )
        if isinstance(answer, Refused):
            raise answer.error
        enrolment = Enrolment(
            member=_member(answer.member_id, whole_phones=self.may(WHOLE_PHONES)),
            is_new=answer.is_new,
            replayed=answer.replayed,
            activities=[done for done in answer.activities if isinstance(done, Booked)],
            refused=_refused(answer.activities),
        )
        created = answer.is_new and not answer.replayed
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        return self.to_response(enrolment, status_code=status)

    @modify(operation_id="listMembers")
    def get(self, parsed_query: Query[answers.Page]) -> answers.Members:
        """List members in the order of their enrolment."""
        after = cursors.read_id(parsed_query.cursor)
        found = members.members(after=after, limit=parsed_query.limit + 1)
        page = found[: parsed_query.limit]
        held = tiers.tiers([info.id for info in page])
        whole_phones = self.may(WHOLE_PHONES)
        return answers.Members(
            members=[
                answers.member_of(info, tier=held.get(info.id, ""), whole_phones=whole_phones)
                for info in page
            ],
            next_cursor=cursors.after_id(page[-1].id) if len(found) > len(page) else None,
        )


class MemberLookup(ApiController):
    """Find a member by an identity."""

    tags = ("members",)

    @modify(status_code=HTTPStatus.OK, operation_id="lookUpMember")
    def post(self, parsed_body: BodyMsgspec[Identity]) -> answers.Member:
        """Find a member by an identity, which is sent in the body and never in an address."""
        found = members.find([members.normalise(parsed_body.plain())])
        if not found:
            raise UnknownMember("nobody in this programme has this identity")
        (member_id,) = found.values()
        return _member(member_id, whole_phones=self.may(WHOLE_PHONES))


class OneMember(ApiController):
    """One member."""

    tags = ("members",)

    @modify(operation_id="getMember")
    def get(self, parsed_path: Path[MemberPath]) -> answers.Member:
        """Read a member. Phones are masked unless the caller has the right members.phone."""
        return _member(parsed_path.member_id, whole_phones=self.may(WHOLE_PHONES))


def _member(member_id: UUID, *, whole_phones: bool) -> answers.Member:
    tier = tiers.standing(member_id).tier
    return answers.member_of(members.member(member_id), tier=tier, whole_phones=whole_phones)


def _refused(outcomes: tuple[Outcome, ...]) -> list[RefusedActivity]:
    return [
        RefusedActivity(outcome.error.code, outcome.error.detail)
        for outcome in outcomes
        if isinstance(outcome, Refused)
    ]
