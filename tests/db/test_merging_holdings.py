"""Merging, parting and leaving with everything that members own: what pends, holds, growth, stored
money, passes, tiers in time, benefits."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.acts import capture, confirmation, hold, release
from tests.people import erasure, info, leave, merge, undo
from tests.wallets import Purse
from tests.world import RATE, World, rule_set, rungs

from jifen.earning.types import OpeningLot, Reversal

WEEK = {"points": {"kind": "days", "days": 7}}
DELIVERY = {"points": {"kind": "confirmed"}}
DAY = timedelta(days=1)


def state(world: World, member: uuid.UUID, unit: str = "points", **at: Any) -> tuple[int, ...]:
    """(available, pending, held, deficit)"""
    found = world.balance(member, unit, **at)
    return found.available, found.pending, found.held, found.deficit


# --- what pends --------------------------------------------------------------


def test_what_pends_goes_on_pending_with_the_survivor() -> None:
    world = World(rule_set(pending=WEEK))
    mine, theirs = world.member(), world.member()
    world.booked(world.purchase(theirs, 10_000))
    booked = world.booked(merge(world, mine, theirs))
    assert state(world, mine) == (0, 100, 0, 0)
    assert state(world, mine, at=world.at + 8 * DAY) == (100, 0, 0, 0)
    world.verify()
    world.booked(undo(world, booked.id))
    assert (state(world, mine), state(world, theirs)) == ((0, 0, 0, 0), (0, 100, 0, 0))
    assert state(world, theirs, at=world.at + 8 * DAY) == (100, 0, 0, 0)
    world.verify()


def test_a_refund_takes_what_pends_of_the_order_after_a_merge() -> None:
    world = World(rule_set(pending=WEEK))
    mine, theirs = world.member(20), world.member()
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    world.booked(merge(world, mine, theirs))
    world.booked(world.refund(order))
    assert state(world, mine) == (20, 0, 0, 0)
    world.verify()


def test_a_delivery_confirmed_after_a_merge_makes_the_points_spendable() -> None:
    world = World(rule_set(pending=DELIVERY))
    mine, theirs = world.member(), world.member()
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    world.booked(merge(world, mine, theirs))
    assert state(world, mine) == (0, 100, 0, 0)
    assert world.booked(confirmation(world, order)).member_id == mine
    assert state(world, mine) == (100, 0, 0, 0)
    world.verify()


def test_leaving_forfeits_what_pends_too() -> None:
    world = World(rule_set(pending=WEEK))
    member = world.member(30)
    world.booked(world.purchase(member, 10_000))
    assert world.booked(leave(world, member)).points == {"points": -130}
    assert state(world, member, at=world.at + 8 * DAY) == (0, 0, 0, 0)
    world.verify()


# --- holds -------------------------------------------------------------------


def test_nobody_leaves_or_is_merged_while_points_are_held() -> None:
    world = World()
    member, survivor = world.member(100), world.member()
    held = world.booked(hold(world, member, 60))
    for act in (leave, erasure):
        assert world.refused(act(world, member)) == "holds_open"
    assert world.refused(merge(world, survivor, member)) == "holds_open"
    assert state(world, member) == (40, 0, 60, 0)
    world.booked(release(world, held.id))
    world.booked(merge(world, survivor, member))
    assert state(world, survivor) == (100, 0, 0, 0)
    world.verify()


def test_a_hold_that_has_ended_by_itself_stands_in_nobodys_way() -> None:
    world = World()
    member = world.member(100)
    world.booked(hold(world, member, 60, minutes=5))
    late = world.at + timedelta(minutes=5)
    assert world.booked(leave(world, member), at=late).points == {"points": -100}
    world.verify()


def test_all_that_a_hold_had_taken_crosses_once_the_hold_has_ended() -> None:
    world = World()
    mine, theirs = world.member(), world.member(20)
    world.booked(hold(world, theirs, 20, minutes=5))
    world.at += timedelta(minutes=5)
    booked = world.booked(merge(world, mine, theirs))
    assert (world.available(mine), world.available(theirs)) == (20, 0)
    world.booked(hold(world, mine, 20, minutes=5))
    world.at += timedelta(minutes=5)
    world.booked(undo(world, booked.id))
    assert (world.available(mine), world.available(theirs)) == (0, 20)
    world.verify()


def test_the_survivors_own_holds_stay_and_are_captured() -> None:
    world = World()
    mine, theirs = world.member(50), world.member(10)
    held = world.booked(hold(world, mine, 40))
    booked = world.booked(merge(world, mine, theirs))
    assert state(world, mine) == (20, 0, 40, 0)
    world.booked(capture(world, held.id))
    world.booked(undo(world, booked.id))
    assert (state(world, mine)[0], state(world, theirs)[0]) == (10, 10)
    world.verify()


# --- growth and tiers --------------------------------------------------------


def test_growth_adds_up_to_a_tier_and_comes_apart_again() -> None:
    grow = {**RATE, "code": "grow", "unit": "growth"}
    ladder = {"by": "growth", "unit": "growth", "rungs": rungs(silver=100, gold=300)}
    world = World(rule_set(RATE, grow, ladder=ladder))
    mine, theirs = world.member(), world.member()
    for who in (mine, theirs):
        world.booked(world.purchase(who, 20_000))
    booked = world.booked(merge(world, mine, theirs))
    assert (world.tier(mine), world.available(mine, "growth")) == ("gold", 400)
    world.booked(undo(world, booked.id))
    assert [world.tier(each) for each in (mine, theirs)] == ["silver", "silver"]
    assert [world.available(each, "growth") for each in (mine, theirs)] == [200, 200]
    world.verify()


def test_spend_by_period_adds_up_and_comes_apart_again() -> None:
    ladder = {"by": "spend_period", "period": "month", "rungs": rungs(silver=100, gold=30_000)}
    world = World(rule_set(ladder=ladder))
    mine, theirs = world.member(), world.member()
    for who in (mine, theirs):
        world.booked(world.purchase(who, 20_000))
    before = [world.dump(each) for each in (mine, theirs)]
    booked = world.booked(merge(world, mine, theirs))
    assert world.tier(mine) == "gold"
    assert world.dump(mine)["periods"] == {"2026-06": 40_000}
    world.booked(undo(world, booked.id))
    for dump, who in zip(before, (mine, theirs), strict=True):
        after = world.dump(who)
        assert [after[name] for name in ("tier", "periods", "spend_minor", "purchases_kept")] == [
            dump[name] for name in ("tier", "periods", "spend_minor", "purchases_kept")
        ]
    world.verify()


def test_a_tier_that_was_brought_is_the_survivors_and_goes_back() -> None:
    ladder = {"by": "spend", "rungs": rungs(silver=100, gold=30_000)}
    world = World(rule_set(ladder=ladder))
    mine, theirs = world.member(), world.member(1, tier="gold")
    booked = world.booked(merge(world, mine, theirs))
    order = world.purchase(mine, 200)
    world.book(order, world.refund(order))
    assert world.tier(mine) == "gold"
    world.booked(undo(world, booked.id))
    assert [world.tier(each) for each in (mine, theirs)] == ["", "gold"]
    world.verify()


# --- money and passes --------------------------------------------------------


def test_stored_money_crosses_and_is_paid_out_to_the_survivor() -> None:
    purse = Purse()
    mine, theirs = purse.member(), purse.member()
    first = purse.top_up(theirs, 10_000)
    purse.booked(first)
    purse.booked(merge(purse, mine, theirs))
    assert (purse.available(mine, "principal"), purse.available(mine, "bonus")) == (10_000, 1_000)
    for minor in (4_000, None):
        assert purse.booked(purse.pay_out(first, minor)).member_id == mine
        purse.verify()
    assert (purse.available(mine, "principal"), purse.available(mine, "bonus")) == (0, 0)


def test_an_order_paid_from_a_card_comes_back_to_the_survivor() -> None:
    purse = Purse()
    mine, theirs = purse.member(), purse.member()
    purse.booked(purse.top_up(theirs, 20_000))
    order = purse.purchase(theirs, 8_000, stored_minor=5_500)
    purse.booked(order)
    purse.booked(merge(purse, mine, theirs))
    purse.booked(purse.refund(order))
    assert (purse.available(mine, "principal"), purse.available(mine, "bonus")) == (20_000, 2_000)
    assert purse.available(mine) == 0
    purse.verify()


def test_nobody_leaves_with_money_on_the_card_and_what_was_given_goes() -> None:
    purse = Purse()
    member = purse.member(300)
    purse.booked(purse.convert(member, "wash"))
    purse.booked(purse.top_up(member, 20_000))
    for act in (leave, erasure):
        assert purse.refused(act(purse, member)) == "money_left"
    assert info(purse, member).status == "active"
    order = purse.purchase(member, 22_000, stored_minor=22_000)
    purse.booked(order)
    left = purse.booked(leave(purse, member))
    assert left.points["wash"] == -1
    assert all(points < 0 for points in left.points.values())
    purse.verify()
    # Money is owed, also to somebody who has left; what was given is not.
    purse.booked(purse.refund(order))
    assert purse.available(member, "principal") == 20_000
    assert (purse.available(member, "bonus"), purse.available(member)) == (0, 0)
    purse.verify()


def test_passes_cross_and_a_use_is_undone_for_the_survivor() -> None:
    purse = Purse()
    mine, theirs = purse.member(), purse.member(600)
    purse.booked(purse.convert(theirs, "wash", 2))
    used = purse.booked(purse.use_pass(theirs))
    purse.booked(merge(purse, mine, theirs))
    assert purse.available(mine, "wash") == 1
    reversal = Reversal(
        key=uuid.uuid4().hex, occurred_at=purse.at, of=used.id, reason="closed", actor="y"
    )
    assert purse.booked(reversal).member_id == mine
    assert purse.available(mine, "wash") == 2
    assert purse.booked(purse.use_pass(theirs, 2)).member_id == mine
    purse.verify()


def test_dates_and_origins_of_every_unit_are_kept() -> None:
    purse = Purse()
    soon = purse.at + 5 * DAY
    mine = purse.member()
    theirs = purse.member(
        OpeningLot("points", 5, soon), OpeningLot("stars", 7), OpeningLot("wash", 2, soon)
    )
    booked = purse.booked(merge(purse, mine, theirs))
    for unit, lots in {"points": [(5, soon)], "stars": [(7, None)], "wash": [(2, soon)]}.items():
        assert purse.lots(mine, unit) == lots
    purse.booked(undo(purse, booked.id))
    for unit, lots in {"points": [(5, soon)], "stars": [(7, None)], "wash": [(2, soon)]}.items():
        assert purse.lots(theirs, unit) == lots
        assert purse.lots(mine, unit) == []
    purse.verify()


# --- undone, and what came before the merge is taken back --------------------


def parted(world: World, mine: uuid.UUID, theirs: uuid.UUID, days: int = 0) -> None:
    """Both were one member for so many days."""
    booked = world.booked(merge(world, mine, theirs))
    world.at += days * DAY
    world.booked(undo(world, booked.id))


def test_a_refund_takes_the_orders_own_points_after_a_merge_was_undone() -> None:
    """50 of the order end in 9 days; 100 never do, and are not the order's."""
    world = World(rule_set(expiry={"points": {"kind": "after", "days": 9}}))
    mine, theirs = world.member(), world.member(100)
    order = world.purchase(theirs, 2_000, 3_000)
    world.booked(order)
    parted(world, mine, theirs)
    world.booked(world.refund(order, (0, 1)))
    assert [left for left, _ in world.lots(theirs)] == [100, 30]
    parted(world, mine, theirs)
    world.booked(world.refund(order))
    assert [left for left, _ in world.lots(theirs)] == [100]
    world.verify()


@pytest.mark.parametrize("merged_days", [0, 20], ids=["after", "while merged"])
def test_what_ended_counts_as_taken_back_whatever_merges_were_undone(merged_days: int) -> None:
    world = World(rule_set(expiry={"points": {"kind": "after", "days": 9}}))
    mine, theirs = world.member(), world.member(100)
    order = world.purchase(theirs, 5_000)
    world.booked(order)
    parted(world, mine, theirs, merged_days)
    world.at += 20 * DAY
    assert world.booked(world.refund(order)).points == {}
    assert world.available(theirs) == 100
    world.verify()


def test_a_delivery_confirmed_after_a_merge_was_undone_makes_the_points_spendable() -> None:
    world = World(rule_set(pending=DELIVERY))
    mine, theirs = world.member(), world.member()
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    parted(world, mine, theirs)
    world.booked(confirmation(world, order))
    assert state(world, theirs) == (100, 0, 0, 0)
    world.verify()


def test_money_is_paid_out_after_a_merge_was_undone_and_after_another_one() -> None:
    purse = Purse()
    mine, theirs = purse.member(), purse.member()
    top_up = purse.saved(theirs, 10_000)
    parted(purse, mine, theirs)
    assert purse.booked(purse.pay_out(top_up, 4_000)).member_id == theirs
    purse.booked(merge(purse, mine, theirs))
    assert purse.booked(purse.pay_out(top_up)).member_id == mine
    assert purse.stored(mine) == purse.stored(theirs) == (0, 0)
    purse.verify()


def test_of_two_merges_undone_each_gives_back_the_very_lots_that_came() -> None:
    """What pends goes on pending, and what ends soon stays with whose it was."""
    world = World(rule_set(pending=WEEK))
    soon = world.at + 5 * DAY
    first, second, third = (
        world.member(OpeningLot("points", points, soon)) for points in (10, 20, 40)
    )
    world.booked(world.purchase(first, 10_000))
    inner = world.booked(merge(world, second, first))
    outer = world.booked(merge(world, third, second))
    world.booked(undo(world, outer.id))
    world.booked(undo(world, inner.id))
    assert [state(world, each)[:2] for each in (first, second, third)] == [
        (10, 100), (20, 0), (40, 0)
    ]  # fmt: skip
    world.verify()
