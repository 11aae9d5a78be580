"""A rival books the same thing exactly between two reads of a booking.

Each statement sees what is committed when it begins, so two reads of one booking may see two
different states. Whatever the moment, the answer must be one of a booking before or after.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.concurrency.racing import in_background, tally
from tests.concurrency.test_enrolment_races import person, phones
from tests.world import World

from jifen.earning.services import Enrolled
from jifen.earning.sql import queries as earning_queries
from jifen.earning.types import Booked
from jifen.members.sql import queries as member_queries

READS = (
    ("earning.load_targets", 1),
    ("earning.load_targets", 2),
    ("earning.known_keys", 1),
    ("earning.known", 1),
    ("members.find_members", 1),
    ("members.lock_members", 1),
)
"""(read, how many times it happens before the rival comes)."""
ROOMS: dict[str, Any] = {"earning": earning_queries, "members": member_queries}
Meanwhile = Callable[[Callable[[], Any]], None]


@pytest.fixture(params=READS, ids=lambda at: f"after {at[0]} {at[1]}")
def meanwhile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has a rival's call happen right after the first, or the second, time of one read. Where
    the rival has to wait for a lock that is held already, it is served after."""
    read, nth = request.param
    room, name = read.split(".")
    genuine = getattr(ROOMS[room], name)
    rivals: list[Callable[[], Any]] = []
    waits: list[Callable[[], Any]] = []
    calls: list[str] = []

    def watched(*args: Any, **kwargs: Any) -> Any:
        answer = genuine(*args, **kwargs)
        calls.append(read)
        if rivals and len(calls) == nth:
            rival = in_background(rivals.pop())
            waits.append(rival)
            with suppress(TimeoutError):
                rival(0.3)
        return answer

    def arrange(rival: Callable[[], Any]) -> None:
        monkeypatch.setattr(ROOMS[room], name, watched)
        calls.clear()
        rivals.append(rival)

    yield arrange
    for wait in waits:
        wait()


def test_a_repeat_without_a_member(meanwhile: Meanwhile) -> None:
    world = World()
    order = world.purchase(None, 1_000)
    meanwhile(lambda: world.booked(order))
    [first] = world.book(order)
    assert isinstance(first, Booked), first
    assert world.booked(order).id == first.id
    world.verify()


def test_a_repeat_of_a_refund_that_nobody_claimed(meanwhile: Meanwhile) -> None:
    world = World()
    order = world.purchase(None, 1_000)
    world.booked(order)
    refund = world.refund(order)
    meanwhile(lambda: world.booked(refund))
    [first] = world.book(refund)
    assert isinstance(first, Booked), first
    assert world.booked(refund).id == first.id
    world.verify()


def test_a_repeat_in_a_batch_with_members(meanwhile: Meanwhile) -> None:
    world = World()
    member = world.member()
    orders = [world.purchase(who, 1_000) for who in (None, member, None)]
    meanwhile(lambda: world.book(*orders))
    outcomes = world.book(*orders)
    assert set(tally(outcomes)) <= {"booked", "replayed"}
    assert world.available(member) == 10
    world.verify()


def test_another_refund_of_the_same_piece(meanwhile: Meanwhile) -> None:
    world = World()
    order = world.purchase(None, 1_000)
    world.booked(order)
    outcomes = []
    meanwhile(lambda: outcomes.extend(world.book(world.refund(order))))
    outcomes += world.book(world.refund(order))
    assert tally(outcomes) in ({"booked": 1}, {"booked": 1, "nothing_kept": 1})
    assert world.refused(world.refund(order)) == "nothing_kept"
    world.verify()


def test_a_claim_beside_a_refund(meanwhile: Meanwhile) -> None:
    world = World()
    member = world.member()
    order = world.purchase(None, 1_000, 2_000)
    world.booked(order)
    meanwhile(lambda: world.booked(world.claim(order, member)))
    assert tally(world.book(world.refund(order, (1, 1)))) == {"booked": 1}
    assert world.available(member) in (0, 10)
    world.verify()


def test_a_refund_beside_a_claim(meanwhile: Meanwhile) -> None:
    world = World()
    member = world.member()
    order = world.purchase(None, 1_000, 2_000)
    world.booked(order)
    meanwhile(lambda: world.booked(world.refund(order, (1, 1))))
    assert tally(world.book(world.claim(order, member))) == {"booked": 1}
    world.verify()


def test_a_claim_beside_another(meanwhile: Meanwhile) -> None:
    world = World()
    member, other = world.member(), world.member()
    order = world.purchase(None, 1_000)
    world.booked(order)
    meanwhile(lambda: world.book(world.claim(order, other)))
    outcomes = world.book(world.claim(order, member))
    assert tally(outcomes) in ({"booked": 1}, {"already_claimed": 1})
    world.verify()


def test_a_purchase_beside_its_refund(meanwhile: Meanwhile) -> None:
    world = World()
    member = world.member()
    order = world.purchase(member, 1_000)
    meanwhile(lambda: world.booked(order))
    [refunded] = world.book(world.refund(order))
    assert tally([refunded]) in ({"booked": 1}, {"unknown_order": 1})
    world.verify()


def test_an_enrolment_beside_itself(meanwhile: Meanwhile) -> None:
    world = World()
    [phone] = phones(1)
    same = person(phone)
    rival: list[Any] = []
    meanwhile(lambda: rival.extend(world.enrol(same)))
    [first] = world.enrol(same)
    assert isinstance(first, Enrolled), first
    assert first.is_new, "the same request has the same answer"
    [again] = world.enrol(same)
    assert isinstance(again, Enrolled)
    assert (again.member_id, again.replayed) == (first.member_id, True)
    world.verify()
