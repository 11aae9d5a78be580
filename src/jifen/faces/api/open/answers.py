"""The shapes that this API answers, where they are not a room's own types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from msgspec import Meta, Struct, structs

from jifen.earning.standing import Names
from jifen.earning.types import ActivityInfo
from jifen.ledger.types import BalanceInfo, LotInfo, PostingInfo
from jifen.members.selectors import masked
from jifen.members.types import IdentityValue, MemberInfo
from jifen.programmes.rules.versions import Status as VersionStatus
from jifen.programmes.types import UnitInfo

Moment = Annotated[datetime, Meta(tz=True)]
Cursor = Annotated[
    str, Meta(max_length=100, description="Where to go on: `next_cursor` of the page before.")
]

Status = Literal["active", "frozen", "left", "erased", "merged"]
MOST_ROWS = 200
USUAL_ROWS = 50


class Page(Struct, frozen=True):
    """Which part of a list: ``cursor`` as the last page gave it, at most ``limit`` rows."""

    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS, description="Rows at most.")] = USUAL_ROWS


class Member(Struct, frozen=True):
    """A member. Phones and e-mail addresses are masked unless the caller may see them. A merged
    member is shown as it was left; ``merged_into`` is whose part it is."""

    id: UUID
    name: str
    birthday_on: date | None
    enrolled_at: datetime
    identities: tuple[IdentityValue, ...]
    tier: str
    status: Status
    merged_into: UUID | None
    tags: tuple[str, ...]


class ListedMember(Member, frozen=True):
    """A member in a list; ``available`` is of the unit that was asked for."""

    available: int | None


class Members(Struct, frozen=True):
    """A page of members; no ``next_cursor`` means that it is the last. One that has a cursor may be
    short, or empty: it looks at 5,000 members at most."""

    members: list[ListedMember]
    next_cursor: str | None


class Activities(Struct, frozen=True):
    """A page of a member's activities, the newest first."""

    activities: list[ActivityInfo]
    next_cursor: str | None


class Balances(Struct, frozen=True):
    """Every account of a member, as it stands now."""

    member_id: UUID
    balances: tuple[BalanceInfo, ...]


class Statement(Struct, frozen=True):
    """A page of the postings of one account, the newest first."""

    unit: str
    postings: list[PostingInfo]
    next_cursor: str | None


class Lots(Struct, frozen=True):
    """A page of the open lots of one account, the first to end first."""

    unit: str
    lots: list[LotInfo]
    next_cursor: str | None


class OffsetQuote(Struct, frozen=True):
    """The most that may be paid: points, and the minor units they are worth. With no points,
    ``refusal`` is the code of why."""

    points: int
    worth_minor: int
    refusal: str | None


class Store(Struct, frozen=True):
    """A store of the programme, with the code of its merchant."""

    code: str
    name: str
    merchant: str


class Units(Struct, frozen=True):
    """Every unit, the first one made first."""

    units: list[UnitInfo]


class Merchant(Struct, frozen=True):
    """A legal entity taking part in the programme."""

    code: str
    name: str


class TierName(Struct, frozen=True):
    """A tier of the rule set in force."""

    code: str
    name: Names


class Programme(Struct, frozen=True):
    """The settings of the caller's programme, with the tiers in force, the lowest first."""

    code: str
    name: str
    time_zone: str
    currency: str
    opening_on: date
    claim_days: int
    approval_above: int | None
    rule_set_version: int | None
    stores: list[Store]
    units: list[UnitInfo]
    tiers: list[TierName]


class RuleSetHead(Struct, frozen=True):
    """A published version without its document. It is for what occurs from ``starts_at`` on; null
    is for whatever was booked since it was published. One that was withdrawn never began."""

    version: int
    published_at: datetime
    published_by: str
    starts_at: datetime | None
    status: VersionStatus


class RuleSets(Struct, frozen=True):
    """Every published version, the newest first."""

    rule_sets: list[RuleSetHead]


class RuleSet(RuleSetHead, frozen=True, kw_only=True):
    """A published version."""

    document: Mapping[str, Any]


class DraftHead(Struct, frozen=True):
    """A draft without its document."""

    name: str
    updated_at: datetime
    updated_by: str


class Drafts(Struct, frozen=True):
    """Every draft, by name."""

    drafts: list[DraftHead]


class Draft(Struct, frozen=True):
    """A rule set being written."""

    name: str
    updated_at: datetime
    updated_by: str
    document: Mapping[str, Any]


class Published(Struct, frozen=True):
    """The version that a draft became; the one that holds its document already, if one does."""

    version: int


class Withdrawn(Struct, frozen=True):
    """The version in force now that another will not begin."""

    version: int


def member_of(info: MemberInfo, *, tier: str, whole_phones: bool) -> Member:
    """A member as the caller may see it."""
    return Member(
        id=info.id,
        name=info.name,
        birthday_on=info.birthday_on,
        enrolled_at=info.enrolled_at,
        identities=info.identities if whole_phones else tuple(map(masked, info.identities)),
        tier=tier,
        status=cast("Status", info.status),
        merged_into=info.merged_into,
        tags=info.tags,
    )


def listed(member: Member, *, available: int | None) -> ListedMember:
    """A member as a list shows it."""
    return ListedMember(**structs.asdict(member), available=available)
