"""What items name beside members and orders: top-ups by their reference, coupons by their code.

Coupons are locked after the members, since one that nobody owns has no member to lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning.sql import queries
from jifen.earning.state import Item, State
from jifen.earning.types import (
    Checkout,
    CheckoutCapture,
    CouponVoid,
    OrderRef,
    Purchase,
    TopUp,
    TopUpRefund,
)
from jifen.members import selectors as members
from jifen.wallet import services as wallet
from jifen.wallet.types import UnknownCoupon, UnknownTopUp

Owner = UUID | JifenError | None


def follow_names(state: State, items: Sequence[Item], owners: dict[int, Owner]) -> None:
    """Make items the members' whose top-up, or coupon, they name."""
    _follow_top_ups(state, items, owners)
    voids = {
        item.position: code
        for item in items
        if isinstance(item.activity, CouponVoid)
        for code in _codes(item)
    }
    if voids:
        found = wallet.load(codes=set(voids.values()), ids=(), lock=False)
        for position, code in voids.items():
            if code in found:
                owners[position] = found[code].member_id


def load_named(
    state: State, items: Iterable[Item], owners: Mapping[int, Owner], *, lock: bool
) -> None:
    """Load the coupons that items use, void or may give back, and who of those that top up is
    registered."""
    codes = {code for item in items for code in _codes(item)}
    codes |= {each.code for target in state.targets.values() for each in target.family.coupons}
    for earlier in state.earlier.values():
        held = earlier.record.held_order
        codes |= {each.code for each in earlier.record.coupons}
        codes |= {each.code for each in held.coupons} if held else set()
    if codes:
        found = wallet.load(codes=codes, ids=(), lock=lock)
        state.coupons.update(found)
        state.coupons_before.update(found)
        _follow_coupons(state, owners)
    topping = {
        owner
        for item in items
        if isinstance(item.activity, TopUp) and isinstance(owner := owners[item.position], UUID)
    }
    if topping:
        state.registered.update(members.known_by_name(topping))


def references_of_orders(state: State, items: Iterable[Item]) -> set[tuple[UUID, str, str]]:
    """Where purchases will stand that items hold or capture."""
    places = set()
    for item in items:
        if isinstance(item.activity, Checkout):
            places.add((item.store.id, "purchase", item.activity.reference))
        elif isinstance(item.activity, CheckoutCapture):
            found = state.earlier.get(item.activity.of)
            if found is not None and found.record.held_order is not None:
                reference = found.record.held_order.order.reference
                places.add((found.store_id, "purchase", reference))
    return places


def top_up_place(state: State, item: Item, of: OrderRef) -> tuple[UUID, str, str]:
    """Where a top-up's reference stands. Raises ``UnknownStore``."""
    store = state.context.store(of.store) if of.store else item.store
    return store.id, "top_up", of.reference


def top_up_id(state: State, item: Item, of: OrderRef) -> UUID:
    """The top-up that an item names, or :class:`UnknownTopUp`."""
    found = state.references.get(top_up_place(state, item, of))
    if found is None or found[0] not in state.earlier:
        raise UnknownTopUp("the store has no top-up with this reference", reference=of.reference)
    return found[0]


def _follow_top_ups(state: State, items: Iterable[Item], owners: dict[int, Owner]) -> None:
    places: dict[int, tuple[UUID, str, str]] = {}
    for item in items:
        if isinstance(item.activity, TopUpRefund):
            try:
                places[item.position] = top_up_place(state, item, item.activity.of)
            except JifenError as error:
                owners[item.position] = error
    if not places:
        return
    known = queries.known(references=set(places.values()), once=(), keys=()).references
    state.references.update(known)
    state.earlier.update(queries.load_earlier({found[0] for found in known.values()}))
    for position, place in places.items():
        if place in known:
            owners[position] = state.earlier[known[place][0]].member_id


def _follow_coupons(state: State, owners: Mapping[int, Owner]) -> None:
    """Tell the state whose part the members are to whom coupons were issued. The survivor is
    locked, where it is the one who comes with them, so this does not change before the end."""
    named = {coupon.member_id for coupon in state.coupons.values() if coupon.member_id}
    strangers = named - set(owners.values()) - state.merged_into.keys()
    if strangers:
        state.merged_into.update(members.follow(strangers))


def _codes(item: Item) -> list[str]:
    """The coupons that an item names, as they are kept; what is no code is told by the decision."""
    activity = item.activity
    if isinstance(activity, Purchase | Checkout):
        named = activity.coupons
    elif isinstance(activity, CouponVoid):
        named = (activity.coupon,)
    else:
        return []
    codes = []
    for code in named:
        try:
            codes.append(wallet.normalised(code))
        except UnknownCoupon:
            continue
    return codes
