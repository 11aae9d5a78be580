"""Coupons are issued, made void, used by orders and given back by their refunds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jifen.common.ids import new_id
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.record import Record, UsedCoupon
from jifen.earning.rules.coupons import Coupon
from jifen.earning.rules.policy import Policy
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, CouponIssue, CouponVoid, IssuedCoupon, Refusal
from jifen.wallet import services as wallet
from jifen.wallet.types import (
    ChosenCoupon,
    CouponElsewhere,
    CouponState,
    Price,
    UnknownCoupon,
    UnknownCouponKind,
)


def decide_coupon_issue(
    state: State, item: Item, issue: CouponIssue, member: MemberState | None
) -> Decision:
    """Issue coupons to a member, or to whoever bears them."""
    sheet = Sheet(state, item, member)
    issued = issue_coupons(sheet, issue.coupon, issue.count)
    record = Record(award=Award(refusals=(told_issue(issued),)), coupons=issued, tier=sheet.tier)
    sheet.row(record, kind="coupon_issue", version=state.context.version)
    return sheet.decision()


def decide_coupon_void(
    state: State, item: Item, void: CouponVoid, member: MemberState | None
) -> Decision:
    """Make a coupon void."""
    coupon = coupon_of(state, void.coupon)
    sheet = Sheet(state, item, member)
    sheet.coupons.append(wallet.voided(coupon, sheet.id, state.at))
    told = Refusal(
        "coupon_voided",
        fields={"coupon": coupon.kind, "actor": void.actor, "reason": void.reason},
    )
    record = Record(award=Award(refusals=(told,)), tier=sheet.tier)
    sheet.row(record, kind="coupon_void", version=state.context.version)
    return sheet.decision()


def issue_coupons(sheet: Sheet, kind: str, count: int) -> tuple[IssuedCoupon, ...]:
    """Issue so many coupons of a kind to the sheet's member, or to nobody."""
    context, at = sheet.state.context, sheet.state.at
    valid_from, valid_until = _rule(context.policy, kind).valid.window(at, context.policy.zone)
    issued = []
    for _ in range(count):
        coupon = CouponState(
            new_id(),
            wallet.new_code(),
            kind,
            context.version,
            sheet.member.id if sheet.member else None,
            "issued",
            valid_from,
            valid_until,
            sheet.id,
        )
        sheet.coupons.append(coupon)
        issued.append(IssuedCoupon(coupon.id, coupon.code, kind, valid_until))
    return tuple(issued)


def told_issue(issued: tuple[IssuedCoupon, ...]) -> Refusal:
    """What there is to say of coupons of one kind."""
    return Refusal("coupon_issued", fields={"coupon": issued[0].kind, "count": len(issued)})


def choose_coupons(sheet: Sheet, codes: tuple[str, ...]) -> dict[str, tuple[CouponState, Coupon]]:
    """The coupons with these codes and their rules, each of which is free to be used here."""
    state, item = sheet.state, sheet.item
    chosen: dict[str, tuple[CouponState, Coupon]] = {}
    member_id = sheet.member.id if sheet.member else None
    for code in codes:
        coupon = coupon_of(state, code)
        owner = state.holder(coupon.member_id) if coupon.member_id else None
        wallet.check_free(coupon, owner=owner, member_id=member_id, at=state.at)
        rule = _rule(state.context.policy_of(coupon.version), coupon.kind)
        if rule.stores and item.store.code not in rule.stores:
            raise CouponElsewhere(
                f"the coupon is not for {item.store.code}",
                store=item.store.code,
                stores=list(rule.stores),
            )
        chosen[coupon.code] = (coupon, rule)
    return chosen


def terms_of(
    codes: tuple[str, ...], chosen: dict[str, tuple[CouponState, Coupon]]
) -> tuple[ChosenCoupon, ...]:
    """The coupons as the checkout takes them, in the order named; one named twice is there
    twice."""
    found = [chosen[wallet.normalised(code)] for code in codes]
    return tuple(ChosenCoupon(coupon.code, rule.terms(coupon.kind)) for coupon, rule in found)


def use_coupons(
    sheet: Sheet, chosen: dict[str, tuple[CouponState, Coupon]], price: Price
) -> tuple[UsedCoupon, ...]:
    """Use coupons; answers what a refund has to know of them."""
    used = _used(chosen, price)
    for each in used:
        sheet.coupons.append(wallet.used(chosen[each.code][0], sheet.id))
    return used


def hold_coupons(
    sheet: Sheet,
    chosen: dict[str, tuple[CouponState, Coupon]],
    price: Price,
    until: datetime,
) -> tuple[UsedCoupon, ...]:
    """Hold coupons for an order that is paid later; answers what is to be known of them."""
    used = _used(chosen, price)
    for each in used:
        sheet.coupons.append(wallet.held(chosen[each.code][0], sheet.id, until))
    return used


def are_held(sheet: Sheet, coupons: tuple[UsedCoupon, ...], holder: UUID) -> bool:
    """Whether ``holder`` has them still. Its hold may be over for somebody whose clock is ahead,
    who has taken one."""
    found = [_loaded(sheet, each) for each in coupons]
    return all(coupon.holder == holder and coupon.status == "held" for coupon in found)


def use_held(sheet: Sheet, coupons: tuple[UsedCoupon, ...]) -> None:
    """Use coupons that are held for this order."""
    for each in coupons:
        sheet.coupons.append(wallet.used(_loaded(sheet, each), sheet.id))


def give_held_back(sheet: Sheet, coupons: tuple[UsedCoupon, ...], holder: UUID) -> None:
    """Let go of coupons that ``holder`` holds."""
    for each in coupons:
        sheet.coupons.append(wallet.given_back(_loaded(sheet, each), holder))
        sheet.note(sheet.id, "coupon_given_back", coupon=each.kind)


def give_coupons_back(
    sheet: Sheet,
    order_id: UUID,
    used: tuple[UsedCoupon, ...],
    kept: tuple[int, ...],
) -> tuple[UsedCoupon, ...]:
    """Make coupons good again that a refund gives back; ``kept`` are the pieces kept by line.
    Answers those that stay used."""
    staying = []
    for each in used:
        lines = range(len(kept)) if each.give_back == "full_refund" else each.lines
        if each.give_back == "never" or any(kept[line] for line in lines):
            staying.append(each)
            continue
        before = _loaded(sheet, each)
        after = wallet.given_back(before, order_id)
        if after is not before:
            sheet.coupons.append(after)
            sheet.note(sheet.id, "coupon_given_back", coupon=each.kind)
    return tuple(staying)


def void_coupons(sheet: Sheet, issued: tuple[IssuedCoupon, ...]) -> None:
    """Make coupons void that were issued by mistake, or raise when one is not free any more."""
    for each in issued:
        coupon = coupon_of(sheet.state, each.code)
        sheet.coupons.append(wallet.voided(coupon, sheet.id, sheet.state.at))


def coupon_of(state: State, code: str) -> CouponState:
    """The coupon with this code, or :class:`UnknownCoupon`."""
    coupon = state.coupons.get(wallet.normalised(code))
    if coupon is None:
        raise UnknownCoupon("no coupon of this programme has this code")
    return coupon


def _used(chosen: dict[str, tuple[CouponState, Coupon]], price: Price) -> tuple[UsedCoupon, ...]:
    """The coupons of a price, with the lines from which each took something."""
    used = []
    for step in price.steps:
        if step.step == "coupon":
            coupon, rule = chosen[step.coupon]
            lines = tuple(place for place, off in enumerate(step.lines) if off)
            used.append(UsedCoupon(coupon.id, coupon.code, coupon.kind, lines, rule.give_back))
    return tuple(used)


def _loaded(sheet: Sheet, used: UsedCoupon) -> CouponState:
    coupon = sheet.state.coupons.get(used.code)
    if coupon is None:
        raise RuntimeError("a coupon of an earlier act was not loaded")
    return coupon


def _rule(policy: Policy, kind: str) -> Coupon:
    rule = policy.document.coupons.get(kind)
    if rule is None:
        raise UnknownCouponKind(f"the rule set has no kind of coupon {kind!r}", coupon=kind)
    return rule
