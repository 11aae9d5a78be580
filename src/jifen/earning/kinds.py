"""The kinds of activity: what the stream has to know of each, in one table.

The stream itself (:mod:`jifen.earning.batch`) knows no kind. A new act is a struct in
``earning.types`` and in its union ``Activity``, a decision in ``earning.decisions`` and a line
here; one that callers may send is in the union of ``faces.api.decoding`` besides. What it moves and
tells needs sentences in both languages (``earning.selectors``, ``earning.rules.messages``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from jifen.earning.decisions.adjustment import decide_adjustment, decide_opening
from jifen.earning.decisions.behaviour import decide_behaviour
from jifen.earning.decisions.benefit import decide_benefit_use
from jifen.earning.decisions.checkout import (
    decide_checkout,
    decide_checkout_capture,
    decide_checkout_release,
)
from jifen.earning.decisions.claim import decide_claim
from jifen.earning.decisions.confirmation import decide_confirmation
from jifen.earning.decisions.conversion import decide_conversion
from jifen.earning.decisions.coupons import decide_coupon_issue, decide_coupon_void
from jifen.earning.decisions.expiry_undo import decide_expiry_undo
from jifen.earning.decisions.gifts import decide_gift
from jifen.earning.decisions.granting import (
    decide_tier_end,
    decide_tier_grant,
    decide_tier_grant_end,
)
from jifen.earning.decisions.holding import decide_capture, decide_hold, decide_release
from jifen.earning.decisions.leaving import decide_leave
from jifen.earning.decisions.merging import decide_merge, decide_merge_undo
from jifen.earning.decisions.pass_use import decide_pass_use
from jifen.earning.decisions.purchase import decide_purchase
from jifen.earning.decisions.refund import decide_refund
from jifen.earning.decisions.reversal import decide_reversal
from jifen.earning.decisions.top_up import decide_top_up, decide_top_up_refund
from jifen.earning.decisions.transferring import (
    decide_acceptance,
    decide_decline,
    decide_transfer,
)
from jifen.earning.decisions.waiver import decide_waiver
from jifen.earning.errors import OrderNotFound
from jifen.earning.naming import top_up_id
from jifen.earning.record import Target
from jifen.earning.state import Decision, Item, State
from jifen.earning.types import (
    Acceptance,
    Adjustment,
    Behaviour,
    BenefitUse,
    Birthday,
    Capture,
    Checkout,
    CheckoutCapture,
    CheckoutRelease,
    Claim,
    Confirmation,
    Conversion,
    CouponIssue,
    CouponVoid,
    Decline,
    Enrolment,
    Erasure,
    ExpiryUndo,
    Gift,
    Hold,
    Leave,
    MemberRef,
    Merge,
    MergeUndo,
    Opening,
    OrderRef,
    PassUse,
    Purchase,
    Refund,
    Release,
    Reversal,
    TierEnd,
    TierGrant,
    TierGrantEnd,
    TopUp,
    TopUpRefund,
    Transfer,
    Waiver,
)
from jifen.members.types import ERASED, FROZEN, LEFT, MERGED

Decide = Callable[[State, Item, UUID | None], Decision]


class Kind(Struct, frozen=True):
    """How one kind goes through the stream.

    ``decide`` gets the (locked, loaded) owner's id. ``takes`` says whether something may be taken
    from the owner's lots, which are loaded only then. ``partner`` names a second member whom the
    act touches: both are locked and loaded, and the decision finds the partner's id in
    ``state.partners`` by the item's position.

    What leaves the owner's lots of an act that ``crosses`` arrives with its origin in an account of
    somebody else.

    ``despite`` are the statuses of a member in which such an act is booked all the same; any other
    but active refuses it. With ``follows`` an act on a merged member is its survivor's.
    """

    decide: Decide
    takes: Callable[[Any], bool] = lambda _: False
    partner: Callable[[Any], MemberRef | None] = lambda _: None
    crosses: bool = False
    despite: frozenset[str] = frozenset()
    follows: bool = True


def of_member(decide: Callable[..., Decision]) -> Decide:
    """An act of one member: ``decide(state, item, activity, member)``."""

    def decided(state: State, item: Item, owner: UUID | None) -> Decision:
        if owner is None:
            raise RuntimeError("an activity of this kind has a member")
        return decide(state, item, item.activity, state.members[owner])

    return decided


def of_anybody(decide: Callable[..., Decision]) -> Decide:
    """An act that needs no member: ``decide(state, item, activity, member or None)``."""

    def decided(state: State, item: Item, owner: UUID | None) -> Decision:
        return decide(state, item, item.activity, state.members[owner] if owner else None)

    return decided


def of_order(decide: Callable[..., Decision]) -> Decide:
    """An act on a purchase, for the purchase's member:
    ``decide(state, item, activity, target, member or None)``."""

    def decided(state: State, item: Item, _: UUID | None) -> Decision:
        target = target_of(state, item, item.activity.of)  # type: ignore[union-attr,arg-type]
        holder = target.family.member_id
        member = state.members[state.holder(holder)] if holder else None
        return decide(state, item, item.activity, target, member)

    return decided


def of_activity(decide: Callable[..., Decision], *, anywhere: bool = False) -> Decide:
    """An act on an earlier activity of the owner, named by its id:
    ``decide(state, item, activity, earlier, member)``. The owner was looked up before the batch
    was decided, and has to be the one still. A caller with stores acts on what was booked for
    those only, unless it is answered ``anywhere``."""

    def decided(state: State, item: Item, owner: UUID | None) -> Decision:
        earlier = state.earlier[item.activity.of]  # type: ignore[union-attr,index]
        if earlier.member_id is not None:
            state.holder(earlier.member_id)
        if not anywhere:
            item.caller.check_store(state.context.store_by_id(earlier.store_id).code)
        return of_member(
            lambda state, item, activity, member: decide(state, item, activity, earlier, member)
        )(state, item, owner)

    return decided


def of_top_up(decide: Callable[..., Decision]) -> Decide:
    """An act on a top-up, for its member: ``decide(state, item, activity, earlier, member)``."""

    def decided(state: State, item: Item, _: UUID | None) -> Decision:
        found = top_up_id(state, item, item.activity.of)  # type: ignore[union-attr,arg-type]
        earlier = state.earlier[found]
        if earlier.member_id is None:
            raise RuntimeError("a top-up has a member")
        member = state.members[state.holder(earlier.member_id)]
        return decide(state, item, item.activity, earlier, member)

    return decided


def target_of(state: State, item: Item, of: OrderRef) -> Target:
    """The purchase that an activity names, or :class:`OrderNotFound`."""
    store = state.context.store(of.store) if of.store else item.store
    target = state.targets.get((store.id, of.reference))
    if target is None:
        raise OrderNotFound(
            f"store {store.code} has no purchase with this reference",
            reference=of.reference,
            store=store.code,
        )
    return target


def _claim(state: State, item: Item, activity: Claim, member: Any) -> Decision:
    return decide_claim(state, item, target_of(state, item, activity.of), member)


KINDS: Final[Mapping[type, Kind]] = {
    Purchase: Kind(
        of_anybody(decide_purchase),
        takes=lambda purchase: purchase.points_paid > 0 or purchase.stored_minor > 0,
    ),
    Checkout: Kind(of_member(decide_checkout), takes=lambda _: True),
    CheckoutCapture: Kind(of_activity(decide_checkout_capture), takes=lambda _: True),
    CheckoutRelease: Kind(
        of_activity(decide_checkout_release),
        takes=lambda _: True,
        despite=frozenset({FROZEN}),
    ),
    # A refund of it may come in the same batch.
    TopUp: Kind(of_member(decide_top_up), takes=lambda _: True),
    # Money that was paid in is owed to whoever paid it, whatever the membership.
    TopUpRefund: Kind(
        of_top_up(decide_top_up_refund),
        takes=lambda _: True,
        despite=frozenset({FROZEN, LEFT, ERASED}),
    ),
    Conversion: Kind(of_member(decide_conversion), takes=lambda _: True),
    PassUse: Kind(of_member(decide_pass_use), takes=lambda _: True),
    CouponIssue: Kind(of_anybody(decide_coupon_issue)),
    CouponVoid: Kind(of_anybody(decide_coupon_void), despite=frozenset({FROZEN, LEFT, ERASED})),
    Refund: Kind(of_order(decide_refund)),
    Claim: Kind(of_member(_claim), takes=lambda _: True),
    Reversal: Kind(of_activity(decide_reversal), takes=lambda _: True),
    Behaviour: Kind(of_member(decide_behaviour)),
    Birthday: Kind(of_member(decide_behaviour)),
    Enrolment: Kind(of_member(decide_behaviour)),
    Adjustment: Kind(of_member(decide_adjustment), takes=lambda activity: activity.points < 0),
    Opening: Kind(of_member(decide_opening)),
    TierGrant: Kind(of_member(decide_tier_grant)),
    TierGrantEnd: Kind(of_member(decide_tier_grant_end)),
    TierEnd: Kind(of_member(decide_tier_end)),
    BenefitUse: Kind(of_member(decide_benefit_use)),
    Confirmation: Kind(of_order(decide_confirmation)),
    Hold: Kind(of_member(decide_hold), takes=lambda _: True),
    # Who holds anything is loaded whole.
    Capture: Kind(of_activity(decide_capture)),
    Release: Kind(of_activity(decide_release), despite=frozenset({FROZEN})),
    Transfer: Kind(of_member(decide_transfer), partner=lambda transfer: transfer.to, crosses=True),
    Acceptance: Kind(
        of_activity(decide_acceptance, anywhere=True),
        partner=lambda answer: answer.member,
        crosses=True,
    ),
    Decline: Kind(
        of_activity(decide_decline, anywhere=True),
        partner=lambda answer: answer.member,
        despite=frozenset({FROZEN}),
    ),
    Gift: Kind(of_member(decide_gift)),
    Waiver: Kind(of_member(decide_waiver)),
    ExpiryUndo: Kind(of_member(decide_expiry_undo)),
    Leave: Kind(of_member(decide_leave), takes=lambda _: True),
    Erasure: Kind(of_member(decide_leave), takes=lambda _: True, despite=frozenset({FROZEN, LEFT})),
    Merge: Kind(of_member(decide_merge), partner=lambda merge: merge.other, follows=False),
    MergeUndo: Kind(
        of_activity(decide_merge_undo, anywhere=True),
        partner=lambda undo: undo.other,
        despite=frozenset({MERGED}),
        follows=False,
    ),
}
"""Every kind. The owner of a refund is whoever holds the purchase; its lots are always loaded."""
