"""Runs, planners and senders at once, and beside live spending."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.concurrency.racing import at_once, held, in_background, lock, waiting_for
from tests.told import (
    DAY,
    announce,
    clear,
    expire,
    lines,
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
from tests.world import World

from jifen.common.database import connect, owner_address
from jifen.earning.types import Booked
from jifen.outreach import selectors, services
from jifen.outreach.models import Run
from jifen.outreach.types import ClearingInfo, ClearingOver, RunBusy, RunInfo

LAST = date(2026, 7, 1)
OVER = until(LAST)
TODAY = date(2026, 6, 1)
AT = noon(TODAY)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIFEN_NOTICES_FOLDER", str(tmp_path))
    return tmp_path


def patiently(call: Callable[[], RunInfo]) -> RunInfo:
    """Again while another process has the run."""
    while True:
        try:
            return call()
        except RunBusy:
            continue


def test_the_expiry_run_beside_live_spending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each member has 100 that are over and 100 that are not, and spends 60 twice while the run
    goes over all of them: one succeeds, whoever comes first, and nothing is lost or made."""
    monkeypatch.setattr("jifen.outreach.closing.SLICE", 3)
    world = World()
    members = [world.member(lot(100, LAST), 100) for _ in range(20)]
    spends = [
        world.adjustment(member, -60, occurred_at=OVER) for member in members for _ in range(2)
    ]

    def spend(activity: Any) -> Callable[[], Any]:
        return lambda: world.book(activity, at=OVER)[0]

    def close() -> Any:
        return patiently(lambda: expire(world, OVER))

    calls: list[Callable[[], Any]] = [spend(each) for each in spends]
    for place in (5, 15, 25, 35):
        calls.insert(place, close)
    outcomes = at_once(calls)
    assert sum(isinstance(each, Booked) for each in outcomes) == 20
    assert {world.available(member, at=OVER) for member in members} == {40}
    patiently(lambda: expire(world, OVER))
    assert all(world.lots(member) == [(40, None)] for member in members)
    world.verify()


def test_two_expiry_runs_at_once_close_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jifen.outreach.closing.SLICE", 2)
    world = World()
    for _ in range(12):
        world.member(lot(10, LAST))
    runs = at_once([lambda: patiently(lambda: expire(world, OVER)) for _ in range(4)])
    closed = {run.id: run.totals["points"].points for run in runs if run.totals}
    assert sum(closed.values()) == 120
    world.verify()


def test_planners_at_once_make_one_notice_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jifen.outreach.planning.SLICE", 3)
    world = told_world(30, 7)
    members = [world.member(lot(10, TODAY + 30 * DAY), lot(5, TODAY + 7 * DAY)) for _ in range(10)]

    def planned() -> int:
        while True:
            try:
                return plan(world, AT)
            except RunBusy:
                continue

    at_once([planned for _ in range(6)])
    found = [notices(world, member) for member in members]
    assert [Counter(n.days_before for n in each) for each in found] == [{30: 1, 7: 1}] * 10
    assert send(world, AT).delivered == 20


def test_planners_that_know_nothing_of_each_other_make_one_notice_each() -> None:
    """Without the run's lock the record's key alone still keeps it to one: the late planner has
    none."""
    from jifen.outreach import services

    world = told_world(30, required=True)
    for _ in range(8):
        world.member(lot(10, LAST))

    def late() -> int:
        with world.scope():
            return services.plan_late(at=OVER)

    assert sum(at_once([late for _ in range(8)])) == 8


def test_senders_at_once_send_each_notice_once(folder: Path) -> None:
    world = told_world(30)
    for _ in range(40):
        world.member(lot(10, TODAY + 30 * DAY))
    assert plan(world, AT) == 40
    done = at_once([lambda: send(world, AT) for _ in range(4)])
    assert sum(each.delivered for each in done) == 40
    found = Counter(line["id"] for line in lines(folder))
    assert len(found) == 40
    assert set(found.values()) == {1}


def test_a_members_notices_are_sent_in_their_order(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jifen.common.outbox.services.CLAIM", 1)
    world = told_world(3, 2, 1)
    members = [world.member(*[lot(n, TODAY + n * DAY) for n in (1, 2, 3)]) for _ in range(10)]
    assert plan(world, AT) == 30
    order = {str(member): [str(n.id) for n in notices(world, member)] for member in members}
    done = at_once([lambda: send(world, AT) for _ in range(6)])
    assert sum(each.delivered for each in done) <= 30
    while send(world, AT).delivered:
        pass
    sent: dict[str, list[str]] = {}
    for line in lines(folder):
        sent.setdefault(line["member_id"], []).append(line["id"])
    assert sent == order


def test_recording_a_notice_waits_for_a_booking_of_the_member() -> None:
    """Whether the points are good is not decided twice at once: the booking that began before the
    record goes by what it saw, and the record comes after it."""
    world = told_world(30, required=True)
    member = world.member(lot(100, LAST))
    plan(world, AT)
    with held("member", [member]) as other:
        result = in_background(lambda: send(world, AT))
        waiting_for(other)
        assert untold(world, OVER)[0].reason == "planned"
    assert result().delivered == 1
    assert untold(world, OVER) == []


def test_spending_beside_the_clear_of_what_was_told() -> None:
    world = told_world(30)
    clearing = announce(world, LAST, AT, required=False)
    members = [world.member(100) for _ in range(12)]
    spends = [world.adjustment(member, -100, occurred_at=OVER) for member in members]

    def spend(activity: Any) -> Callable[[], Any]:
        return lambda: world.book(activity, at=OVER)[0]

    calls: list[Callable[[], Any]] = [spend(each) for each in spends]
    calls.insert(6, lambda: patiently(lambda: clear(world, clearing, OVER)))
    at_once(calls)
    patiently(lambda: clear(world, clearing, OVER + timedelta(hours=1)))
    assert {world.available(member, at=OVER) for member in members} == {0}
    world.verify()


def test_sending_beside_an_expiry_ends_told_points_only() -> None:
    world = told_world(30, required=True)
    members = [world.member(lot(10, LAST)) for _ in range(16)]
    for member in members[:8]:
        assert world.available(member) == 10
    plan(world, AT)
    stop = threading.Event()

    def close() -> int:
        closed = 0
        while not stop.is_set():
            run = patiently(lambda: expire(world, OVER))
            closed += sum(each.points for each in run.totals.values())
        return closed

    running = in_background(close)
    send(world, AT)
    stop.set()
    closed = running()
    run = patiently(lambda: expire(world, OVER))
    assert closed + sum(each.points for each in run.totals.values()) == 160
    tell(world, AT)
    world.verify()


def cancel(world: World, clearing: ClearingInfo) -> None:
    with world.scope():
        services.cancel(clearing_id=clearing.id)


def test_a_clear_is_cancelled_or_done_and_never_half_of_each() -> None:
    for _ in range(5):
        world = told_world(7)
        clearing = announce(world, TODAY, AT, required=False)
        members = [world.member(100) for _ in range(3)]

        def done(world: World = world, clearing: ClearingInfo = clearing) -> bool:
            try:
                clear(world, clearing, until(TODAY))
            except ClearingOver:
                return False
            return True

        def cancelled(world: World = world, clearing: ClearingInfo = clearing) -> bool:
            try:
                cancel(world, clearing)
            except ClearingOver:
                return False
            return True

        was_done, was_cancelled = at_once([done, cancelled])
        assert was_done is not was_cancelled
        left = [world.available(member, at=until(TODAY)) for member in members]
        with world.scope():
            state = selectors.clearing(clearing.id).state
        assert (state, left) == (("done", [0] * 3) if was_done else ("cancelled", [100] * 3))


def test_a_clear_that_is_cancelled_while_it_begins_does_not_begin() -> None:
    world = told_world(7)
    clearing = announce(world, TODAY, AT, required=False)
    member = world.member(100)
    with connect(owner_address()) as other:
        with other.transaction():
            other.execute("UPDATE clearing SET state = 'cancelled' WHERE id = %s", [clearing.id])
            call = in_background(lambda: clear(world, clearing, until(TODAY)))
            waiting_for(other)
        with pytest.raises(ClearingOver):
            call()
    assert world.available(member, at=until(TODAY)) == 100
    with world.scope():
        assert not Run.objects.exists()


def test_a_clear_that_begins_while_it_is_cancelled_is_not_cancelled() -> None:
    world = told_world(7)
    clearing = announce(world, TODAY, AT, required=False)
    with connect(owner_address()) as other:
        with other.transaction():
            lock(other, "clearing", [clearing.id])
            call = in_background(lambda: cancel(world, clearing))
            waiting_for(other)
            other.execute(
                "INSERT INTO outreach_run (programme_id, id, kind, unit_id, clearing_id, on_day,"
                " started_at, started_by, slices, passed_over, notices, totals, untold)"
                " SELECT programme_id, gen_random_uuid(), 'clear', unit_id, id, ends_on, now(),"
                " 'other', 0, 0, 0, '{}', '{}' FROM clearing WHERE id = %s",
                [clearing.id],
            )
        with pytest.raises(ClearingOver):
            call()
