"""Keys and references: what was booked answers for ever, what was refused is decided anew."""

from datetime import timedelta

from tests.world import World, codes

from jifen.earning import services as earning
from jifen.earning.types import Booked, Caller, Refused
from jifen.programmes import services as programmes


def test_the_same_key_answers_the_same_for_ever() -> None:
    world = World()
    member = world.member()
    activity = world.purchase(member, 10_000)
    first = world.booked(activity)
    world.booked(world.purchase(member, 10_000))

    again = world.booked(activity, at=world.at + timedelta(days=400))

    assert again.replayed
    assert (again.id, again.points, again.balances) == (first.id, first.points, first.balances)
    assert world.available(member) == 200


def test_the_same_key_twice_in_one_batch_gets_the_first_answer() -> None:
    world = World()
    member = world.member()
    activity = world.purchase(member, 10_000)
    other = world.purchase(member, 1, key=activity.key)

    first, again, conflict = world.book(activity, activity, other)

    assert isinstance(first, Booked)
    assert isinstance(again, Booked)
    assert (again.id, again.replayed, first.replayed) == (first.id, True, False)
    assert codes([conflict]) == ["key_conflict"]
    assert world.refused(other) == "key_conflict"
    assert world.available(member) == 100


def test_a_refused_key_is_decided_anew() -> None:
    world = World()
    member = world.member(10)
    spend = world.adjustment(member, -20)
    assert world.refused(spend) == "insufficient_points"
    world.booked(world.adjustment(member, 10))
    assert not world.booked(spend).replayed
    assert world.available(member) == 0


def test_a_key_belongs_to_one_client() -> None:
    world = World()
    member = world.member()
    activity = world.purchase(member, 10_000)
    world.booked(activity)
    with world.scope():
        client = programmes.internal_client(name="second till", at=world.at)
        [outcome] = earning.book(
            activities=[world.purchase(member, 10_000, key=activity.key)],
            caller=Caller(client.client_id, client.name),
            at=world.at,
        )
    assert isinstance(outcome, Booked)
    assert world.available(member) == 200


def test_a_reference_is_booked_once_for_each_store_and_kind() -> None:
    world = World()
    member = world.member()
    first = world.purchase(member, 10_000, reference="R")
    world.booked(first)
    [outcome] = world.book(world.purchase(member, 10_000, reference="R"))
    assert isinstance(outcome, Refused)
    assert outcome.error.code == "duplicate_reference"
    assert outcome.error.fields["first_key"] == first.key
    world.booked(world.purchase(member, 10_000, reference="R", store="other"))
    world.booked(world.refund(first, reference="R"))
    assert world.available(member) == 100
