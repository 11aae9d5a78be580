"""Growth by period, and tiers that were given by staff, brought, or bought with points."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from tests.tiered import (
    GROW,
    WELCOME,
    YEARLY,
    buys,
    ends,
    grants,
    local,
    reversal_of,
    told,
    yearly,
)
from tests.world import NOON, RATE, World, ref, rule_set, rungs

from jifen.earning import standing
from jifen.earning.types import Conversion, Opening

# --- growth --------------------------------------------------------------------------------------

BY_GROWTH: dict[str, Any] = {
    "by": "growth",
    "unit": "growth",
    "rungs": rungs(silver=10, gold=50),
    "keep": YEARLY,
}


def test_growth_counts_in_the_period_in_which_it_was_earned() -> None:
    world = World(rule_set(RATE, GROW, ladder=BY_GROWTH, offset=None))
    member = world.member()
    order = world.purchase(member, 5_000, occurred_at=local(2026, 6, 1))
    world.booked(order, at=local(2026, 6, 1))
    at = local(2027, 6, 1)
    world.booked(world.adjustment(member, 20, unit="growth", occurred_at=at), at=at)
    assert world.dump(member)["grown"] == {"2026": 50, "2027": 20}
    # A refund in the next year takes it out of the year of its order.
    world.booked(world.refund(order, (0, 1), occurred_at=at), at=at)
    assert world.dump(member)["grown"] == {"2027": 20}
    assert world.tier(member, local(2028, 6, 1)) == "silver"


def test_a_reversal_takes_growth_out_of_the_period_it_was_counted_in() -> None:
    rule = {"kind": "behaviour", "code": "check", "on": "check_in", "points": 50, "unit": "growth"}
    world = World(rule_set(RATE, rule, ladder=BY_GROWTH))
    member = world.member()
    december, january = local(2026, 12, 31, 12), local(2027, 1, 1, 12)
    done = [
        world.booked(world.behaviour(member, "check_in", occurred_at=december), at=december),
        world.booked(world.adjustment(member, 7, unit="growth", occurred_at=december), at=december),
    ]
    assert world.dump(member)["grown"] == {"2026": 57}
    for booked in done:
        world.booked(reversal_of(booked.id, january), at=january)
    assert world.dump(member)["grown"] == {}
    assert world.tier(member, january) == ""


def test_spending_and_expiring_points_touch_no_tier() -> None:
    world = World(rule_set(RATE, GROW, ladder=BY_GROWTH))
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    at = local(2026, 7, 1)
    world.booked(world.adjustment(member, -50, occurred_at=at), at=at)
    assert world.tier(member, at) == "gold"
    assert world.dump(member)["grown"] == {"2026": 50}


# --- given, brought and bought -----------------------------------------------------------------


def test_a_tier_that_was_given_earns_nothing_and_lifts_the_orders() -> None:
    world = World(yearly(WELCOME))
    member = world.member()
    at = local(2026, 6, 1)
    assert grants(world, member, "gold", at, until=local(2026, 9, 1)).points == {}
    assert buys(world, member, 100, at).points == {"points": 3}
    assert world.available(member) == 3
    # Earned besides, it is rewarded and stays when the given one is over.
    assert buys(world, member, 5_000, at).points == {"points": 150}
    assert world.available(member) == 3 + 150 + 500
    assert ends(world, local(2026, 9, 1)) == 1
    assert told(world, member, "tier_kept") == [
        "The tier gold that was given was over with 2026-08-31; it is earned, too"
    ]
    assert world.tier(member, local(2027, 12, 31)) == "gold"


def test_a_tier_that_was_given_without_an_end_stays_until_staff_ends_it() -> None:
    world = World(yearly())
    member = world.member()
    grants(world, member, "gold", local(2026, 6, 1))
    assert world.tier(member, local(2126, 6, 1)) == "gold"
    # A second one replaces the first.
    grants(world, member, "silver", local(2026, 7, 1), until=local(2027, 1, 1))
    assert world.tier(member, local(2026, 8, 1)) == "silver"
    assert world.tier(member, local(2027, 1, 1)) == ""


def test_a_given_tier_on_a_ladder_without_an_end() -> None:
    world = World(rule_set(RATE, ladder={"by": "spend", "rungs": rungs(silver=1_000, gold=5_000)}))
    member = world.member()
    buys(world, member, 1_000, NOON)
    assert world.dump(member)["stages"] == ""
    grants(world, member, "gold", NOON, until=NOON + timedelta(days=1))
    assert json.loads(world.dump(member)["stages"])[1] == ["silver", None]
    after = NOON + timedelta(days=1)
    assert world.tier(member, after) == "silver"
    # The next act finds the grant over, and the row is as it was before.
    buys(world, member, 100, after)
    assert (world.dump(member)["stages"], world.dump(member)["given"]) == ("", ("", ""))


def test_a_brought_tier_lasts_as_if_it_was_reached_that_day() -> None:
    world = World(yearly())
    opening = Opening(
        key="o", occurred_at=world.at, member=ref(member := world.member()), tier="gold"
    )
    world.booked(opening)
    assert world.tier(member, local(2027, 12, 31)) == "gold"
    assert world.tier(member, local(2028, 1, 1)) == "silver"
    with world.scope():
        assert standing.tier_of(member_id=member, at=world.at).why == "opening"


def test_a_brought_tier_is_for_ever_where_tiers_are() -> None:
    world = World(rule_set(RATE, ladder={"by": "spend", "rungs": rungs(silver=1_000, gold=5_000)}))
    member = world.member(tier="gold")
    assert world.tier(member, local(2126, 1, 1)) == "gold"


LIFT = {
    "to-gold": {"points": 10, "unit": "points", "to": {"kind": "tier", "tier": "gold"}},
    "to-silver": {"points": 5, "unit": "points", "to": {"kind": "tier", "tier": "silver"}},
}


def lifts(world: World, member: uuid.UUID, code: str, at: datetime) -> Conversion:
    """Points become a tier."""
    key = uuid.uuid4().hex
    return Conversion(key=key, occurred_at=at, member=ref(member), code=code)


def test_a_bought_tier_lasts_as_one_that_is_reached_and_counts_for_nothing() -> None:
    world = World(yearly(WELCOME, conversions=LIFT))
    member = world.member(12)
    at = local(2026, 6, 1)
    assert world.booked(lifts(world, member, "to-gold", at), at=at).tier == "gold"
    assert world.available(member) == 2  # and no award
    assert (world.tier(member, local(2027, 12, 31)), world.tier(member, local(2028, 1, 1))) == (
        "gold",
        "",
    )
    with world.scope():
        seen = standing.tier_of(member_id=member, at=at)
    assert (seen.why, seen.until, seen.keep) == ("bought", local(2028, 1, 1), None)
    assert world.dump(member)["periods"] == {}


def test_a_tier_that_the_member_has_anyway_is_not_sold() -> None:
    world = World(yearly(conversions=LIFT))
    member = world.member(100)
    at = local(2026, 6, 1)
    buys(world, member, 5_000, at)
    before = world.dump(member)
    for code in ("to-gold", "to-silver"):
        assert world.refused(lifts(world, member, code, at), at=at) == "tier_not_higher"
    assert world.dump(member) == before
    # A year later it would be over before the bought one is.
    later = local(2027, 6, 1)
    assert world.booked(lifts(world, member, "to-gold", later), at=later).tier == "gold"
    assert world.tier(member, local(2028, 12, 31)) == "gold"
    assert world.refused(lifts(world, member, "to-gold", later), at=later) == "tier_not_higher"


def test_a_tier_is_bought_for_ever_where_tiers_are() -> None:
    ladder = {"by": "spend", "rungs": rungs(silver=1_000, gold=5_000)}
    world = World(rule_set(RATE, ladder=ladder, conversions=LIFT))
    member = world.member(100)
    world.booked(lifts(world, member, "to-gold", world.at))
    assert world.tier(member, local(2126, 1, 1)) == "gold"
    assert world.refused(lifts(world, member, "to-silver", world.at)) == "tier_not_higher"
