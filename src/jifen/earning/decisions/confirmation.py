"""A confirmation: the delivery of an order is confirmed, and what waited for it is spendable.

Each order is confirmed once, also one without a member: what a claim gives later then waits no
more. Points that were taken back, have ended or are spendable already are left alone.
"""

from __future__ import annotations

from msgspec.structs import replace

from jifen.earning.decisions.sheet import Sheet, changed_family
from jifen.earning.errors import AlreadyConfirmed, ConfirmationBeforePurchase, NothingKept
from jifen.earning.intake import LEEWAY
from jifen.earning.record import Record, Target
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Confirmation, Refusal

NOTHING_WAITED = Award(refusals=(Refusal("nothing_waited"),))


def decide_confirmation(
    state: State,
    item: Item,
    confirmation: Confirmation,
    target: Target,
    member: MemberState | None,
) -> Decision:
    """Make what waits for this order spendable."""
    _refuse(confirmation, target)
    sheet = Sheet(state, item, member)
    waiting = target.family.waiting.items()
    ripened = sum([sheet.ripen(unit, lots) for unit, lots in waiting])
    if ripened:
        sheet.transaction("confirmation")
    after = changed_family(target.family, is_confirmed=True, waiting={})
    record = Record(
        award=Award() if ripened else NOTHING_WAITED,
        balances=sheet.balances(),
        tier=sheet.tier,
        family=after,
    )
    sheet.row(
        record,
        kind="confirmation",
        version=state.context.version,
        of_id=target.id,
        of_seq=after.acts,
    )
    return sheet.decision(replace(target, family=after))


def _refuse(confirmation: Confirmation, target: Target) -> None:
    """Raise why this order is not confirmed now."""
    order, family = str(target.id), target.family
    bought_at = target.purchase.occurred_at
    if confirmation.occurred_at + LEEWAY < bought_at:
        raise ConfirmationBeforePurchase(
            "the purchase was made after this", purchased_at=bought_at.isoformat()
        )
    if family.is_confirmed:
        raise AlreadyConfirmed("the delivery of this order was confirmed before", order=order)
    pieces = sum([line.quantity for line in target.purchase.lines])
    if sum(family.refunded.values()) == pieces:
        raise NothingKept("everything of this purchase was refunded before", order=order)
