"""What crosses in a merge and comes apart again of a standing: uses of benefits, given tiers."""

import uuid

import pytest
from tests.people import info, merge, undo
from tests.tiered import DELIVERY, gold, grants, local, reversal_of, uses, yearly
from tests.world import World, codes, ref

from jifen.earning.types import Booked, TierGrantEnd
from jifen.tiers.models import BenefitUsage, Standing

THREE = {**DELIVERY, "quota": {"uses": 3, "per": "month"}}
DAY = local(2026, 6, 3)


def used(world: World, member: uuid.UUID) -> tuple[int, int]:
    """(used, quota) of the month."""
    with world.scope():
        row = BenefitUsage.objects.filter(member_id=member, period="2026-06").first()
    return (row.used, row.quota) if row else (0, 0)


def two(world: World) -> tuple[uuid.UUID, uuid.UUID]:
    return gold(world, DAY), gold(world, DAY)


def test_uses_of_benefits_are_added_in_a_merge() -> None:
    world = World(yearly(benefits=[DELIVERY]), at=DAY)
    mine, theirs = two(world)
    world.booked(uses(world, theirs, DAY))
    world.booked(merge(world, mine, theirs))
    assert used(world, mine) == (1, 1)
    assert world.refused(uses(world, mine, DAY)) == "benefit_used_up"


def test_a_quota_that_both_have_used_up_stays_used_up() -> None:
    world = World(yearly(benefits=[DELIVERY]), at=DAY)
    mine, theirs = two(world)
    for member in (mine, theirs):
        world.booked(uses(world, member, DAY))
    booked = world.booked(merge(world, mine, theirs))
    assert used(world, mine) == (2, 2)
    assert world.refused(uses(world, mine, DAY)) == "benefit_used_up"
    world.booked(undo(world, booked.id))
    assert (used(world, mine), used(world, theirs)) == ((1, 1), (1, 1))


def test_an_order_with_a_benefit_is_refunded_after_the_merge() -> None:
    world = World(yearly(benefits=[DELIVERY]), at=DAY)
    mine, theirs = two(world)
    order = world.purchase(theirs, 700)
    for booked in world.book(order, uses(world, theirs, DAY, reference=order.reference)):
        assert isinstance(booked, Booked)
    world.booked(merge(world, mine, theirs))
    world.booked(world.refund(order))
    assert used(world, mine)[0] == 0
    world.booked(uses(world, mine, DAY))


def test_what_was_used_between_a_merge_and_its_undoing_stays_with_the_survivor() -> None:
    world = World(yearly(benefits=[THREE]), at=DAY)
    mine, theirs = two(world)
    for _ in range(2):
        world.booked(uses(world, theirs, DAY))
    booked = world.booked(merge(world, mine, theirs))
    world.booked(uses(world, mine, DAY))
    assert world.refused(uses(world, mine, DAY)) == "benefit_used_up"
    world.booked(undo(world, booked.id))
    assert (used(world, mine)[0], used(world, theirs)[0]) == (1, 2)
    world.booked(uses(world, mine, DAY))
    world.booked(uses(world, theirs, DAY))


def test_a_merge_is_not_undone_once_a_use_of_the_other_was_given_back() -> None:
    world = World(yearly(benefits=[DELIVERY]), at=DAY)
    mine, theirs = two(world)
    use = world.booked(uses(world, theirs, DAY))
    booked = world.booked(merge(world, mine, theirs))
    world.booked(reversal_of(use.id, DAY))
    assert used(world, mine)[0] == 0
    assert world.refused(undo(world, booked.id)) == "merged_orders_touched"


@pytest.mark.parametrize("together", [False, True], ids=["alone", "beside an act of the other"])
def test_an_order_of_the_survivor_gives_a_use_of_the_merged_member_back(together: bool) -> None:
    """They are one person now, whatever else comes in the same batch."""
    world = World(yearly(benefits=[DELIVERY]), at=DAY)
    mine, theirs = two(world)
    order = world.purchase(mine, 700)
    world.booked(order)
    world.booked(uses(world, theirs, DAY, reference=order.reference))
    booked = world.booked(merge(world, mine, theirs))
    assert used(world, mine) == (1, 1)
    beside = [world.purchase(theirs, 100)] if together else []
    for outcome in world.book(*beside, world.refund(order)):
        assert isinstance(outcome, Booked)
    assert used(world, mine)[0] == 0
    assert world.refused(undo(world, booked.id)) == "merged_orders_touched"
    world.booked(uses(world, mine, DAY))
    world.verify()


def test_an_order_gives_no_use_of_another_member_back() -> None:
    world = World(yearly(benefits=[DELIVERY]), at=DAY)
    mine, theirs = two(world)
    order = world.purchase(mine, 700)
    world.booked(order)
    world.booked(uses(world, theirs, DAY, reference=order.reference))
    booked = world.booked(merge(world, mine, theirs))
    world.booked(undo(world, booked.id))
    world.booked(world.refund(order))
    assert (used(world, mine)[0], used(world, theirs)) == (0, (1, 1))
    world.verify()


def test_a_use_of_somebody_who_was_parted_in_the_same_batch_waits() -> None:
    """The refund is tried again, and then it is not the survivor's use any more."""
    world = World(yearly(benefits=[DELIVERY]), at=DAY)
    mine, theirs = two(world)
    order = world.purchase(mine, 700)
    world.booked(order)
    world.booked(uses(world, theirs, DAY, reference=order.reference))
    booked = world.booked(merge(world, mine, theirs))
    outcomes = world.book(undo(world, booked.id), world.refund(order))
    assert codes(outcomes) == ["member_busy"]
    world.booked(world.refund(order))
    assert (used(world, mine)[0], used(world, theirs)) == (0, (1, 1))
    world.verify()


def given(world: World, member: uuid.UUID) -> tuple[str, str]:
    with world.scope():
        row = Standing.objects.get(id=member)
    return row.manual_tier, world.tier(member)


def test_undoing_a_merge_leaves_the_survivor_the_tier_it_was_given() -> None:
    world = World(yearly(), at=DAY)
    mine, theirs = world.member(), world.member()
    until = local(2026, 12, 1)
    for member in (mine, theirs):
        grants(world, member, "gold", DAY, until=until)
    booked = world.booked(merge(world, mine, theirs))
    world.booked(undo(world, booked.id))
    assert given(world, mine) == given(world, theirs) == ("gold", "gold")
    assert info(world, theirs).status == "active"


def test_undoing_a_merge_brings_no_tier_back_that_staff_took_away() -> None:
    world = World(yearly(), at=DAY)
    mine, theirs = world.member(), world.member()
    grants(world, mine, "gold", DAY)
    booked = world.booked(merge(world, mine, theirs))
    ended = TierGrantEnd(key="end", occurred_at=DAY, member=ref(mine), reason="r", actor="a")
    world.booked(ended)
    assert given(world, mine) == ("", "")
    world.booked(undo(world, booked.id))
    assert given(world, mine) == ("", "")


def test_undoing_a_merge_takes_a_given_tier_back_that_it_had_brought() -> None:
    world = World(yearly(), at=DAY)
    mine, theirs = world.member(), world.member()
    grants(world, theirs, "gold", DAY)
    booked = world.booked(merge(world, mine, theirs))
    assert given(world, mine) == ("gold", "gold")
    world.booked(undo(world, booked.id))
    assert given(world, mine) == ("", "")
