"""Members: enrol, find, read and list. An identity is never part of an address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from jifen.common import clock
from jifen.earning import services as earning
from jifen.earning.types import Booked, Code, Key, Outcome, Refused
from jifen.faces.api import auth, cursors, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of
from jifen.members import selectors as members
from jifen.members import services as member_services
from jifen.members.types import Changes, IdentityValue, MemberInfo, UnknownMember
from jifen.tiers import selectors as tiers

WHOLE_PHONES = "members.phone"
"""The right to see phones and e-mail addresses in full."""
MOST_TAGS = 50
Tag = Annotated[str, Meta(min_length=1, max_length=200)]


class Identity(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to recognise a member."""

    kind: Literal["external", "phone", "email", "card", "wechat"]
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


class MemberAsked(Struct, frozen=True):
    """How much of the member. A person who asks for the ``whole`` is put on record."""

    whole: bool = False


class MembersQuery(answers.Page, frozen=True):
    """Which part of the list; with ``tag`` only members who have it and take part."""

    tag: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class MemberPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; a field that is not given stays as it is."""

    name: Annotated[str, Meta(max_length=120)] | UnsetType = UNSET
    birthday_on: date | UnsetType | None = UNSET
    add_tags: Annotated[tuple[Tag, ...], Meta(max_length=MOST_TAGS)] = ()
    remove_tags: Annotated[tuple[Tag, ...], Meta(max_length=MOST_TAGS)] = ()


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
        caller = caller_of(client=self.client, at=at)
        person = earning.NewMember(
            key=requests.idempotency_key(self.request),
            identities=tuple(identity.plain() for identity in parsed_body.identities),
            name=parsed_body.name,
            birthday_on=parsed_body.birthday_on,
            store=parsed_body.store or caller.home,
        )
        (answer,) = earning.enrol(members=[person], caller=caller, at=at)
        if isinstance(answer, Refused):
            raise answer.error
        enrolment = Enrolment(
            member=read_member(self, answer.member_id),
            is_new=answer.is_new,
            replayed=answer.replayed,
            activities=[done for done in answer.activities if isinstance(done, Booked)],
            refused=_refused(answer.activities),
        )
        created = answer.is_new and not answer.replayed
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        return self.to_response(enrolment, status_code=status)

    @modify(operation_id="listMembers")
    def get(self, parsed_query: Query[MembersQuery]) -> answers.Members:
        """List members in the order of their enrolment: all, or with `tag` those who have it and
        take part (active or frozen)."""
        after = cursors.read_id(parsed_query.cursor)
        found = members.members(after=after, limit=parsed_query.limit + 1, tag=parsed_query.tag)
        page = found[: parsed_query.limit]
        return answers.Members(
            members=members_seen(self, page),
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
        return read_member(self, member_id)


class OneMember(ApiController):
    """One member."""

    tags = ("members",)

    @modify(operation_id="getMember")
    def get(
        self, parsed_path: Path[MemberPath], parsed_query: Query[MemberAsked]
    ) -> answers.Member:
        """Read a member. Phones and e-mail addresses are masked without the right members.phone.

        To a person they are masked unless the `whole` is asked for, which needs that right and goes
        on the record of the staff. A merged member is shown as it was left, with `merged_into`.
        """
        if parsed_query.whole:
            auth.require(client=self.client, right=WHOLE_PHONES)
        return read_member(self, parsed_path.member_id, whole=parsed_query.whole)

    @modify(operation_id="changeMember")
    def patch(
        self, parsed_path: Path[MemberPath], parsed_body: BodyMsgspec[MemberPatch]
    ) -> answers.Member:
        """Correct a member's name or birthday, put tags on, take tags off.

        Tags have no case, at most 40 characters, and a member at most 50 of them. The same change
        twice is one.
        """
        member_services.change(
            member_id=parsed_path.member_id,
            changes=Changes(
                name=parsed_body.name,
                birthday_on=parsed_body.birthday_on,
                add_tags=parsed_body.add_tags,
                remove_tags=parsed_body.remove_tags,
            ),
            actor=self.client.name,
            at=clock.now(),
        )
        return read_member(self, parsed_path.member_id)


def members_seen(
    controller: ApiController, infos: Sequence[MemberInfo], *, whole: bool = False
) -> list[answers.Member]:
    """Members as the caller may see them, with their tiers as of now: phones whole to a machine
    with the right, to a person with the right who asked for the ``whole``."""
    held = tiers.tiers([info.id for info in infos], at=clock.now())
    asked = whole or not controller.client.is_person
    whole_phones = asked and controller.may(WHOLE_PHONES)
    return [
        answers.member_of(info, tier=held.get(info.id, ""), whole_phones=whole_phones)
        for info in infos
    ]


def read_member(
    controller: ApiController, member_id: UUID, *, whole: bool = False
) -> answers.Member:
    """One member as the caller may see it, or ``UnknownMember``."""
    return members_seen(controller, [members.member(member_id)], whole=whole)[0]


def _refused(outcomes: tuple[Outcome, ...]) -> list[RefusedActivity]:
    return [
        RefusedActivity(outcome.error.code, outcome.error.detail)
        for outcome in outcomes
        if isinstance(outcome, Refused)
    ]
