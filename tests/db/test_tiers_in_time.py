"""Tiers in time, in the books: ends without any job, the job, refunds and awards, changed rules."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.people import freeze, leave, merge, unfreeze
from tests.tiered import (
    BY_YEAR,
    DELIVERY,
    WELCOME,
    YEARLY,
    buys,
    ends,
    local,
    timeline,
    told,
    yearly,
)
from tests.world import RATE, World, rule_set, rungs

from jifen.earning import context, exports, standing
from jifen.programmes.models import Programme

# --- right at read time --------------------------------------------------------------------------


def test_a_tier_that_is_over_multiplies_no_order_although_no_job_has_run() -> None:
    world = World(yearly())
    member = world.member()
    assert buys(world, member, 5_000, local(2026, 6, 1)).tier == "gold"
    last = local(2028, 1, 1) - timedelta(microseconds=1)
    assert world.tier(member, last) == "gold"
    preview = world.purchase(member, 100, occurred_at=last)
    assert world.preview(preview, at=last)[0].points == {"points": 3}  # type: ignore[union-attr]
    first = local(2028, 1, 1)
    assert world.tier(member, first) == "silver"
    assert buys(world, member, 100, first).points == {"points": 2}
    assert world.tier(member, local(2029, 1, 1)) == ""
    assert buys(world, member, 100, local(2029, 1, 1)).points == {"points": 1}


def test_an_order_that_comes_before_the_job_books_the_end_once() -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    buys(world, member, 100, local(2029, 3, 1))
    kinds = [(info.kind, info.tier) for info in timeline(world, member)]
    assert kinds == [
        ("enrolment", ""),
        ("purchase", "gold"),
        ("tier_lowered", "silver"),
        ("tier_lowered", ""),
        ("purchase", ""),
    ]
    assert ends(world, local(2029, 3, 1)) == 0
    assert told(world, member, "tier_lowered") == [
        "The time of tier gold was over with 2027-12-31: ¥0 in 2027 does not keep it; now silver",
        (
            "The time of tier silver was over with 2028-12-31: ¥0 in 2028 does not keep it; "
            "now no tier"
        ),
    ]


def test_the_job_goes_on_where_it_was_and_books_nothing_twice() -> None:
    world = World(yearly())
    members = [world.member() for _ in range(5)]
    for member in members:
        buys(world, member, 5_000, local(2026, 6, 1))
    assert ends(world, local(2027, 12, 31)) == 0
    night = local(2028, 1, 2)
    assert [ends(world, night, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    for member in members:
        lowered = [info for info in timeline(world, member) if info.kind == "tier_lowered"]
        assert [(info.tier, info.occurred_at) for info in lowered] == [
            ("silver", local(2028, 1, 1))
        ]
    world.verify()


def test_who_does_not_take_part_holds_up_nobody_elses_end() -> None:
    world = World(yearly())
    frozen, left, merged, survivor, other = (world.member() for _ in range(5))
    for minute, member in enumerate((frozen, left, merged, other)):
        buys(world, member, 5_000, local(2026, 6, 1, 8, minute))
    freeze(world, frozen)
    world.booked(leave(world, left))
    world.booked(merge(world, survivor, merged))
    night = local(2028, 1, 2)
    assert [ends(world, night, limit=1) for _ in range(3)] == [1, 1, 0]
    assert len(told(world, other, "tier_lowered")) == 1
    assert len(told(world, survivor, "tier_lowered")) == 1
    unfreeze(world, frozen)
    assert [ends(world, night, limit=1) for _ in range(2)] == [1, 0]
    [lowered] = [info for info in timeline(world, frozen) if info.kind == "tier_lowered"]
    assert lowered.occurred_at == local(2028, 1, 1)


def test_a_job_that_died_within_a_slice_has_booked_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    night = local(2028, 1, 2)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("jifen.tiers.sql.queries.update_terms", die)
        with pytest.raises(KeyboardInterrupt):
            ends(world, night)
    assert told(world, member, "tier_lowered") == []
    assert [ends(world, night), ends(world, night)] == [1, 0]
    assert len(told(world, member, "tier_lowered")) == 1


def test_several_ends_at_once_are_told_one_by_one() -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    assert ends(world, local(2030, 1, 1)) == 1
    lowered = [info for info in timeline(world, member) if info.kind == "tier_lowered"]
    assert [(info.tier, info.occurred_at) for info in lowered] == [
        ("silver", local(2028, 1, 1)),
        ("", local(2029, 1, 1)),
    ]


def test_a_tier_that_is_kept_is_told_too() -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    buys(world, member, 6_000, local(2027, 6, 1))
    assert ends(world, local(2028, 1, 1)) == 1
    assert told(world, member, "tier_kept") == [
        "The time of tier gold was over with 2027-12-31: ¥60 in 2027 keeps it"
    ]
    assert world.tier(member, local(2028, 12, 31)) == "gold"
    assert world.tier(member, local(2029, 1, 1)) == "silver"


def test_days_of_grace_hold_a_tier_but_count_for_the_next_period() -> None:
    world = World(yearly(ladder={"keep": {**YEARLY, "grace_days": 31}}))
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    january = local(2028, 1, 31, 23)
    assert world.tier(member, january) == "gold"
    with world.scope():
        seen = standing.tier_of(member_id=member, at=january)
    assert (seen.until, seen.then) == (local(2028, 2, 1), "silver")
    assert seen.keep is not None
    assert (seen.keep.since, seen.keep.missing, seen.keep.decided_at) == (
        "2028",
        5_000,
        local(2028, 2, 1),
    )
    assert world.tier(member, local(2028, 2, 1)) == "silver"
    # Earned again within the grace, it never goes down, and lasts to the end of the next year.
    buys(world, member, 5_000, january)
    assert world.tier(member, local(2028, 2, 1)) == "gold"
    assert world.tier(member, local(2030, 1, 31)) == "gold"


def test_an_order_that_comes_late_still_keeps_the_tier() -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    ends(world, local(2028, 1, 1))
    assert world.tier(member, local(2028, 1, 2)) == "silver"
    late = world.purchase(member, 5_000, occurred_at=local(2027, 12, 31, 23))
    assert world.booked(late, at=local(2028, 1, 2)).tier == "gold"
    assert world.tier(member, local(2028, 12, 31)) == "gold"


def test_what_leaves_in_a_file_has_the_tier_of_that_time() -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    for at, tier in (
        (local(2026, 6, 2), "gold"),
        (local(2027, 12, 31), "gold"),
        (local(2028, 1, 1), "silver"),
        (local(2029, 1, 1), ""),
    ):
        with world.scope():
            assert {row.tier for row in exports.balance_rows(at=at)} == {tier}, at


# --- refunds and awards --------------------------------------------------------------------------


def test_an_award_for_reaching_a_tier_is_given_once_and_outlives_its_end() -> None:
    world = World(yearly(WELCOME))
    member = world.member()
    order = world.purchase(member, 5_000, occurred_at=local(2026, 6, 1))
    world.booked(order, at=local(2026, 6, 1))
    assert world.available(member) == 50 + 500
    ends(world, local(2029, 1, 1))
    assert world.available(member) == 50 + 500
    # Reached again: it shows, and gives nothing more.
    again = buys(world, member, 5_000, local(2030, 6, 1))
    assert (again.tier, again.points) == ("gold", {"points": 50})
    assert world.available(member) == 600
    # A refund that leaves no period with enough takes it back, though another year is kept.
    world.booked(world.refund(order, occurred_at=local(2030, 7, 1)), at=local(2030, 7, 1))
    assert world.available(member) == 550
    world.verify()


def test_a_refund_takes_back_what_the_end_of_a_period_does_not() -> None:
    world = World(yearly(WELCOME))
    member = world.member()
    order = world.purchase(member, 5_000, occurred_at=local(2026, 6, 1))
    world.booked(order, at=local(2026, 6, 1))
    ends(world, local(2028, 1, 1))
    at = local(2028, 2, 1)
    assert world.booked(world.refund(order, occurred_at=at), at=at).tier == ""
    assert world.available(member) == 0
    assert told(world, member, "tier_lost") == ["The tier gold is lost"]


def test_a_refund_of_the_year_that_kept_it_ends_the_tier() -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    before = world.dump(member)
    keeping = world.purchase(member, 5_000, occurred_at=local(2027, 6, 1))
    world.booked(keeping, at=local(2027, 6, 1))
    assert world.tier(member, local(2028, 6, 1)) == "gold"
    at = local(2027, 7, 1)
    world.booked(world.refund(keeping, occurred_at=at), at=at)
    assert world.tier(member, local(2028, 6, 1)) == "silver"
    assert world.dump(member)["stages"] == before["stages"]


# --- the rules change, the zone changes ----------------------------------------------------------


def test_a_ladder_that_begins_to_end_tiers_works_from_the_next_act() -> None:
    forever = {key: value for key, value in BY_YEAR.items() if key != "keep"}
    world = World(rule_set(RATE, ladder={**forever, "by": "spend", "period": None}))
    member = world.member()
    buys(world, member, 5_000, local(2024, 6, 1))
    world.publish(rule_set(RATE, ladder={**forever, "by": "spend", "period": None, "keep": YEARLY}))
    assert world.tier(member, local(2090, 1, 1)) == "gold"
    at = local(2026, 6, 1)
    world.booked(world.behaviour(member, "check_in", occurred_at=at), at=at)
    # What was counted before counts in the period of this act.
    assert world.tier(member, local(2027, 12, 31)) == "gold"
    assert world.tier(member, local(2028, 1, 1)) == "silver"
    # And back: what was reached once is there again.
    world.publish(rule_set(RATE, ladder={**forever, "by": "spend", "period": None}))
    assert world.tier(member, local(2028, 1, 1)) == "silver"
    buys(world, member, 1, local(2028, 6, 1))
    assert world.tier(member, local(2028, 6, 1)) == "gold"


def test_a_higher_threshold_shortens_nothing_that_was_told() -> None:
    world = World(yearly())
    member = world.member()
    buys(world, member, 5_000, local(2026, 6, 1))
    world.publish(yearly(ladder={"rungs": rungs(silver=1_000, gold=50_000)}))
    buys(world, member, 100, local(2026, 7, 1))
    assert world.tier(member, local(2027, 12, 31)) == "gold"
    assert world.tier(member, local(2028, 12, 31)) == "silver"
    # A refund works out anew what today's ladder gives.
    order = world.purchase(member, 100, occurred_at=local(2026, 7, 1))
    at = local(2026, 7, 2)
    world.booked(order, at=at)
    world.booked(world.refund(order, occurred_at=at), at=at)
    assert world.tier(member, at) == "silver"
    assert world.tier(member, local(2028, 1, 1)) == ""


def test_a_programme_that_moves_into_another_zone() -> None:
    """Ends that were told stay; what is worked out from now on is of the new zone."""
    world = World(yearly(benefits=[DELIVERY]))
    member, other = world.member(), world.member()
    at = local(2026, 12, 31, 23)
    for each in (member, other):
        buys(world, each, 5_000, at)
    Programme.objects.filter(id=world.programme.id).update(time_zone="America/New_York")
    context._settings.pop(world.programme.id)
    midnight = local(2028, 1, 1)
    assert world.tier(member, midnight - timedelta(seconds=1)) == "gold"
    assert world.tier(member, midnight) == "silver"
    buys(world, other, 100, local(2027, 3, 1))
    new_york = datetime(2028, 1, 1, tzinfo=ZoneInfo("America/New_York"))
    assert world.tier(other, new_york - timedelta(seconds=1)) == "gold"
    assert world.tier(other, new_york) == "silver"
    with world.scope():
        seen = standing.tier_of(member_id=other, at=local(2027, 3, 1, 8))
    assert (seen.benefits[0].period, seen.benefits[0].resets_at) == (
        "2027-02",
        datetime(2027, 3, 1, tzinfo=ZoneInfo("America/New_York")),
    )
