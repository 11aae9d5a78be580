"""Benefits in the books: quotas by local period, uses given back, the constraint behind them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.tiered import (
    DELIVERY,
    NAMES,
    ends,
    gold,
    local,
    reversal_of,
    timeline,
    told,
    uses,
    yearly,
)
from tests.world import NOON, World, ref

from jifen.common.ids import new_id
from jifen.earning.types import Behaviour
from jifen.tiers.models import BenefitUsage, Standing


def test_a_quota_is_of_the_local_month_of_occurrence() -> None:
    world = World(yearly(benefits=[DELIVERY]))
    at = local(2026, 7, 1)
    member = gold(world, at)
    last = at - timedelta(seconds=1)  # booked late, used in June
    for when in (last, at):
        world.booked(uses(world, member, when), at=at)
    assert world.refused(uses(world, member, at), at=at) == "benefit_used_up"
    assert world.dump(member)["uses"] == {("delivery", "2026-06"): 1, ("delivery", "2026-07"): 1}


def test_in_one_batch_the_second_use_sees_the_first_and_a_refund_gives_it_back() -> None:
    world = World(yearly(benefits=[DELIVERY]))
    at = local(2026, 7, 1)
    member = gold(world, at)
    order = world.purchase(member, 700, occurred_at=at)
    outcomes = world.book(
        order,
        uses(world, member, at, reference=order.reference),
        uses(world, member, at, reference=order.reference),
        uses(world, member, at),
        world.refund(order, occurred_at=at),
        uses(world, member, at),
        at=at,
    )
    assert [getattr(outcome, "error", None) and outcome.error.code for outcome in outcomes] == [  # type: ignore[union-attr]
        None,
        None,
        "already_done",
        "benefit_used_up",
        None,
        None,
    ]
    assert [info.kind for info in timeline(world, member)].count("benefit_back") == 1
    assert world.dump(member)["uses"] == {("delivery", "2026-07"): 1}


def test_a_refund_gives_no_use_of_another_member_back() -> None:
    world = World(yearly(benefits=[DELIVERY]))
    at = local(2026, 7, 1)
    member, friend = gold(world, at), gold(world, at)
    order = world.purchase(member, 700, occurred_at=at)
    world.booked(order, at=at)
    world.booked(uses(world, friend, at, reference=order.reference), at=at)
    world.booked(world.refund(order, occurred_at=at), at=at)
    assert world.dump(friend)["uses"] == {("delivery", "2026-07"): 1}


def test_a_quota_that_is_lowered_takes_nothing_back_and_gives_nothing_more() -> None:
    twice = {**DELIVERY, "quota": {"uses": 2, "per": "month"}}
    world = World(yearly(benefits=[twice]))
    at = local(2026, 7, 1)
    member = gold(world, at)
    first = world.booked(uses(world, member, at), at=at)
    world.booked(uses(world, member, at), at=at)
    world.publish(yearly(benefits=[DELIVERY]))
    assert world.refused(uses(world, member, at), at=at) == "benefit_used_up"
    world.booked(reversal_of(first.id, at), at=at)
    assert world.refused(uses(world, member, at), at=at) == "benefit_used_up"
    assert world.dump(member)["uses"] == {("delivery", "2026-07"): 1}


def test_the_database_refuses_a_use_beyond_the_quota() -> None:
    world = World(yearly(benefits=[DELIVERY]))
    member = world.member()
    for used in (2, -1):
        row = BenefitUsage(member_id=member, benefit="b", period="2026-07", used=used, quota=1)
        with (
            pytest.raises(IntegrityError, match="benefit_usage_within_quota"),
            world.scope(),
            transaction.atomic(),
        ):
            row.save(force_insert=True)


def test_the_database_refuses_an_end_without_its_stages() -> None:
    world = World(yearly())
    member = world.member()
    with (
        pytest.raises(IntegrityError, match="standing_ends_as_its_stages_say"),
        world.scope(),
        transaction.atomic(),
    ):
        Standing.objects.filter(id=member).update(tier_until=NOON)


def test_a_benefit_without_a_quota_is_written_down_and_not_counted() -> None:
    price = {"kind": "discount", "code": "price", "name": NAMES, "rates": {"gold": "0.9"}}
    world = World(yearly(benefits=[price]))
    at = local(2026, 7, 1)
    member = gold(world, at)
    for _ in range(3):
        world.booked(uses(world, member, at, benefit="price"), at=at)
    assert world.dump(member)["uses"] == {}
    assert told(world, member, "benefit_use") == ["The benefit price of tier gold was used"] * 3


def test_a_benefit_ends_with_its_tier_although_no_job_has_run() -> None:
    world = World(yearly(benefits=[DELIVERY]))
    member = gold(world, local(2026, 7, 1))
    at = local(2028, 1, 1)
    assert world.refused(uses(world, member, at), at=at) == "benefit_not_held"


def test_nobody_elses_benefit_or_tier_is_touched() -> None:
    world, other = World(yearly(benefits=[DELIVERY])), World(yearly(benefits=[DELIVERY]))
    member = gold(world, local(2026, 7, 1))
    foreign = Behaviour(key=new_id().hex, occurred_at=other.at, member=ref(member), name="check_in")
    assert other.refused(foreign) == "unknown_member"
    assert other.refused(uses(other, member, other.at)) == "unknown_member"
    assert ends(other, local(2030, 1, 1)) == 0
    assert world.tier(member, local(2026, 8, 1)) == "gold"
