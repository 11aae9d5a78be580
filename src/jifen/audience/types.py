"""What crosses the door of the audience room."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from jifen.audience.rules.conditions import Condition, InvalidSegment
from jifen.common.errors import Conflict, NotFound
from jifen.earning.types import (
    Adjustment,
    Booked,
    Code,
    Gift,
    MemberRef,
    Name,
    Opening,
    Reason,
    SomePoints,
    Waiver,
)

__all__ = [
    "ApprovalDecided",
    "ApprovalInfo",
    "ApprovalKind",
    "ApprovalNeeded",
    "ApprovalPreview",
    "ApprovalStatus",
    "BulkGift",
    "Condition",
    "GiftRunEnded",
    "GiftRunInfo",
    "Held",
    "InvalidSegment",
    "OwnApproval",
    "RefusedGift",
    "RunStatus",
    "RunTo",
    "SegmentInUse",
    "SegmentInfo",
    "ToAll",
    "ToCondition",
    "ToMembers",
    "ToSegment",
    "UnknownApproval",
    "UnknownGiftRun",
    "UnknownSegment",
]
MOST_NAMED: Final = 1_000
"""Members whom a gift may name one by one."""


class SegmentInfo(Struct, frozen=True):
    """A segment: a name for a condition."""

    id: UUID
    code: str
    name: str
    condition: Condition
    updated_at: datetime
    updated_by: str


class UnknownSegment(NotFound):
    """No segment has this code."""

    code: ClassVar[str] = "unknown_segment"


class SegmentInUse(Conflict):
    """Rules in force are for members of this segment."""

    code: ClassVar[str] = "segment_in_use"


class UnknownGiftRun(NotFound):
    """No gift run of this programme has this id."""

    code: ClassVar[str] = "unknown_gift_run"


class GiftRunEnded(Conflict):
    """The gift run is done, or was cancelled before."""

    code: ClassVar[str] = "gift_run_ended"


Held = Gift | Adjustment | Opening | Waiver
"""The acts of one person that may be too large for one."""
ApprovalKind = Literal["activity", "gift_run"]
ApprovalStatus = Literal["pending", "confirmed", "refused", "withdrawn", "lapsed"]


class ApprovalInfo(Struct, frozen=True):
    """Something that a person asked for and another has to confirm. ``asked`` is the body as it
    would be booked, ``points`` all that it gives or takes; ``outcome_id`` names the activity or
    the gift run that it became."""

    id: UUID
    kind: ApprovalKind
    status: ApprovalStatus
    asked: dict[str, Any]
    member_id: UUID | None
    store: str
    points: int
    requested_at: datetime
    requested_by: str
    expires_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    outcome_id: UUID | None


class ApprovalPreview(Struct, frozen=True):
    """What confirming a request would do now: what would be ``booked``, or how many ``members``
    would get it; or the code of why it would be ``refused``, with its ``detail``."""

    booked: Booked | None = None
    members: int | None = None
    refused: str = ""
    detail: str = ""


class UnknownApproval(NotFound):
    """No request of this programme has this id."""

    code: ClassVar[str] = "unknown_approval"


class ApprovalDecided(Conflict):
    """The request was confirmed, refused or withdrawn before, or has lapsed."""

    code: ClassVar[str] = "approval_decided"


class OwnApproval(Conflict):
    """Who asked for it cannot decide it."""

    code: ClassVar[str] = "own_approval"


class NotOwnApproval(Conflict):
    """Only who asked for it may withdraw it."""

    code: ClassVar[str] = "not_own_approval"


class ApprovalNeeded(Conflict):
    """What is asked for together needs a second person."""

    code: ClassVar[str] = "approval_needed"


class ToAll(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="all"):
    """Every member who takes part when the run is started."""


class ToMembers(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="members"):
    """These members, each once however often named."""

    members: Annotated[tuple[MemberRef, ...], Meta(min_length=1, max_length=MOST_NAMED)]


class ToSegment(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="segment"):
    """The members who are in a segment when the run is started."""

    segment: Code


class ToCondition(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="condition"
):
    """The members of whom a condition holds when the run is started."""

    condition: Condition


class BulkGift(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """So many points to each of many members, by staff. Without ``expires_at`` they end as earned
    ones do."""

    unit: Code
    points: SomePoints
    reason: Reason
    actor: Name
    to: ToAll | ToMembers | ToSegment | ToCondition
    expires_at: datetime | None = None


RunStatus = Literal["choosing", "giving", "done", "cancelled"]
RunTo = Literal["all", "members", "segment", "condition"]


class GiftRunInfo(Struct, frozen=True):
    """A gift to many as it stands. ``members`` are those chosen: nobody while it is ``choosing``,
    then all of them; ``given`` have it, and ``refused`` says for what reasons how many do not.
    ``condition`` is by what they were chosen, where it was no segment."""

    id: UUID
    status: RunStatus
    to: RunTo
    segment: str
    condition: Condition | None
    unit: str
    points: int
    reason: str
    actor: str
    expires_at: datetime | None
    members: int
    given: int
    refused: dict[str, int]
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    ended_by: str


class RefusedGift(Struct, frozen=True):
    """A member of a run who does not get the gift, and the code of why."""

    member_id: UUID
    code: str
