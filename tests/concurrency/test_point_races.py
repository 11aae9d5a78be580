"""Points that are held, captured, released, transferred and given by many at the same moment."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.acts import (
    acceptance,
    capture,
    confirmation,
    decline,
    expiry_undo,
    gift,
    hold,
    release,
    transfer,
    waiver,
)
from tests.concurrency.racing import at_once, each_alone, fresh, tally
from tests.world import OFFSET, World, rule_set

from jifen.earning.types import Activity, OpeningLot, Outcome
from jifen.ledger.models import Transaction

DEADLOCK = "40P01"
MANY = 100
FREE: dict[str, dict[str, int]] = {"points": {}}
OFFERED = {"points": {"confirm": True}}


def balance(world: World, member: uuid.UUID) -> tuple[int, ...]:
    """(available, pending, held, deficit)"""
    found = world.balance(member)
    return found.available, found.pending, found.held, found.deficit


def test_a_hundred_spends_of_one_balance_by_every_way_there_is() -> None:
    """Holds, orders paid with points, adjustments and transfers of 100 each: ten of them get it."""
    world = World(rule_set(offset=OFFSET, transfers=FREE))
    member, other = world.member(1_000), world.member()
    ways: Sequence[Activity] = [
        spend
        for _ in range(MANY // 4)
        for spend in (
            hold(world, member, 100),
            world.purchase(member, 100, points_paid=100),
            world.adjustment(member, -100),
            transfer(world, member, other, 100),
        )
    ]
    outcomes = each_alone(world, ways)
    assert tally(outcomes) == {"booked": 10, "insufficient_points": 90}
    held = sum(each.kind == "hold" for each in fresh(outcomes))
    moved = sum(each.kind == "transfer" for each in fresh(outcomes))
    assert balance(world, member) == (0, 0, 100 * held, 0)
    assert balance(world, other) == (100 * moved, 0, 0, 0)
    world.verify()


def test_a_hundred_captures_of_one_hold_take_what_it_holds() -> None:
    world = World()
    member = world.member(500)
    held = world.booked(hold(world, member, 300)).id
    outcomes = each_alone(world, [capture(world, held, 30) for _ in range(MANY)])
    assert tally(outcomes) == {"booked": 10, "hold_ended": 90}
    assert balance(world, member) == (200, 0, 0, 0)
    world.verify()


@pytest.mark.parametrize("turn", range(4))
def test_capture_against_release(turn: int) -> None:
    world = World()
    member = world.member(100)
    held = world.booked(hold(world, member, 60)).id
    acts: list[Activity] = [capture(world, held), release(world, held)] * 8
    outcomes = each_alone(world, acts if turn % 2 else acts[::-1])
    assert tally(outcomes) == {"booked": 1, "replayed": 7, "hold_ended": 8}
    [won] = fresh(outcomes)
    assert balance(world, member) == (40 if won.kind == "capture" else 100, 0, 0, 0)
    world.verify()


def test_parts_captured_and_released_at_once_add_up() -> None:
    world = World()
    member = world.member(100)
    held = world.booked(hold(world, member, 60)).id
    acts = [capture(world, held, 7) for _ in range(8)] + [release(world, held, 7) for _ in range(8)]
    outcomes = each_alone(world, acts)
    assert tally(outcomes) == {"booked": 8, "hold_too_small": 8}
    taken = sum(each.kind == "capture" for each in fresh(outcomes))
    assert balance(world, member) == (40 + 7 * (8 - taken), 0, 4, 0)
    world.verify()


def test_the_end_of_a_hold_against_its_capture() -> None:
    """Clocks of some tills are past its end, of others not. It is captured, or it has run out; what
    is spent is spent once."""
    world = World(rule_set(offset=OFFSET))
    member = world.member(100)
    held = world.booked(hold(world, member, 60, minutes=30)).id
    before, after = world.at + timedelta(minutes=29), world.at + timedelta(minutes=31)

    def call(turn: int) -> Outcome:
        if turn % 2:
            return world.book(capture(world, held), at=before)[0]
        return world.book(world.adjustment(member, -60), at=after)[0]

    outcomes = at_once([lambda turn=turn: call(turn) for turn in range(16)])  # type: ignore[misc]
    assert len(fresh(outcomes)) == 1
    world.at = after
    assert balance(world, member) == (40, 0, 0, 0)
    refused = {"insufficient_points", "hold_ended", "hold_ran_out"}
    assert set(tally(outcomes)) <= {"booked", *refused}
    world.verify()


# --- transfers -----------------------------------------------------------------------------------


def test_a_hundred_transfers_both_ways_deadlock_nowhere(sqlstates: list[str]) -> None:
    world = World(rule_set(transfers=FREE))
    ends = world.at + timedelta(days=30)
    one = world.member(OpeningLot("points", 500, ends))
    two = world.member(OpeningLot("points", 500, ends))
    acts = [
        transfer(world, giver, taker, 7)
        for _ in range(MANY)
        for giver, taker in ((one, two), (two, one))
    ]
    outcomes = each_alone(world, acts)
    assert tally(outcomes) == {"booked": 2 * MANY}
    assert DEADLOCK not in sqlstates
    assert balance(world, one) == balance(world, two) == (500, 0, 0, 0)
    assert {until for who in (one, two) for _, until in world.lots(who)} == {ends}
    world.verify()


def test_batches_of_transfers_in_a_ring_deadlock_nowhere(sqlstates: list[str]) -> None:
    world = World(rule_set(transfers=FREE))
    ring = [world.member(200) for _ in range(5)]

    def batch(turn: int) -> list[Outcome]:
        acts = [transfer(world, ring[n], ring[(n + 1 + turn % 3) % 5], 9) for n in range(5)]
        return world.book(*(acts[turn % 5 :] + acts[: turn % 5]))

    answers = at_once([lambda turn=turn: batch(turn) for turn in range(16)])  # type: ignore[misc]
    assert tally([each for answer in answers for each in answer]) == {"booked": 80}
    assert DEADLOCK not in sqlstates
    assert [balance(world, member) for member in ring] == [(200, 0, 0, 0)] * 5
    world.verify()


def test_acceptance_against_decline() -> None:
    world = World(rule_set(transfers=OFFERED))
    for _ in range(3):
        giver, taker = world.member(100), world.member()
        offer = world.booked(transfer(world, giver, taker, 60)).id
        acts: list[Activity] = [
            acceptance(world, offer, taker),
            decline(world, offer, giver),
            decline(world, offer, taker),
        ]
        outcomes = each_alone(world, acts * 5)
        assert tally(outcomes) == {"booked": 1, "replayed": 4, "transfer_decided": 10}
        [won] = fresh(outcomes)
        moved = 60 if won.kind == "acceptance" else 0
        assert balance(world, giver) == (100 - moved, 0, 0, 0)
        assert balance(world, taker) == (moved, 0, 0, 0)
    world.verify()


def test_the_days_limit_holds_whoever_comes_first() -> None:
    world = World(rule_set(transfers={"points": {"per_day": 50}}))
    giver, takers = world.member(1_000), [world.member() for _ in range(4)]
    acts = [transfer(world, giver, takers[n % 4], 10) for n in range(32)]
    assert tally(each_alone(world, acts)) == {"booked": 5, "transfer_day_limit": 27}
    assert balance(world, giver) == (950, 0, 0, 0)
    world.verify()


# --- once, whoever asks --------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["with a member", "without"])
def test_an_order_is_confirmed_once(known: bool) -> None:
    world = World(rule_set(pending={"points": {"kind": "confirmed"}}))
    member = world.member()
    order = world.purchase(member if known else None, 10_000)
    world.booked(order)
    outcomes = each_alone(world, [confirmation(world, order) for _ in range(32)])
    assert tally(outcomes) == {"booked": 1, "already_confirmed": 31}
    assert balance(world, member) == (100 if known else 0, 0, 0, 0)
    world.verify()


def test_confirmation_against_refund_and_claim() -> None:
    world = World(rule_set(pending={"points": {"kind": "confirmed"}}))
    for _ in range(4):
        member = world.member()
        order = world.purchase(None, 10_000, 5_000)
        world.booked(order)
        acts: list[Activity] = [
            world.claim(order, member),
            confirmation(world, order),
            world.refund(order, (0, 1)),
        ]
        outcomes = each_alone(world, acts * 4)
        assert len(fresh(outcomes)) == 3
        assert balance(world, member) == (50, 0, 0, 0)
    world.verify()


def test_a_gift_a_waiver_and_an_expiry_are_given_once() -> None:
    world = World()
    member = world.member(OpeningLot("points", 40, world.at + timedelta(days=1)))
    world.at += timedelta(days=2)
    world.booked(world.adjustment(member, 1))
    with world.scope():
        gone = Transaction.objects.filter(kind="expire").get().id
    until = world.at + timedelta(days=9)
    undone = each_alone(world, [expiry_undo(world, member, gone, until) for _ in range(32)])
    assert tally(undone) == {"booked": 1, "already_done": 31}
    given = each_alone(world, [gift(world, member, 9)] * 32)
    assert tally(given) == {"booked": 1, "replayed": 31}
    assert balance(world, member) == (50, 0, 0, 0)
    debtor = world.member()
    order = world.purchase(debtor, 10_000)
    world.book(order, world.adjustment(debtor, -100), world.refund(order))
    waived = each_alone(world, [waiver(world, debtor) for _ in range(32)])
    assert tally(waived) == {"booked": 1, "not_owed": 31}
    assert balance(world, debtor) == (0, 0, 0, 0)
    world.verify()
