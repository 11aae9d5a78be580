"""Every way in which an activity can be refused, each with its own code."""

from __future__ import annotations

from typing import ClassVar

from jifen.common.errors import Conflict, InvalidInput, JifenError, NotFound


class KeyConflict(Conflict):
    """The key was booked before with another body."""

    code: ClassVar[str] = "key_conflict"


class DuplicateReference(Conflict):
    """The store has booked this reference before; ``first_id`` and ``first_key`` name it."""

    code: ClassVar[str] = "duplicate_reference"


class OrderNotFound(NotFound):
    """The store has no purchase with this reference."""

    code: ClassVar[str] = "unknown_order"


class UnknownBehaviour(NotFound):
    """No rule and no built-in behaviour has this name."""

    code: ClassVar[str] = "unknown_behaviour"


class UnknownActivity(NotFound):
    """No activity of this programme has this id."""

    code: ClassVar[str] = "unknown_activity"


class AlreadyDone(Conflict):
    """This counts once (a check-in a day, a birthday a year), and it did."""

    code: ClassVar[str] = "already_done"


class WrongStore(JifenError):
    """The caller may book for its own store only."""

    code: ClassVar[str] = "wrong_store"


class TimeWithoutZone(InvalidInput):
    """A time without an offset says nothing."""

    code: ClassVar[str] = "time_without_zone"


class TimeInFuture(InvalidInput):
    """More than five minutes ahead."""

    code: ClassVar[str] = "time_in_future"


class TimeTooEarly(InvalidInput):
    """Before the limit that the programme allows this caller, or before its opening."""

    code: ClassVar[str] = "time_too_early"


class DiscountAboveAmount(InvalidInput):
    """A line's discount is larger than its amount."""

    code: ClassVar[str] = "discount_above_amount"


class UnknownLine(NotFound):
    """The purchase has no line at this position."""

    code: ClassVar[str] = "unknown_line"


class RefundAbovePurchase(Conflict):
    """More pieces than are still kept."""

    code: ClassVar[str] = "refund_above_purchase"


class NothingKept(Conflict):
    """Everything of the purchase was refunded before."""

    code: ClassVar[str] = "nothing_kept"


class AlreadyClaimed(Conflict):
    """The purchase has its member."""

    code: ClassVar[str] = "already_claimed"


class ClaimTooLate(Conflict):
    """The programme's days for claiming are over."""

    code: ClassVar[str] = "claim_too_late"


class NotReversible(Conflict):
    """Only adjustments, behaviours and birthdays are reversed; orders are refunded."""

    code: ClassVar[str] = "not_reversible"


class ZeroPoints(InvalidInput):
    """An adjustment of nothing."""

    code: ClassVar[str] = "zero_points"


class GrowthCannotExpire(InvalidInput):
    """Growth has no expiry."""

    code: ClassVar[str] = "growth_cannot_expire"


class OffsetNeedsMember(InvalidInput):
    """Points can be paid by a member only."""

    code: ClassVar[str] = "offset_needs_member"


class MemberBusy(Conflict):
    """Another booking holds this member; try again."""

    code: ClassVar[str] = "member_busy"


class NotBooked(JifenError):
    """The database refused this activity for a reason that has no name here; the log has it."""

    code: ClassVar[str] = "not_booked"
