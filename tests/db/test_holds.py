"""Holds as activities: reserved, captured, released, ended by themselves; each refusal named."""

import uuid
from datetime import timedelta

import pytest
from tests.acts import capture, hold, release
from tests.people import freeze, leave, merge
from tests.world import RATE, World, codes, rule_set

from jifen.earning import selectors as earning
from jifen.earning.types import Activity, Caller, OpeningLot, Refused, Reversal

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


def balance(world: World, member: uuid.UUID) -> tuple[int, ...]:
    """(available, held, deficit)"""
    found = world.balance(member)
    return found.available, found.held, found.deficit


def facts(world: World, activity: Activity) -> tuple[str, dict[str, object]]:
    """The code and the facts of a refusal."""
    [outcome] = world.book(activity)
    assert isinstance(outcome, Refused), outcome
    return outcome.error.code, dict(outcome.error.fields)


def test_what_is_held_is_there_but_not_to_be_spent(world: World) -> None:
    member = world.member(100)
    held = world.booked(hold(world, member, 60))
    assert (held.points, held.balances[0].held) == ({}, 60)
    assert balance(world, member) == (40, 60, 0)
    assert world.refused(world.adjustment(member, -41)) == "insufficient_points"
    world.verify()


def test_a_hold_is_captured_in_parts_and_the_rest_released(world: World) -> None:
    member = world.member(100)
    held = world.booked(hold(world, member, 60))
    assert world.booked(capture(world, held.id, 25)).points == {"points": -25}
    assert balance(world, member) == (40, 35, 0)
    assert world.booked(release(world, held.id, 5)).points == {}
    assert balance(world, member) == (45, 30, 0)
    assert world.booked(capture(world, held.id)).points == {"points": -30}
    assert balance(world, member) == (45, 0, 0)
    world.verify()


def test_a_release_returns_the_points_to_their_own_lots(world: World) -> None:
    ends = world.at + 30 * DAY
    member = world.member(OpeningLot("points", 50, ends), 50)
    held = world.booked(hold(world, member, 70))
    assert world.lots(member) == [(30, None)]
    world.booked(capture(world, held.id, 20))
    world.booked(release(world, held.id))
    assert sorted(world.lots(member), key=str) == sorted([(50, None), (30, ends)], key=str)
    world.verify()


def test_a_hold_ends_by_itself_with_no_job(world: World) -> None:
    member = world.member(100)
    held = world.booked(hold(world, member, 60, minutes=30))
    just_before = world.at + 30 * MINUTE - timedelta(microseconds=1)
    assert world.balance(member, at=just_before).held == 60
    world.at += 30 * MINUTE
    assert balance(world, member) == (100, 0, 0)
    code, told = facts(world, capture(world, held.id))
    assert (code, told["ended_at"]) == ("hold_ran_out", world.at.isoformat())
    assert world.refused(release(world, held.id)) == "hold_ran_out"
    world.booked(world.adjustment(member, -100))
    world.verify()


def test_what_was_reserved_in_time_pays_though_its_date_has_passed(world: World) -> None:
    member = world.member(OpeningLot("points", 50, world.at + DAY), 10)
    held = world.booked(hold(world, member, 60, minutes=3 * 24 * 60))
    world.at += 2 * DAY
    assert world.booked(capture(world, held.id, 20)).points == {"points": -20}
    back = world.booked(release(world, held.id))
    assert back.points == {"points": -30}
    assert back.award.refusals[0].code == "given_back_expired"
    assert balance(world, member) == (10, 0, 0)
    world.verify()


def test_the_explanation_says_until_when(world: World) -> None:
    member = world.member(100)
    held = world.booked(hold(world, member, 60, minutes=90))
    taken = world.booked(capture(world, held.id, 20))
    with world.scope():
        told = [earning.explain(each.id, language="en") for each in (held, taken)]
    assert told[0].sentences == ("60 points are held until 2026-06-01 13:30",)
    assert told[1].sentences == (
        "40 points are still held, until 2026-06-01 13:30",
        "20 points captured",
    )
    assert [each.kind for each in told[0].related] == ["capture"]
    fields = held.award.refusals[0].fields
    assert fields["expires_at"] == (world.at + 90 * MINUTE).isoformat()


def test_a_capture_by_mistake_is_reversed_to_its_lots(world: World) -> None:
    ends = world.at + 30 * DAY
    member = world.member(OpeningLot("points", 50, ends), 50)
    held = world.booked(hold(world, member, 70))
    before = world.lots(member)
    taken = world.booked(capture(world, held.id))
    world.booked(
        Reversal(
            key=uuid.uuid4().hex,
            occurred_at=world.at,
            of=taken.id,
            reason="the order failed",
            actor="tester",
        )
    )
    assert sorted(world.lots(member), key=str) == sorted([(50, None), (50, ends)], key=str)
    assert before == [(30, None)]
    world.verify()


def test_a_hold_pays_what_a_refund_left_owed_only_when_it_is_released() -> None:
    world = World(rule_set(RATE))
    member = world.member()
    order = world.purchase(member, 10_000)
    world.booked(order)
    held = world.booked(hold(world, member, 80))
    world.booked(world.refund(order))
    assert balance(world, member) == (0, 80, 80)
    world.booked(capture(world, held.id, 30))
    assert balance(world, member) == (0, 50, 80)
    world.booked(release(world, held.id))
    assert balance(world, member) == (0, 0, 30)
    world.verify()


# --- every refusal by its name -------------------------------------------------------------------


def test_too_much(world: World) -> None:
    member = world.member(100)
    code, told = facts(world, hold(world, member, 130))
    assert (code, told["short_by"]) == ("insufficient_points", 30)
    held = world.booked(hold(world, member, 60))
    before = world.dump(member)
    for act in (capture, release):
        code, told = facts(world, act(world, held.id, 61))
        assert (code, told) == ("hold_too_small", {"left": 60, "asked": 61})
    assert world.dump(member) == before


def test_twice(world: World) -> None:
    member = world.member(100)
    first = hold(world, member, 60)
    held = world.booked(first)
    assert world.booked(first).id == held.id
    again = hold(world, member, 10, reference=first.reference)
    assert world.refused(again) == "duplicate_reference"
    taking = capture(world, held.id)
    world.booked(taking)
    assert world.booked(taking).replayed
    assert world.refused(capture(world, held.id)) == "hold_ended"
    assert world.refused(release(world, held.id)) == "hold_ended"
    assert balance(world, member) == (40, 0, 0)
    world.verify()


def test_something_else(world: World) -> None:
    member = world.member(100)
    adjusted = world.booked(world.adjustment(member, 1))
    for act in (capture, release):
        assert world.refused(act(world, adjusted.id)) == "unknown_hold"
        assert world.refused(act(world, uuid.uuid4())) == "unknown_activity"
    held = world.booked(hold(world, member, 60))
    taken = world.booked(capture(world, held.id, 10))
    assert world.refused(capture(world, taken.id)) == "unknown_hold"
    assert world.refused(hold(world, member, 1, unit="growth")) == "not_points"
    assert world.refused(hold(world, member, 1, unit="tea")) == "unknown_unit"


def test_another_programmes(world: World) -> None:
    member, stranger = world.member(100), World()
    held = world.booked(hold(world, member, 60))
    assert stranger.refused(capture(stranger, held.id)) == "unknown_activity"
    assert stranger.refused(hold(stranger, member, 1)) == "unknown_member"
    assert balance(world, member) == (40, 60, 0)


def test_another_stores(world: World) -> None:
    """A client that is bound to a store acts on the holds of that store only."""
    member = world.member(100)
    held = world.booked(hold(world, member, 60))
    world.caller = Caller(world.caller.client_id, "bound", stores=("other",))
    for act in (capture, release):
        assert world.refused(act(world, held.id)) == "wrong_store"
    own = world.booked(hold(world, member, 10))
    world.booked(capture(world, own.id))


def test_a_frozen_member_gets_back_what_is_held_but_spends_nothing(world: World) -> None:
    member = world.member(100)
    held = world.booked(hold(world, member, 60))
    freeze(world, member)
    assert world.refused(hold(world, member, 1)) == "member_frozen"
    assert world.refused(capture(world, held.id)) == "member_frozen"
    world.booked(release(world, held.id))
    assert balance(world, member) == (100, 0, 0)


def test_nobody_leaves_or_is_merged_while_points_are_held(world: World) -> None:
    member, other = world.member(), world.member(100)
    held = world.booked(hold(world, other, 60))
    assert world.refused(leave(world, other)) == "holds_open"
    assert world.refused(merge(world, member, other)) == "holds_open"
    world.booked(release(world, held.id))
    world.booked(merge(world, member, other))
    assert world.refused(capture(world, held.id)) == "hold_ended"
    assert balance(world, member) == (100, 0, 0)
    world.verify()


def test_acts_of_one_batch_see_each_other(world: World) -> None:
    member = world.member(100)
    held = world.booked(hold(world, member, 60))
    outcomes = world.book(
        capture(world, held.id, 40),
        capture(world, held.id, 40),
        release(world, held.id),
        hold(world, member, 61),
        hold(world, member, 60),
    )
    assert codes(outcomes) == ["hold_too_small", "insufficient_points"]
    assert balance(world, member) == (0, 60, 0)
    world.verify()


def test_a_preview_holds_nothing(world: World) -> None:
    member = world.member(100)
    [seen] = world.preview(hold(world, member, 60))
    assert not isinstance(seen, Refused)
    assert seen.balances[0].held == 60
    assert balance(world, member) == (100, 0, 0)
