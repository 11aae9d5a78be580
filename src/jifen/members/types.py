"""What crosses the door of the members room."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict, InvalidInput, NotFound


class IdentityValue(Struct, frozen=True):
    """One identity: ``kind`` is external, phone, card or wechat."""

    kind: str
    value: str


class NewMember(Struct, frozen=True):
    """A person to enrol."""

    identities: tuple[IdentityValue, ...]
    name: str = ""
    birthday_on: date | None = None
    store: str | None = None


class MemberInfo(Struct, frozen=True):
    """A member as others may see it. Phones are whole here; faces mask them."""

    id: UUID
    name: str
    birthday_on: date | None
    store_id: UUID | None
    enrolled_at: datetime
    identities: tuple[IdentityValue, ...]


class UnknownMember(NotFound):
    """No member of this programme has this identity."""

    code: ClassVar[str] = "unknown_member"


class InvalidPhone(InvalidInput):
    """Not a phone number."""

    code: ClassVar[str] = "invalid_phone"


class InvalidIdentity(InvalidInput):
    """An identity is empty, unprintable or of an unknown kind."""

    code: ClassVar[str] = "invalid_identity"


class NoIdentity(InvalidInput):
    """A member needs at least one identity."""

    code: ClassVar[str] = "no_identity"


class IdentityTaken(Conflict):
    """The given identities already belong to different members."""

    code: ClassVar[str] = "identity_taken"


class Added(Struct, frozen=True):
    """Who somebody is after enrolment, and whether the member is new."""

    id: UUID
    is_new: bool


class LostRace(Conflict):
    """Another transaction enrolled the identity first; trying again finds its member."""

    code: ClassVar[str] = "try_again"
