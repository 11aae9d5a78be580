"""Points are spent once and keys are booked once, however many ask at the same moment."""

import uuid

from tests.concurrency.racing import at_once, each_alone, fresh, tally
from tests.world import OFFSET, World, rule_set

from jifen.earning.types import Booked, Outcome


def test_a_hundred_spends_of_one_balance_succeed_once() -> None:
    world = World(rule_set(offset=OFFSET))
    member = world.member(100)
    orders = [world.purchase(member, 100, points_paid=100) for _ in range(100)]
    outcomes = each_alone(world, orders)
    assert tally(outcomes) == {"booked": 1, "insufficient_points": 99}
    assert world.available(member) == 0
    assert world.lots(member) == []
    world.verify()


def test_no_more_is_spent_than_there_is_in_mixed_batches() -> None:
    world = World(rule_set(offset=OFFSET))
    members = [world.member(1_000) for _ in range(4)]

    def batch(turn: int) -> list[Outcome]:
        some = members[turn % 4 :] + members[: turn % 4]
        return world.book(*[world.purchase(member, 300, points_paid=300) for member in some])

    answers = at_once([lambda turn=turn: batch(turn) for turn in range(16)])  # type: ignore[misc]
    outcomes = [outcome for answer in answers for outcome in answer]
    assert tally(outcomes) == {"booked": 4 * 3, "insufficient_points": 4 * 13}
    assert [world.available(member) for member in members] == [100] * 4
    world.verify()


def test_adjustments_down_stop_at_nothing() -> None:
    world = World()
    member = world.member(70, 30)
    outcomes = each_alone(world, [world.adjustment(member, -30) for _ in range(32)])
    assert tally(outcomes) == {"booked": 3, "insufficient_points": 29}
    assert world.available(member) == 10
    world.verify()


def test_a_thousand_repeats_of_one_key_change_the_balance_once() -> None:
    world = World()
    member = world.member()
    outcomes = each_alone(world, [world.purchase(member, 5_000)] * 1_000)
    assert tally(outcomes) == {"booked": 1, "replayed": 999}
    assert len({each.id for each in outcomes if isinstance(each, Booked)}) == 1
    assert {each.points["points"] for each in outcomes if isinstance(each, Booked)} == {50}
    assert world.available(member) == 50
    world.verify()


def test_repeats_of_a_key_without_a_member_are_booked_once() -> None:
    """No member is locked here: the key's own constraint is all there is."""
    world = World()
    for _ in range(8):
        outcomes = each_alone(world, [world.purchase(None, 5_000)] * 16)
        assert tally(outcomes) == {"booked": 1, "replayed": 15}
        assert len({each.id for each in outcomes if isinstance(each, Booked)}) == 1
    world.verify()


def test_one_key_with_two_bodies_is_booked_with_one_of_them() -> None:
    world = World()
    member, other = world.member(), world.member()
    for _ in range(4):
        key = uuid.uuid4().hex
        orders = [world.purchase(who, 5_000, key=key) for who in (member, other, None)]
        outcomes = each_alone(world, orders)
        assert tally(outcomes) == {"booked": 1, "key_conflict": 2}
    assert world.available(member) % 50 == 0
    assert world.available(member) + world.available(other) <= 200
    world.verify()


def test_one_reference_is_booked_once_whatever_the_keys() -> None:
    world = World()
    members = [world.member() for _ in range(8)]
    for turn in range(4):
        # Half of them by eight members, half by nobody: no lock is common to all.
        orders = [
            world.purchase(member, 1_000, reference=f"till-{turn}")
            for member in (*members, *[None] * 8)
        ]
        outcomes = each_alone(world, orders)
        assert tally(outcomes) == {"booked": 1, "duplicate_reference": 15}
        [winner] = fresh(outcomes)
        named = {each.error.fields["first_id"] for each in outcomes if not isinstance(each, Booked)}
        assert named == {str(winner.id)}
    held = sum(world.available(member) for member in members)
    assert held <= 40
    world.verify()
