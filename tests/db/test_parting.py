"""Parted again, members have the very lots they had: whatever remembers a lot finds it.

Top-ups, orders that wait for their delivery, gifts, expiries, days of grace; after one merge, after
several, and after a merge of the survivor in between.
"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.acts import confirmation, gift
from tests.db.test_ledger import tampered, verdict
from tests.people import merge, undo
from tests.wallets import Purse, refused_with
from tests.world import OFFSET, RATE, World, ref, rule_set, rungs

from jifen.earning.types import Booked, ExpiryUndo, OpeningLot, Reversal
from jifen.ledger.models import Lot, Posting, Transaction

DAY = timedelta(days=1)
WEEK = {"points": {"kind": "days", "days": 7}}
DELIVERY = {"points": {"kind": "confirmed"}}
TEN_DAYS = {"points": {"kind": "after", "days": 10}}


def lots(world: World, member: uuid.UUID) -> list[tuple[Any, ...]]:
    """The member's open lots, with their ids."""
    with world.scope():
        rows = Lot.objects.filter(account__member_id=member).order_by("account_id", "seq")
        return list(rows.values_list("id", "seq", "remaining", "expires_at", "is_pending"))


def kinds(world: World, transaction_id: uuid.UUID, member: uuid.UUID) -> list[str]:
    """What a transaction did to the member's accounts."""
    with world.scope():
        rows = Posting.objects.filter(transaction_id=transaction_id, account__member_id=member)
        return list(rows.order_by("seq").values_list("kind", flat=True))


def merged_and_parted(world: World, survivor: uuid.UUID, other: uuid.UUID, times: int = 1) -> None:
    """They were one for a moment."""
    for _ in range(times):
        booked = world.booked(merge(world, survivor, other))
        world.booked(undo(world, booked.id))


def expiry_undo(world: World, member: uuid.UUID, days: int) -> ExpiryUndo:
    """Staff gives back what expired last."""
    with world.scope():
        ended = Transaction.objects.filter(kind="expire").latest("id").id
    return ExpiryUndo(
        key=uuid.uuid4().hex, occurred_at=world.at, member=ref(member), transaction_id=ended,
        expires_at=world.at + days * DAY, reason="goodwill", actor="Lin",
    )  # fmt: skip


def reversal(world: World, of: uuid.UUID) -> Reversal:
    """Staff undoes an act."""
    return Reversal(
        key=uuid.uuid4().hex, occurred_at=world.at, of=of, reason="a mistake", actor="Lin"
    )


# --- the very lots ---------------------------------------------------------------------------


def test_each_lot_comes_back_as_itself() -> None:
    world = World(rule_set(pending=WEEK))
    soon = world.at + 10 * DAY
    mine, theirs = world.member(100), world.member(30, OpeningLot("points", 20, soon))
    world.booked(world.purchase(theirs, 5_000))
    before = [lots(world, each) for each in (mine, theirs)]
    merged_and_parted(world, mine, theirs, times=2)
    assert [lots(world, each) for each in (mine, theirs)] == before
    world.verify()


def test_what_others_paid_for_is_new_and_what_is_left_is_not() -> None:
    world = World(rule_set(offset=OFFSET))
    soon = world.at + 10 * DAY
    mine, theirs = world.member(100), world.member(OpeningLot("points", 100, soon))
    [(lot, *_)] = lots(world, theirs)
    booked = world.booked(merge(world, mine, theirs))
    world.booked(world.purchase(mine, 100, points_paid=60))
    world.booked(undo(world, booked.id))
    first, second = lots(world, theirs)
    assert (first[0], first[2:4], second[2:4]) == (lot, (40, soon), (60, None))
    world.verify()


def test_what_ripened_with_the_survivor_is_ripe() -> None:
    world = World(rule_set(pending=WEEK))
    mine, theirs = world.member(), world.member()
    world.booked(world.purchase(theirs, 10_000))
    [(lot, *_)] = lots(world, theirs)
    booked = world.booked(merge(world, mine, theirs))
    world.at += 10 * DAY
    assert world.available(mine) == 100
    parted = world.booked(undo(world, booked.id))
    assert world.available(theirs) == 100
    assert [(each[0], each[4]) for each in lots(world, theirs)] == [(lot, False)]
    assert kinds(world, parted.id, theirs) == ["transfer_in", "ripen"]
    world.verify()


def test_a_date_that_grace_gave_comes_along() -> None:
    """The survivor's refund gave the lot days of grace: with them it comes back."""
    graced = {"points": {"kind": "after", "days": 10, "grace_days": 5}}
    world = World(rule_set(offset=OFFSET, expiry=graced))
    mine, theirs = world.member(), world.member()
    world.booked(world.purchase(theirs, 10_000))
    [(lot, *_)] = lots(world, theirs)
    booked = world.booked(merge(world, mine, theirs))
    order = world.purchase(mine, 10_000, points_paid=100)
    world.booked(order)
    world.at += 12 * DAY
    world.booked(world.refund(order))
    [(_, _, points, until, _)] = lots(world, mine)
    assert (points, until > world.at) == (100, True)
    world.booked(undo(world, booked.id))
    [back] = lots(world, theirs)
    assert (back[0], back[2:4]) == (lot, (100, until))
    world.verify()
    # The date crosses once more, and the check of transfers knows where it comes from.
    world.booked(merge(world, mine, theirs))
    assert world.lots(mine) == [(100, until)]
    world.verify()


def test_points_that_came_back_to_a_lot_of_another_origin_are_named() -> None:
    world = World(rule_set(offset=OFFSET))
    mine, theirs = world.member(), world.member(100)
    [(spent, *_)] = lots(world, theirs)
    world.booked(world.purchase(theirs, 10_000, points_paid=100))
    booked = world.booked(merge(world, mine, theirs))
    parted = world.booked(undo(world, booked.id))
    with world.scope():
        back = Posting.objects.get(transaction_id=parted.id, kind="transfer_in")
    world.verify()
    draw = f"posting_id = '{back.id}' AND amount < 0"
    with tampered(world, "draw_down", draw, lot_id=f"'{spent}'"):
        found = verdict(world)
    assert {fault.check for fault in found.faults} == {"lots", "transfers"}


def test_the_check_names_a_lot_that_came_back_with_a_date_nobody_gave_it() -> None:
    world = World(rule_set(expiry=TEN_DAYS))
    mine, theirs = world.member(), world.member()
    world.booked(world.purchase(theirs, 10_000))
    merged_and_parted(world, mine, theirs)
    world.verify()
    with world.scope():
        Lot.objects.update(expires_at=world.at + 40 * DAY)
    assert {fault.check for fault in verdict(world).faults} == {"lots"}


# --- money -----------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
def test_a_top_up_is_paid_out_after_a_merge_undone(times: int) -> None:
    purse = Purse()
    mine, theirs = purse.member(), purse.member()
    top_up = purse.top_up(theirs, 10_000)
    purse.booked(top_up)
    merged_and_parted(purse, mine, theirs, times=times)
    purse.booked(purse.pay_out(top_up, 4_000))
    assert purse.available(theirs, "principal") == 6_000
    purse.booked(purse.pay_out(top_up))
    assert (purse.available(theirs, "principal"), purse.available(theirs, "bonus")) == (0, 0)
    purse.verify()


def test_a_top_up_is_paid_out_to_the_survivor_of_a_second_merge() -> None:
    purse = Purse()
    mine, theirs = purse.member(), purse.member()
    top_up = purse.top_up(theirs, 10_000)
    purse.booked(top_up)
    merged_and_parted(purse, mine, theirs)
    purse.booked(merge(purse, mine, theirs))
    assert purse.booked(purse.pay_out(top_up)).member_id == mine
    assert purse.available(mine, "principal") == 0
    purse.verify()


def test_a_top_up_is_paid_out_after_the_survivor_was_merged_and_parted() -> None:
    """b into a, a into c, and both undone; before that, while b is a part of a still."""
    for parted in (False, True):
        purse = Purse()
        first, second, third = purse.member(), purse.member(), purse.member()
        top_up = purse.top_up(first, 10_000)
        purse.booked(top_up)
        one = purse.booked(merge(purse, second, first))
        merged_and_parted(purse, third, second)
        if parted:
            purse.booked(undo(purse, one.id))
        holder = first if parted else second
        assert purse.available(holder, "principal") == 10_000
        assert purse.booked(purse.pay_out(top_up)).member_id == holder
        assert purse.available(holder, "principal") == 0
        purse.verify()


def test_money_that_the_survivor_spent_of_it_is_not_paid_out() -> None:
    purse = Purse()
    mine, theirs = purse.member(), purse.member()
    top_up = purse.top_up(theirs, 10_000)
    purse.booked(top_up)
    booked = purse.booked(merge(purse, mine, theirs))
    purse.booked(purse.top_up(mine, 3_000))
    purse.booked(purse.adjustment(mine, -3_000, unit="principal"))
    purse.booked(undo(purse, booked.id))
    assert (purse.available(mine, "principal"), purse.available(theirs, "principal")) == (0, 10_000)
    code, fields = refused_with(purse, purse.pay_out(top_up, 8_000))
    assert (code, fields["left_minor"]) == ("top_up_spent", 7_000)
    purse.booked(purse.pay_out(top_up, 7_000))
    purse.verify()


# --- what waits, orders, gifts -----------------------------------------------------------------


@pytest.mark.parametrize("nested", [False, True])
def test_a_delivery_confirmed_after_a_merge_undone_makes_the_points_spendable(
    nested: bool,
) -> None:
    world = World(rule_set(pending=DELIVERY))
    mine, theirs, third = world.member(), world.member(), world.member()
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    booked = world.booked(merge(world, mine, theirs))
    if nested:
        merged_and_parted(world, third, mine)
    world.booked(undo(world, booked.id))
    assert world.balance(theirs).pending == 100
    world.booked(confirmation(world, order))
    found = world.balance(theirs)
    assert (found.available, found.pending) == (100, 0)
    world.verify()


def test_a_refund_after_a_merge_undone_takes_the_orders_own_lots() -> None:
    """Without them it would take what expires last: the points brought, which never do."""
    world = World(rule_set(expiry=TEN_DAYS))
    mine, theirs = world.member(), world.member(50)
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    merged_and_parted(world, mine, theirs)
    world.booked(world.refund(order))
    assert world.lots(theirs) == [(50, None)]
    world.verify()


@pytest.mark.parametrize("nested", [False, True])
def test_what_of_an_order_expired_with_a_survivor_is_not_taken_twice(nested: bool) -> None:
    """It is missing after the merge was undone, and counts as taken back by the refund."""
    world = World(rule_set(expiry=TEN_DAYS))
    mine, theirs, third = world.member(), world.member(50), world.member(7)
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    merges = [world.booked(merge(world, mine, theirs))]
    if nested:
        merges.append(world.booked(merge(world, third, mine)))
    world.at += 20 * DAY
    for each in merges[::-1]:
        world.booked(undo(world, each.id))
    assert [world.available(each) for each in (mine, theirs, third)] == [0, 50, 7]
    refunded = world.booked(world.refund(order))
    assert refunded.points == {}
    assert "expired_unspent" in {each.code for each in refunded.award.refusals}
    assert world.lots(theirs) == [(50, None)]
    world.verify()


def test_a_gift_reversed_after_a_merge_undone_takes_its_own_points() -> None:
    world = World()
    mine, theirs = world.member(), world.member(50)
    given = world.booked(gift(world, theirs, 30, expires_at=world.at + 300 * DAY))
    merged_and_parted(world, mine, theirs)
    world.booked(reversal(world, given.id))
    assert world.lots(theirs) == [(50, None)]
    world.verify()


def test_points_paid_before_come_back_to_their_lot_after_a_merge_undone() -> None:
    world = World(rule_set(offset=OFFSET))
    mine, theirs = world.member(), world.member(100)
    order = world.purchase(theirs, 100, points_paid=60)
    world.booked(order)
    before = lots(world, theirs)
    merged_and_parted(world, mine, theirs)
    assert lots(world, theirs) == before
    world.booked(world.refund(order))
    assert [each[:1] + each[2:3] for each in lots(world, theirs)] == [(before[0][0], 100)]
    world.verify()


@pytest.mark.parametrize("together", [False, True])
def test_points_that_came_back_after_a_merge_are_still_those_of_their_order(
    together: bool,
) -> None:
    """What one order gave was spent on another, and both are refunded by the survivor: the points
    are taken that came back, and not what the survivor has for ever."""
    world = World(rule_set(offset=OFFSET, expiry=TEN_DAYS))
    mine, theirs = world.member(50), world.member()
    giving = world.purchase(theirs, 10_000)
    world.booked(giving)
    taking = world.purchase(theirs, 100, points_paid=100)
    world.booked(taking)
    world.booked(merge(world, mine, theirs))
    refunds = [world.refund(taking), world.refund(giving)]
    for acts in [refunds] if together else [[each] for each in refunds]:
        assert all(isinstance(each, Booked) for each in world.book(*acts))
    assert world.lots(mine) == [(50, None)]
    world.verify()


def test_what_an_order_caused_waits_with_it_after_a_merge() -> None:
    """Points of a tier that the order reached are no lots of the order, and wait all the same."""
    welcome = {
        "kind": "behaviour", "code": "welcome", "on": "tier_reached:gold", "points": 500,
        "unit": "points",
    }  # fmt: skip
    ladder = {"by": "spend", "rungs": rungs(gold=10_000)}
    world = World(rule_set(RATE, welcome, ladder=ladder, pending=DELIVERY))
    mine, theirs = world.member(), world.member()
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    assert world.balance(theirs).pending == 600
    world.booked(merge(world, mine, theirs))
    world.booked(confirmation(world, order))
    assert world.balance(mine).available == 600
    world.verify()


# --- expiries that are undone --------------------------------------------------------------------


def test_an_expiry_undone_before_a_merge_is_taken_back_after_it_was_undone() -> None:
    world = World(rule_set(expiry=TEN_DAYS))
    mine, theirs = world.member(), world.member(50)
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    world.at += 20 * DAY
    world.booked(world.adjustment(theirs, 1))
    world.booked(expiry_undo(world, theirs, days=5))
    merged_and_parted(world, mine, theirs)
    refunded = world.booked(world.refund(order))
    assert refunded.points == {"points": -100}
    assert world.available(theirs) == 51
    world.verify()


def test_an_expiry_undone_with_the_survivor_goes_home_with_its_new_date() -> None:
    """What came of the lot goes back first, and the order that gave it finds it there."""
    world = World(rule_set(expiry=TEN_DAYS))
    mine, theirs = world.member(40), world.member()
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    [(lot, *_)] = lots(world, theirs)
    booked = world.booked(merge(world, mine, theirs))
    world.at += 20 * DAY
    world.booked(world.adjustment(mine, 1))
    world.booked(expiry_undo(world, mine, days=50))
    world.booked(undo(world, booked.id))
    [back] = lots(world, theirs)
    assert (back[0], back[2:4]) == (lot, (100, world.at + 50 * DAY))
    assert world.available(mine) == 41
    world.booked(world.refund(order))
    assert (world.available(theirs), world.available(mine)) == (0, 41)
    world.verify()


def test_what_expired_again_with_the_survivor_is_not_asked_for() -> None:
    world = World(rule_set(expiry=TEN_DAYS))
    mine, theirs = world.member(40), world.member()
    world.booked(world.purchase(theirs, 10_000))
    booked = world.booked(merge(world, mine, theirs))
    world.at += 20 * DAY
    world.booked(world.adjustment(mine, 1))
    world.booked(expiry_undo(world, mine, days=2))
    world.at += 5 * DAY
    world.booked(undo(world, booked.id))
    assert (world.available(mine), world.available(theirs)) == (41, 0)
    world.verify()


def test_what_expired_while_the_survivor_was_a_part_itself_is_not_asked_for() -> None:
    world = World()
    soon = world.at + DAY
    first, second, third = (
        world.member(OpeningLot("points", 100, soon)),
        world.member(),
        world.member(9),
    )
    one = world.booked(merge(world, second, first))
    two = world.booked(merge(world, third, second))
    world.at = soon + DAY
    for each in (two, one):
        assert isinstance(world.booked(undo(world, each.id)), Booked)
    assert [world.available(each) for each in (first, second, third)] == [0, 0, 9]
    world.verify()


# --- dates that do not fit -----------------------------------------------------------------------


def test_what_is_good_for_a_shorter_time_comes_beside_its_lot() -> None:
    """The survivor's card was not used, all in it ended, and staff gave it back for five days: the
    lot, which was good for longer, does not give it its date."""
    idle = {"points": {"kind": "inactivity", "months": 1}}
    world = World(rule_set(expiry=idle, membership={"merge_undo_days": 300}))
    mine, theirs = world.member(), world.member()
    given = world.booked(gift(world, theirs, 100, expires_at=world.at + 300 * DAY))
    [(lot, *_)] = lots(world, theirs)
    booked = world.booked(merge(world, mine, theirs))
    world.at += 100 * DAY
    world.booked(world.adjustment(mine, 1))
    world.booked(expiry_undo(world, mine, days=5))
    world.booked(undo(world, booked.id))
    [back] = lots(world, theirs)
    assert (back[0] != lot, back[2:4]) == (True, (100, world.at + 5 * DAY))
    world.verify()
    world.booked(merge(world, mine, theirs))
    assert world.booked(reversal(world, given.id)).points == {"points": -100}
    assert world.lots(mine) == [(1, None)]
    world.verify()


def test_a_lot_that_came_back_in_part_gives_the_other_part_no_later_date() -> None:
    """60 of it were spent and are back with days of grace; 40 ended, and are good for longer."""
    graced = {"points": {"kind": "after", "days": 10, "grace_days": 5}}
    world = World(rule_set(offset=OFFSET, expiry=graced))
    mine, theirs = world.member(1), world.member()
    order = world.purchase(theirs, 10_000)
    world.booked(order)
    [(lot, *_)] = lots(world, theirs)
    booked = world.booked(merge(world, mine, theirs))
    paid = world.purchase(mine, 60, points_paid=60)
    world.booked(paid)
    world.at += 12 * DAY
    world.booked(world.adjustment(mine, 1))
    world.booked(expiry_undo(world, mine, days=30))
    world.booked(world.refund(paid))
    [until] = [each[3] for each in lots(world, mine) if each[2] == 60]
    world.booked(undo(world, booked.id))
    first, second = lots(world, theirs)
    assert (first[0], first[2:4]) == (lot, (60, until))
    assert (second[0] != lot, second[2:4]) == (True, (40, world.at + 30 * DAY))
    world.verify()
    world.booked(world.adjustment(theirs, 50, expires_at=world.at + 300 * DAY))
    assert world.booked(world.refund(order)).points == {"points": -100}
    assert world.lots(theirs) == [(50, world.at + 300 * DAY)]
    world.verify()
