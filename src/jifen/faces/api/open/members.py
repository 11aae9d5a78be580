"""Members: enrol, find, read and list. An identity is never part of an address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from jifen.audience import listing
from jifen.audience.listing import Filters
from jifen.common import clock
from jifen.earning import services as earning
from jifen.earning.types import Booked, Code, Key, Outcome, Refused
from jifen.faces.api import auth, cursors, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of
from jifen.ledger import selectors as ledger
from jifen.members import selectors as members
from jifen.members import services as member_services
from jifen.members.types import Changes, IdentityValue, MemberInfo, UnknownMember
from jifen.programmes import selectors as programmes
from jifen.programmes.types import UnknownUnit
from jifen.tiers import selectors as tiers

WHOLE_PHONES = "members.phone"
"""The right to see phones and e-mail addresses in full."""
READS_BALANCES = "balances.read"
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
    """Which part of the list, and what has to hold of who is in it. With a ``unit`` each member
    says how much of it is available, which needs the right balances.read."""

    status: answers.Status | None = None
    tier: Code | None = None
    tag: Tag | None = None
    store: Code | None = None
    segment: Code | None = None
    unit: Code | None = None


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
        """List members in the order of their enrolment: all, or those of whom every filter holds.

        Without `status` a filter leaves those who take part (active or frozen); in a `segment` are
        active members only. With a `unit` each member says how much of it is available.
        """
        asked = parsed_query
        filters = Filters(
            status=asked.status,
            tier=asked.tier,
            tag=asked.tag,
            store=asked.store,
            segment=asked.segment,
        )
        return list_members(self, filters, asked, unit=asked.unit)


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


def list_members(
    controller: ApiController, filters: Filters, asked: answers.Page, *, unit: str | None = None
) -> answers.Members:
    """A page of the members of whom the filters hold, as the caller may see them."""
    if unit is not None:
        auth.require(client=controller.client, right=READS_BALANCES)
        if unit not in programmes.units():
            raise UnknownUnit(f"no unit has the code {unit!r}", unit=unit)
    at = clock.now()
    found = listing.page(
        filters,
        after=cursors.read_id(asked.cursor),
        limit=asked.limit,
        at=at,
        stores=controller.client.stores,
    )
    held = _available(found.ids, unit, at) if unit else {}
    default = 0 if unit else None
    return answers.Members(
        members=[
            answers.listed(member, available=held.get(member.id, default))
            for member in members_seen(controller, members.members_by_id(found.ids))
        ],
        next_cursor=None if found.after is None else cursors.after_id(found.after),
    )


def _available(ids: Collection[UUID], unit: str, at: datetime) -> dict[UUID, int]:
    """How much of a unit each of them can spend."""
    return {
        member_id: balance.available
        for member_id, balances in ledger.balances_of(ids, at=at).items()
        for balance in balances
        if balance.unit == unit
    }


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
