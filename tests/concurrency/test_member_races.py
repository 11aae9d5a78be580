"""Merges, freezes and farewells beside everything else, on real connections."""

import random
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from tests.concurrency.racing import at_once, each_alone, fresh, held, in_background, tally
from tests.concurrency.racing import waiting_for as waiting
from tests.people import erasure, freeze, info, leave, merge, undo
from tests.world import OFFSET, World, rule_set

from jifen.common.errors import JifenError
from jifen.earning.services import NewMember
from jifen.earning.types import Activity, MemberRef, Outcome, Purchase
from jifen.members.models import Identity, Member
from jifen.members.types import IdentityValue

STORM_SECONDS = 3.0


def phone(number: int) -> str:
    return f"+86138{number:08}"


def by_phone(order: Purchase, number: int) -> Purchase:
    return replace(order, member=MemberRef("phone", phone(number)))


def owners_are_here(world: World) -> None:
    """Every identity belongs to a member who is one still."""
    with world.scope():
        owners = set(Identity.objects.values_list("member_id", flat=True))
        here = Member.objects.filter(id__in=owners, status__in=["active", "frozen"])
        assert here.count() == len(owners)


def test_two_merges_of_one_member_at_once_are_one() -> None:
    world = World()
    for _ in range(4):
        other, *survivors = (world.member(10) for _ in range(9))
        outcomes = each_alone(world, [merge(world, each, other) for each in survivors])
        assert tally(outcomes) == {"booked": 1, "member_merged": 7}
        assert sum(world.available(each) for each in survivors) == 90
        assert world.available(other) == 0
    world.verify()


def test_two_members_into_each_other_at_once_are_one() -> None:
    world = World()
    for _ in range(8):
        first, second = world.member(10), world.member(5)
        pair = [merge(world, first, second), merge(world, second, first)] * 4
        outcomes = each_alone(world, [replace(act, key=uuid.uuid4().hex) for act in pair])
        assert tally(outcomes) == {"booked": 1, "member_merged": 7}
        assert sorted([world.available(first), world.available(second)]) == [0, 15]
    world.verify()


def test_one_key_merges_once_and_one_merge_is_undone_once() -> None:
    world = World()
    survivor, other = world.member(10), world.member(5)
    outcomes = each_alone(world, [merge(world, survivor, other)] * 16)
    assert tally(outcomes) == {"booked": 1, "replayed": 15}
    [done] = fresh(outcomes)
    outcomes = each_alone(world, [undo(world, done.id) for _ in range(16)])
    assert tally(outcomes) == {"booked": 1, "already_done": 15}
    assert [world.available(each) for each in (survivor, other)] == [10, 5]
    world.verify()


def test_a_merge_beside_spends_loses_and_makes_nothing() -> None:
    world = World(rule_set(offset=OFFSET))
    for turn in range(6):
        survivor = world.member(100)
        other = world.member(100, phone=phone(turn))
        # Below one yuan of money nothing is earned: what is left is what was not spent.
        spends: list[Activity] = [world.purchase(other, 30, points_paid=30) for _ in range(5)]
        spends += [by_phone(world.purchase(None, 30, points_paid=30), turn) for _ in range(5)]
        acts = [*spends[:5], merge(world, survivor, other), *spends[5:]]
        outcomes = each_alone(world, acts)
        spent = 30 * sum(each.kind == "purchase" for each in fresh(outcomes))
        assert set(tally(outcomes)) <= {"booked", "insufficient_points", "member_busy"}
        assert sum(each.kind == "merge" for each in fresh(outcomes)) == 1
        assert world.available(other) == 0
        assert world.available(survivor) == 200 - spent
        assert spent >= 90
    world.verify()


def test_whoever_waited_for_a_merge_lands_on_the_survivor() -> None:
    """Resolved by phone before the merge, locked after it: the booking starts anew."""
    world = World()
    survivor, other = world.member(), world.member(10, phone=phone(1))
    low = min(survivor, other)
    with held("member", [low]) as holder:
        merging = in_background(lambda: world.book(merge(world, survivor, other)))
        waiting(holder)
        time.sleep(0.1)
    assert tally(merging()) == {"booked": 1}
    with held("member", [other]) as holder:
        answer = in_background(lambda: world.book(world.purchase(other, 1_000)))
        waiting(holder)
    [booked] = fresh(answer())
    assert booked.member_id == survivor
    assert world.available(survivor) == 20
    world.verify()


def test_nothing_is_booked_once_a_freeze_has_been_answered() -> None:
    world = World()
    member = world.member()
    frozen: list[float] = []
    begun: dict[str, float] = {}

    def stop() -> list[Outcome]:
        time.sleep(0.05)
        freeze(world, member)
        frozen.append(time.monotonic())
        return []

    def sell() -> list[Outcome]:
        seen = list[Outcome]()
        for _ in range(60):
            order = world.purchase(member, 100)
            begun[order.key] = time.monotonic()
            seen += world.book(order)
        return seen

    answers = at_once([stop, *[sell] * 6])
    outcomes = [outcome for answer in answers for outcome in answer]
    assert set(tally(outcomes)) == {"booked", "member_frozen"}
    assert all(begun[each.key] < frozen[0] for each in fresh(outcomes))
    assert world.available(member) == len(fresh(outcomes))
    world.verify()


def test_freezes_at_once_are_one() -> None:
    world = World()
    member = world.member()

    def once() -> str:
        try:
            freeze(world, member)
        except JifenError as refused:
            return refused.code
        return "done"

    assert sorted(at_once([once] * 12)) == ["already_frozen"] * 11 + ["done"]


def test_enrolments_beside_farewells_never_join_somebody_who_is_gone() -> None:
    world = World()
    for turn in range(10):
        who = IdentityValue("phone", phone(turn))
        member = world.member(5, phone=who.value)
        survivor = world.member()
        goodbye: Activity = erasure(world, member) if turn % 2 else leave(world, member)
        if turn % 3 == 0:
            goodbye = merge(world, survivor, member)

        def enrol(who: IdentityValue = who) -> Any:
            card = IdentityValue("card", uuid.uuid4().hex)
            return world.enrol(NewMember(uuid.uuid4().hex, (who, card)))[0]

        calls: list[Callable[[], Any]] = [enrol] * 5
        calls.insert(2, partial(world.book, goodbye))
        at_once(calls)
        owners_are_here(world)
    world.verify()


def test_a_storm_of_merges_undone_beside_orders_and_refunds_adds_up() -> None:
    world = World(rule_set(offset=OFFSET))
    members = [world.member(1_000, phone=phone(number)) for number in range(8)]
    merges: list[UUID] = []
    orders: list[Purchase] = []
    until = time.monotonic() + STORM_SECONDS

    def act(dice: random.Random) -> Activity | None:
        first, second = dice.sample(members, 2)
        number = dice.randrange(8)
        choices: list[Callable[[], Activity | None]] = [
            lambda: merge(world, first, second),
            lambda: undo(world, dice.choice(merges)) if merges else None,
            lambda: new_order(world.purchase(first, 1_000)),
            lambda: new_order(by_phone(world.purchase(None, 500), number)),
            lambda: new_order(world.purchase(first, 300, points_paid=100)),
            lambda: world.refund(dice.choice(orders)) if orders else None,
            lambda: world.adjustment(first, dice.choice((-50, 50))),
        ]
        return dice.choice(choices)()

    def new_order(order: Purchase) -> Purchase:
        orders.append(order)
        return order

    def storm(seed: int) -> list[Outcome]:
        dice, seen = random.Random(seed), list[Outcome]()
        while time.monotonic() < until:
            acts = [each for _ in range(dice.randrange(1, 4)) if (each := act(dice))]
            outcomes = world.book(*acts) if acts else []
            merges.extend(each.id for each in fresh(outcomes) if each.kind == "merge")
            seen += outcomes
        return seen

    answers = at_once([partial(storm, seed) for seed in range(8)])
    outcomes = [outcome for answer in answers for outcome in answer]
    codes = set(tally(outcomes))
    assert codes <= {
        *("booked", "member_merged", "member_busy", "insufficient_points", "nothing_kept"),
        *("unknown_order", "already_done", "merged_points_spent", "merged_orders_touched"),
        *("merge_with_itself",),
    }, codes
    kinds = {each.kind for each in fresh(outcomes)}
    assert kinds >= {"merge", "merge_undo", "purchase", "refund"}
    balances = [world.balance(each) for each in members]
    total = sum(each.available - each.deficit for each in balances)
    moved = [
        each.points.get("points", 0)
        for each in fresh(outcomes)
        if each.kind in {"purchase", "refund", "adjustment"}
    ]
    assert total == 8_000 + sum(moved)
    for member, balance in zip(members, balances, strict=True):
        if info(world, member).status == "merged":
            assert (balance.available, balance.deficit) == (0, 0)
    owners_are_here(world)
    world.verify()
