"""Guarantee 10: where a notice is required, nothing ends of which nobody was told. It holds for
what is read, for acts, for what an act closes, and for the run alike."""

import uuid
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.books import Books
from tests.told import (
    DAY,
    announce,
    clear,
    expire,
    forget,
    lot,
    noon,
    notices,
    plan,
    send,
    tell,
    told_world,
    until,
    untold,
)
from tests.world import World, rule_set

from jifen.earning import exports
from jifen.ledger.models import LotNotice, Posting
from jifen.outreach import selectors, services
from jifen.outreach.types import ClosingPart, ClosingPreview, Untold, UntoldTotal

LAST = date(2026, 7, 1)
TODAY = date(2026, 6, 1)
OVER = until(LAST)
AFTER = OVER + timedelta(hours=9)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_NOTICES_FOLDER", str(tmp_path))


def guarded(**given: object) -> World:
    return told_world(30, 7, required=True, **given)  # type: ignore[arg-type]


def exported(world: World, at: datetime) -> list[int]:
    """Available points of everybody, as the export says."""
    with world.scope():
        return sorted(row.available for row in exports.balance_rows(at=at) if row.unit == "points")


def previewed(world: World) -> ClosingPreview:
    """What the run would close."""
    with world.scope():
        return selectors.preview_expiry(at=AFTER)


def closed(world: World, member: uuid.UUID) -> int:
    """How much of the member's points was closed."""
    with world.scope():
        rows = Posting.objects.filter(account__member_id=member, kind="expire")
        return -sum([int(amount) for amount in rows.values_list("amount", flat=True)])


def test_who_was_told_loses_the_points_and_who_was_not_keeps_them() -> None:
    world = guarded()
    told, missed = world.member(lot(100, LAST)), world.member(lot(70, LAST))
    forget(world, missed)
    tell(world, noon(TODAY))
    before = OVER - timedelta(microseconds=1)
    assert (world.available(told, at=before), world.available(missed, at=before)) == (100, 70)
    assert (world.available(told, at=OVER), world.available(missed, at=OVER)) == (0, 70)
    assert exported(world, before) == [70, 100]
    assert exported(world, OVER) == [0, 70]

    leaves = {"points": UntoldTotal(1, 70)}
    assert previewed(world) == ClosingPreview((ClosingPart("points", "main", 1, 1, 100),), leaves)
    run = expire(world, AFTER)
    assert run.totals["points"].points == 100
    assert run.untold == {"points": UntoldTotal(1, 70)}
    assert untold(world, AFTER) == [Untold(missed, "points", 70, LAST, "no_address")]
    assert (world.available(told, at=AFTER), world.available(missed, at=AFTER)) == (0, 70)
    assert (closed(world, told), closed(world, missed)) == (100, 0)
    world.verify()


def test_points_that_nobody_was_told_of_are_spent_first_and_closed_by_no_act() -> None:
    world = guarded()
    member = world.member(lot(100, LAST), lot(50, LAST + 365 * DAY))
    world.booked(world.adjustment(member, -30, occurred_at=AFTER), at=AFTER)
    assert closed(world, member) == 0
    assert world.lots(member) == [(70, OVER), (50, until(LAST + 365 * DAY))]
    assert world.available(member, at=AFTER) == 120
    world.verify()


def test_points_that_somebody_was_told_of_are_closed_by_the_next_act() -> None:
    world = guarded()
    member = world.member(lot(100, LAST), lot(50, LAST + 365 * DAY))
    tell(world, noon(TODAY))
    booked = world.booked(world.adjustment(member, -30, occurred_at=AFTER), at=AFTER)
    assert [each.available for each in booked.balances] == [20]
    assert closed(world, member) == 100
    assert world.refused(world.adjustment(member, -21, occurred_at=AFTER), at=AFTER) == (
        "insufficient_points"
    )
    world.verify()


def test_told_late_they_are_good_some_days_more_and_then_end() -> None:
    world = guarded()
    member = world.member(lot(100, LAST))
    expire(world, AFTER)
    with world.scope():
        assert services.plan_late(at=AFTER) == 1
        assert services.plan_late(at=AFTER) == 0, "not twice a day"
    assert world.available(member, at=AFTER) == 100
    assert send(world, AFTER).delivered == 1
    [notice] = notices(world, member)
    ends_on = LAST + 8 * DAY
    assert (notice.is_late, notice.ends_on, notice.points) == (True, ends_on, 100)
    assert untold(world, AFTER) == []
    assert world.available(member, at=until(ends_on) - timedelta(seconds=1)) == 100
    assert world.available(member, at=until(ends_on)) == 0
    assert expire(world, until(ends_on) + timedelta(hours=1)).totals["points"].points == 100
    world.verify()


def test_a_late_notice_that_fails_changes_nothing_and_comes_again_another_day() -> None:
    world = guarded()
    member = world.member(lot(100, LAST))
    forget(world, member)
    with world.scope():
        services.plan_late(at=AFTER)
    assert send(world, AFTER).given_up == 1
    assert world.available(member, at=AFTER + 100 * DAY) == 100
    with world.scope():
        assert services.plan_late(at=AFTER + DAY) == 1


def test_those_who_cannot_be_told_keep_nobody_else_from_being_told() -> None:
    """The limit is of notices that were planned, not of members who were looked at."""
    world = guarded()
    members = [world.member(lot(100, LAST)) for _ in range(4)]
    with world.scope():
        planned = [services.plan_late(at=AFTER, limit=limit) for limit in (1, 2, 9, 9)]
    assert planned == [1, 2, 1, 0]
    assert [len(notices(world, member)) for member in members] == [1, 1, 1, 1]


def test_late_notices_of_expiries_and_clears_share_one_limit() -> None:
    world = guarded()
    for _ in range(2):
        world.member(lot(100, LAST), 50)
    clear(world, announce(world, LAST, noon(TODAY)), AFTER)
    with world.scope():
        assert [services.plan_late(at=AFTER, limit=3) for _ in range(3)] == [3, 1, 0]


def test_a_notice_is_no_notice_before_it_is_sent() -> None:
    world = guarded()
    member = world.member(lot(100, LAST))
    assert plan(world, noon(TODAY)) == 1
    assert world.available(member, at=OVER) == 100
    assert untold(world, OVER)[0].reason == "planned"
    assert send(world, OVER).given_up == 1, "too late for that day"
    assert world.available(member, at=OVER) == 100


def test_one_notice_of_a_day_is_enough_also_for_what_comes_later() -> None:
    world = guarded()
    member = world.member(lot(100, LAST))
    tell(world, noon(TODAY))
    world.booked(world.adjustment(member, 20, expires_at=OVER))
    assert world.available(member, at=OVER) == 0


def test_points_given_back_late_stay_where_nobody_was_told() -> None:
    """A refund returns them to a lot past its date: there they are good, and wait for a notice."""
    world = guarded(offset={"unit": "points", "points": 100, "worth_minor": 100})
    member = world.member(lot(500, LAST))
    order = world.purchase(member, 10_000, points_paid=500)
    world.booked(order)
    world.booked(world.refund(order, occurred_at=AFTER), at=AFTER)
    assert world.available(member, at=AFTER) == 500
    assert closed(world, member) == 0
    world.verify()


def test_what_a_hold_gives_back_stays_where_nobody_was_told() -> None:
    books = Books(guarded())
    world = books.world
    untold_one, told_one = world.member(lot(40, LAST)), world.member(lot(40, LAST))
    forget(world, untold_one)
    tell(world, noon(TODAY))
    for member in (untold_one, told_one):
        books.hold(member, 30, AFTER)
    late = AFTER + DAY
    assert (world.available(untold_one, at=late), world.available(told_one, at=late)) == (40, 0)
    expire(world, late)
    assert (world.available(untold_one, at=late), world.available(told_one, at=late)) == (40, 0)
    for member in (untold_one, told_one):
        books.act([member], lambda _: None, at=late)
    assert (world.available(untold_one, at=late), world.available(told_one, at=late)) == (40, 0)
    world.verify()


def test_pending_points_ripen_past_their_date_where_nobody_was_told() -> None:
    books = Books(guarded())
    world, member = books.world, books.member()
    books.earn(member, 25, expires_at=OVER, is_pending=True, ripens_at=AFTER)
    assert world.balance(member, at=OVER).pending == 25
    assert world.available(member, at=AFTER) == 25
    books.act([member], lambda _: None, at=AFTER)
    assert world.available(member, at=AFTER) == 25
    world.verify()


def test_what_was_over_before_it_was_required_stays_over() -> None:
    """Nothing comes back to life because the owner changes the rules."""
    world = World()
    early = world.member(lot(100, TODAY - DAY))
    world.publish(rule_set(notices={"points": {"days": [7], "required": True}}))
    late = world.member(lot(100, LAST))
    assert world.available(early) == 0
    assert world.available(late, at=OVER) == 100
    assert [each.member_id for each in untold(world, OVER)] == [late]
    world.at = AFTER
    world.publish(rule_set(notices={"points": {"days": [7], "required": False}}))
    assert world.available(late, at=AFTER) == 0
    world.publish(rule_set(notices={"points": {"days": [7], "required": True}}))
    assert world.available(late, at=AFTER) == 0, "required from now on, for what ends from now on"
    assert expire(world, AFTER).totals["points"].points == 200
    world.verify()


def test_publishing_again_keeps_what_is_required_from_when_it_was() -> None:
    world = guarded()
    member = world.member(lot(100, LAST))
    world.at = AFTER
    world.publish(rule_set(notices={"points": {"days": [3], "required": True}}))
    assert world.available(member, at=AFTER) == 100


def test_an_account_that_is_not_used_is_not_ended_in_silence() -> None:
    world = guarded(expiry={"kind": "inactivity", "days": 30})
    told, missed = world.member(), world.member()
    for member in (told, missed):
        world.booked(world.purchase(member, 10_000))
    forget(world, missed)
    tell(world, noon(TODAY))
    assert (world.available(told, at=OVER), world.available(missed, at=OVER)) == (0, 100)
    leaves = {"points": UntoldTotal(1, 100)}
    assert previewed(world) == ClosingPreview((ClosingPart("points", "main", 1, 1, 100),), leaves)
    assert expire(world, AFTER).totals["points"].points == 100
    assert untold(world, AFTER) == [Untold(missed, "points", 100, LAST, "no_address")]
    world.booked(world.purchase(missed, 1_000, occurred_at=AFTER), at=AFTER)
    assert world.available(missed, at=AFTER) == 110
    assert untold(world, AFTER) == []
    world.verify()


def test_the_run_closes_a_lot_that_was_told_of_and_spares_the_account_that_was_not() -> None:
    world = guarded(expiry={"kind": "inactivity", "days": 30})
    member, early = world.member(), LAST - 5 * DAY
    world.booked(world.purchase(member, 10_000))
    world.booked(world.adjustment(member, 20, expires_at=until(early)))
    tell(world, noon(early - 7 * DAY))
    assert [notice.ends_on for notice in notices(world, member)] == [early]
    assert expire(world, AFTER).totals["points"].points == 20
    assert closed(world, member) == 20
    assert world.available(member, at=AFTER) == 100
    world.verify()


def test_another_unit_ends_as_ever() -> None:
    world = guarded()
    with world.scope():
        from jifen.programmes import services as programmes

        programmes.add_unit(code="stars", kind="points", name_zh="星", name_en="stars")
    member = world.member()
    world.booked(world.adjustment(member, 9, unit="stars", expires_at=OVER))
    assert world.available(member, "stars", at=OVER) == 0


def test_a_notice_that_is_recorded_after_midnight_ends_nothing_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was on its way when the day ended: what was read as good in between was good."""
    world = guarded()
    member = world.member(lot(100, LAST))
    plan(world, noon(TODAY))
    times = iter([OVER - timedelta(seconds=2), OVER - timedelta(seconds=1), AFTER, AFTER])
    with world.scope():
        assert services.send(clock=lambda: next(times, AFTER), limit=1).delivered == 1
        [(expires_at, ends)] = LotNotice.objects.values_list("expires_at", "until")
    assert (expires_at, ends) == (OVER, AFTER)
    assert world.available(member, at=AFTER - timedelta(seconds=1)) == 100
    assert world.available(member, at=AFTER) == 0
