"""What crosses the door of the members room."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from jifen.common.errors import Conflict, InvalidInput, NotFound

ACTIVE: Final = "active"
FROZEN: Final = "frozen"
LEFT: Final = "left"
ERASED: Final = "erased"
MERGED: Final = "merged"
STATUSES: Final = (ACTIVE, FROZEN, LEFT, ERASED, MERGED)


class IdentityValue(Struct, frozen=True):
    """One identity: ``kind`` is external, phone, email, card or wechat."""

    kind: str
    value: str


class NewMember(Struct, frozen=True):
    """A person to enrol."""

    identities: tuple[IdentityValue, ...]
    name: str = ""
    birthday_on: date | None = None
    store: str | None = None


class MemberInfo(Struct, frozen=True):
    """A member as others may see it. Phones and e-mail addresses are whole here; faces mask them.

    ``status`` is active, frozen, left, erased or merged; ``merged_into`` is whom a merged member
    became a part of.
    """

    id: UUID
    name: str
    birthday_on: date | None
    store_id: UUID | None
    enrolled_at: datetime
    identities: tuple[IdentityValue, ...]
    status: str = ACTIVE
    merged_into: UUID | None = None
    tags: tuple[str, ...] = ()


class Registered(Struct, frozen=True):
    """What the member's own row says to a decision."""

    birthday_on: date | None
    status: str = ACTIVE
    merged_into: UUID | None = None


class Changes(Struct, frozen=True):
    """What to change of a member; a field that is UNSET stays as it is."""

    name: str | UnsetType = UNSET
    birthday_on: date | UnsetType | None = UNSET
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


class AuditEntry(Struct, frozen=True):
    """Something that was done to a member's own data: what, by whom, when and why.

    ``kind`` is changed, frozen, unfrozen, left, erased, merged or unmerged. ``fields`` names what
    changed, never its values.
    """

    id: UUID
    kind: str
    actor: str
    reason: str
    at: datetime
    fields: tuple[str, ...] = ()


class MergeState(Struct, frozen=True):
    """A merge, which may have been undone since. ``acts_since`` counts refunds and reversals of
    what the merged member had done before."""

    id: UUID
    survivor_id: UUID
    other_id: UUID
    merged_at: datetime
    acts_since: int = 0


# --- what activities do to members, written by :func:`jifen.members.services.apply` --------------


class Joined(Struct, frozen=True):
    """The member ``other_id`` becomes a part of ``survivor_id``, by activity ``merge_id``."""

    merge_id: UUID
    survivor_id: UUID
    other_id: UUID
    actor: str
    reason: str


class Parted(Struct, frozen=True):
    """The merge ``merge_id`` is undone."""

    merge_id: UUID
    survivor_id: UUID
    other_id: UUID
    actor: str
    reason: str


class Recalled(Struct, frozen=True):
    """What these merged members had done before was refunded or reversed."""

    members: tuple[UUID, ...]


class Ended(Struct, frozen=True):
    """The member leaves, or is forgotten (``erased``)."""

    member_id: UUID
    erased: bool
    actor: str
    reason: str


Deed = Joined | Parted | Recalled | Ended


# --- refusals ------------------------------------------------------------------------------------


class UnknownMember(NotFound):
    """No member of this programme has this identity."""

    code: ClassVar[str] = "unknown_member"


class InvalidPhone(InvalidInput):
    """Not a phone number."""

    code: ClassVar[str] = "invalid_phone"


class InvalidEmail(InvalidInput):
    """Not an e-mail address."""

    code: ClassVar[str] = "invalid_email"


class InvalidIdentity(InvalidInput):
    """An identity is empty, unprintable or of an unknown kind."""

    code: ClassVar[str] = "invalid_identity"


class NoIdentity(InvalidInput):
    """A member needs at least one identity."""

    code: ClassVar[str] = "no_identity"


class IdentityTaken(Conflict):
    """The given identities already belong to different members."""

    code: ClassVar[str] = "identity_taken"


class MemberFrozen(Conflict):
    """Staff froze this member: nothing is earned, burned or transferred until it is unfrozen."""

    code: ClassVar[str] = "member_frozen"


class MemberLeft(Conflict):
    """The membership has ended."""

    code: ClassVar[str] = "member_left"


class MemberMerged(Conflict):
    """The member is a part of another one now, whom ``survivor_id`` names."""

    code: ClassVar[str] = "member_merged"


class AlreadyFrozen(Conflict):
    """The member is frozen already."""

    code: ClassVar[str] = "already_frozen"


class NotFrozen(Conflict):
    """The member is not frozen."""

    code: ClassVar[str] = "not_frozen"


class InvalidTag(InvalidInput):
    """A tag is empty, unprintable or too long."""

    code: ClassVar[str] = "invalid_tag"


class TooManyTags(InvalidInput):
    """A member has at most 50 tags."""

    code: ClassVar[str] = "too_many_tags"


class InvalidBirthday(InvalidInput):
    """A birthday lies in the past, from 1900 on."""

    code: ClassVar[str] = "invalid_birthday"


class Added(Struct, frozen=True):
    """Who somebody is after enrolment, and whether the member is new."""

    id: UUID
    is_new: bool


class LostRace(Conflict):
    """Another transaction enrolled the identity first; trying again finds its member."""

    code: ClassVar[str] = "try_again"
