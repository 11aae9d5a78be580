"""What orders give may pend: for days, or until their delivery is confirmed.

A refund inside the window takes what is pending and nothing else (L4), and a shop may refuse one
that would leave points owed.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.acts import confirmation, waiver
from tests.people import leave, merge
from tests.world import OFFSET, RATE, World, rule_set, rungs

from jifen.earning import selectors as earning
from jifen.earning.types import OrderRef, Refused

DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = {"points": {"kind": "days", "days": 7}}
DELIVERY = {"points": {"kind": "confirmed"}}
RIPE = datetime(2026, 6, 9, tzinfo=SHANGHAI)
"""Noon of 1 June and 7 days: the end of 8 June."""


def shop(pending: dict[str, Any] | None = None, *rules: Any, **document: Any) -> World:
    return World(rule_set(*rules, pending=WEEK if pending is None else pending, **document))


def balance(world: World, member: uuid.UUID, at: datetime | None = None) -> tuple[int, ...]:
    """(available, pending, held, deficit)"""
    found = world.balance(member, at=at)
    return found.available, found.pending, found.held, found.deficit


def sentences(world: World, activity_id: uuid.UUID, language: Any = "en") -> tuple[str, ...]:
    with world.scope():
        return earning.explain(activity_id, language=language).sentences


def kinds(world: World, member: uuid.UUID) -> list[str]:
    with world.scope():
        found = earning.activities(member_id=member, before=None, limit=100)
    return [each.kind for each in found][::-1]


# --- days ----------------------------------------------------------------------------------------


def test_points_are_spendable_when_the_last_day_is_over_with_no_job() -> None:
    world = shop()
    member = world.member()
    booked = world.booked(world.purchase(member, 10_000))
    assert booked.balances[0].pending == 100
    assert balance(world, member) == (0, 100, 0, 0)
    assert balance(world, member, RIPE - timedelta(microseconds=1)) == (0, 100, 0, 0)
    assert balance(world, member, RIPE) == (100, 0, 0, 0)
    assert world.refused(world.adjustment(member, -1)) == "insufficient_points"
    world.at = RIPE
    world.booked(world.adjustment(member, -100))
    assert balance(world, member) == (0, 0, 0, 0)
    world.verify()


def test_the_answer_and_the_explanation_say_until_when() -> None:
    world = shop()
    booked = world.booked(world.purchase(world.member(), 10_000))
    [told] = booked.award.refusals
    assert (told.code, told.fields["until"]) == ("pending", "2026-06-08")
    assert "100 points pend to the end of 2026-06-08" in sentences(world, booked.id)
    assert "100 积分 待入账，至 2026-06-08 结束" in sentences(world, booked.id, "zh")


def test_where_clocks_skip_midnight_the_day_that_is_told_is_the_last_one() -> None:
    # On 24 April 2026 Cairo goes from midnight to one o'clock.
    at = datetime(2026, 4, 16, 12, tzinfo=UTC)
    world = World(rule_set(pending=WEEK), at=at, zone="Africa/Cairo")
    booked = world.booked(world.purchase(world.member(), 10_000))
    assert "100 points pend to the end of 2026-04-23" in sentences(world, booked.id)


def test_an_order_that_is_told_late_pends_no_longer_than_any_other() -> None:
    world = shop()
    member = world.member()
    late = world.booked(world.purchase(member, 10_000, occurred_at=world.at - 7 * DAY))
    assert balance(world, member) == (0, 100, 0, 0)
    assert balance(world, member, world.at + DAY) == (100, 0, 0, 0)
    later = world.booked(world.purchase(member, 5_000, occurred_at=world.at - 8 * DAY))
    assert balance(world, member) == (50, 100, 0, 0)
    assert [len(each.award.refusals) for each in (late, later)] == [1, 0]
    world.verify()


@pytest.mark.parametrize(
    ("expiry", "last_day"),
    [
        pytest.param({"kind": "after", "days": 30}, "2026-07-01", id="after: from the order's day"),
        pytest.param({"kind": "after", "days": 3}, "2026-06-12", id="too short: from ripening"),
        pytest.param({"kind": "after", "days": 7}, "2026-06-16", id="just too short"),
        pytest.param({"kind": "after", "days": 8}, "2026-06-09", id="one day is enough"),
        pytest.param({"kind": "period_end", "period": "year"}, "2026-12-31", id="period"),
    ],
)
def test_a_lot_never_ends_before_it_was_spendable(expiry: dict[str, Any], last_day: str) -> None:
    world = shop(expiry={"points": expiry})
    member = world.member()
    world.booked(world.purchase(member, 10_000))
    [(left, ends)] = world.lots(member)
    assert left == 100
    assert ends is not None
    assert (ends.astimezone(SHANGHAI) - timedelta(seconds=1)).date().isoformat() == last_day
    assert balance(world, member, ends - timedelta(seconds=1))[0] == 100


def test_only_orders_pend() -> None:
    """What cannot be given back has nothing to wait for."""
    check_in = {
        "kind": "behaviour", "code": "day", "on": "check_in", "points": 5, "unit": "points",
    }  # fmt: skip
    world = shop(None, RATE, check_in)
    member = world.member(30)
    world.booked(world.behaviour(member, "check_in"))
    world.booked(world.adjustment(member, 7))
    assert balance(world, member) == (42, 0, 0, 0)


def test_growth_counts_at_once_whatever_pends() -> None:
    grow = {**RATE, "code": "grow", "unit": "growth"}
    ladder = {"by": "growth", "unit": "growth", "rungs": rungs(silver=100)}
    world = shop(None, RATE, grow, ladder=ladder)
    member = world.member()
    booked = world.booked(world.purchase(member, 10_000))
    assert (booked.tier, world.available(member, "growth")) == ("silver", 100)
    assert balance(world, member) == (0, 100, 0, 0)


def test_what_a_tier_gives_pends_with_the_order_that_reached_it() -> None:
    gives = {
        "kind": "behaviour", "code": "up", "on": "tier_reached:silver", "points": 500,
        "unit": "points",
    }  # fmt: skip
    ladder = {"by": "spend", "rungs": rungs(silver=10_000)}
    world = shop(DELIVERY, RATE, gives, ladder=ladder)
    member = world.member()
    order = world.purchase(member, 10_000)
    world.booked(order)
    assert balance(world, member) == (0, 600, 0, 0)
    other = world.member()
    second = world.purchase(other, 10_000)
    world.booked(second)
    world.booked(confirmation(world, order))
    assert balance(world, member) == (600, 0, 0, 0)
    world.booked(world.refund(second))
    assert balance(world, other) == (0, 0, 0, 0)
    world.verify()


def test_a_debt_is_paid_before_anything_pends() -> None:
    world = shop(offset=OFFSET)
    member = world.member(100)
    order = world.purchase(member, 10_000, occurred_at=world.at - 30 * DAY)
    world.booked(order)
    world.booked(world.adjustment(member, -200))
    world.booked(world.refund(order))
    assert balance(world, member) == (0, 0, 0, 100)
    booked = world.booked(world.purchase(member, 12_000))
    assert balance(world, member) == (0, 20, 0, 0)
    assert booked.award.refusals[0].fields["points"] == 20
    world.verify()


# --- L4 ------------------------------------------------------------------------------------------


def test_a_refund_inside_the_window_takes_only_what_pends() -> None:
    world = shop()
    member = world.member(40)
    order = world.purchase(member, 10_000, 5_000)
    world.booked(order)
    world.at += 3 * DAY
    refunded = world.booked(world.refund(order, (1, 1)))
    assert balance(world, member) == (40, 100, 0, 0)
    assert "50 points of what was taken back were pending still" in sentences(world, refunded.id)
    world.booked(world.refund(order))
    assert balance(world, member) == (40, 0, 0, 0)
    assert world.lots(member) == [(40, None)]
    world.verify()


def test_a_refund_after_the_window_claws_back() -> None:
    world = shop()
    member = world.member(40)
    order = world.purchase(member, 10_000)
    world.booked(order)
    world.at = RIPE
    world.booked(world.adjustment(member, -120))
    refunded = world.booked(world.refund(order))
    assert balance(world, member) == (0, 0, 0, 80)
    assert "pending_removed" not in {each.code for each in refunded.award.refusals}
    world.verify()


# --- until the delivery is confirmed -------------------------------------------------------------


def test_points_wait_for_the_confirmation() -> None:
    world = shop(DELIVERY)
    member = world.member()
    order = world.purchase(member, 10_000)
    booked = world.booked(order)
    assert "100 points pend until the delivery is confirmed" in sentences(world, booked.id)
    assert balance(world, member, world.at + 3_000 * DAY) == (0, 100, 0, 0)
    confirmed = world.booked(confirmation(world, order))
    assert (confirmed.points, confirmed.balances[0].available) == ({}, 100)
    assert sentences(world, confirmed.id) == ("100 points became spendable",)
    assert balance(world, member) == (100, 0, 0, 0)
    assert kinds(world, member)[-2:] == ["purchase", "confirmation"]
    world.verify()


def test_an_order_is_confirmed_once() -> None:
    world = shop(DELIVERY)
    member = world.member()
    order = world.purchase(member, 10_000)
    world.booked(order)
    first = confirmation(world, order)
    world.booked(first)
    assert world.booked(first).replayed
    assert world.refused(confirmation(world, order)) == "already_confirmed"
    world.verify()


def test_without_a_confirmation_the_days_at_the_latest() -> None:
    world = shop({"points": {"kind": "confirmed", "days": 7}})
    member = world.member()
    order = world.purchase(member, 10_000)
    told = "100 points pend until the delivery is confirmed, at the latest to the end of 2026-06-08"
    assert told in sentences(world, world.booked(order).id)
    assert balance(world, member, RIPE) == (100, 0, 0, 0)
    world.at = RIPE
    done = world.booked(confirmation(world, order))
    assert sentences(world, done.id) == ("Nothing of this order was waiting for it",)
    assert balance(world, member) == (100, 0, 0, 0)
    world.verify()


def test_a_confirmation_does_not_shorten_days() -> None:
    world = shop()
    member = world.member()
    order = world.purchase(member, 10_000)
    world.booked(order)
    done = world.booked(confirmation(world, order))
    assert done.award.refusals[0].code == "nothing_waited"
    assert balance(world, member) == (0, 100, 0, 0)


def test_what_was_refunded_does_not_come_back_by_a_confirmation() -> None:
    world = shop(DELIVERY)
    member = world.member()
    order = world.purchase(member, 10_000, 3_000)
    world.booked(order)
    world.booked(world.refund(order, (0, 1)))
    world.booked(confirmation(world, order))
    assert balance(world, member) == (30, 0, 0, 0)
    world.booked(world.refund(order))
    assert balance(world, member) == (0, 0, 0, 0)
    world.verify()


def test_an_order_and_its_confirmation_may_come_in_one_batch() -> None:
    world = shop(DELIVERY)
    member = world.member()
    order = world.purchase(member, 10_000)
    world.book(order, confirmation(world, order), world.adjustment(member, -100))
    assert balance(world, member) == (0, 0, 0, 0)
    world.verify()


def test_a_claim_after_the_confirmation_waits_no_more() -> None:
    world = shop(DELIVERY)
    member = world.member()
    orders = [world.purchase(None, 10_000) for _ in range(2)]
    world.book(*orders)
    assert world.booked(confirmation(world, orders[0])).member_id is None
    world.booked(world.claim(orders[0], member))
    assert balance(world, member) == (100, 0, 0, 0)
    world.booked(world.claim(orders[1], member))
    assert balance(world, member) == (100, 100, 0, 0)
    world.booked(confirmation(world, orders[1]))
    assert balance(world, member) == (200, 0, 0, 0)
    world.verify()


def test_what_waits_crosses_in_a_merge_and_ripens_with_the_survivor() -> None:
    world = shop(DELIVERY)
    member, other = world.member(), world.member()
    order = world.purchase(other, 10_000)
    world.booked(order)
    world.booked(merge(world, member, other))
    assert balance(world, member) == (0, 100, 0, 0)
    world.booked(confirmation(world, order))
    assert balance(world, member) == (100, 0, 0, 0)
    world.verify()


def test_the_order_of_somebody_who_left_can_still_be_confirmed() -> None:
    world = shop(DELIVERY)
    member = world.member()
    order = world.purchase(member, 10_000)
    world.booked(order)
    world.booked(leave(world, member))
    assert world.booked(confirmation(world, order)).award.refusals[0].code == "nothing_waited"
    assert balance(world, member) == (0, 0, 0, 0)
    world.verify()


def test_bad_confirmations_have_their_own_names() -> None:
    world = shop(DELIVERY)
    member = world.member()
    order = world.purchase(member, 10_000)
    early = confirmation(world, order, occurred_at=world.at - DAY)
    assert world.refused(early) == "unknown_order"
    world.booked(order)
    assert world.refused(early) == "confirmation_before_purchase"
    nowhere = confirmation(world, order, of=OrderRef(order.reference, "nowhere"))
    assert world.refused(nowhere) == "unknown_store"
    elsewhere = confirmation(world, order, of=OrderRef(order.reference, "other"))
    assert world.refused(elsewhere) == "unknown_order"
    assert shop(DELIVERY).refused(confirmation(world, order)) == "unknown_order"
    world.booked(world.refund(order))
    assert world.refused(confirmation(world, order)) == "nothing_kept"
    world.verify()


# --- a refund that would leave points owed -------------------------------------------------------


def test_a_programme_may_refuse_refunds_that_leave_a_deficit() -> None:
    world = World(rule_set(deficit="refuse"))
    member = world.member()
    order = world.purchase(member, 10_000, 5_000)
    world.booked(order)
    world.booked(world.adjustment(member, -90))
    before = world.dump(member)
    [outcome] = world.book(world.refund(order))
    assert isinstance(outcome, Refused)
    assert outcome.error.code == "refund_leaves_deficit"
    assert outcome.error.fields == {"unit": "points", "short_by": 90}
    assert world.dump(member) == before
    world.booked(world.refund(order, (1, 1)))
    assert balance(world, member) == (10, 0, 0, 0)
    world.booked(world.adjustment(member, 90))
    world.booked(world.refund(order))
    assert balance(world, member) == (0, 0, 0, 0)
    world.verify()


def test_who_owes_already_may_give_back_what_earned_nothing_more() -> None:
    """Only a deficit that the refund itself would make is refused."""
    world = World(rule_set())
    member = world.member()
    orders = [world.purchase(member, 10_000), world.purchase(member, 5_000)]
    world.book(*orders)
    world.booked(world.adjustment(member, -150))
    world.booked(world.refund(orders[0]))
    assert balance(world, member) == (0, 0, 0, 100)
    world.publish(rule_set(deficit="refuse", offset=OFFSET))
    assert world.refused(world.refund(orders[1])) == "refund_leaves_deficit"
    unpaid = world.purchase(member, 99)
    world.book(unpaid, world.refund(unpaid))
    assert balance(world, member) == (0, 0, 0, 100)
    world.booked(waiver(world, member))
    world.booked(world.adjustment(member, 50))
    world.booked(world.refund(orders[1]))
    assert balance(world, member) == (0, 0, 0, 0)
    world.verify()


def test_growth_may_be_owed() -> None:
    grow = {**RATE, "code": "grow", "unit": "growth"}
    world = World(rule_set(RATE, grow, deficit="refuse"))
    member = world.member()
    order = world.purchase(member, 10_000)
    world.booked(order)
    world.booked(world.adjustment(member, -100, unit="growth"))
    world.booked(world.refund(order))
    assert world.balance(member, "growth").deficit == 100
    assert balance(world, member) == (0, 0, 0, 0)
