"""Staff: signing in and out, who they are, and what they did."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, cast
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import UNSET, Meta, Struct, UnsetType, to_builtins

from jifen.common import clock
from jifen.common.days import in_utc
from jifen.common.errors import InvalidInput
from jifen.common.scope import scope
from jifen.earning.types import Code
from jifen.faces.api import auth, cursors, sessions
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.serving import Request
from jifen.programmes import acts, proving, staff
from jifen.programmes import selectors as programmes
from jifen.programmes.types import SignedIn, StaffActInfo, StaffInfo, UnknownStaff

Login = Annotated[str, Meta(min_length=1, max_length=100, description="What to sign in with.")]
Password = Annotated[str, Meta(min_length=1, max_length=200, description="Never shown again.")]
PersonName = Annotated[str, Meta(min_length=1, max_length=120, description="As others read it.")]
Role = Annotated[
    str,
    Meta(
        pattern="^(owner|manager|marketing|finance|clerk|auditor)$",
        description="`owner`, `manager`, `marketing`, `finance`, `clerk` or `auditor`.",
    ),
]

SentCode = Annotated[
    str,
    Meta(min_length=1, max_length=40, description="Of the authenticator, or a recovery code."),
]
StoreCodes = Annotated[
    tuple[Code, ...],
    Meta(min_length=1, max_length=1_000, description="The only stores they work in."),
]
Reason = Annotated[
    str, Meta(min_length=1, max_length=200, description="Why; it goes on record with the change.")
]


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs in."""

    login: Login
    password: Password
    code: SentCode | None = None


class Session(Struct, frozen=True):
    """Who is signed in, in which programme, with which rights, in which stores (null is all)."""

    login: str
    name: str
    role: str
    rights: list[str]
    stores: tuple[str, ...] | None
    second_factor: bool
    programme: str
    programme_name: str


class NewStaff(Struct, frozen=True, forbid_unknown_fields=True):
    """A person who may sign in; without ``stores`` they work in every one."""

    login: Login
    name: PersonName
    role: Role
    password: Password
    stores: StoreCodes | None = None


class StaffChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays. ``stores`` of null are all."""

    name: PersonName | None = None
    role: Role | None = None
    is_active: bool | None = None
    stores: StoreCodes | UnsetType | None = UNSET
    reason: Reason | None = None


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """A password that somebody gives to another person."""

    password: Password


class FactorReset(Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody's second factor is taken away."""

    reason: Reason


class OwnPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """The password so far, and the new one."""

    old: Password
    new: Password


class StaffPath(Struct, frozen=True):
    """The person's id."""

    staff_id: UUID


class People(Struct, frozen=True):
    """Everybody of the staff."""

    staff: list[StaffInfo]


Name = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]


class ActsAsked(answers.Page, frozen=True):
    """Which acts."""

    login: Name | None = None
    operation: Name | None = None
    since: answers.Moment | None = None
    until: answers.Moment | None = None


class StaffActs(Struct, frozen=True):
    """A page of acts, the newest first."""

    acts: list[StaffActInfo]
    next_cursor: str | None


class OneSession(ApiController):
    """The session of a browser."""

    tags = ("staff",)

    @validate(
        ResponseSpec(Session, status_code=HTTPStatus.CREATED, description="Signed in."),
        operation_id="signIn",
    )
    def post(self, parsed_body: BodyMsgspec[SignIn]) -> HttpResponse:
        """Sign in; the session is a cookie that scripts cannot read.

        To whoever has a second factor it is `second_factor_needed` until the `code` is sent, too.
        """
        sessions.check_origin(self.request)
        signed_in = proving.sign_in(
            login=parsed_body.login,
            password=parsed_body.password,
            code=parsed_body.code,
            address=sessions.address_of(self.request),
            at=clock.now(),
        )
        return begun(self, signed_in)

    @modify(operation_id="getSession")
    def get(self) -> Session:
        """Who is signed in."""
        return _session(myself(self), self.client.rights)

    @validate(
        ResponseSpec(None, status_code=HTTPStatus.NO_CONTENT, description="Signed out."),
        operation_id="signOut",
    )
    def delete(self) -> HttpResponse:
        """Sign out."""
        proving.sign_out(token=sessions.token_of(self.request), at=clock.now())
        auth.KEYS.forget()
        response = self.to_response(None, status_code=HTTPStatus.NO_CONTENT)
        sessions.end(response)
        return response


class MyPassword(ApiController):
    """The password of who is signed in."""

    tags = ("staff",)

    @validate(
        ResponseSpec(None, status_code=HTTPStatus.NO_CONTENT, description="Changed."),
        operation_id="changeMyPassword",
    )
    def post(self, parsed_body: BodyMsgspec[OwnPassword]) -> HttpResponse:
        """Change one's own password; every session ends, this one too."""
        proving.change_password(
            staff_id=myself(self).id,
            old=parsed_body.old,
            new=parsed_body.new,
            address=sessions.address_of(self.request),
            at=clock.now(),
        )
        auth.KEYS.forget()
        response = self.to_response(None, status_code=HTTPStatus.NO_CONTENT)
        sessions.end(response)
        return response


class StaffList(ApiController):
    """The staff."""

    tags = ("staff",)

    @modify(operation_id="listStaff")
    def get(self) -> People:
        """List the staff, in the order they came.

        Who works in some stores is told of those who work in none but these.
        """
        return People(staff.everybody(stores=self.client.stores))

    @modify(status_code=HTTPStatus.CREATED, operation_id="addStaff")
    def post(self, parsed_body: BodyMsgspec[NewStaff]) -> StaffInfo:
        """Add a person, who can sign in at once."""
        made = staff.add_staff(
            login=parsed_body.login,
            name=parsed_body.name,
            role=parsed_body.role,
            password=parsed_body.password,
            stores=parsed_body.stores,
            at=clock.now(),
        )
        _tell(self, None, made)
        return made


class OneStaff(ApiController):
    """A person of the staff."""

    tags = ("staff",)

    @modify(operation_id="changeStaff")
    def patch(
        self, parsed_path: Path[StaffPath], parsed_body: BodyMsgspec[StaffChanges]
    ) -> StaffInfo:
        """Change a name, a role or the stores, or let somebody go (and come back)."""
        before = staff.one(parsed_path.staff_id)
        after = staff.change_staff(
            staff_id=parsed_path.staff_id,
            name=parsed_body.name,
            role=parsed_body.role,
            is_active=parsed_body.is_active,
            stores=parsed_body.stores,
            at=clock.now(),
        )
        auth.KEYS.forget()
        _tell(self, before, after, reason=parsed_body.reason)
        return after


class StaffPassword(ApiController):
    """The password of a person of the staff."""

    tags = ("staff",)

    @validate(
        ResponseSpec(None, status_code=HTTPStatus.NO_CONTENT, description="Set."),
        operation_id="setStaffPassword",
    )
    def post(
        self, parsed_path: Path[StaffPath], parsed_body: BodyMsgspec[NewPassword]
    ) -> HttpResponse:
        """Give somebody a new password; every session of theirs ends."""
        staff.set_password(
            staff_id=parsed_path.staff_id, password=parsed_body.password, at=clock.now()
        )
        auth.KEYS.forget()
        return self.to_response(None, status_code=HTTPStatus.NO_CONTENT)


class ActList(ApiController):
    """The record of what the staff did."""

    tags = ("staff",)

    @modify(operation_id="listStaffActs")
    def get(self, parsed_query: Query[ActsAsked]) -> StaffActs:
        """List what the staff did and tried, the newest first.

        Who works in some stores is told what those did who work in none but these.
        """
        found = acts.acts(
            before=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit + 1,
            login=parsed_query.login,
            operation=parsed_query.operation,
            since=parsed_query.since and in_utc(parsed_query.since),
            until=parsed_query.until and in_utc(parsed_query.until),
            stores=self.client.stores,
        )
        page = found[: parsed_query.limit]
        more = len(found) > parsed_query.limit
        return StaffActs(page, cursors.after_id(page[-1].id) if more else None)


class StaffFactor(ApiController):
    """The second factor of a person of the staff."""

    tags = ("staff",)

    @modify(status_code=HTTPStatus.OK, operation_id="resetSecondFactor")
    def post(
        self, parsed_path: Path[StaffPath], parsed_body: BodyMsgspec[FactorReset]
    ) -> StaffInfo:
        """Take away the second factor of somebody who lost it; every session of theirs ends."""
        before = staff.one(parsed_path.staff_id)
        if self.client.staff_id == parsed_path.staff_id:
            raise InvalidInput("turn your own second factor off with its code")
        after = proving.reset_factor(staff_id=parsed_path.staff_id, at=clock.now())
        auth.KEYS.forget()
        _tell(self, before, after, reason=parsed_body.reason)
        return after


def myself(controller: ApiController) -> StaffInfo:
    """Who is signed in. Raises ``UnknownStaff`` for a machine's key."""
    found = staff.staff_of(controller.client.client_id)
    if found is None:
        raise UnknownStaff("this key is a machine's, and nobody is signed in with it")
    return found


def begun(controller: ApiController, signed_in: SignedIn) -> HttpResponse:
    """The answer that lets the browser keep a session, and tells whose it is."""
    client = auth.KEYS.client(raw_key=signed_in.token, at=clock.now())
    with scope(client.programme_id):
        told = _session(signed_in.staff, client.rights)
    response = controller.to_response(told, status_code=HTTPStatus.CREATED)
    sessions.begin(response, controller.request, signed_in.token, signed_in.expires_at)
    return response


def _session(person: StaffInfo, rights: frozenset[str]) -> Session:
    info = programmes.programme()
    return Session(
        login=person.login,
        name=person.name,
        role=person.role,
        rights=sorted(rights),
        stores=person.stores,
        second_factor=person.second_factor,
        programme=info.code,
        programme_name=info.name,
    )


def _tell(
    controller: ApiController,
    before: StaffInfo | None,
    after: StaffInfo,
    *,
    reason: str | None = None,
) -> None:
    """For the record of the staff."""
    was = to_builtins(before) if before else None
    became = to_builtins(after) | ({"reason": reason} if reason else {})
    cast("Request", controller.request).changed = (was, became)
