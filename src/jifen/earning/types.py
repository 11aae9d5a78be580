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
from jifen.ledger.types import PaidBy, PostingInfo
from jifen.wallet.types import Price

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
SomePoints = Annotated[int, Meta(ge=1, le=MAX_POINTS)]
CouponCode = Annotated[str, Meta(min_length=1, max_length=60)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
LineKind = Literal["goods", "service", "shipping", "gift_card", "fee"]
LONGEST_HOLD_MINUTES = 30 * 24 * 60
"""A hold ends by itself after thirty days at most."""


class MemberRef(Struct, frozen=True, forbid_unknown_fields=True):
    """How a caller names a member: by id, or by any identity."""

    kind: Literal["id", "external", "phone", "email", "card", "wechat"]
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
    ``points_paid`` is the offset: points of the programme's offset unit paid on this order;
    ``coupons`` are codes of coupons used, ``stored_minor`` is what stored value pays. With
    ``member_prices`` the prices of the member's tier and of member days are taken off; those of
    ``benefits``, which may have a quota, when they are named. With ``due_minor`` it is booked only
    if just that is left to pay in money."""

    reference: Key
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=5_000)]
    member: MemberRef | None = None
    points_paid: Points = 0
    coupons: Annotated[tuple[CouponCode, ...], Meta(max_length=20)] = ()
    stored_minor: Minor = 0
    member_prices: bool = False
    benefits: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    due_minor: Minor | None = None


class Checkout(_Activity, frozen=True, kw_only=True, tag="checkout", omit_defaults=True):
    """An order that is paid later: it is priced now, and what pays for it is held for so many
    ``minutes``. Its fields are those of a purchase, but for benefits with a quota: these are
    used when an order is booked."""

    reference: Key
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=5_000)]
    member: MemberRef
    minutes: Annotated[int, Meta(ge=1, le=LONGEST_HOLD_MINUTES)]
    points_paid: Points = 0
    coupons: Annotated[tuple[CouponCode, ...], Meta(max_length=20)] = ()
    stored_minor: Minor = 0
    member_prices: bool = False
    due_minor: Minor | None = None


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
    reason: Reason
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


class TopUp(_Activity, frozen=True, kw_only=True, tag="top_up", omit_defaults=True):
    """A member pays money in: ``paid_minor`` becomes principal, and rules may add to it."""

    reference: Key
    member: MemberRef
    paid_minor: Annotated[int, Meta(ge=1, le=MAX_MINOR)]


class TopUpRefund(_Activity, frozen=True, kw_only=True, tag="top_up_refund", omit_defaults=True):
    """Money of a top-up goes back to where it came from: ``minor`` of it, or all that is left.
    What the rest would not have given is taken back."""

    of: OrderRef
    minor: Annotated[int, Meta(ge=1, le=MAX_MINOR)] | None = None
    reference: Key | None = None


class Conversion(_Activity, frozen=True, kw_only=True, tag="conversion", omit_defaults=True):
    """Points become something else, as the rule set's conversion ``code`` says, so many
    ``times``."""

    member: MemberRef
    code: Code
    times: Annotated[int, Meta(ge=1, le=10_000)] = 1


class PassUse(_Activity, frozen=True, kw_only=True, tag="pass_use", omit_defaults=True):
    """A member uses ``count`` services of a pass at the store."""

    member: MemberRef
    unit: Code
    count: Annotated[int, Meta(ge=1, le=10_000)] = 1
    reference: Key | None = None


class CouponIssue(_Activity, frozen=True, kw_only=True, tag="coupon_issue", omit_defaults=True):
    """Staff issues ``count`` coupons of the kind ``coupon``: to a member, or to whoever bears
    their codes."""

    coupon: Code
    reason: Reason
    actor: Name
    member: MemberRef | None = None
    count: Annotated[int, Meta(ge=1, le=1_000)] = 1


class CouponVoid(_Activity, frozen=True, kw_only=True, tag="coupon_void", omit_defaults=True):
    """Staff makes a coupon void by its code."""

    coupon: CouponCode
    reason: Reason
    actor: Name


class OfActivity(_Activity, frozen=True, kw_only=True, omit_defaults=True):
    """What names an earlier activity by its id."""

    of: UUID


class Confirmation(_Activity, frozen=True, kw_only=True, tag="confirmation", omit_defaults=True):
    """The delivery of an order is confirmed, once: what waited for it is spendable."""

    of: OrderRef


class Hold(_Activity, frozen=True, kw_only=True, tag="hold", omit_defaults=True):
    """Points are reserved for so many ``minutes``, for whatever has the ``reference``: an unpaid
    order, a group buy."""

    reference: Key
    member: MemberRef
    unit: Code
    points: SomePoints
    minutes: Annotated[int, Meta(ge=1, le=LONGEST_HOLD_MINUTES)]


class Capture(OfActivity, frozen=True, kw_only=True, tag="capture", omit_defaults=True):
    """``points`` of the hold ``of`` are burned, or all that is left of it. What then is left stays
    held."""

    points: SomePoints | None = None


class Release(OfActivity, frozen=True, kw_only=True, tag="release", omit_defaults=True):
    """``points`` of the hold ``of`` go back to their lots, or all that is left of it."""

    points: SomePoints | None = None


class CheckoutCapture(
    OfActivity, frozen=True, kw_only=True, tag="checkout_capture", omit_defaults=True
):
    """The checkout ``of`` was paid: its purchase is booked, at the price that was held."""


class CheckoutRelease(
    OfActivity, frozen=True, kw_only=True, tag="checkout_release", omit_defaults=True
):
    """The checkout ``of`` will not be paid: what it held goes back."""


class Transfer(_Activity, frozen=True, kw_only=True, tag="transfer", omit_defaults=True):
    """A member gives points to another one. Where the rule set says so they are only held until
    the receiver accepts them."""

    member: MemberRef
    to: MemberRef
    unit: Code
    points: SomePoints
    note: Annotated[str, Meta(max_length=200)] = ""


class Acceptance(OfActivity, frozen=True, kw_only=True, tag="acceptance", omit_defaults=True):
    """The receiver accepts the transfer ``of``."""

    member: MemberRef


class Decline(OfActivity, frozen=True, kw_only=True, tag="decline", omit_defaults=True):
    """The receiver does not want the transfer ``of``, or the giver takes it back before it was
    accepted."""

    member: MemberRef


class Gift(_Activity, frozen=True, kw_only=True, tag="gift", omit_defaults=True):
    """Staff gives a member points. Without ``expires_at`` they end as earned ones do."""

    member: MemberRef
    unit: Code
    points: SomePoints
    reason: Reason
    actor: Name
    expires_at: datetime | None = None


class Waiver(_Activity, frozen=True, kw_only=True, tag="waiver", omit_defaults=True):
    """Staff forgives ``points`` that the member owes, or all of them."""

    member: MemberRef
    unit: Code
    reason: Reason
    actor: Name
    points: SomePoints | None = None


class ExpiryUndo(_Activity, frozen=True, kw_only=True, tag="expiry_undo", omit_defaults=True):
    """Staff gives back what expired of the member's points in a transaction, once, until a new
    date."""

    member: MemberRef
    transaction_id: UUID
    expires_at: datetime
    reason: Reason
    actor: Name


class Leave(_Activity, frozen=True, kw_only=True, tag="leave", omit_defaults=True):
    """The member ends the membership. What is left is forfeited."""

    member: MemberRef
    reason: Reason
    actor: Name


class Erasure(_Activity, frozen=True, kw_only=True, tag="erasure", omit_defaults=True):
    """The member is forgotten: leaves, if need be, and every personal datum goes away."""

    member: MemberRef
    actor: Name


class Merge(_Activity, frozen=True, kw_only=True, tag="merge", omit_defaults=True):
    """``other`` is the same person as ``member`` and becomes a part of that member."""

    member: MemberRef
    other: MemberRef
    reason: Reason
    actor: Name


class MergeUndo(OfActivity, frozen=True, kw_only=True, tag="merge_undo", omit_defaults=True):
    """The merge ``of`` was a mistake: ``other`` is a member of its own again."""

    other: MemberRef
    reason: Reason
    actor: Name


class Reversal(OfActivity, frozen=True, kw_only=True, tag="reversal", omit_defaults=True):
    """Staff undoes an adjustment, a behaviour, a birthday or the use of a benefit that was booked
    by mistake, once. Orders are undone by refunds."""

    reason: Reason
    actor: Name


class TierGrant(_Activity, frozen=True, kw_only=True, tag="tier_grant", omit_defaults=True):
    """Staff gives a tier that was not earned, until a time or until staff ends it. It replaces
    one that staff gave before; nothing is awarded for it."""

    member: MemberRef
    tier: Code
    reason: Reason
    actor: Name
    until: datetime | None = None


class TierGrantEnd(_Activity, frozen=True, kw_only=True, tag="tier_grant_end", omit_defaults=True):
    """Staff ends the tier that was given."""

    member: MemberRef
    reason: Reason
    actor: Name


class TierEnd(_Activity, frozen=True, kw_only=True, tag="tier_end", omit_defaults=True):
    """The time of a member's tier is over. Written by the job that books it."""

    member: MemberRef


class BenefitUse(_Activity, frozen=True, kw_only=True, tag="benefit_use", omit_defaults=True):
    """A member uses a benefit of their tier. ``reference`` is the order it is used for: once for
    an order, and given back when nothing of that order is kept."""

    member: MemberRef
    benefit: Code
    reference: Key | None = None


Activity = (
    Purchase
    | Checkout
    | CheckoutCapture
    | CheckoutRelease
    | TopUp
    | TopUpRefund
    | Conversion
    | PassUse
    | CouponIssue
    | CouponVoid
    | Refund
    | Claim
    | Behaviour
    | Birthday
    | Enrolment
    | Adjustment
    | Opening
    | Reversal
    | TierGrant
    | TierGrantEnd
    | TierEnd
    | BenefitUse
    | Confirmation
    | Hold
    | Capture
    | Release
    | Transfer
    | Acceptance
    | Decline
    | Gift
    | Waiver
    | ExpiryUndo
    | Leave
    | Erasure
    | Merge
    | MergeUndo
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


class IssuedCoupon(Struct, frozen=True, omit_defaults=True):
    """A coupon that was issued: its code, its kind, and until when it is good."""

    id: UUID
    code: str
    kind: str
    valid_until: datetime | None = None


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
    what this activity moved, and what stood in the accounts right after it. ``coupons`` are those
    that it issued, ``price`` what the order cost the member, step by step."""

    id: UUID
    key: str
    kind: str
    member_id: UUID | None = None
    points: Mapping[str, int] = field(default_factory=dict)
    award: Award = Award()
    tier: str = ""
    balances: tuple[Balance, ...] = ()
    replayed: bool = False
    coupons: tuple[IssuedCoupon, ...] = ()
    price: Price | None = None


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
    in sentences. ``related`` are its refunds, its claim, tiers it reached, or what it refunds;
    ``paid_by`` says which merchants' points paid for what it burned."""

    activity: ActivityInfo
    facts: Facts | None
    sentences: tuple[str, ...]
    postings: tuple[PostingInfo, ...]
    related: tuple[ActivityInfo, ...]
    paid_by: tuple[PaidBy, ...] = ()
