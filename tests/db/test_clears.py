"""Clears: announced, told of, and then done for everything that was there and was told of."""

import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.books import Books
from tests.concurrency.racing import held
from tests.told import (
    DAY,
    announce,
    clear,
    forget,
    lot,
    noon,
    notices,
    plan,
    send,
    tell,
    told_world,
    until,
)
from tests.world import NOON, World, rule_set

from jifen.common.errors import InvalidInput
from jifen.ledger.models import Transaction
from jifen.outreach import selectors, services
from jifen.outreach.types import (
    ClearingAnnounced,
    ClearingInfo,
    ClearingNotDue,
    ClearingOfRules,
    ClearingOver,
    ClosedTotal,
    ClosingPart,
    ClosingPreview,
    DayOver,
    UnknownClearing,
    Untold,
    UntoldTotal,
)
from jifen.programmes.types import UnknownUnit

CLEARED = date(2026, 8, 1)
OVER = until(CLEARED)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_NOTICES_FOLDER", str(tmp_path))


@pytest.fixture
def world() -> World:
    return told_world(30)


def uncleared(world: World, clearing: ClearingInfo) -> list[Untold]:
    with world.scope():
        return [each for _, each in selectors.uncleared(clearing_id=clearing.id, limit=100)]


def test_a_clear_is_told_of_and_then_takes_everything_that_was_told_of(world: World) -> None:
    clearing = announce(world, CLEARED, NOON)
    told, missed = world.member(70, lot(30, date(2026, 12, 31))), world.member(50)
    forget(world, missed)
    for before in (31, 30, 29, 8, 7, 6):
        tell(world, noon(CLEARED - before * DAY))
    assert [(n.kind, n.days_before, n.points, n.state) for n in notices(world, told)] == [
        ("clear", 30, 100, "sent"),
        ("clear", 7, 100, "sent"),
    ]
    with world.scope():
        preview = selectors.preview_clear(clearing_id=clearing.id, at=NOON)
    assert preview == ClosingPreview(
        (ClosingPart("points", "main", 2, 1, 100),), {"points": UntoldTotal(1, 50)}
    )
    run = clear(world, clearing, OVER)
    assert run.totals == {"points": ClosedTotal(1, 2, 100)}
    assert run.untold == {"points": UntoldTotal(1, 50)}
    assert uncleared(world, clearing) == [Untold(missed, "points", 50, CLEARED, "no_address")]
    assert (world.available(told, at=OVER), world.available(missed, at=OVER)) == (0, 50)
    with world.scope():
        assert selectors.clearing(clearing.id).state == "done"
        kinds = set(Transaction.objects.filter(kind="clear").values_list("reason", flat=True))
    assert kinds == {""}
    world.verify()


def test_what_was_earned_since_its_day_stays(world: World) -> None:
    clearing = announce(world, CLEARED, NOON, required=False)
    member = world.member(100)
    world.booked(world.adjustment(member, 20, occurred_at=OVER), at=OVER)
    run = clear(world, clearing, OVER + timedelta(hours=1))
    assert run.totals["points"].points == 100
    assert world.available(member, at=OVER + DAY) == 20


def test_what_is_held_stays_and_comes_back(world: World) -> None:
    books = Books(world)
    clearing = announce(world, CLEARED, NOON, required=False)
    member = world.member(100)
    hold = books.hold(member, 40, None)
    clear(world, clearing, OVER)
    held = world.balance(member, at=OVER)
    assert (held.available, held.held) == (0, 40)
    books.release(member, hold, at=OVER + DAY)
    assert world.available(member, at=OVER + DAY) == 40
    world.verify()


def test_who_was_left_is_told_late_and_cleared_then(world: World) -> None:
    clearing = announce(world, CLEARED, NOON)
    member = world.member(100)
    clear(world, clearing, OVER)
    assert uncleared(world, clearing)[0].reason == "not_planned"
    with world.scope():
        assert services.plan_late(at=OVER + DAY) == 1
    send(world, OVER + DAY)
    [notice] = notices(world, member)
    assert (notice.kind, notice.is_late, notice.ends_on) == ("clear", True, CLEARED + 9 * DAY)
    assert uncleared(world, clearing) == []
    assert clear(world, clearing, OVER + 2 * DAY).totals == {}, "its days are not over"
    last = until(CLEARED + 9 * DAY)
    assert clear(world, clearing, last).totals["points"].points == 100
    assert world.available(member, at=last) == 0
    world.verify()


def test_what_ends_before_by_itself_is_not_told_of_as_cleared(world: World) -> None:
    announce(world, CLEARED, NOON)
    member = world.member(lot(30, CLEARED - 9 * DAY), lot(20, CLEARED + 9 * DAY))
    plan(world, noon(CLEARED - 30 * DAY))
    assert [(n.kind, n.points) for n in notices(world, member)] == [("clear", 20)]


def test_the_rule_set_announces_clears_and_takes_them_back() -> None:
    document: dict[str, Any] = {
        "notices": {"points": {"days": [1], "channels": ["file"]}},
        "clears": {"points": {"each_year": ["12-31"], "on": ["2026-08-01"], "days": [30, 7]}},
    }
    world = World(rule_set(**document))
    member = world.member(100)
    plan(world, noon(CLEARED - 30 * DAY))
    with world.scope():
        known = selectors.clearings(before=None, limit=9)
    assert [(c.ends_on, c.source, c.state, c.days, c.required) for c in known] == [
        (date(2026, 12, 31), "rules", "announced", (30, 7), True),
        (CLEARED, "rules", "announced", (30, 7), True),
    ]
    with world.scope(), pytest.raises(ClearingOfRules):
        services.cancel(clearing_id=known[1].id)
    send(world, noon(CLEARED - 30 * DAY))
    assert len(notices(world, member)) == 1
    with world.scope():
        done = services.tend(at=OVER, by="jifen")
    assert [run.totals for run in done if run.kind == "clear"] == [
        {"points": ClosedTotal(1, 1, 100)}
    ]
    document["clears"] = {"points": {"on": ["2026-09-01"]}}
    world.publish(rule_set(**document))
    plan(world, noon(date(2026, 8, 3)))
    with world.scope():
        found = {c.ends_on: c.state for c in selectors.clearings(before=None, limit=9)}
    assert found == {
        date(2026, 12, 31): "cancelled",
        CLEARED: "done",
        date(2026, 9, 1): "announced",
    }


def test_an_announced_clear_can_be_cancelled(world: World) -> None:
    clearing = announce(world, CLEARED, NOON)
    member = world.member(100)
    plan(world, noon(CLEARED - 30 * DAY))
    with world.scope():
        assert services.cancel(clearing_id=clearing.id).state == "cancelled"
        with pytest.raises(ClearingOver):
            services.cancel(clearing_id=clearing.id)
    assert send(world, noon(CLEARED - 30 * DAY)).given_up == 1
    assert notices(world, member)[0].reason == "clear_cancelled"
    with pytest.raises(ClearingOver):
        clear(world, clearing, OVER)
    again = announce(world, CLEARED, NOON)
    assert plan(world, noon(CLEARED - 30 * DAY)) == 1, "another clear, another notice"
    assert again.id != clearing.id


def test_a_clear_that_has_begun_is_not_cancelled(world: World) -> None:
    """Some have lost their points already; the others would keep theirs."""
    clearing = announce(world, CLEARED, NOON, required=False)
    members = [world.member(100) for _ in range(3)]
    assert clear(world, clearing, OVER, limit=1).finished_at is None
    with world.scope(), pytest.raises(ClearingOver) as caught:
        services.cancel(clearing_id=clearing.id)
    assert caught.value.fields == {"state": "begun"}
    assert clear(world, clearing, OVER).totals["points"].points == 300
    assert [world.available(member, at=OVER) for member in members] == [0, 0, 0]
    with world.scope():
        assert selectors.clearing(clearing.id).state == "done"


def test_a_clear_that_passed_somebody_over_is_not_done(world: World) -> None:
    clearing = announce(world, CLEARED, NOON, required=False)
    busy, free = world.member(100), world.member(30)
    with held("member", [busy]):
        run = clear(world, clearing, OVER)
    assert (run.totals["points"].points, run.passed_over) == (30, 1)
    with world.scope():
        assert selectors.clearing(clearing.id).state == "announced"
        services.tend(at=OVER, by="jifen")
        assert selectors.clearing(clearing.id).state == "done"
    assert (world.available(busy, at=OVER), world.available(free, at=OVER)) == (0, 0)


def test_a_list_of_clears_asks_for_its_units_once(world: World) -> None:
    for offset in range(5):
        announce(world, CLEARED + offset * DAY, NOON)
    with world.scope(), CaptureQueriesContext(connection) as queries:
        assert len(selectors.clearings(before=None, limit=9)) == 5
    assert len(queries) == 2


def test_it_is_refused_by_name_what_cannot_be(world: World) -> None:
    clearing = announce(world, CLEARED, NOON)
    cases: list[tuple[type[Exception], Any]] = [
        (UnknownUnit, lambda: announce(world, CLEARED, NOON, unit="stars")),
        (DayOver, lambda: announce(world, NOON.date() - DAY, NOON)),
        (ClearingAnnounced, lambda: announce(world, CLEARED, NOON)),
        (ClearingNotDue, lambda: clear(world, clearing, OVER - timedelta(seconds=1))),
    ]
    for kind, call in cases:
        with pytest.raises(kind):
            call()
    other = told_world(30)
    for unknown in (clearing.id, uuid.uuid4()):
        with other.scope(), pytest.raises(UnknownClearing):
            services.clear(clearing_id=unknown, at=OVER, by="tester")


def test_growth_is_not_cleared() -> None:
    world = World()
    with pytest.raises(InvalidInput) as caught:
        world.publish(rule_set(clears={"growth": {"on": ["2026-08-01"]}}))
    assert caught.value.fields["path"] == "$.clears.growth"
    with pytest.raises(InvalidInput):
        announce(world, CLEARED, NOON, unit="growth")
