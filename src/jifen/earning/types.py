"""What crosses the door of the earning room: activities in, outcomes out.

All are frozen. Money is in minor units of the programme's currency, points in whole units,
times are timezone-aware. The same structs are the wire format of the API (msgspec decodes a
request's bytes straight into them), so there is one description of an activity, not two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from jifen.common.errors import JifenError
from jifen.ledger.types import PostingInfo

MAX_MINOR = 10**12
"""The largest money amount of one line: ten thousand million of the main unit."""
MAX_POINTS = 10**12
"""The largest number of points one activity may name."""

LONGEST_KEY = 200

Key = Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Code = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_.:-]+$")]
Minor = Annotated[int, Meta(ge=0, le=MAX_MINOR)]
Quantity = Annotated[int, Meta(ge=1, le=10**9)]
Points = Annotated[int, Meta(ge=0, le=MAX_POINTS)]
LineKind = Literal["goods", "service", "shipping", "gift_card", "fee"]


class MemberRef(Struct, frozen=True, forbid_unknown_fields=True):
    """How a caller names a member: by id, or by any identity."""

    kind: Literal["id", "external", "phone", "card", "wechat"]
    value: Key


class Line(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One item of an order: ``amount_minor`` is the price of the whole quantity before
    ``discount_minor``, which is what was taken off this line."""

    product: Name
    quantity: Quantity
    amount_minor: Minor
    discount_minor: Minor = 0
    category: Annotated[str, Meta(max_length=120)] = ""
    kind: LineKind = "goods"

    @property
    def net_minor(self) -> int:
        """What the line costs after its discount."""
        return self.amount_minor - self.discount_minor


class RefundLine(Struct, frozen=True, forbid_unknown_fields=True):
    """``quantity`` pieces of the purchase's line at position ``line`` (from 0)."""

    line: Annotated[int, Meta(ge=0, le=100_000)]
    quantity: Quantity


class OrderRef(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A purchase by its reference; without ``store`` it is looked up in the caller's store."""

    reference: Key
    store: Code | None = None


class _Activity(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind",
    omit_defaults=True,
):  # fmt: skip
    """What every activity has. ``key`` makes it idempotent for this client; over HTTP a single
    activity carries it in the ``Idempotency-Key`` header, a batch in each item."""

    key: Key
    occurred_at: datetime
    store: Code | None = None


class Purchase(_Activity, frozen=True, kw_only=True, tag="purchase", omit_defaults=True):
    """An order. Without a member it is kept, earns nothing and may be claimed later.
    ``points_paid`` is the offset: points of the programme's offset unit paid on this order."""

    reference: Key
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=5_000)]
    member: MemberRef | None = None
    points_paid: Points = 0


class Refund(_Activity, frozen=True, kw_only=True, tag="refund", omit_defaults=True):
    """Goods given back. Without ``lines`` everything that is still kept is refunded."""

    of: OrderRef
    lines: Annotated[tuple[RefundLine, ...], Meta(min_length=1, max_length=5_000)] | None = None
    reference: Key | None = None


class Claim(_Activity, frozen=True, kw_only=True, tag="claim", omit_defaults=True):
    """A member claims a purchase that was booked without one."""

    member: MemberRef
    of: OrderRef


class Behaviour(_Activity, frozen=True, kw_only=True, tag="behaviour", omit_defaults=True):
    """A named behaviour: ``check_in``, ``share``, ``review``, ``visit``, or one that the rule
    set names."""

    name: Code
    member: MemberRef
    reference: Key | None = None


class Birthday(_Activity, frozen=True, kw_only=True, tag="birthday", omit_defaults=True):
    """The member's birthday, once a calendar year."""

    member: MemberRef


class Enrolment(_Activity, frozen=True, kw_only=True, tag="enrolment", omit_defaults=True):
    """The member joined, once. Written by enrolment itself."""

    member: MemberRef


class Adjustment(_Activity, frozen=True, kw_only=True, tag="adjustment", omit_defaults=True):
    """Staff moves ``points`` of ``unit`` (negative takes away), with a reason and an actor."""

    member: MemberRef
    unit: Code
    points: Annotated[int, Meta(ge=-MAX_POINTS, le=MAX_POINTS)]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    actor: Name
    expires_at: datetime | None = None


class OpeningLot(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Points a member brings from an older system; no ``expires_at`` means never."""

    unit: Code
    points: Annotated[int, Meta(ge=1, le=MAX_POINTS)]
    expires_at: datetime | None = None


class Opening(_Activity, frozen=True, kw_only=True, tag="opening", omit_defaults=True):
    """What a member brings on day one, once: lots, growth and a tier."""

    member: MemberRef
    lots: Annotated[tuple[OpeningLot, ...], Meta(max_length=100)] = ()
    tier: Code | None = None


class OfActivity(_Activity, frozen=True, kw_only=True, omit_defaults=True):
    """What names an earlier activity by its id."""

    of: UUID


class Reversal(OfActivity, frozen=True, kw_only=True, tag="reversal", omit_defaults=True):
    """Staff undoes an adjustment, a behaviour or a birthday that was booked by mistake, once.
    Orders are undone by refunds."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    actor: Name


Activity = (
    Purchase | Refund | Claim | Behaviour | Birthday | Enrolment | Adjustment | Opening | Reversal
)


def kind_of(activity: Activity) -> str:
    """The activity's kind as it is written on the wire."""
    return str(activity.__struct_config__.tag)


# --- what the rules see and give -------------------------------------------------------------


class Facts(Struct, frozen=True, omit_defaults=True):
    """Every input the rules use, so that an award can be computed again without the past.

    Stored with the award. A refund calls the rules again with the same facts and the lines
    that are still kept. ``rooms`` holds, for each bound that applied (see
    ``Policy.bounds``), how many points it still allowed when the activity was booked.
    """

    kind: str
    """``purchase``, ``birthday``, ``enrolment``, ``tier_reached:<tier>``, ``behaviour:<name>``."""
    local: datetime
    """Time of occurrence in the programme's zone, naive wall time."""
    store: str = ""
    tier: str = ""
    """The tier before the activity; empty below the first."""
    first_order: bool = False
    is_birthday: bool = False
    """The day of occurrence is the member's birthday."""
    rooms: Mapping[str, int] = field(default_factory=dict)


class Basket(Struct, frozen=True, omit_defaults=True):
    """The kept part of an order. ``net_minor`` are the lines after discounts; ``paid_minor`` is
    that less the points offset, in money."""

    lines: tuple[Line, ...] = ()
    net_minor: int = 0
    paid_minor: int = 0


class Part(Struct, frozen=True, omit_defaults=True):
    """What one rule gave in one unit, with its arithmetic.

    A base rule: Σ line basis × the line's factors × ``rate`` × ``factors`` (× the mean of
    ``bands``) = ``exact``, rounded to ``rounded``; then ``bounded`` is what bounds took off, by
    bound code, and ``points`` is what is left. A fixed bonus has ``points`` and ``bounded`` only.
    """

    rule: str
    unit: str
    points: int
    exact: tuple[int, int] | None = None
    """Numerator and denominator before rounding, in lowest terms."""
    rounded: int | None = None
    rate: tuple[int, int] | None = None
    """Points, and the minor units they are given for."""
    rounding: str = ""
    """Mode and where it works: ``floor/order``."""
    factors: tuple[tuple[str, str], ...] = ()
    """Order factors as they were applied: ``("tier:<rule>", "1.5")``, ``("promotion:<rule>",
    "2")``, ``("paid", "<paid minor>/<net minor>")``."""
    lines: tuple[tuple[int, int, tuple[tuple[str, str], ...]], ...] = ()
    """(line position, basis in minor units, line factors) for lines that counted."""
    bands: tuple[tuple[int, int, str], ...] = ()
    """What of the counted money lay in which band: numerator and denominator in minor units,
    multiplier."""
    bounded: Mapping[str, int] = field(default_factory=dict)


class Refusal(Struct, frozen=True, omit_defaults=True):
    """Why something earned nothing or less: a stable ``code``, the rule, and the facts."""

    code: str
    rule: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


class Award(Struct, frozen=True, omit_defaults=True):
    """What the rules gave for one activity, part by part, and what they refused."""

    parts: tuple[Part, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def points(self, unit: str) -> int:
        """The sum of the parts in ``unit``."""
        return sum(part.points for part in self.parts if part.unit == unit)


# --- what a booking answers ------------------------------------------------------------------


class Balance(Struct, frozen=True):
    """One account: always these four."""

    unit: str
    available: int
    pending: int
    held: int
    deficit: int


class Caller(Struct, frozen=True):
    """Who books: an API client, an import or a command. ``earliest_at`` is the limit that the
    programme allows this caller for past times."""

    client_id: UUID
    name: str
    store: str | None = None
    earliest_at: datetime | None = None


class Booked(Struct, frozen=True, omit_defaults=True):
    """The activity is in the books (or would be, in a preview). ``replayed`` means that its key
    was booked before and this is the first answer again. ``points`` and ``balances`` are by unit:
    what this activity moved, and what stood in the accounts right after it."""

    id: UUID
    key: str
    kind: str
    member_id: UUID | None = None
    points: Mapping[str, int] = field(default_factory=dict)
    award: Award = Award()
    tier: str = ""
    balances: tuple[Balance, ...] = ()
    replayed: bool = False


class Refused(Struct, frozen=True):
    """Nothing was booked for this activity; ``error`` says why."""

    key: str
    error: JifenError


Outcome = Booked | Refused


# --- what selectors answer -------------------------------------------------------------------


class ActivityInfo(Struct, frozen=True):
    """A booked activity. ``body`` is the request as it was booked; ``client_id`` who sent it."""

    id: UUID
    kind: str
    key: str
    client_id: UUID
    member_id: UUID | None
    store: str
    reference: str | None
    of_id: UUID | None
    rule_set_version: int
    occurred_at: datetime
    booked_at: datetime
    body: Mapping[str, Any]
    points: Mapping[str, int]
    award: Award
    tier: str


class Explanation(Struct, frozen=True):
    """Why an activity gave what it gave: the inputs, the arithmetic, the postings, and the same
    in sentences. ``related`` are its refunds, its claim, tiers it reached, or what it refunds."""

    activity: ActivityInfo
    facts: Facts | None
    sentences: tuple[str, ...]
    postings: tuple[PostingInfo, ...]
    related: tuple[ActivityInfo, ...]
