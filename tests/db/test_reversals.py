"""Reversals: what was booked by mistake is undone once, to the state before."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from tests.world import OFFSET, RATE, World, rule_set, rungs

from jifen.earning.types import Booked, Refused, Reversal

CHECK_IN = {
    "kind": "behaviour", "code": "daily", "on": "check_in", "points": 10, "unit": "points",
}  # fmt: skip
CAP = {"kind": "cap", "code": "cap", "per": "day", "points": 15, "unit": "points"}


def reversal(world: World, of: uuid.UUID) -> Reversal:
    return Reversal(
        key=uuid.uuid4().hex, occurred_at=world.at, of=of, reason="a mistake", actor="Lin"
    )


def adjust(world: World, member: uuid.UUID, points: int, unit: str = "points") -> Booked:
    return world.booked(world.adjustment(member, points, unit=unit))


def code_of(outcome: Any) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.error.code


@pytest.mark.parametrize("points", [50, -50])
def test_an_adjustment_is_undone_to_the_state_before(points: int) -> None:
    world = World()
    member = world.member(100)
    before = world.dump(member)["lots"]
    done = adjust(world, member, points)

    [undone] = world.book(reversal(world, done.id))

    assert isinstance(undone, Booked)
    assert undone.points == {"points": -points}
    assert world.dump(member)["lots"] == before
    world.verify()


def test_what_was_spent_meanwhile_is_owed() -> None:
    world = World(rule_set(RATE, offset=OFFSET))
    member = world.member()
    done = adjust(world, member, 100)
    world.booked(world.purchase(member, 100, points_paid=100))

    world.book(reversal(world, done.id))

    assert world.balance(member).deficit == 100
    world.verify()


def test_it_counts_once_also_in_one_batch() -> None:
    world = World()
    done = adjust(world, world.member(100), 50)
    first, second = world.book(reversal(world, done.id), reversal(world, done.id))
    [third] = world.book(reversal(world, done.id))
    assert isinstance(first, Booked)
    assert [code_of(second), code_of(third)] == ["already_done", "already_done"]
    world.verify()


def test_a_check_in_gives_its_room_under_the_cap_back() -> None:
    world = World(rule_set(RATE, CHECK_IN, CAP))
    member = world.member()
    done = world.booked(world.behaviour(member, "check_in"))
    world.book(reversal(world, done.id))
    assert world.available(member) == 0
    world.booked(world.purchase(member, 9_900))
    assert world.available(member) == 15


def test_growth_given_by_mistake_takes_its_tier_along() -> None:
    ladder = {"by": "growth", "unit": "growth", "rungs": rungs(gold=100)}
    world = World(rule_set(RATE, ladder=ladder))
    member = world.member()
    done = adjust(world, member, 100, "growth")
    assert world.tier(member) == "gold"
    world.book(reversal(world, done.id))
    assert world.tier(member) == ""


def test_orders_are_refunded_not_reversed() -> None:
    world = World()
    done = world.booked(world.purchase(world.member(), 1_000))
    nobody = world.booked(world.purchase(None, 1_000))
    answers = world.book(*(reversal(world, of) for of in (done.id, nobody.id, uuid.uuid4())))
    assert [code_of(answer) for answer in answers] == [
        "not_reversible",
        "not_reversible",
        "unknown_activity",
    ]
