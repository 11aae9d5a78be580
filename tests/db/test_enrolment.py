"""Enrolment in batches: each person is enrolled whole or refused, once, and spoils no other."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.world import World, codes

from jifen.earning.services import Enrolled, NewMember
from jifen.earning.types import OpeningLot, Refused
from jifen.members.models import Member
from jifen.members.types import IdentityValue
from jifen.programmes import services as programmes
from jifen.tiers.models import Standing


def external(value: str | None = None) -> tuple[IdentityValue, ...]:
    return (IdentityValue("external", value or uuid.uuid4().hex),)


def enrolled(answer: Enrolled | Refused) -> Enrolled:
    assert isinstance(answer, Enrolled), answer
    return answer


@pytest.mark.parametrize(
    "bad",
    [
        NewMember("bad", external(), name="n" * 500),
        NewMember("bad", external(), name="n\0"),
        NewMember("k" * 201, external()),
        NewMember("bad", external(" ")),
        NewMember("bad", ()),
        NewMember("bad", external(), store="nowhere"),
        NewMember("bad", external(), birthday_on=date(2026, 6, 2)),
        NewMember("bad", external(), birthday_on=date(1899, 12, 31)),
        NewMember("bad", external(), occurred_at=datetime(2040, 1, 1, tzinfo=UTC)),
        NewMember("bad", external(), occurred_at=datetime(1990, 1, 1, tzinfo=UTC)),
    ],
    ids=[
        "long name",
        "NUL",
        "long key",
        "empty",
        "nobody",
        "store",
        "born tomorrow",
        "born before 1900",
        "future",
        "before opening",
    ],
)
def test_a_person_who_cannot_be_enrolled_spoils_no_other(bad: NewMember) -> None:
    world = World()
    before, refused, after = world.enrol(
        NewMember("a", external()), bad, NewMember("b", external())
    )
    assert isinstance(refused, Refused)
    assert {enrolled(before).is_new, enrolled(after).is_new} == {True}
    with world.scope():
        assert Member.objects.count() == Standing.objects.count() == 2


def test_what_is_brought_is_booked_once_also_by_somebody_known() -> None:
    world = World()
    who = external()
    world.enrol(NewMember("first", who))
    bringing = NewMember("second", who, lots=(OpeningLot("points", 5),))

    answers = [world.enrol(bringing, at=world.at + timedelta(days=day))[0] for day in range(3)]

    assert {enrolled(answer).member_id for answer in answers} == {enrolled(answers[0]).member_id}
    assert not [a for answer in answers for a in enrolled(answer).activities if codes([a])]
    assert world.available(enrolled(answers[0]).member_id) == 5


def test_an_enrolment_is_refused_whole_and_decided_anew() -> None:
    world = World()
    person = NewMember("k", external(), lots=(OpeningLot("stars", 5),))
    [first] = world.enrol(person)
    assert isinstance(first, Refused)
    assert first.error.code == "unknown_unit"
    with world.scope():
        programmes.add_unit(code="stars", kind="points", name_zh="星", name_en="stars")
    [again] = world.enrol(person)
    assert enrolled(again).is_new
    assert not codes(enrolled(again).activities)
    assert world.available(enrolled(again).member_id, "stars") == 5


def test_a_key_as_long_as_keys_may_be_brings_points_too() -> None:
    world = World()
    person = NewMember("k" * 200, external(), lots=(OpeningLot("points", 5),))
    for _ in range(2):
        [answer] = world.enrol(person)
        assert not codes(enrolled(answer).activities)
    assert world.available(enrolled(answer).member_id) == 5


def test_one_key_twice_in_a_batch_makes_one_member() -> None:
    world = World()
    person = NewMember("k", external())
    first, again, other = world.enrol(person, person, NewMember("k", external()))
    assert enrolled(again).member_id == enrolled(first).member_id
    assert enrolled(again).replayed
    assert isinstance(other, Refused)
    assert other.error.code == "key_conflict"
    with world.scope():
        assert Member.objects.count() == 1
