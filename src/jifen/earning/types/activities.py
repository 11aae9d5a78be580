"""What happened outside: one struct for each kind of activity, as it comes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

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
    ``minutes``. Its fields are those of a purchase; ``benefits`` with a quota are held, too."""

    reference: Key
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=5_000)]
    member: MemberRef
    minutes: Annotated[int, Meta(ge=1, le=LONGEST_HOLD_MINUTES)]
    points_paid: Points = 0
    coupons: Annotated[tuple[CouponCode, ...], Meta(max_length=20)] = ()
    stored_minor: Minor = 0
    member_prices: bool = False
    benefits: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
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
    """Staff undoes what was booked by mistake, once: an adjustment, a gift, a behaviour, a
    birthday, the capture of a hold, a conversion, coupons issued, or the use of a pass or a
    benefit. Orders and top-ups are undone by refunds."""

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
