"""What crosses the door of the wallet. All frozen, money in minor units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Literal, Protocol
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict, InvalidInput, JifenError, NotFound

Fraction = tuple[int, int]
"""Numerator and denominator."""
CouponKind = Literal["goods", "percent", "amount", "free_delivery"]
StepKind = Literal["tier_price", "member_day", "coupon", "points", "bonus", "principal"]


class BasketLine(Protocol):
    """One item of a basket: what checkout asks of it. ``net_minor`` is the shop's price of the
    whole quantity, less what the shop itself took off."""

    @property
    def product(self) -> str:
        """The shop's code of the product."""

    @property
    def category(self) -> str:
        """Its category, or nothing."""

    @property
    def kind(self) -> str:
        """``goods``, ``service``, ``shipping``, ``gift_card`` or ``fee``."""

    @property
    def quantity(self) -> int:
        """How many pieces."""

    @property
    def net_minor(self) -> int:
        """What the line costs."""


class Discount(Struct, frozen=True, kw_only=True):
    """A price that the member has: of the lines at ``positions``, ``pay`` is what is left to pay.

    ``pieces`` bounds on how many pieces it works; None is all of them.
    """

    code: str
    step: Literal["tier_price", "member_day"]
    pay: Fraction
    positions: tuple[int, ...]
    pieces: int | None = None


class CouponTerms(Struct, frozen=True, kw_only=True):
    """What a coupon of one kind does on an order.

    ``amount`` takes ``worth_minor`` off; ``percent`` leaves ``pay`` to pay; ``goods`` makes
    ``pieces`` of its lines free, the dearest first; ``free_delivery`` the shipping. All but the
    first take at most ``up_to_minor``, if that is set. ``products`` and ``categories`` choose the
    lines (none of both: all goods and services), which together must cost ``threshold_minor``.
    Of a ``group``, at most ``per_order`` coupons go on one order.
    """

    code: str
    kind: CouponKind
    worth_minor: int = 0
    pay: Fraction = (0, 1)
    pieces: int = 1
    up_to_minor: int | None = None
    threshold_minor: int = 0
    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    group: str = ""
    per_order: int = 1


class ChosenCoupon(Struct, frozen=True):
    """A coupon that is to be used: its code and its terms."""

    code: str
    terms: CouponTerms


class StoredPayment(Struct, frozen=True, kw_only=True):
    """``amount_minor`` is to be paid from stored value. Of it, bonus money pays at most ``share``,
    and no more than ``bonus_available``."""

    amount_minor: int
    share: Fraction
    bonus_available: int


class Step(Struct, frozen=True, omit_defaults=True):
    """One step of the checkout: ``before_minor`` − ``off_minor`` = ``after_minor``.

    ``code`` is the discount's, or the coupon kind's. A price or a coupon says what it took off
    each line, in ``lines``, and ``worth_minor`` is what a coupon could have taken where that is
    more. Points paid are in ``points``.
    """

    step: StepKind
    code: str
    before_minor: int
    off_minor: int
    after_minor: int
    lines: tuple[int, ...] = ()
    worth_minor: int = 0
    points: int = 0
    coupon: str = ""
    """The coupon's own code."""


class Price(Struct, frozen=True, omit_defaults=True):
    """What a basket costs a member, step by step.

    ``listed_minor`` is what the shop's lines cost, ``lines`` what each costs after prices and
    coupons, and ``net_minor`` their sum. That is paid by ``offset_minor`` (the worth of
    ``points``), ``bonus_minor``, ``principal_minor``, and ``due_minor`` in money, exactly.
    """

    listed_minor: int
    steps: tuple[Step, ...]
    lines: tuple[int, ...]
    net_minor: int
    due_minor: int
    points: int = 0
    offset_minor: int = 0
    bonus_minor: int = 0
    principal_minor: int = 0


class Cart(Struct, frozen=True, kw_only=True):
    """Everything that pricing looks at. ``worth`` tells what so many points pay of a net amount,
    or raises; it is asked only when points are paid."""

    lines: tuple[BasketLine, ...]
    discounts: tuple[Discount, ...] = ()
    coupons: tuple[ChosenCoupon, ...] = ()
    points: int = 0
    worth: Callable[[int, int], int] | None = None
    stored: StoredPayment | None = None


class Means(Struct, frozen=True, omit_defaults=True):
    """How an order was paid, or what a refund gives back of it. All but ``points`` in minor
    units; the last four add up to the order's net amount."""

    points: int = 0
    offset_minor: int = 0
    bonus_minor: int = 0
    principal_minor: int = 0
    money_minor: int = 0


# --- coupons -----------------------------------------------------------------------------------

CouponStatus = Literal["issued", "held", "used", "void"]


class CouponState(Struct, frozen=True):
    """An issued coupon. Without ``member_id`` it belongs to whoever bears its code.

    ``kind`` and ``version`` name its terms: the kind's code in that version of the rule set.
    ``holder`` is the activity that used, holds or voided it; a hold ends at ``held_until``.
    """

    id: UUID
    code: str
    kind: str
    version: int
    member_id: UUID | None
    status: CouponStatus
    valid_from: datetime
    valid_until: datetime | None
    issued_by: UUID
    holder: UUID | None = None
    held_until: datetime | None = None


class CouponInfo(Struct, frozen=True):
    """A coupon as it stands at a time: also ``expired``, and ``issued`` again once a hold is
    over. ``issue_id`` is the activity that issued it, ``holder_id`` the one that used, holds or
    voided it, and ``held_until`` the end of a hold."""

    id: UUID
    code: str
    kind: str
    version: int
    member_id: UUID | None
    status: str
    valid_from: datetime
    valid_until: datetime | None
    issue_id: UUID
    holder_id: UUID | None
    held_until: datetime | None


class UnknownCoupon(NotFound):
    """No coupon of this programme has this code."""

    code: ClassVar[str] = "unknown_coupon"


class UnknownCouponKind(NotFound):
    """The rule set has no such kind of coupon."""

    code: ClassVar[str] = "unknown_coupon_kind"


class CouponOfAnother(JifenError):
    """The coupon belongs to another member."""

    code: ClassVar[str] = "coupon_of_another_member"


class CouponUsed(Conflict):
    """The coupon was used before."""

    code: ClassVar[str] = "coupon_used"


class CouponVoid(Conflict):
    """The coupon was made void."""

    code: ClassVar[str] = "coupon_void"


class CouponHeld(Conflict):
    """The coupon is held for another order; ``held_until`` says how long."""

    code: ClassVar[str] = "coupon_held"


class CouponExpired(Conflict):
    """The coupon's time is over."""

    code: ClassVar[str] = "coupon_expired"


class CouponNotYet(Conflict):
    """The coupon's time has not begun."""

    code: ClassVar[str] = "coupon_not_yet_valid"


class CouponElsewhere(JifenError):
    """The coupon is not for this store."""

    code: ClassVar[str] = "coupon_not_for_store"


class CouponBelowThreshold(JifenError):
    """The lines that the coupon is for cost less than it asks; ``short_by_minor`` says by how
    much."""

    code: ClassVar[str] = "coupon_below_threshold"


class CouponWithoutLine(JifenError):
    """The order has nothing that the coupon is for."""

    code: ClassVar[str] = "coupon_without_line"


class CouponTakesNothing(JifenError):
    """What the coupon is for costs nothing any more, so the coupon would be spent for nothing."""

    code: ClassVar[str] = "coupon_takes_nothing"


class CouponsDoNotStack(JifenError):
    """More coupons of a group than go on one order."""

    code: ClassVar[str] = "coupons_do_not_stack"


class CouponTwice(InvalidInput):
    """The order names one coupon twice."""

    code: ClassVar[str] = "coupon_named_twice"


class BenefitTakesNothing(JifenError):
    """The order has nothing that the benefit is for, or a better price without it."""

    code: ClassVar[str] = "benefit_takes_nothing"


class BenefitTwice(InvalidInput):
    """The order names one benefit twice."""

    code: ClassVar[str] = "benefit_named_twice"


class StoredValueNotAllowed(JifenError):
    """The rule set has no stored value."""

    code: ClassVar[str] = "stored_value_not_allowed"


class StoredValueNeedsMember(InvalidInput):
    """Stored value is paid by a member only."""

    code: ClassVar[str] = "stored_value_needs_member"


class InsufficientStoredValue(Conflict):
    """The member's stored value does not suffice; ``short_by`` says what is missing in minor
    units, ``most_minor`` what it could pay."""

    code: ClassVar[str] = "insufficient_stored_value"


class AboveCardLimit(Conflict):
    """With this top-up the member would hold more than one may; ``room_minor`` is what may still
    be topped up."""

    code: ClassVar[str] = "above_card_limit"


class UnknownTopUp(NotFound):
    """The store has no top-up with this reference."""

    code: ClassVar[str] = "unknown_top_up"


class TopUpSpent(Conflict):
    """More than is left of the top-up; ``left_minor`` says how much is."""

    code: ClassVar[str] = "top_up_spent"


class RewardSpent(Conflict):
    """What the top-up gave is spent, and would have to be taken back; ``short_by`` says how much
    of ``unit`` is missing."""

    code: ClassVar[str] = "top_up_reward_spent"


class PriceChanged(Conflict):
    """Another amount is left to pay than the caller means to take; ``due_minor`` says which."""

    code: ClassVar[str] = "price_changed"


class UnknownCheckout(NotFound):
    """This activity is no checkout."""

    code: ClassVar[str] = "unknown_checkout"


class UnknownConversion(NotFound):
    """The rule set has no such conversion."""

    code: ClassVar[str] = "unknown_conversion"


class ConversionsUsedUp(Conflict):
    """The member may not convert so often; ``left`` says how often still."""

    code: ClassVar[str] = "conversions_used_up"


class UnknownPass(NotFound):
    """The unit is no pass."""

    code: ClassVar[str] = "unknown_pass"


class PassElsewhere(JifenError):
    """The pass is not used at this store's merchant; ``merchants`` says where it is."""

    code: ClassVar[str] = "pass_not_for_store"


class StoredAbovePrice(InvalidInput):
    """More stored value than is left to pay."""

    code: ClassVar[str] = "stored_value_above_price"
