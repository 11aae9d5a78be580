"""Guarantee 6 across expiry: what an order gave and what ended unspent is not taken twice; points
that come back late are good for the days of grace, or end at once."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.world import NOON, OFFSET, RATE, World, codes, ref, rule_set, rungs

from jifen.earning import selectors as earning
from jifen.earning.types import (
    Birthday,
    Booked,
    ExpiryUndo,
    Line,
    OpeningLot,
    Purchase,
    Reversal,
)
from jifen.ledger import selectors as ledger
from jifen.ledger.models import Lot, Posting, Transaction
from jifen.ledger.services import verify
from jifen.programmes import services as programmes

TEN_DAYS = {"points": {"kind": "after", "days": 10}}
PIECES = Line("p", 10, 10_000)
DAY = timedelta(days=1)


def shop(**changes: Any) -> World:
    """1 yuan = 1 point for ten days, a point pays one fen."""
    offset = {**OFFSET, "points": 1, "worth_minor": 1}
    return World(rule_set(RATE, **{"offset": offset, "expiry": TEN_DAYS, **changes}))


def graced(days: int) -> dict[str, Any]:
    """Ten days, and so many days of grace."""
    return {"points": {"kind": "after", "days": 10, "grace_days": days}}


def sell(world: World, member: UUID, *lines: Line | int, **changes: Any) -> Purchase:
    sold = world.purchase(member, *(lines or (PIECES,)), **changes)
    world.booked(sold)
    return sold


def spend(world: World, member: UUID, points: int) -> None:
    world.booked(world.adjustment(member, -points))


def said(booked: Booked) -> dict[str, dict[str, Any]]:
    """What the award says of points past their date."""
    told = {"expired_unspent", "given_back_expired", "given_back_grace"}
    return {each.code: dict(each.fields) for each in booked.award.refusals if each.code in told}


def terms(world: World, member: UUID) -> dict[str, int]:
    """The sums of the member's postings of points."""
    with world.scope():
        rows = Posting.objects.filter(account__member_id=member, account__unit__code="points")
        found: dict[str, int] = {}
        for kind, amount in rows.values_list("kind", "amount"):
            found[kind] = found.get(kind, 0) + amount
    return found


def held(world: World, member: UUID) -> tuple[int, int]:
    """(available, deficit) as it reads now."""
    balance = world.balance(member)
    return balance.available, balance.deficit


# --- what an order gave, and what ended of it ----------------------------------------------------


def test_what_was_spent_is_taken_back_and_what_ended_is_not() -> None:
    world = shop()
    member = world.member(500)
    sold = sell(world, member)
    spend(world, member, 30)
    world.at += 20 * DAY

    refunded = world.booked(world.refund(sold))

    assert said(refunded) == {"expired_unspent": {"points": 70, "unit": "points"}}
    assert refunded.points == {"points": -30}
    assert held(world, member) == (470, 0)
    assert terms(world, member)["expire"] == -70
    world.verify()


@pytest.mark.parametrize(
    ("early", "late", "clawed", "ended"),
    [
        ([], [10], 30, 70),
        ([], [5, 5], 30, 70),
        ([], [1, 8, 1], 30, 70),
        ([5], [5], 80, 20),
        ([2, 3], [4, 1], 80, 20),
        ([7], [3], 100, 0),
        ([9], [1], 100, 0),
        ([10], [], 100, 0),
    ],
)
def test_refunds_before_and_after_the_end_take_everything_back_once(
    early: list[int], late: list[int], clawed: int, ended: int
) -> None:
    """100 points, 30 of them spent: whenever pieces come back, clawed back and ended are 100
    together, and the 30 are taken from elsewhere."""
    world = shop()
    member = world.member(500)
    sold = sell(world, member)
    spend(world, member, 30)
    for pieces in early:
        world.booked(world.refund(sold, (0, pieces)))
    world.at += 20 * DAY
    for pieces in late:
        world.booked(world.refund(sold, (0, pieces)))
    assert held(world, member) == (470, 0)
    spend(world, member, 1)
    found = terms(world, member)
    assert (-found["clawback"], -found.get("expire", 0)) == (clawed, ended)
    world.verify()


def test_some_pieces_are_kept_and_the_part_that_ended_covers_the_others_first() -> None:
    world = shop()
    member = world.member(500)
    sold = sell(world, member)
    spend(world, member, 40)
    world.at += 20 * DAY
    notes = [said(world.booked(world.refund(sold, (0, pieces)))) for pieces in (4, 3, 2)]
    assert notes == [
        {"expired_unspent": {"points": 40, "unit": "points"}},
        {"expired_unspent": {"points": 20, "unit": "points"}},
        {},
    ]
    assert held(world, member) == (470, 0)


def test_a_deficit_that_the_order_paid_comes_back_and_no_more() -> None:
    world = shop()
    member = world.member()
    first = sell(world, member, 4_000)
    spend(world, member, 40)
    world.booked(world.refund(first))
    assert held(world, member) == (0, 40)
    sold = sell(world, member)
    assert held(world, member) == (60, 0)
    world.at += 20 * DAY
    world.booked(world.refund(sold))
    assert held(world, member) == (0, 40)
    world.verify()


def test_several_lots_and_units_are_counted_each_for_itself() -> None:
    world = shop(
        rules=[
            RATE,
            {"kind": "spend_threshold", "code": "over", "at_least_minor": 5_000, "points": 20,
             "unit": "points"},
            {**RATE, "code": "grow", "unit": "growth"},
        ]
    )  # fmt: skip
    with world.scope():
        programmes.add_unit(code="beans", kind="points", name_zh="豆", name_en="beans")
    world.publish(
        rule_set(
            RATE,
            {"kind": "spend_threshold", "code": "over", "at_least_minor": 5_000, "points": 20,
             "unit": "points"},
            {**RATE, "code": "brew", "unit": "beans", "points": 3},
            {**RATE, "code": "grow", "unit": "growth"},
            expiry={**TEN_DAYS, "beans": {"kind": "after", "days": 40}},
        )
    )  # fmt: skip
    member = world.member(500)
    sold = sell(world, member)
    spend(world, member, 110)
    world.booked(world.adjustment(member, -250, unit="beans"))
    world.at += 20 * DAY
    half = world.booked(world.refund(sold, (0, 6)))
    assert half.points == {"points": -70, "beans": -180, "growth": -60}
    assert said(half) == {"expired_unspent": {"points": 10, "unit": "points"}}
    assert [world.balance(member, unit).deficit for unit in ("points", "beans")] == [0, 130]
    world.at += 30 * DAY
    rest = world.booked(world.refund(sold))
    assert (rest.points, said(rest)) == ({"points": -40, "beans": -120, "growth": -40}, {})
    assert (held(world, member), world.available(member, "growth")) == ((390, 0), 0)
    world.verify()


def test_points_that_came_back_and_ended_count_for_the_order_that_gave_them() -> None:
    """B was paid with A's points. When B is refunded they come back and end; then A's refund has
    nothing left to take."""
    world = shop()
    member = world.member()
    first = sell(world, member)
    second = sell(world, member, Line("q", 1, 40), points_paid=40)
    world.at += 20 * DAY
    assert said(world.booked(world.refund(second))) == {"given_back_expired": {"points": 40}}
    assert said(world.booked(world.refund(first))) == {
        "expired_unspent": {"points": 100, "unit": "points"}
    }
    assert held(world, member) == (0, 0)
    world.verify()


def test_refunded_the_other_way_round_the_spent_points_are_owed() -> None:
    world = shop()
    member = world.member()
    first = sell(world, member)
    second = sell(world, member, Line("q", 1, 40), points_paid=40)
    world.at += 20 * DAY
    world.booked(world.refund(first))
    assert held(world, member) == (0, 40)
    world.booked(world.refund(second))
    assert held(world, member) == (0, 40)
    world.verify()


def test_what_another_refund_took_from_the_lot_is_taken_from_elsewhere() -> None:
    """B's clawback found 30 in A's lot before that ended: A's refund counts the 70 that ended."""
    world = shop()
    member = world.member()
    first = sell(world, member)
    world.booked(world.adjustment(member, 30, expires_at=world.at + 5 * DAY))
    second = sell(world, member, 3_000)
    spend(world, member, 60)  # 30 of the adjustment, 30 of A
    world.booked(world.refund(second))
    assert world.lots(member)[0][0] == 70
    world.at += 20 * DAY
    refunded = world.booked(world.refund(first))
    assert said(refunded) == {"expired_unspent": {"points": 70, "unit": "points"}}
    assert held(world, member) == (0, 30)


def test_a_purchase_claimed_late_gives_points_that_have_ended_and_its_refund_takes_none() -> None:
    world = shop()
    member = world.member(500)
    nobody = world.purchase(None, PIECES)
    world.booked(nobody)
    world.at += 15 * DAY
    world.book(world.claim(nobody, member), world.refund(nobody, (0, 4)))
    world.booked(world.refund(nobody))
    assert held(world, member) == (500, 0)
    assert terms(world, member)["expire"] == -100
    world.verify()


def test_orders_and_refunds_of_one_batch_see_what_ended_within_it() -> None:
    """An order that is reported after its points have ended, and its refunds, all at once; in a
    preview too."""
    world = shop()
    member = world.member(500)
    late = world.purchase(member, PIECES, occurred_at=world.at - 20 * DAY)
    acts = (late, world.refund(late, (0, 4)), world.refund(late), world.purchase(member, 500))
    previewed = world.preview(*acts)
    booked = world.book(*acts)
    for outcomes in (previewed, booked):
        notes = [said(each) for each in outcomes[1:3] if isinstance(each, Booked)]
        assert [note["expired_unspent"]["points"] for note in notes] == [40, 60]
    assert held(world, member) == (505, 0)
    world.verify()


def undo(world: World, member: UUID, days: int) -> ExpiryUndo:
    """Staff gives back what expired of the member last."""
    with world.scope():
        ended = Transaction.objects.filter(kind="expire").latest("id").id
    return ExpiryUndo(
        key=uuid.uuid4().hex, occurred_at=world.at, member=ref(member), transaction_id=ended,
        expires_at=world.at + days * DAY, reason="goodwill", actor="Lin",
    )  # fmt: skip


def test_an_expiry_that_was_undone_counts_no_more_and_its_lots_are_taken_first() -> None:
    """100 given, 30 spent, 70 ended and came back until a new date: the refund takes these, and
    once they ended again it counts them again."""
    for later, clawed, left in ((False, 100, 0), (True, 30, 70)):
        world = shop()
        member = world.member()
        sold = sell(world, member)
        spend(world, member, 30)
        world.at += 20 * DAY
        world.booked(world.adjustment(member, 200, expires_at=world.at + 365 * DAY))
        world.booked(undo(world, member, days=5))
        assert held(world, member) == (270, 0)
        world.at += 20 * DAY if later else DAY
        refunded = world.booked(world.refund(sold))
        assert refunded.points == {"points": -clawed}
        assert ("expired_unspent" in said(refunded)) == bool(left)
        assert [points for points, _ in world.lots(member)] == [170]
        assert held(world, member) == (170, 0)
        world.verify()


def test_an_expiry_undone_between_two_refunds_is_taken_back_by_the_second() -> None:
    """Half was refunded and counted 50 of the 70 that ended; these came back. So the other half
    takes 100: the 70, and the 30 that were spent."""
    world = shop()
    member = world.member()
    sold = sell(world, member)
    spend(world, member, 30)
    world.at += 20 * DAY
    world.booked(world.adjustment(member, 200, expires_at=world.at + 365 * DAY))
    half = world.booked(world.refund(sold, (0, 5)))
    assert (half.points, said(half)["expired_unspent"]["points"]) == ({}, 50)
    world.booked(undo(world, member, days=5))
    rest = world.booked(world.refund(sold))
    assert (rest.points, said(rest)) == ({"points": -100}, {})
    assert held(world, member) == (170, 0)
    world.verify()


def test_an_expiry_undone_in_the_same_batch_counts_no_more() -> None:
    world = shop()
    member = world.member()
    sold = sell(world, member)
    world.at += 20 * DAY
    world.booked(world.adjustment(member, 200, expires_at=world.at + 365 * DAY))
    first, half, rest = world.book(
        undo(world, member, days=5), world.refund(sold, (0, 5)), world.refund(sold)
    )
    assert [each.points["points"] for each in (half, rest) if isinstance(each, Booked)] == [-50] * 2
    assert isinstance(first, Booked)
    assert [points for points, _ in world.lots(member)] == [200]
    world.verify()


def test_the_award_says_so_in_both_languages() -> None:
    world = shop()
    member = world.member()
    sold = sell(world, member)
    world.at += 20 * DAY
    refunded = world.booked(world.refund(sold))
    with world.scope():
        told = {
            language: earning.explain(refunded.id, language=language).sentences
            for language in ("en", "zh")
        }
        assert not Transaction.objects.filter(id=refunded.id).exists()
    assert "100 points of what it gave expired unspent: nothing to take back" in told["en"]
    assert "所得积分中有 100 积分 未使用即已过期，无须追回" in told["zh"]


# --- reversals and tiers -------------------------------------------------------------------------


CHECK_IN = {"kind": "behaviour", "code": "daily", "on": "check_in", "points": 10, "unit": "points"}


def reversal(world: World, of: UUID) -> Reversal:
    return Reversal(
        key=uuid.uuid4().hex, occurred_at=world.at, of=of, reason="a mistake", actor="Lin"
    )


def test_a_behaviour_whose_points_ended_is_reversed_without_taking_others() -> None:
    world = shop(rules=[RATE, CHECK_IN])
    member = world.member(500)
    done = world.booked(world.behaviour(member, "check_in"))
    spend(world, member, 4)
    world.at += 20 * DAY
    undone = world.booked(reversal(world, done.id))
    assert (undone.points, said(undone)) == (
        {"points": -4},
        {"expired_unspent": {"points": 6, "unit": "points"}},
    )
    assert held(world, member) == (496, 0)
    with world.scope():
        told = earning.explain(undone.id, language="en").sentences
    assert "6 points of what it gave expired unspent: nothing to take back" in told
    world.verify()


def test_what_ended_whole_is_reversed_without_a_transaction() -> None:
    world = shop()
    member = world.member(500)
    given = world.booked(world.adjustment(member, 50, expires_at=world.at + 5 * DAY))
    world.at += 20 * DAY
    undone = world.booked(reversal(world, given.id))
    assert (undone.points, held(world, member)) == ({}, (500, 0))
    with world.scope():
        assert not Transaction.objects.filter(id=undone.id).exists()
        assert Transaction.objects.filter(kind="expire").count() == 1


def test_points_that_staff_took_and_gives_back_too_late_end_at_once_or_with_grace() -> None:
    for grace, available in ((0, 500), (3, 550)):
        world = shop(expiry=graced(grace))
        member = world.member(500, OpeningLot("points", 50, NOON + 5 * DAY))
        taken = world.booked(world.adjustment(member, -50))
        world.at = NOON + 8 * DAY
        undone = world.booked(reversal(world, taken.id))
        assert ("given_back_grace" in said(undone)) == bool(grace)
        assert held(world, member) == (available, 0)
        world.verify()


def test_a_tier_is_lost_and_its_points_that_ended_are_not_taken_again() -> None:
    up = {"kind": "behaviour", "code": "up", "on": "tier_reached:gold", "points": 40,
          "unit": "points"}  # fmt: skip
    world = shop(rules=[RATE, up], ladder={"by": "spend", "rungs": rungs(gold=5_000)})
    member = world.member(500)
    sold = sell(world, member)
    spend(world, member, 115)  # all that the order gave, and 15 of the tier's
    world.at += 20 * DAY
    world.booked(world.refund(sold))
    assert (world.tier(member), held(world, member)) == ("", (385, 0))
    assert terms(world, member) | {"adjust_up": 0} == {
        "adjust_up": 0, "earn": 140, "adjust_down": -115, "expire": -25, "clawback": -115,
    }  # fmt: skip
    with world.scope():
        [lost] = [
            each
            for each in earning.activities(member_id=member, before=None, limit=20)
            if each.kind == "tier_lost"
        ]
        sentences = earning.explain(lost.id, language="en").sentences
    assert "25 points of what it gave expired unspent: nothing to take back" in sentences
    world.verify()


# --- days of grace -------------------------------------------------------------------------------


def paid_then_ended(world: World, member: UUID, points: int = 100, pieces: int = 10) -> Purchase:
    """An order paid with points that end on 11 June; it is 15 June, noon, when this returns."""
    world.booked(world.adjustment(member, points))
    sold = sell(world, member, Line("p", pieces, points), points_paid=points)
    world.at = NOON + 14 * DAY
    return sold


def local_end(day: int) -> datetime:
    """The end of that local day of June 2026, in UTC."""
    return NOON.replace(day=day, hour=16)


def test_points_that_come_back_late_are_good_to_the_end_of_the_last_day_of_grace() -> None:
    world = shop(expiry=graced(7))
    member = world.member()
    sold = paid_then_ended(world, member)
    refunded = world.booked(world.refund(sold))
    assert said(refunded) == {
        "given_back_grace": {"points": 100, "unit": "points", "until": "2026-06-22"}
    }
    assert world.lots(member) == [(100, local_end(22))]
    almost = local_end(22) - timedelta(seconds=1)
    assert [world.available(member, at=at) for at in (almost, local_end(22))] == [100, 0]
    with world.scope():
        told = earning.explain(refunded.id, language="en").sentences
        [back] = [p for p in ledger.postings_of([refunded.id]) if p.kind == "give_back"]
    assert "100 points that came back late are good to the end of 2026-06-22" in told
    assert back.expires_at == local_end(22)
    world.at = almost
    spend(world, member, 1)
    world.at = local_end(22)
    spend(world, world.member(1), 1)
    assert world.refused(world.adjustment(member, -1)) == "insufficient_points"
    world.verify()


def test_a_later_part_gives_all_of_the_lot_its_later_date_as_the_whole_would() -> None:
    """Pieces refunded on three days, and all of them on the last of these: the same lot in the
    end."""
    ends = []
    for days in ((0, 2, 4), (4,)):
        world = shop(expiry=graced(7))
        member = world.member()
        sold = paid_then_ended(world, member)
        start, left = world.at, 10
        for number, day in enumerate(days):
            world.at = start + day * DAY
            pieces = 3 if number < len(days) - 1 else left
            left -= pieces
            world.booked(world.refund(sold, (0, pieces)))
            world.verify()
        ends.append(world.lots(member))
    assert ends[0] == ends[1] == [(100, local_end(26))]


def test_what_ends_again_within_the_grace_of_one_part_is_not_revived_by_the_next() -> None:
    world = shop(expiry=graced(2))
    member = world.member()
    sold = paid_then_ended(world, member)
    world.booked(world.refund(sold, (0, 4)))
    world.at += 5 * DAY
    world.booked(world.refund(sold, (0, 6)))
    assert world.lots(member) == [(60, local_end(22))]
    world.at += 5 * DAY
    assert held(world, member) == (0, 0)
    world.verify()


def test_points_with_grace_pay_what_is_owed_and_are_clawed_back_like_any() -> None:
    world = shop(expiry=graced(7))
    member = world.member()
    world.booked(world.adjustment(member, 100))
    sold = sell(world, member, Line("p", 10, 10_000), points_paid=100)  # earns 99
    spend(world, member, 99)
    other = sell(world, member, 3_000)
    spend(world, member, 30)
    world.booked(world.refund(other))
    assert held(world, member) == (0, 30)
    world.at = NOON + 14 * DAY
    world.booked(world.refund(sold, (0, 5)))
    assert held(world, member) == (0, 30)  # 50 came back and paid 30; 50 were taken back
    world.booked(world.refund(sold))
    assert held(world, member) == (0, 29)  # of 100 that are kept, 129 were spent
    world.verify()


def test_a_lot_that_grace_gave_back_to_its_order_is_taken_first() -> None:
    """A gave 100; 40 of them paid B, 60 ended. B's refund revives 40 in A's own lot, and A's takes
    these and counts the 60."""
    world = shop(expiry=graced(7))
    member = world.member(500)
    first = sell(world, member)
    second = sell(world, member, Line("q", 1, 40), points_paid=40)
    world.at += 20 * DAY
    world.booked(world.refund(second))
    assert [left for left, _ in world.lots(member)] == [500, 40]
    refunded = world.booked(world.refund(first))
    assert (refunded.points, said(refunded)) == (
        {"points": -40},
        {"expired_unspent": {"points": 60, "unit": "points"}},
    )
    assert [left for left, _ in world.lots(member)] == [500]
    world.verify()


def test_points_spent_in_their_grace_come_back_with_the_date_they_had() -> None:
    """They paid another order meanwhile, and the lot is empty or holds what lives longer."""
    world = shop(expiry=graced(7))
    member = world.member()
    sold = paid_then_ended(world, member)
    world.booked(world.refund(sold, (0, 5)))
    again = sell(world, member, Line("q", 1, 50), points_paid=50)
    world.at += 2 * DAY
    world.booked(world.refund(again))
    assert world.lots(member) == [(50, local_end(22))]
    world.booked(world.refund(sold))
    assert world.lots(member) == [(100, local_end(24))]
    third = sell(world, member, Line("q", 1, 100), points_paid=100)
    world.at += 20 * DAY
    world.booked(world.refund(third))
    assert world.lots(member)[0] == (100, world.at.replace(hour=16) + 7 * DAY)
    world.verify()


def test_a_refund_told_after_its_days_of_grace_gives_nothing_that_is_good() -> None:
    world = shop(expiry=graced(3))
    member = world.member()
    sold = paid_then_ended(world, member)
    back = world.booked(world.refund(sold, occurred_at=world.at - 4 * DAY))
    assert said(back) == {"given_back_expired": {"points": 100}}
    assert held(world, member) == (0, 0)
    world.verify()


def test_grace_is_that_of_the_rules_under_which_the_order_was_booked() -> None:
    world = shop(expiry=graced(7))
    member = world.member()
    unlucky = world.member()
    world.booked(world.adjustment(member, 100))
    world.booked(world.adjustment(unlucky, 100))
    sold = sell(world, member, 100, points_paid=100)
    offset = {**OFFSET, "points": 1, "worth_minor": 1}
    world.publish(rule_set(RATE, offset=offset, expiry=TEN_DAYS))
    later = sell(world, unlucky, 100, points_paid=100)
    world.at += 14 * DAY
    world.book(world.refund(sold), world.refund(later))
    assert (held(world, member), held(world, unlucky)) == ((100, 0), (0, 0))
    world.verify()


def test_the_check_names_a_lot_whose_date_nobody_gave_it() -> None:
    world = shop(expiry=graced(7))
    member = world.member()
    sold = paid_then_ended(world, member)
    world.booked(world.refund(sold))
    with world.scope():
        lot = Lot.objects.get()
        for date in (lot.expires_at + DAY, None):
            Lot.objects.filter(id=lot.id).update(expires_at=date)
            assert [(fault.check, fault.id) for fault in verify().faults] == [("lots", str(lot.id))]
        Lot.objects.filter(id=lot.id).update(expires_at=lot.expires_at)
    world.verify()


# --- dates that cannot be ------------------------------------------------------------------------


def test_a_refund_before_its_purchase_is_refused_but_for_what_clocks_differ() -> None:
    world = shop()
    member = world.member()
    sold = sell(world, member)
    early = sold.occurred_at - timedelta(minutes=5, microseconds=1)
    outcomes = world.book(
        world.refund(sold, (0, 1), occurred_at=early),
        world.refund(sold, (0, 2), occurred_at=early + timedelta(microseconds=1)),
    )
    assert codes(outcomes) == ["refund_before_purchase"]
    assert held(world, member) == (80, 0)


def gift(world: World, member: UUID, at: datetime) -> Birthday:
    return Birthday(key=uuid.uuid4().hex, occurred_at=at, member=ref(member))


CAKE = {"kind": "behaviour", "code": "cake", "on": "birthday", "points": 88, "unit": "points"}


@pytest.mark.parametrize(
    ("born", "local", "code"),
    [
        ("1990-05-20", "2026-05-20T00:00:00", ""),
        ("1990-05-20", "2026-05-20T23:59:59.999999", ""),
        ("1990-05-20", "2026-05-19T23:59:59.999999", "not_the_birthday"),
        ("1990-05-20", "2026-05-21T00:00:00", "not_the_birthday"),
        ("1988-02-29", "2026-02-28T12:00:00", ""),
        ("1988-02-29", "2026-03-01T12:00:00", "not_the_birthday"),
        ("1988-02-29", "2024-02-29T12:00:00", ""),
        ("1988-02-29", "2024-02-28T12:00:00", "not_the_birthday"),
        ("1990-12-31", "2025-12-31T12:00:00", ""),
        (None, "2026-05-20T12:00:00", "no_birthday"),
    ],
)
def test_a_birthday_is_booked_on_the_birthday_only(born: str | None, local: str, code: str) -> None:
    """In the programme's zone: late on the 19th in London is the 20th in Shanghai."""
    world = World(rule_set(RATE, CAKE))
    member = world.member(birthday_on=datetime.fromisoformat(born).date() if born else None)
    at = datetime.fromisoformat(f"{local}+08:00")
    [outcome] = world.book(gift(world, member, at))
    assert codes([outcome]) == ([code] if code else [])
    assert world.available(member) == (0 if code else 88)


def test_a_birthday_counts_once_a_year() -> None:
    world = World(rule_set(RATE, CAKE))
    member = world.member(birthday_on=NOON.date())
    outcomes = world.book(gift(world, member, NOON), gift(world, member, NOON + timedelta(hours=1)))
    assert codes(outcomes) == ["time_in_future"]
    assert world.refused(gift(world, member, NOON - timedelta(hours=1))) == "already_done"
    world.at += 365 * DAY
    world.booked(gift(world, member, world.at))
    assert world.available(member) == 176
