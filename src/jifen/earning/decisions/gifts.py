"""Gifts: points that staff gives to a member, with a reason. They are spendable at once."""

from __future__ import annotations

from datetime import datetime

from jifen.earning.context import Context
from jifen.earning.decisions.adjustment import check_expiry
from jifen.earning.decisions.holding import refuse_other_units
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Gift, Refusal
from jifen.ledger.types import Origin
from jifen.tiers.types import EndsTooEarly


def check_gift(context: Context, unit: str, expires_at: datetime | None, at: datetime) -> None:
    """Raise unless staff may give points of ``unit`` that end then."""
    refuse_other_units(context, unit)
    check_expiry(context, unit, expires_at)
    if expires_at is not None and expires_at <= at:
        raise EndsTooEarly("what is given has ended", expires_at=expires_at.isoformat())


def decide_gift(state: State, item: Item, gift: Gift, member: MemberState) -> Decision:
    """Open a lot for what is given."""
    check_gift(state.context, gift.unit, gift.expires_at, state.at)
    sheet, store = Sheet(state, item, member), item.store
    ends = gift.expires_at or state.context.policy.expires_at(gift.unit, gift.occurred_at)
    origin = Origin("", store.id, store.merchant_id, ends)
    lot = sheet.open_lot(gift.unit, gift.points, origin, sheet.id)
    sheet.transaction("gift", actor=gift.actor, reason=gift.reason)
    fields = {
        "points": gift.points,
        "unit": gift.unit,
        "actor": gift.actor,
        "reason": gift.reason,
    }
    record = Record(
        award=Award(refusals=(Refusal("given", fields=fields),)),
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=sheet.tier,
        own={gift.unit: (lot,)},
    )
    sheet.row(record, kind="gift", version=state.context.version)
    return sheet.decision()
