"""A conversion: points become something else, in one transaction. It pays no award."""

from __future__ import annotations

from uuid import UUID

from jifen.earning.decisions.coupons import issue_coupons, told_issue
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.terms import grant_tier
from jifen.earning.record import Record, Usage
from jifen.earning.rules.conversions import Conversion as Rule
from jifen.earning.rules.conversions import ToCoupon, ToTier, ToUnit
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Conversion, IssuedCoupon
from jifen.ledger.types import Origin
from jifen.wallet.types import ConversionsUsedUp, UnknownConversion


def decide_conversion(
    state: State, item: Item, conversion: Conversion, member: MemberState
) -> Decision:
    """Burn points, and give what they become."""
    rule = state.context.policy.document.conversions.get(conversion.code)
    if rule is None:
        raise UnknownConversion(
            f"the rule set has no conversion {conversion.code!r}", conversion=conversion.code
        )
    sheet = Sheet(state, item, member)
    usage = _count(sheet, conversion, rule)
    taken = sheet.burn(rule.unit, rule.points * conversion.times)
    own: dict[str, tuple[UUID, ...]] = {}
    coupons: tuple[IssuedCoupon, ...] = ()
    bought = ""
    match rule.to:
        case ToUnit(unit=unit, amount=amount):
            own[unit] = (_give(sheet, conversion, unit, amount * conversion.times),)
        case ToCoupon(coupon=kind, count=count):
            coupons = issue_coupons(sheet, kind, count * conversion.times)
        case ToTier(tier=tier):
            grant_tier(sheet, tier, source="bought", reason=conversion.code)
            bought = tier
    sheet.transaction("conversion")
    record = Record(
        award=Award(refusals=(told_issue(coupons),)) if coupons else Award(),
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=sheet.tier,
        usage=usage,
        own=own,
        taken=taken,
        coupons=coupons,
        bought_tier=bought,
    )
    sheet.row(record, kind="conversion", version=state.context.version)
    return sheet.decision()


def _give(sheet: Sheet, conversion: Conversion, unit: str, amount: int) -> UUID:
    store, policy = sheet.item.store, sheet.state.context.policy
    ends = policy.expires_at(unit, conversion.occurred_at)
    origin = Origin(conversion.code, store.id, store.merchant_id, ends)
    return sheet.open_lot(unit, amount, origin, sheet.id)


def _count(sheet: Sheet, conversion: Conversion, rule: Rule) -> tuple[Usage, ...]:
    """Take the times from what the member may still do, or raise."""
    bounds = rule.bounds(conversion.code, sheet.item.local)
    rooms = sheet.rooms(bounds)
    # A tier is bought once at a time: a second one of the same would give nothing.
    most = 1 if isinstance(rule.to, ToTier) else conversion.times
    left = min([most, *rooms.values()])
    if conversion.times > left:
        raise ConversionsUsedUp(
            f"this member may convert {left} times more",
            conversion=conversion.code,
            left=left,
            asked=conversion.times,
        )
    return sheet.use(bounds, {}, dict.fromkeys(rooms, conversion.times))
