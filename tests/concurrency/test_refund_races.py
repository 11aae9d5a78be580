"""Refunds and claims of one purchase that meet."""

import pytest
from tests.concurrency.racing import at_once, each_alone, earned, fresh, tally
from tests.world import OFFSET, World, rule_set

from jifen.earning.types import Activity, Line


def test_a_piece_is_refunded_once_to_its_member(sqlstates: list[str]) -> None:
    world = World(rule_set(offset=OFFSET))
    for _ in range(3):
        member = world.member(200)
        order = world.purchase(member, 1_000, 2_000, points_paid=200)
        world.booked(order)
        assert world.available(member) == 28
        outcomes = each_alone(world, [world.refund(order, (1, 1)) for _ in range(16)])
        assert tally(outcomes) == {"booked": 1, "refund_above_purchase": 15}
        assert world.available(member) == 28 + earned(outcomes) == 9 + 133
        outcomes = each_alone(world, [world.refund(order) for _ in range(16)])
        assert tally(outcomes) == {"booked": 1, "nothing_kept": 15}
        assert world.available(member) == 200
    assert sqlstates == [], "under the member's lock nobody decides on what is old"
    world.verify()


def test_a_piece_that_nobody_claimed_is_refunded_once() -> None:
    """No member is locked here: the number of the act within its family guards."""
    world = World()
    for _ in range(5):
        order = world.purchase(None, 1_000, 2_000)
        world.booked(order)
        outcomes = each_alone(world, [world.refund(order, (0, 1)) for _ in range(16)])
        assert tally(outcomes) == {"booked": 1, "refund_above_purchase": 15}
        outcomes = each_alone(world, [world.refund(order) for _ in range(16)])
        assert tally(outcomes) == {"booked": 1, "nothing_kept": 15}
    world.verify()


@pytest.mark.parametrize("claimed", [True, False])
def test_different_pieces_refunded_at_once_all_count(claimed: bool) -> None:
    world = World()
    member = world.member() if claimed else None
    for _ in range(3):
        order = world.purchase(member, Line("p", 4, 1_003))
        world.booked(order)
        outcomes = each_alone(world, [world.refund(order, (0, 1)) for _ in range(6)])
        assert tally(outcomes) == {"booked": 4, "nothing_kept": 2}
        if member:
            assert world.available(member) == 0
            assert earned(outcomes) == -10
    world.verify()


def test_a_purchase_is_claimed_by_one_of_many() -> None:
    world = World()
    members = [world.member() for _ in range(16)]
    for turn in range(1, 4):
        order = world.purchase(None, 1_000)
        world.booked(order)
        outcomes = each_alone(world, [world.claim(order, member) for member in members])
        assert tally(outcomes) == {"booked": 1, "already_claimed": 15}
        assert sum(world.available(member) for member in members) == 10 * turn
    world.verify()


def test_claims_by_one_member_at_once_count_once() -> None:
    world = World()
    member = world.member()
    for turn in range(1, 4):
        order = world.purchase(None, 1_000)
        world.booked(order)
        outcomes = each_alone(world, [world.claim(order, member) for _ in range(16)])
        assert tally(outcomes) == {"booked": 1, "already_claimed": 15}
        assert world.available(member) == 10 * turn
    world.verify()


def test_a_claim_and_a_whole_refund_at_once_leave_nothing() -> None:
    """Whichever is first, the points of a refunded purchase are gone in the end."""
    world = World()
    seen = set()
    for turn in range(8):
        member = world.member()
        order = world.purchase(None, 1_000)
        world.booked(order)
        acts: list[Activity] = [world.claim(order, member), world.refund(order)]
        [claimed, refunded] = each_alone(world, acts[:: 1 if turn % 2 else -1])[
            :: 1 if turn % 2 else -1
        ]
        assert tally([refunded]) == {"booked": 1}
        [verdict] = tally([claimed])
        assert verdict in {"booked", "nothing_kept"}
        seen.add(verdict)
        assert world.available(member) == 0
        assert earned([claimed, refunded]) == 0
    world.verify()


def test_a_claim_and_a_partial_refund_at_once_keep_the_rest() -> None:
    world = World()
    for _ in range(8):
        member = world.member()
        order = world.purchase(None, 1_000, 2_000)
        world.booked(order)
        outcomes = each_alone(world, [world.claim(order, member), world.refund(order, (1, 1))])
        assert tally(outcomes) == {"booked": 2}
        assert world.available(member) == 10
        with_member = world.dump(member)
        assert (with_member["spend_minor"], with_member["purchases_kept"]) == (1_000, 1)
    world.verify()


def test_a_refund_beside_its_purchase_finds_it_or_does_not() -> None:
    world = World()
    for _ in range(8):
        member = world.member()
        order = world.purchase(member, 1_000)
        [bought, refunded] = each_alone(world, [order, world.refund(order)])
        assert tally([bought]) == {"booked": 1}
        assert set(tally([refunded])) <= {"booked", "unknown_order"}
        assert world.available(member) == (0 if fresh([refunded]) else 10)
    world.verify()


def test_batches_of_refunds_in_opposite_orders_refund_once() -> None:
    """Orders of members and of nobody, refunded by every till in its own order."""
    world = World()
    members = [world.member() for _ in range(4)]
    orders = [world.purchase(who, 1_000) for who in (*members, None) for _ in range(4)]
    world.book(*orders)
    turns = [orders[turn:] + orders[:turn] for turn in range(0, 20, 5)]
    turns += [turn[::-1] for turn in turns]
    answers = at_once(
        [lambda turn=turn: world.book(*[world.refund(o) for o in turn]) for turn in turns]  # type: ignore[misc]
    )
    outcomes = [outcome for answer in answers for outcome in answer]
    assert tally(outcomes) == {"booked": 20, "nothing_kept": 140}
    assert [world.available(member) for member in members] == [0] * 4
    world.verify()
