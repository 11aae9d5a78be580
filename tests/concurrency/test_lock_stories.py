"""Locks: taken in one order, waited for a bounded time, and nothing half-written when a
connection dies while it waits."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected
from tests.concurrency.racing import (
    at_once,
    earned,
    fresh,
    held,
    in_background,
    lock,
    tally,
    waiting_for,
)
from tests.world import OFFSET, World, rule_set

from jifen.common.database import connect, owner_address
from jifen.earning.models import Activity as ActivityRow
from jifen.earning.types import Activity, Booked, Outcome, Purchase
from jifen.ledger.models import Account, DrawDown, Lot, Posting, Transaction

STORM_SECONDS = 2.0


def rows(world: World) -> dict[str, int]:
    """How many rows the programme has of everything that a booking writes."""
    tables = (ActivityRow, Transaction, Posting, DrawDown, Lot, Account)
    with world.scope():
        return {table.__name__: table.objects.count() for table in tables}


def account_of(world: World, member: UUID) -> UUID:
    with world.scope():
        return UUID(str(Account.objects.get(member_id=member, unit__code="points").id))


def test_batches_in_opposite_orders_never_deadlock(sqlstates: list[str]) -> None:
    world = World(rule_set(offset=OFFSET))
    members = [world.member(100_000) for _ in range(12)]
    until = time.monotonic() + STORM_SECONDS

    def storm(seed: int) -> list[Outcome]:
        dice, seen = random.Random(seed), list[Outcome]()
        while time.monotonic() < until:
            some = dice.sample(members, 10)
            orders = [world.purchase(member, 700, points_paid=100) for member in some]
            seen += world.book(*orders)
            refunds = [world.refund(order) for order in dice.sample(orders, 5)]
            seen += world.book(*reversed(refunds))
        return seen

    answers = at_once([lambda seed=seed: storm(seed) for seed in range(8)])  # type: ignore[misc]
    outcomes = [outcome for answer in answers for outcome in answer]
    assert set(tally(outcomes)) == {"booked"}
    assert sqlstates == []
    for member in members:
        mine = [each for each in fresh(outcomes) if each.member_id == member]
        assert world.available(member) == 100_000 + earned(mine)
    world.verify()


def test_a_storm_of_everything_adds_up() -> None:
    """Orders, spends, refunds, claims, check-ins and repeats by ten tills in any order."""
    cap = {"kind": "cap", "code": "daily", "per": "day", "points": 2_000, "unit": "points"}
    rate = {"kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points"}
    world = World(rule_set({**rate, "budget": 15_000}, cap, offset=OFFSET))
    members = [world.member(1_000) for _ in range(10)]
    shared: list[Purchase] = [
        world.purchase(who, 1_000, 500) for who in (*members, *[None] * 10) for _ in range(2)
    ]
    until = time.monotonic() + STORM_SECONDS

    def act(dice: random.Random) -> Activity:
        member, order = dice.choice(members), dice.choice(shared)
        choices: list[Callable[[], Activity]] = [
            lambda: order,  # which every till brings: booked by one, answered again to the others
            lambda: world.purchase(member, 3_000),
            lambda: world.purchase(member, 300, points_paid=300),
            lambda: world.refund(order, (dice.randrange(2), 1)),
            lambda: world.claim(order, member),
            lambda: world.behaviour(member, "check_in"),
            lambda: world.adjustment(member, dice.choice((-50, 50))),
        ]
        return dice.choice(choices)()

    def storm(seed: int) -> list[Outcome]:
        dice, seen = random.Random(seed), list[Outcome]()
        while time.monotonic() < until:
            seen += world.book(*[act(dice) for _ in range(dice.randrange(1, 12))])
        return seen

    answers = at_once([lambda seed=seed: storm(seed) for seed in range(10)])  # type: ignore[misc]
    outcomes = [outcome for answer in answers for outcome in answer]
    assert set(tally(outcomes)) <= {
        *("booked", "replayed", "insufficient_points", "refund_above_purchase", "nothing_kept"),
        *("already_claimed", "already_done", "unknown_order", "member_busy"),
    }
    ids = [each.id for each in fresh(outcomes)]
    assert len(ids) == len(set(ids))
    for member in members:
        mine = [each for each in fresh(outcomes) if each.member_id == member]
        balance = world.balance(member)
        assert balance.available - balance.deficit == 1_000 + earned(mine)
        assert world.dump(member)["caps"].get(("daily", "2026-06-01"), 0) <= 2_000
    world.verify()


def test_a_deadlock_made_by_somebody_else_does_not_reach_the_caller(sqlstates: list[str]) -> None:
    world = World()
    member = world.member()
    with held("account", [account_of(world, member)]) as other:
        answer = in_background(lambda: world.book(world.purchase(member, 1_000)))
        waiting_for(other)
        # The booking holds the member and waits for the account; the server ends the ring by
        # refusing whoever has waited for a second, which is the booking. Tried again at once, it
        # may take the member before the other does, and then it may be the other's turn.
        with suppress(DeadlockDetected):
            lock(other, "member", [member])
    assert tally(answer()) == {"booked": 1}
    assert set(sqlstates) == {"40P01"}
    assert world.available(member) == 10
    world.verify()


def test_a_member_that_is_held_spoils_no_other_and_costs_bounded_time() -> None:
    world = World()
    members = [world.member() for _ in range(12)]
    busy = set(members[1::2])
    orders = [world.purchase(member, 1_000) for member in members for _ in range(2)]
    with held("member", sorted(busy)):
        began = time.monotonic()
        outcomes = in_background(lambda: world.book(*orders))()
        seconds = time.monotonic() - began
        assert tally(outcomes) == {"booked": 12, "member_busy": 12}
        for outcome, order in zip(outcomes, orders, strict=True):
            assert order.member is not None
            assert isinstance(outcome, Booked) == (UUID(order.member.value) not in busy)
        # Two seconds for all, two more for those that are held together, a little for each.
        assert seconds < 8
        free = [member for member in members if member not in busy]
        assert [world.available(member) for member in free] == [20] * 6
    assert tally(world.book(*orders)) == {"booked": 12, "replayed": 12}
    assert [world.available(member) for member in members] == [20] * 12
    world.verify()


def test_a_member_that_is_held_for_a_moment_is_waited_for() -> None:
    world = World()
    member = world.member()
    with held("member", [member]) as other:
        answer = in_background(lambda: world.book(world.purchase(member, 1_000)))
        waiting_for(other)
    assert tally(answer()) == {"booked": 1}
    world.verify()


@pytest.mark.parametrize("table", ["member", "account"])
def test_a_connection_killed_on_the_way_leaves_nothing_half_written(table: str) -> None:
    """Held by its member the booking has written nothing yet; held by an account it has written
    activities and transactions, which must go away with it."""
    world = World(rule_set(offset=OFFSET))
    members = [world.member(500) for _ in range(5)]
    orders = [world.purchase(member, 1_000, points_paid=100) for member in members]
    orders += [world.purchase(None, 1_000) for _ in range(5)]
    before, dumps = rows(world), [world.dump(member) for member in members]
    row = members[2] if table == "member" else account_of(world, members[2])
    with held(table, [row]) as other:
        answer = in_background(lambda: world.book(*orders))
        kill(waiting_for(other))
        with pytest.raises(OperationalError):
            answer()
        assert rows(world) == before
        assert [world.dump(member) for member in members] == dumps
    assert tally(world.book(*orders)) == {"booked": 10}
    assert tally(world.book(*orders)) == {"replayed": 10}
    # 900 fen are paid in money: 500 − 100 + 9.
    assert [world.available(member) for member in members] == [409] * 5
    world.verify()


def test_the_thread_of_a_killed_connection_books_again_at_once() -> None:
    """The same thread, without closing anything by hand: the next call has a new connection."""
    world = World()
    member = world.member()
    order = world.purchase(member, 1_000)

    def twice() -> list[Outcome]:
        with pytest.raises(OperationalError):
            world.book(order)
        return world.book(order)

    with held("member", [member]) as other:
        answer = in_background(twice)
        kill(waiting_for(other))
    assert tally(answer()) == {"booked": 1}
    assert world.available(member) == 10
    world.verify()


def kill(pid: int) -> None:
    with connect(owner_address()) as watcher:
        row = watcher.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone()
    assert row == (True,)
