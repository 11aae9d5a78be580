"""Expiry by inactivity: the whole account ends when nothing was earned or spent for so long."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.books import Books
from tests.people import merge
from tests.told import DAY, expire, noon, until
from tests.world import NOON, World, rule_set

from jifen.earning import exports
from jifen.earning.types import Activity, Booked
from jifen.ledger.models import Account, Posting
from jifen.outreach.types import ClosedTotal

IDLE = {"kind": "inactivity", "months": 12}
OFFSET = {"unit": "points", "points": 1, "worth_minor": 1}
LAST = date(2027, 6, 1)
"""The last good day of what was used on 1 June 2026."""
OVER = until(LAST)


@pytest.fixture
def world() -> World:
    return World(rule_set(expiry={"points": IDLE}, offset=OFFSET))


def idle_at(world: World, member: uuid.UUID) -> datetime | None:
    with world.scope():
        row = Account.objects.get(member_id=member, unit__code="points")
        found: datetime | None = row.idle_at
        return found


def bought(world: World, **given: Any) -> uuid.UUID:
    """A member with an order of 100 points."""
    member = world.member()
    world.booked(world.purchase(member, 10_000, **given))
    return member


def test_all_of_it_ends_at_the_end_of_the_last_day_for_every_reader(world: World) -> None:
    member = bought(world)
    just_before = OVER - timedelta(microseconds=1)
    assert (world.available(member, at=just_before), world.available(member, at=OVER)) == (100, 0)
    with world.scope():
        rows = {row.available for row in exports.balance_rows(at=OVER) if row.unit == "points"}
        assert rows == {0}
        assert not Posting.objects.filter(kind="expire").exists(), "no job has run"
    world.verify()


@pytest.mark.parametrize("act", ["earn", "burn", "refund", "adjust_up"])
def test_each_use_begins_it_anew(world: World, act: str) -> None:
    member = bought(world)
    paid = world.purchase(member, 1_000, points_paid=50)
    world.booked(paid)
    at = NOON + 100 * DAY
    activities: dict[str, Activity] = {
        "earn": world.purchase(member, 1_000, occurred_at=at),
        "burn": world.purchase(member, 1_000, points_paid=50, occurred_at=at),
        "refund": world.refund(paid, occurred_at=at),
        "adjust_up": world.adjustment(member, 5, occurred_at=at),
    }
    world.booked(activities[act], at=at)
    assert idle_at(world, member) == until(date(2027, 9, 9))
    assert world.available(member, at=OVER) > 0


def test_what_only_takes_away_does_not(world: World) -> None:
    member = bought(world)
    at = NOON + 100 * DAY
    world.booked(world.adjustment(member, -5, occurred_at=at), at=at)
    assert idle_at(world, member) == OVER


def test_a_hold_is_a_use_and_what_is_held_does_not_end(world: World) -> None:
    books = Books(world)
    member = bought(world)
    hold = books.hold(member, 30, OVER + 9 * DAY)
    assert expire(world, OVER).totals["points"] == ClosedTotal(1, 1, 70)
    held = world.balance(member, at=OVER)
    assert (held.available, held.held) == (0, 30)
    books.capture(member, hold, 10, at=OVER + DAY)
    after = world.balance(member, at=OVER + 10 * DAY)
    assert (after.available, after.held) == (0, 0), "what comes back from it ends at once"
    books.act([member], lambda _: None, at=OVER + 10 * DAY)
    assert world.lots(member) == []
    world.verify()


def test_the_next_act_closes_it_and_begins_anew(world: World) -> None:
    member = bought(world)
    at = OVER + DAY
    assert world.refused(world.purchase(member, 1_000, points_paid=1, occurred_at=at), at=at) == (
        "insufficient_points"
    )
    booked = world.booked(world.purchase(member, 2_000, occurred_at=at), at=at)
    assert [each.available for each in booked.balances] == [20]
    assert world.lots(member) == [(20, None)]
    assert idle_at(world, member) == until(date(2028, 6, 3))
    world.verify()


def test_the_run_closes_it_as_the_next_act_would_have(world: World) -> None:
    members = [bought(world) for _ in range(3)]
    world.booked(world.adjustment(members[0], 9, expires_at=OVER - 3 * DAY))
    run = expire(world, OVER)
    assert run.totals["points"] == ClosedTotal(3, 4, 309)
    assert all(world.lots(member) == [] for member in members)
    assert expire(world, OVER).totals == {}
    world.verify()


def test_a_lot_with_a_date_of_its_own_ends_when_the_first_of_both_comes(world: World) -> None:
    member = bought(world)
    world.booked(world.adjustment(member, 9, expires_at=until(date(2026, 12, 31))))
    world.booked(world.adjustment(member, 8, expires_at=until(date(2030, 12, 31))))
    assert world.available(member, at=OVER - timedelta(seconds=1)) == 108
    assert world.available(member, at=OVER) == 0


def test_an_order_reported_late_counts_from_when_it_was(world: World) -> None:
    member = bought(world)
    at = NOON + 300 * DAY
    early = NOON + 100 * DAY
    world.booked(world.purchase(member, 1_000, occurred_at=at), at=at)
    world.booked(world.purchase(member, 1_000, occurred_at=early), at=at)
    assert idle_at(world, member) == until(date(2028, 3, 28)), "never earlier than it was"


def test_leap_days_and_month_ends() -> None:
    world = World(
        rule_set(expiry={"points": {"kind": "inactivity", "months": 1}}),
        at=noon(date(2028, 1, 31)),
    )
    member = bought(world)
    assert idle_at(world, member) == until(date(2028, 2, 29))


def test_a_rule_set_without_it_ends_it_with_the_next_use(world: World) -> None:
    member, other = bought(world), bought(world)
    world.publish(rule_set(offset=OFFSET))
    world.booked(world.purchase(member, 1_000))
    assert idle_at(world, member) is None
    assert world.available(member, at=OVER) == 110
    assert world.available(other, at=OVER) == 0


def test_points_brought_along_and_moved_by_a_merge_are_used(world: World) -> None:
    survivor, other = world.member(100), world.member(50)
    assert idle_at(world, survivor) == OVER
    at = NOON + 60 * DAY
    [outcome] = world.book(merge(world, survivor, other, occurred_at=at), at=at)
    assert isinstance(outcome, Booked), outcome
    assert idle_at(world, survivor) == until(date(2027, 7, 31))
    assert world.available(survivor, at=OVER) == 150


def test_a_preview_of_an_act_on_it_closes_nothing(world: World) -> None:
    member = bought(world)
    at = OVER + DAY
    [outcome] = world.preview(world.purchase(member, 1_000, occurred_at=at), at=at)
    assert isinstance(outcome, Booked)
    assert [each.available for each in outcome.balances] == [10]
    assert world.lots(member) == [(100, None)]


def test_growth_cannot_end_so() -> None:
    world = World()
    from jifen.common.errors import InvalidInput

    with pytest.raises(InvalidInput) as caught:
        world.publish(rule_set(expiry={"growth": IDLE}))
    assert caught.value.fields["path"] == "$.expiry.growth"
