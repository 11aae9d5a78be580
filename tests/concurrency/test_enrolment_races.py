"""One person enrolled by many tills at once is one member."""

import random
import uuid
from collections.abc import Callable, Sequence

import pytest
from tests.concurrency.racing import at_once, tally
from tests.world import World

from jifen.earning.services import Enrolled, NewMember
from jifen.earning.types import OpeningLot, Refused
from jifen.members.models import Identity, Member
from jifen.members.types import IdentityValue


def phones(count: int) -> list[str]:
    return [f"138{number:08d}" for number in random.sample(range(10**8), count)]


def person(phone: str, *more: IdentityValue, **changes: object) -> NewMember:
    values: dict[str, object] = {
        "key": uuid.uuid4().hex,
        "identities": (IdentityValue("phone", phone), *more),
    }
    return NewMember(**{**values, **changes})  # type: ignore[arg-type]


def enrolling(world: World, people: Sequence[NewMember]) -> Callable[[], list[Enrolled | Refused]]:
    return lambda: world.enrol(*people)


def members_of(world: World) -> int:
    with world.scope():
        return int(Member.objects.count())


def test_one_phone_at_sixteen_tills_is_one_member() -> None:
    world = World()
    for turn, phone in enumerate(phones(4)):
        answers = at_once([enrolling(world, [person(phone)]) for _ in range(16)])
        came = [each for [each] in answers if isinstance(each, Enrolled)]
        assert len(came) == 16
        assert len({each.member_id for each in came}) == 1
        assert sorted(each.is_new for each in came) == [False] * 15 + [True]
        assert members_of(world) == turn + 1
    world.verify()


def test_one_request_repeated_sixteen_times_is_one_enrolment() -> None:
    world = World()
    for phone in phones(3):
        same = person(phone, lots=(OpeningLot("points", 300),))
        answers = at_once([enrolling(world, [same])] * 16)
        came = [each for [each] in answers if isinstance(each, Enrolled)]
        assert len(came) == 16
        assert sorted(each.replayed for each in came) == [False] + [True] * 15
        [member] = {each.member_id for each in came}
        assert world.available(member) == 300
    world.verify()


def test_what_a_member_brings_is_booked_once() -> None:
    """Sixteen imports of one person under keys of their own: one opening stands."""
    world = World()
    for phone in phones(4):
        people = [person(phone, lots=(OpeningLot("points", 300),)) for _ in range(16)]
        answers = at_once([enrolling(world, [each]) for each in people])
        came = [each for [each] in answers if isinstance(each, Enrolled)]
        [member] = {each.member_id for each in came}
        openings = [each.activities[-1] for each in came]
        assert tally(openings) == {"booked": 1, "already_done": 15}
        assert world.available(member) == 300
    world.verify()


@pytest.mark.parametrize("turn", range(3))
def test_overlapping_batches_in_opposite_orders_enrol_everybody_once(
    turn: int, sqlstates: list[str]
) -> None:
    world = World()
    everybody = phones(60)
    batches = []
    for number in range(8):
        some = everybody[number * 4 : number * 4 + 32]
        batches += [some, some[::-1]]
    answers = at_once([enrolling(world, [person(phone) for phone in batch]) for batch in batches])
    found: dict[str, set[uuid.UUID]] = {}
    for batch, answer in zip(batches, answers, strict=True):
        for phone, each in zip(batch, answer, strict=True):
            assert isinstance(each, Enrolled), each
            found.setdefault(phone, set()).add(each.member_id)
    assert {len(ids) for ids in found.values()} == {1}
    new = [each for answer in answers for each in answer if isinstance(each, Enrolled)]
    assert sum(each.is_new for each in new) == len(found) == members_of(world)
    assert "40P01" not in sqlstates
    world.verify()


def test_two_phones_joined_by_one_request_stay_one_member() -> None:
    """Some bring the phone, some the card, some both: nobody is split, or the joining request
    is refused because two members are there already."""
    world = World()
    for phone in phones(4):
        card = IdentityValue("card", uuid.uuid4().hex)
        by_card = NewMember(uuid.uuid4().hex, (card,))
        people = [person(phone), by_card, person(phone, card)] * 4
        people = [NewMember(uuid.uuid4().hex, each.identities) for each in people]
        answers = at_once([enrolling(world, [each]) for each in people])
        refused = {each.error.code for [each] in answers if isinstance(each, Refused)}
        assert refused <= {"identity_taken"}
        with world.scope():
            kept = Identity.objects.filter(value__endswith=phone)
            kept |= Identity.objects.filter(value=card.value)
            owners = set(kept.values_list("member_id", flat=True))
            assert kept.count() == 2
        joined = {each.member_id for [each] in answers if isinstance(each, Enrolled)}
        assert owners == joined
        assert len(joined) == (2 if refused else 1)
    with world.scope():
        assert set(Member.objects.values_list("id", flat=True)) == set(
            Identity.objects.values_list("member_id", flat=True)
        ), "no member without an identity is left behind by a lost race"
    world.verify()
