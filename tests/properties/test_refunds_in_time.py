"""Guarantee 6 across expiry: whether a refund comes before points end or after, what an order gave
is taken back once, and nothing is taken twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.properties.conftest import SEARCHING
from tests.properties.shops import LOTS, ORDERS, SHOP_NAMES, SHOPS, LotPlan, OrderPlan
from tests.properties.test_refunds import act, order, pieces_of, refund, sums
from tests.world import NOON, World, undone

from jifen.earning.types import Line, Purchase

WORLDS: dict[tuple[str, int], World] = {}
EXAMPLES = 1_000 if SEARCHING else 60
BEFORE = st.lists(st.one_of(LOTS, ORDERS, st.integers(1, 200)), max_size=4)
ENDLESS = st.lists(st.builds(LotPlan, st.integers(1, 80), st.just(4_000)), max_size=3)
DAYS = st.sampled_from([0, 0, 1, 6, 22, 22, 45])
"""Before and after the days (2 to 40) at which lots of these shops end."""
GENEROUS = st.builds(
    OrderPlan,
    st.lists(
        st.builds(
            Line,
            st.just("p"),
            st.integers(1, 4),
            st.sampled_from([1_000, 2_500, 3_333, 9_999]),
            category=st.sampled_from(["", "half", "triple"]),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    st.sampled_from([0, 0, 50]),
    st.just(0),
)
"""Orders of which every piece gives something."""


@contextmanager
def rolled_back(shop: str, grace: int = 0) -> Iterator[World]:
    """One programme for each shop and number of days of grace; what an example does to it is
    undone, its clock too."""
    if (shop, grace) not in WORLDS:
        expiry = {
            unit: {**each, "grace_days": grace}
            for unit, each in SHOPS[shop].get("expiry", {}).items()
        }
        WORLDS[shop, grace] = World({**SHOPS[shop], "expiry": expiry})
    world = WORLDS[shop, grace]
    world.at = NOON
    with undone():
        yield world
    world.at = NOON


def reads(world: World, member: UUID) -> dict[str, Any]:
    """What anybody can tell of a member now: points past their date are nowhere."""
    dump = dict(world.dump(member))
    dump["lots"] = {lot for lot in dump["lots"] if lot[4] is None or lot[4] > world.at}
    dump["accounts"] = {unit: world.balance(member, unit) for unit in ("points", "growth")}
    return dump


def taken_back(world: World, member: UUID) -> dict[str, int]:
    """The sums of all movements, but what was clawed back and what expired as one."""
    found: dict[str, int] = {}
    for name, points in sums(world, member).items():
        unit, kind = name.split()
        kind = "gone" if kind in {"clawback", "expire"} else kind
        found[f"{unit} {kind}"] = found.get(f"{unit} {kind}", 0) + points
    return {name: points for name, points in found.items() if points}


def refund_in_time(data: st.DataObject, world: World, sold: Purchase, pieces: list[int]) -> None:
    """Refund these pieces in parts, with days before each part."""
    cuts = data.draw(st.lists(st.integers(1, len(pieces)), min_size=1, max_size=3), label="cuts")
    edges = sorted({0, len(pieces), *cuts})
    for low, high in pairwise(edges):
        world.at += timedelta(days=data.draw(DAYS, label="days"))
        refund(world, sold, pieces[low:high])
        world.verify()
    event(f"{len(edges) - 1} parts")


@settings(max_examples=EXAMPLES)
@given(data=st.data(), shop=SHOP_NAMES, before=BEFORE, plan=ORDERS)
def test_refunded_whole_at_any_times_all_is_as_if_the_order_had_never_been(
    data: st.DataObject, shop: str, before: list[Any], plan: OrderPlan
) -> None:
    with rolled_back(shop) as world:
        member = world.member()
        for each in before:
            act(world, member, each)
        with undone():
            sold = order(world, member, plan)
            pieces = data.draw(st.permutations(pieces_of(sold)), label="pieces")
            refund_in_time(data, world, sold, pieces)
            world.at += timedelta(days=data.draw(DAYS, label="days after"))
            refunded = reads(world, member)
        assert refunded == reads(world, member)


@settings(max_examples=EXAMPLES)
@given(
    data=st.data(),
    shop=st.sampled_from(["plain", "categories"]),
    before=ENDLESS,
    plan=GENEROUS,
    spent_percent=st.sampled_from([0, 30, 60, 90, 100, 150]),
    after=ENDLESS,
)
def test_it_does_not_matter_whether_what_an_order_gave_ends_before_its_refunds(
    data: st.DataObject,
    shop: str,
    before: list[LotPlan],
    plan: OrderPlan,
    spent_percent: int,
    after: list[LotPlan],
) -> None:
    """Some of it is spent, and nothing else that the member holds ever ends. Pieces refunded at
    once, or in parts while what the order gave ends: the same is held and owed in the end."""
    with rolled_back(shop) as world:
        member = world.member()
        for each in before:
            act(world, member, each)
        sold = order(world, member, plan)
        act(world, member, earned(world, member) * spent_percent // 100)
        for each in after:
            act(world, member, each)
        pieces = data.draw(st.permutations(pieces_of(sold)), label="pieces")
        union = pieces[: data.draw(st.integers(1, len(pieces)), label="how many")]
        with undone():
            refund_in_time(data, world, sold, union)
            world.at += timedelta(days=30)
            end = world.at
            in_parts = reads(world, member), closed(world, member)
        world.at = NOON
        refund(world, sold, union)
        world.at = end
        assert in_parts == (reads(world, member), closed(world, member))


def earned(world: World, member: UUID) -> int:
    """All that orders ever gave."""
    return sum(points for name, points in sums(world, member).items() if name.endswith(" earn"))


def closed(world: World, member: UUID) -> dict[str, int]:
    """The sums once everything that is due by now is closed."""
    act(world, member, LotPlan(1, 4_000))
    return taken_back(world, member)


@settings(max_examples=EXAMPLES)
@given(
    data=st.data(),
    shop=st.sampled_from(["plain", "categories", "tiers"]),
    grace=st.sampled_from([0, 1, 7]),
    before=st.lists(LOTS, min_size=1, max_size=3),
    plan=ORDERS,
    after=st.lists(st.one_of(LOTS, st.integers(1, 300)), max_size=3),
)
def test_parts_on_one_day_end_where_the_whole_does_also_when_points_come_back_late(
    data: st.DataObject,
    shop: str,
    grace: int,
    before: list[LotPlan],
    plan: OrderPlan,
    after: list[Any],
) -> None:
    """Time passes between the order and its refunds, in which lots end that paid for it or that
    it gave; days of grace or none."""
    with rolled_back(shop, grace) as world:
        member = world.member()
        for each in before:
            act(world, member, each)
        sold = order(world, member, plan)
        for each in after:
            act(world, member, each)
        pieces = data.draw(st.permutations(pieces_of(sold)), label="pieces")
        earlier = data.draw(st.integers(0, len(pieces) - 1), label="refunded earlier")
        if earlier:
            world.at += timedelta(days=data.draw(DAYS, label="days before these"))
            refund(world, sold, pieces[:earlier])
        world.at += timedelta(days=data.draw(DAYS, label="days"))
        union = pieces[earlier:]
        with undone():
            refund(world, sold, union)
            world.verify()
            whole, whole_sums = world.dump(member), sums(world, member)
        cuts = data.draw(st.lists(st.integers(1, len(union)), max_size=4), label="cuts")
        for low, high in pairwise(sorted({0, len(union), *cuts})):
            refund(world, sold, union[low:high])
        world.verify()
        assert sums(world, member) == whole_sums
        assert world.dump(member) == whole
