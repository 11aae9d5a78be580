"""Guarantee 6: any parts of a refund end where the whole does, and a full one where it began."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.properties.conftest import SEARCHING
from tests.properties.shops import LINES, LOTS, ORDERS, SHOP_NAMES, SHOPS, LotPlan, OrderPlan, ends
from tests.world import World, codes, undone

from jifen.earning.types import Booked, Line, Purchase
from jifen.ledger.models import Posting

WORLDS: dict[str, World] = {}
BEFORE = st.lists(st.one_of(LOTS, ORDERS, st.integers(1, 200)), max_size=5)
AFTER = st.lists(st.one_of(LOTS, st.integers(1, 300)), max_size=3)
EXAMPLES = 1_000 if SEARCHING else 60
FIRST_ORDER = OrderPlan((Line("cup", 1, 100),), 0, 0)


def world_of(shop: str) -> World:
    """One programme for each shop; what an example books is rolled back."""
    if shop not in WORLDS:
        WORLDS[shop] = World(SHOPS[shop])
    return WORLDS[shop]


def act(world: World, member: UUID, plan: LotPlan | OrderPlan | int) -> Purchase | None:
    """Do what is planned: an order, points given, or (a number) points taken by staff."""
    if isinstance(plan, LotPlan):
        world.booked(world.adjustment(member, plan.points, expires_at=ends(plan.days)))
    elif isinstance(plan, OrderPlan):
        return order(world, member, plan)
    else:
        points = min(plan, world.available(member))
        if points:
            world.booked(world.adjustment(member, -points))
    return None


def order(world: World, member: UUID, plan: OrderPlan) -> Purchase:
    """Book an order that pays as many points as is planned and possible."""
    net_minor = sum(line.net_minor for line in plan.lines)
    points = min(world.available(member), net_minor * plan.offset_percent // 100)
    sold = world.purchase(member, *plan.lines, points_paid=points)
    world.booked(sold)
    return sold


def pieces_of(sold: Purchase) -> list[int]:
    """The line of each piece."""
    return [place for place, line in enumerate(sold.lines) for _ in range(line.quantity)]


def refund(world: World, sold: Purchase, pieces: list[int]) -> None:
    """Refund these pieces."""
    [outcome] = world.book(world.refund(sold, *((place, 1) for place in pieces)))
    assert isinstance(outcome, Booked), outcome


def sums(world: World, member: UUID) -> dict[str, int]:
    """What was ever given back and clawed back."""
    with world.scope():
        rows = Posting.objects.filter(account__member_id=member).values_list(
            "account__unit_id", "kind", "amount"
        )
        found: dict[str, int] = {}
        for unit, kind, amount in rows:
            found[f"{unit} {kind}"] = found.get(f"{unit} {kind}", 0) + amount
    return found


def parts_end_where_the_whole_does(
    data: st.DataObject, world: World, member: UUID, sold: Purchase
) -> None:
    """Refund some pieces in one act, and again from the same state in several."""
    pieces = pieces_of(sold)
    shuffled = data.draw(st.permutations(pieces), label="pieces")
    union = shuffled[: data.draw(st.integers(1, len(pieces)), label="how many")]
    cuts = data.draw(st.lists(st.integers(1, len(union)), max_size=4), label="cuts")
    with undone():
        refund(world, sold, union)
        world.verify()
        whole, whole_sums = world.dump(member), sums(world, member)
    edges = sorted({0, len(union), *cuts})
    for low, high in pairwise(edges):
        refund(world, sold, union[low:high])
    world.verify()
    assert sums(world, member) == whole_sums
    assert world.dump(member) == whole
    event(f"{len(edges) - 1} parts")


@settings(max_examples=EXAMPLES)
@given(data=st.data(), shop=SHOP_NAMES, before=BEFORE, plan=ORDERS, after=AFTER)
def test_any_parts_of_a_refund_end_where_the_refund_of_their_union_does(
    data: st.DataObject, shop: str, before: list[Any], plan: OrderPlan, after: list[Any]
) -> None:
    world = world_of(shop)
    with undone():
        member = world.member()
        for each in before:
            act(world, member, each)
        sold = order(world, member, plan)
        for each in after:
            act(world, member, each)
        parts_end_where_the_whole_does(data, world, member, sold)


SPENT = st.lists(LOTS, min_size=1, max_size=3)
PAYING = st.builds(
    OrderPlan, st.lists(LINES, min_size=2, max_size=4).map(tuple), st.just(100), st.just(0)
)


@settings(max_examples=EXAMPLES)
@given(data=st.data(), shop=SHOP_NAMES, before=SPENT, plan=PAYING, after=SPENT, kept=st.booleans())
def test_it_holds_when_what_was_earned_is_spent_and_other_lots_have_to_pay(
    data: st.DataObject,
    shop: str,
    before: list[LotPlan],
    plan: OrderPlan,
    after: list[LotPlan],
    kept: bool,
) -> None:
    """All points pay for the order, what it earned is spent, and lots come that end earlier or
    later than those that paid."""
    world = world_of(shop)
    with undone():
        member = world.member()
        for each in before:
            act(world, member, each)
        sold = order(world, member, plan)
        act(world, member, 1 if kept else 10_000)
        for each in after:
            act(world, member, each)
        parts_end_where_the_whole_does(data, world, member, sold)


def test_points_that_come_back_relieve_lots_that_should_not_have_paid() -> None:
    """60 points that never end pay for A (earns 60) and B (earns nothing). They are spent, then
    50 points come that end soon. Refunding A first claws back more than A's points paid, from the
    50 too; B's points then go to the 50 first, as if both had been refunded together."""
    world = World(SHOPS["categories"])
    member = world.member()
    act(world, member, FIRST_ORDER)
    act(world, member, 10_000)
    act(world, member, LotPlan(60, None))
    lines = (Line("a", 1, 2_000, category="triple"), Line("b", 1, 4_000, category="none"))
    sold = world.purchase(member, *lines, points_paid=60)
    world.booked(sold)
    act(world, member, 10_000)
    act(world, member, LotPlan(50, 5))
    with undone():
        world.booked(world.refund(sold))
        whole = world.lots(member)
    refund(world, sold, [0])
    [(left, _)] = world.lots(member)
    assert left < 50
    refund(world, sold, [1])
    assert world.lots(member) == whole
    world.verify()


def test_a_clawback_takes_its_own_lot_then_what_ends_last_then_leaves_a_deficit() -> None:
    """The written order, lot by lot: 100 were earned, 60 of them are spent; refunds take 50, 30 and
    20 pieces of them."""
    world = World(SHOPS["plain"])
    member = world.member()
    act(world, member, LotPlan(7, 30))
    sold = world.purchase(member, Line("p", 100, 10_000))
    world.booked(sold)
    act(world, member, 60)
    assert [left for left, _ in world.lots(member)] == [7, 40]
    for days, points in ((35, 11), (25, 12)):
        act(world, member, LotPlan(points, days))
    left = []
    for pieces in (50, 30, 20):
        world.booked(world.refund(sold, (0, pieces)))
        left.append(([left for left, _ in world.lots(member)], world.balance(member).deficit))
    assert left == [([7, 1, 12], 0), ([], 10), ([], 30)]
    world.verify()


def test_points_that_come_back_too_late_expire_and_pay_nothing() -> None:
    world = World(SHOPS["plain"])
    member = world.member()
    act(world, member, LotPlan(40, 2))
    sold = world.purchase(member, Line("p", 2, 4_040), points_paid=40)
    other = world.purchase(member, 3_000)
    world.book(sold, other)
    act(world, member, 70)
    world.booked(world.refund(other))
    world.at += timedelta(days=3)
    world.booked(world.refund(sold))
    assert (world.available(member), world.balance(member).deficit) == (0, 70)
    assert [sums for name, sums in sums(world, member).items() if "expire" in name] == [-40]
    world.verify()


@settings(max_examples=EXAMPLES)
@given(data=st.data(), shop=SHOP_NAMES, before=BEFORE, plan=ORDERS)
def test_a_full_refund_restores_the_state_before_the_order(
    data: st.DataObject, shop: str, before: list[Any], plan: OrderPlan
) -> None:
    world = world_of(shop)
    with undone():
        member = world.member()
        for each in before:
            act(world, member, each)
        state = world.dump(member)
        sold = order(world, member, plan)
        pieces = data.draw(st.permutations(pieces_of(sold)), label="pieces")
        for place in pieces[: data.draw(st.integers(0, len(pieces) - 1), label="alone")]:
            refund(world, sold, [place])
        world.booked(world.refund(sold))
        assert world.dump(member) == state
        assert codes(world.book(world.refund(sold))) == ["nothing_kept"]
        world.verify()


@settings(max_examples=EXAMPLES // 2)
@given(data=st.data(), shop=SHOP_NAMES, plans=st.lists(ORDERS, min_size=2, max_size=4),
       between=AFTER)  # fmt: skip
def test_with_acts_between_the_sums_still_converge(
    data: st.DataObject, shop: str, plans: list[OrderPlan], between: list[Any]
) -> None:
    """Orders refunded piece by piece in any order, other acts between: in the end each order gave
    back what was paid for it and clawed back what it earned."""
    world = world_of(shop)
    with undone():
        member = world.member()
        act(world, member, LotPlan(200, 21))
        sold = [order(world, member, plan) for plan in plans]
        earned = sums(world, member)
        left = [(one, place) for one in sold for place in pieces_of(one)]
        for step, (one, place) in enumerate(data.draw(st.permutations(left), label="pieces")):
            refund(world, one, [place])
            if step < len(between):
                act(world, member, between[step])
            world.verify()
        after = sums(world, member)
        for name in earned:
            unit, kind = name.split()
            if kind == "earn":
                assert after[name] + after.get(f"{unit} clawback", 0) == 0
            if kind == "burn":
                assert after[name] + after.get(f"{unit} give_back", 0) == 0
        state = world.dump(member)
        assert (state["spend_minor"], state["purchases_kept"], state["caps"]) == (0, 0, {})
        assert (state["tier"], state["reached"], state["budgets"]) == ("", set(), {})
