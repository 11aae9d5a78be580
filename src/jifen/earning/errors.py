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


class NoBirthday(Conflict):
    """Nobody knows when this member was born."""

    code: ClassVar[str] = "no_birthday"


class NotTheBirthday(InvalidInput):
    """The day of occurrence is not the member's birthday."""

    code: ClassVar[str] = "not_the_birthday"


class WrongStore(JifenError):
    """The caller acts for its own stores only."""

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


class RefundBeforePurchase(InvalidInput):
    """Dated before the purchase, by more than the five minutes that clocks may differ."""

    code: ClassVar[str] = "refund_before_purchase"


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
    """Only adjustments, behaviours, birthdays, captures of holds, conversions, coupons issued,
    gifts, and uses of passes and of benefits are reversed; orders and top-ups are refunded."""

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


class MergeWithItself(InvalidInput):
    """A member cannot become a part of itself."""

    code: ClassVar[str] = "merge_with_itself"


class UnknownMerge(NotFound):
    """This activity is no merge."""

    code: ClassVar[str] = "unknown_merge"


class MergeUndoTooLate(Conflict):
    """The programme's days for undoing a merge are over."""

    code: ClassVar[str] = "merge_undo_too_late"


class MergedPointsSpent(Conflict):
    """The survivor no longer has the points that the merge brought; ``short_by`` says how many
    are missing."""

    code: ClassVar[str] = "merged_points_spent"


class MergedOrdersTouched(Conflict):
    """Something that the merged member had done before was refunded or reversed since."""

    code: ClassVar[str] = "merged_orders_touched"


class HoldsOpen(Conflict):
    """Points are held for something that is not decided yet; end the holds first."""

    code: ClassVar[str] = "holds_open"


class MoneyLeft(Conflict):
    """The member has stored money, which nobody may forfeit: pay it out first."""

    code: ClassVar[str] = "money_left"


class AlreadyConfirmed(Conflict):
    """The delivery of this order was confirmed before."""

    code: ClassVar[str] = "already_confirmed"


class ConfirmationBeforePurchase(InvalidInput):
    """Dated before the purchase, by more than the five minutes that clocks may differ."""

    code: ClassVar[str] = "confirmation_before_purchase"


class RefundLeavesDeficit(Conflict):
    """The refund would leave the member owing points, which the programme does not allow;
    ``short_by`` says how many are missing."""

    code: ClassVar[str] = "refund_leaves_deficit"


class NotPoints(InvalidInput):
    """Only points are held, transferred and given: no growth, no money, no passes."""

    code: ClassVar[str] = "not_points"


class HoldEnded(Conflict):
    """All of this hold was captured or released before, or this checkout was."""

    code: ClassVar[str] = "hold_ended"


class HoldRanOut(Conflict):
    """The hold, or the checkout, ended by itself, and what it held went back; ``ended_at``."""

    code: ClassVar[str] = "hold_ran_out"


class TransferNotAllowed(InvalidInput):
    """The rule set does not let members transfer this unit."""

    code: ClassVar[str] = "transfer_not_allowed"


class TransferToOneself(InvalidInput):
    """Giver and receiver are the same member."""

    code: ClassVar[str] = "transfer_to_oneself"


class TransferBelowMinimum(InvalidInput):
    """Fewer points than are transferred at once; ``minimum``."""

    code: ClassVar[str] = "transfer_below_minimum"


class TransferAboveMost(InvalidInput):
    """More points than are transferred at once; ``most``."""

    code: ClassVar[str] = "transfer_above_most"


class TransferDayLimit(Conflict):
    """More than the member may still give away on that local day; ``left``."""

    code: ClassVar[str] = "transfer_day_limit"


class UnknownTransfer(NotFound):
    """This activity is no transfer."""

    code: ClassVar[str] = "unknown_transfer"


class TransferOfOthers(Conflict):
    """The transfer was not offered to this member, who did not make it either."""

    code: ClassVar[str] = "transfer_of_others"


class TransferDecided(Conflict):
    """Nothing is open any more: the transfer was accepted or declined, or needed no answer."""

    code: ClassVar[str] = "transfer_decided"


class TransferRanOut(Conflict):
    """Nobody accepted the transfer in time, and its points went back; ``ended_at``."""

    code: ClassVar[str] = "transfer_ran_out"


class GiverOwes(Conflict):
    """The giver owes points since, which the held ones have to pay; ``deficit``."""

    code: ClassVar[str] = "giver_owes"


class UnknownExpiry(NotFound):
    """Nothing of this member expired in this transaction."""

    code: ClassVar[str] = "unknown_expiry"


class NotBooked(JifenError):
    """The database refused this activity for a reason that has no name here; the log has it."""

    code: ClassVar[str] = "not_booked"
