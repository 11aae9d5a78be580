"""What counts once counts once, although many bring it at the same moment."""

from tests.concurrency.racing import at_once, each_alone, earned, tally
from tests.world import RATE, World, ref, rule_set, rungs

from jifen.earning.types import Birthday, Reversal
from jifen.ledger.models import Account
from jifen.programmes import services as programmes

WELCOME = {"kind": "first_order", "code": "welcome", "points": 500, "unit": "points"}
CHECK_IN = {
    "kind": "behaviour",
    "code": "daily",
    "on": "check_in",
    "points": 10,
    "unit": "points",
}


def test_ten_first_orders_at_once_give_one_bonus() -> None:
    world = World(rule_set(RATE, WELCOME))
    for _ in range(4):
        member = world.member()
        outcomes = each_alone(world, [world.purchase(member, 1_000) for _ in range(10)])
        assert tally(outcomes) == {"booked": 10}
        assert world.available(member) == 10 * 10 + 500
    world.verify()


def test_check_ins_at_once_count_once_a_day() -> None:
    world = World(rule_set(CHECK_IN))
    for _ in range(5):
        member = world.member()
        outcomes = each_alone(world, [world.behaviour(member, "check_in") for _ in range(16)])
        assert tally(outcomes) == {"booked": 1, "already_done": 15}
        assert world.available(member) == 10
    world.verify()


def test_birthdays_at_once_count_once_a_year() -> None:
    gift = {"kind": "behaviour", "code": "cake", "on": "birthday", "points": 88, "unit": "points"}
    world = World(rule_set(gift))
    member = world.member(birthday_on=world.at.date())
    gifts = [Birthday(key=f"b{n}", occurred_at=world.at, member=ref(member)) for n in range(16)]
    assert tally(each_alone(world, gifts)) == {"booked": 1, "already_done": 15}
    assert world.available(member) == 88
    world.verify()


def test_an_adjustment_is_reversed_once() -> None:
    world = World()
    for points, left in ((50, 100), (-60, 100)):
        member = world.member(100)
        wrong = world.booked(world.adjustment(member, points))
        reversals = [
            Reversal(key=f"r{n}{points}", occurred_at=world.at, of=wrong.id, reason="r", actor="a")
            for n in range(16)
        ]
        assert tally(each_alone(world, reversals)) == {"booked": 1, "already_done": 15}
        assert world.available(member) == left
    world.verify()


def test_a_tier_is_reached_once_by_parallel_orders() -> None:
    gift = {
        "kind": "behaviour",
        "code": "hello-gold",
        "on": "tier_reached:gold",
        "points": 1_000,
        "unit": "points",
    }
    ladder = {"by": "spend", "rungs": rungs(base=0, gold=5_000)}
    world = World(rule_set(RATE, gift, ladder=ladder))
    member = world.member()
    outcomes = each_alone(world, [world.purchase(member, 1_000) for _ in range(16)])
    assert tally(outcomes) == {"booked": 16}
    assert (world.tier(member), world.available(member)) == ("gold", 16 * 10 + 1_000)
    world.verify()


def test_accounts_of_a_new_unit_are_opened_once() -> None:
    world = World()
    members = [world.member() for _ in range(6)]
    with world.scope():
        programmes.add_unit(code="stars", kind="points", name_zh="星", name_en="stars")
    world.publish(rule_set({**RATE, "unit": "stars"}))
    outcomes = each_alone(
        world, [world.purchase(member, 1_000) for member in members for _ in range(8)]
    )
    assert tally(outcomes) == {"booked": 48}
    assert earned(outcomes, "stars") == 480
    assert [world.available(member, "stars") for member in members] == [80] * 6
    with world.scope():
        assert Account.objects.filter(unit__code="stars").count() == 6
    world.verify()


def test_a_rule_set_published_by_many_at_once_is_one_version() -> None:
    world = World()
    document = rule_set({**RATE, "points": 2})
    versions = at_once([lambda: world.publish(document)] * 16)
    assert versions == [2] * 16
    each = at_once(
        [lambda n=n: world.publish(rule_set({**RATE, "points": n})) for n in range(3, 19)]  # type: ignore[misc]
    )
    assert sorted(each) == list(range(3, 19))
