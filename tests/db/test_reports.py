"""Reports: what each figure is, on small shops by hand. Random shops are in tests/properties."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from tests.world import NOON, OFFSET, World, ref, rule_set, rungs

from jifen.earning.types import Merge
from jifen.insight import selectors, services
from jifen.insight.models import PointsSum, Progress
from jifen.insight.sql import queries
from jifen.insight.types import InvalidPeriod, Period
from jifen.programmes.types import UnknownStore, UnknownUnit

DAY = timedelta(days=1)
JUNE = Period(date(2026, 6, 1), date(2026, 7, 1))
TO_COME = datetime.now(UTC) + timedelta(days=1)
"""By then everything that a test books is settled."""


def summed(world: World, *, size: int = 3) -> None:
    """Bring the sums up to date in small steps."""
    with world.scope():
        while services.refresh(at=TO_COME, size=size):
            pass


@contextmanager
def told(world: World) -> Iterator[Any]:
    with world.scope():
        yield selectors


def by_day(days: Any, *names: str) -> dict[date, tuple[int, ...]]:
    """The days on which something is not zero."""
    found = {each.day: tuple(getattr(each, name) for name in names) for each in days}
    return {day: values for day, values in found.items() if any(values)}


def test_points_by_day_and_what_is_outstanding() -> None:
    world = World(rule_set(offset=OFFSET, expiry={"points": {"kind": "after", "days": 10}}))
    member, other = world.member(), world.member()
    order = world.purchase(member, 30_000)
    world.booked(order)
    later = world.at + DAY
    world.booked(world.purchase(member, 10_000, points_paid=100, occurred_at=later), at=later)
    world.booked(world.refund(order, occurred_at=later), at=later)
    world.booked(world.adjustment(other, 40, occurred_at=later), at=later)
    gone = world.at + 20 * DAY
    world.booked(world.purchase(other, 100, occurred_at=gone), at=gone)
    expected = {
        date(2026, 6, 1): (300, 0, 0),
        date(2026, 6, 2): (99 - 300 + 40, 100, 0),
        date(2026, 6, 21): (1, 0, 40),
    }
    with told(world) as reports:
        before = reports.points(period=JUNE, unit=None, store=None)
        days = reports.liability(period=JUNE, unit=None, at=NOON).days
    assert by_day(before.days, "issued", "burned", "expired") == expected
    held = {each.day: each.outstanding for each in days}
    assert held[date(2026, 6, 1)] == 300
    # The clawback could not take all of it: what is owed is no part of what members hold.
    assert world.balance(member).deficit == 1
    assert held[date(2026, 6, 2)] == 40
    assert held[date(2026, 6, 30)] == world.available(other, at=gone) == 1
    summed(world)
    with told(world) as reports:
        assert reports.points(period=JUNE, unit=None, store=None) == before
        assert reports.liability(period=JUNE, unit=None, at=NOON).days == days


def test_a_day_is_one_of_the_programmes_zone() -> None:
    late = datetime(2026, 6, 1, 15, 59, tzinfo=UTC)
    for zone, days in {
        "Asia/Shanghai": [date(2026, 6, 1), date(2026, 6, 2)],
        "UTC": [date(2026, 6, 1)],
        "Pacific/Auckland": [date(2026, 6, 2)],
    }.items():
        world = World(zone=zone)
        member = world.member()
        for at in (late, late + timedelta(minutes=1)):
            world.booked(world.purchase(member, 100, occurred_at=at), at=NOON + DAY)
        for _ in range(2):
            with told(world) as reports:
                points = reports.points(period=JUNE, unit=None, store=None).days
                active = reports.members(period=JUNE, store=None).days
                sold = reports.sales(period=JUNE, store=None).days
            assert list(by_day(points, "issued")) == days
            assert list(by_day(active, "active")) == days
            assert list(by_day(sold, "orders")) == days
            summed(world)


def test_an_order_is_its_stores_and_expired_points_are_of_the_store_that_gave_them() -> None:
    world = World(rule_set(expiry={"points": {"kind": "after", "days": 5}}))
    member = world.member()
    world.booked(world.purchase(member, 5_000, store="other"))
    world.booked(world.purchase(member, 3_000))
    gone = world.at + 8 * DAY
    world.booked(world.purchase(member, 100, occurred_at=gone), at=gone)
    for _ in range(2):
        with told(world) as reports:
            parts = {
                store: reports.points(period=JUNE, unit=None, store=store).total
                for store in ("main", "other", None)
            }
        assert {store: (p.issued, p.expired) for store, p in parts.items()} == {
            "main": (31, 30),
            "other": (50, 50),
            None: (81, 80),
        }
        summed(world)


def test_sales_of_members_and_guests() -> None:
    world = World()
    member = world.member()
    world.booked(world.purchase(member, 1_000))
    guest, claimed = world.purchase(None, 2_000), world.purchase(None, 4_000)
    world.booked(guest)
    world.booked(claimed)
    next_day = world.at + DAY
    world.booked(world.refund(guest, occurred_at=next_day), at=next_day)
    world.booked(world.claim(claimed, member, occurred_at=next_day), at=next_day)
    for _ in range(2):
        with told(world) as reports:
            days = reports.sales(period=JUNE, store=None).days
        assert by_day(days, "orders", "paid_minor", "guest_orders", "guest_paid_minor") == {
            # What was claimed is the member's on the day of the order.
            date(2026, 6, 1): (2, 5_000, 1, 2_000)
        }
        assert by_day(days, "refunded_minor", "guest_refunded_minor") == {
            date(2026, 6, 2): (0, 2_000)
        }
        summed(world)


def test_without_guests_nobody_knows_what_else_was_sold() -> None:
    world = World()
    world.booked(world.purchase(world.member(), 1_000))
    with told(world) as reports:
        assert not reports.sales(period=JUNE, store=None).total_known
    world.booked(world.purchase(None, 500))
    with told(world) as reports:
        assert reports.sales(period=JUNE, store=None).total_known


def test_who_comes_back() -> None:
    world = World()
    once, twice, undone, visitor = (world.member() for _ in range(4))
    world.booked(world.purchase(once, 1_000))
    world.booked(world.purchase(twice, 1_000))
    world.booked(world.purchase(twice, 1_000, store="other"))
    returned = world.purchase(undone, 1_000)
    world.booked(returned)
    world.booked(world.refund(returned))
    world.booked(world.behaviour(visitor, "visit"))
    with told(world) as reports:
        whole = reports.members(period=JUNE, store=None).total
        other = reports.members(period=JUNE, store="other").total
        later = reports.members(period=Period(JUNE.until, date(2026, 7, 31)), store=None)
    assert (whole.active, whole.buyers, whole.repeat_buyers) == (4, 2, 1)
    assert (other.active, other.buyers, other.repeat_buyers) == (1, 1, 0)
    assert later.total.active == 0
    assert later.before == whole


def test_merged_members_are_one() -> None:
    world = World()
    first, second, third = (world.member() for _ in range(3))
    for member in (first, second, third):
        world.booked(world.purchase(member, 1_000))
    for member, other in ((second, third), (first, second)):
        world.booked(
            Merge(
                key=uuid.uuid4().hex,
                occurred_at=world.at,
                member=ref(member),
                other=ref(other),
                reason="the same person",
                actor="tester",
            )
        )
    counted(world, at=world.at + DAY)
    with told(world) as reports:
        total = reports.members(period=JUNE, store=None).total
        cells = reports.rfm(store=None).cells
    assert (total.active, total.buyers, total.repeat_buyers) == (1, 1, 1)
    assert [(cell.members, cell.frequency, cell.paid_minor) for cell in cells] == [(1, 1, 3_000)]


def counted(world: World, *, at: datetime) -> None:
    with world.scope():
        while services.refresh(at=at):
            pass


def test_cohorts_recency_and_tiers() -> None:
    ladder = {"by": "spend", "rungs": rungs(silver=5_000, gold=50_000)}
    world = World(rule_set(ladder=ladder))
    loyal, gone, undone = (world.member() for _ in range(3))
    months = [NOON - 60 * DAY, NOON - 30 * DAY, NOON]
    for at in months:
        world.booked(world.purchase(loyal, 6_000, occurred_at=at), at=NOON)
    world.booked(world.purchase(gone, 1_000, occurred_at=months[0]), at=NOON)
    returned = world.purchase(undone, 1_000, occurred_at=months[1])
    world.booked(returned, at=NOON)
    world.booked(world.refund(returned, occurred_at=months[1]), at=NOON)
    # At noon of the first of June the last day that is over is the last of May.
    counted(world, at=NOON)
    with told(world) as reports:
        assert reports.cohorts(store=None).counted_on == date(2026, 5, 31)
        assert [(c.first_month, c.members) for c in reports.cohorts(store=None).cohorts] == [
            ("2026-04", (2, 1))
        ]
        cells = reports.rfm(store=None).cells
        assert [(c.recency, c.frequency, c.members, c.paid_minor) for c in cells] == [
            (1, 1, 1, 12_000),
            (2, 0, 1, 1_000),
        ]
        assert reports.rfm(store="other").cells == ()
        tiers = reports.tiers(store=None, at=NOON)
        assert [(tier.tier, tier.members) for tier in tiers.tiers] == [
            ("", 2),
            ("silver", 1),
            ("gold", 0),
        ]


def test_members_are_counted_once_a_local_day() -> None:
    world = World()
    world.booked(world.purchase(world.member(), 1_000))
    midnight = datetime(2026, 6, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    counted(world, at=midnight)
    world.booked(world.purchase(world.member(), 1_000))
    counted(world, at=midnight + timedelta(hours=23, minutes=59))
    with told(world) as reports:
        assert sum(cell.members for cell in reports.rfm(store=None).cells) == 1
    counted(world, at=midnight + DAY)
    with told(world) as reports:
        assert sum(cell.members for cell in reports.rfm(store=None).cells) == 2


def test_what_is_not_settled_is_not_summed_and_yet_told() -> None:
    world = World()
    world.booked(world.purchase(world.member(), 1_000))
    with world.scope():
        services.refresh(at=datetime.now(UTC) + services.SETTLING - timedelta(minutes=1))
        assert not PointsSum.objects.exists()
        total = selectors.points(period=JUNE, unit=None, store=None).total
    assert total.issued == 10


def test_a_step_that_fails_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.booked(world.purchase(world.member(), 1_000))

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(queries, "add_sales", broken)
        with world.scope(), pytest.raises(RuntimeError):
            services.refresh(at=TO_COME)
    summed(world)
    summed(world)
    with world.scope():
        assert selectors.points(period=JUNE, unit=None, store=None).total.issued == 10
        assert [row.points for row in PointsSum.objects.all()] == [10]


def test_made_anew_it_is_the_same() -> None:
    world = World()
    world.booked(world.purchase(world.member(), 1_000))
    summed(world)
    with world.scope():
        before = list(PointsSum.objects.values())
        services.start_again()
        assert not PointsSum.objects.exists()
    summed(world)
    with world.scope():
        assert list(PointsSum.objects.values()) == before
        assert Progress.objects.get().counted_on is not None


def test_what_nobody_has_cannot_be_asked() -> None:
    world = World()
    with world.scope():
        for faulty in (date(2026, 6, 1), date(2025, 5, 1)):
            with pytest.raises(InvalidPeriod):
                Period(date(2026, 6, 1), faulty)
        with pytest.raises(InvalidPeriod):
            Period(date(2025, 1, 1), date(2026, 1, 3))
        with pytest.raises(UnknownStore):
            selectors.sales(period=JUNE, store="nowhere")
        with pytest.raises(UnknownUnit):
            selectors.points(period=JUNE, unit="growth", store=None)


def test_a_report_reads_one_state_of_the_books() -> None:
    """A step of the sums between two of its statements would count a slice twice, or not at all."""
    with World().scope():
        levels = []
        asked = selectors._unsettled_moves

        def looking() -> Any:
            with connection.cursor() as cursor:
                cursor.execute("SHOW transaction_isolation")
                levels.append(cursor.fetchone()[0])
            return asked()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(selectors, "_unsettled_moves", looking)
            selectors.points(period=JUNE, unit=None, store=None)
            selectors.liability(period=JUNE, unit=None, at=NOON)
    assert levels == ["repeatable read"] * 2
