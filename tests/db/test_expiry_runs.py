"""The expiry run: it closes what time has ended, says beforehand what, and goes on where it was."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from tests.books import Books
from tests.concurrency.racing import held
from tests.told import DAY, expire, lot, told_world, until
from tests.world import World, rule_set

from jifen.common.database import connect, owner_address
from jifen.outreach import closing, selectors, services
from jifen.outreach.models import Run
from jifen.outreach.types import (
    ClosedTotal,
    ClosingPart,
    ClosingPreview,
    RunBusy,
    UnknownRun,
    UntoldTotal,
)

LAST = date(2026, 7, 1)
AFTER = until(LAST) + timedelta(hours=1)


def test_it_closes_what_is_over_and_changes_nothing_that_is_read() -> None:
    world = World()
    members = [world.member(lot(10 + n, LAST), lot(5, LAST + DAY), 3) for n in range(4)]
    before = [world.balance(member, at=AFTER) for member in members]
    run = expire(world, AFTER)
    assert run.totals == {"points": ClosedTotal(4, 4, 46)}
    assert (run.kind, run.on_day, run.finished_at) == ("expiry", LAST + DAY, AFTER)
    assert [world.balance(member, at=AFTER) for member in members] == before
    assert all(len(world.lots(member)) == 2 for member in members)
    assert expire(world, AFTER).totals == {}, "again closes nothing"
    world.verify()


def test_a_preview_says_what_it_would_close_by_unit_and_store() -> None:
    world = World(rule_set(expiry={"points": {"kind": "after", "days": 30}}))
    first, second = world.member(), world.member()
    world.booked(world.purchase(first, 10_000))
    world.booked(world.purchase(first, 2_000, store="other"))
    world.booked(world.purchase(second, 3_000))
    world.member(lot(7, LAST))
    with world.scope():
        preview = selectors.preview_expiry(at=AFTER)
    assert preview == ClosingPreview(
        closes=(
            ClosingPart("points", "main", 3, 3, 137),
            ClosingPart("points", "other", 1, 1, 20),
        ),
        leaves={},
    )
    run = expire(world, AFTER)
    assert run.totals["points"] == ClosedTotal(3, 4, 157)
    with world.scope():
        assert selectors.preview_expiry(at=AFTER) == ClosingPreview((), {})


def test_it_is_capped_and_the_next_call_goes_on() -> None:
    world = World()
    for _ in range(5):
        world.member(lot(10, LAST))
    first = expire(world, AFTER, limit=2)
    assert (first.finished_at, first.totals["points"]) == (None, ClosedTotal(2, 2, 20))
    second = expire(world, AFTER, limit=2)
    assert (second.id, second.totals["points"]) == (first.id, ClosedTotal(4, 4, 40))
    third = expire(world, AFTER, limit=2)
    assert (third.id, third.totals["points"], third.slices) == (first.id, ClosedTotal(5, 5, 50), 3)
    assert third.finished_at == AFTER
    assert expire(world, AFTER).id != first.id


def test_what_it_closed_and_where_it_has_come_to_are_written_together() -> None:
    """Its connection is cut in the middle of the second slice: the first counts, the second does
    not, and the run goes on there."""
    world = World()
    for _ in range(4):
        world.member(lot(10, LAST))
    from jifen.ledger import services as ledger

    genuine, calls = ledger.close_lots, []

    def cut(**given: object) -> object:
        done = genuine(**given)  # type: ignore[arg-type]
        calls.append(done)
        if len(calls) == 2:
            from django.db import connection

            pid = connection.connection.info.backend_pid
            with connect(owner_address()) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "close_lots", cut)
        patch.setattr("jifen.outreach.closing.SLICE", 2)
        with pytest.raises(Exception, match=r"terminat|closed|lost"):
            expire(world, AFTER)
    from django.db import connection

    connection.close()
    with world.scope():
        [row] = Run.objects.all()
        assert (row.slices, row.finished_at) == (1, None)
    run = expire(world, AFTER)
    assert (run.id, run.totals["points"]) == (row.id, ClosedTotal(4, 4, 40))
    world.verify()


def test_one_process_at_a_time_has_a_run() -> None:
    world = World()
    world.member(lot(10, LAST))
    run = expire(world, AFTER, limit=0)
    with held("outreach_run", [run.id]), pytest.raises(RunBusy):
        expire(world, AFTER)
    assert expire(world, AFTER).totals["points"].points == 10


def test_nobody_waits_while_it_counts_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its members are free by then: counting goes over the whole programme."""
    world = World()
    member = world.member(lot(10, LAST))
    genuine, free = closing.left_over, []

    def watched(**given: datetime) -> dict[str, UntoldTotal]:
        with connect(owner_address()) as other, other.transaction(force_rollback=True):
            found = other.execute(
                "SELECT id FROM member WHERE id = %s FOR UPDATE SKIP LOCKED", [member]
            )
            free.append(found.fetchall())
        return genuine(**given)

    monkeypatch.setattr(closing, "left_over", watched)
    run = expire(world, AFTER)
    assert free == [[(member,)]]
    assert (run.finished_at, run.totals["points"].points) == (AFTER, 10)


def test_killed_before_it_has_counted_it_counts_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.member(lot(10, LAST))

    def killed(**_: datetime) -> dict[str, UntoldTotal]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(closing, "left_over", killed)
        with pytest.raises(KeyboardInterrupt):
            expire(world, AFTER)
    with world.scope():
        [row] = Run.objects.all()
    assert row.finished_at is None
    run = expire(world, AFTER)
    assert (run.id, run.finished_at) == (row.id, AFTER)
    assert run.totals["points"] == ClosedTotal(1, 1, 10)


def test_members_whom_somebody_holds_are_passed_over_and_come_next_time() -> None:
    world = World()
    busy, free = world.member(lot(10, LAST)), world.member(lot(20, LAST))
    with held("member", [busy]):
        run = expire(world, AFTER)
    assert (run.totals["points"].points, run.passed_over) == (20, 1)
    assert world.available(busy, at=AFTER) == world.available(free, at=AFTER) == 0
    assert expire(world, AFTER).totals["points"].points == 10


def test_what_is_held_is_not_taken() -> None:
    books = Books()
    world = books.world
    member = world.member(lot(40, LAST))
    hold = books.hold(member, 30, AFTER + 9 * DAY)
    assert expire(world, AFTER).totals["points"] == ClosedTotal(1, 1, 10)
    books.capture(member, hold, 30, at=AFTER)
    world.verify()


def test_the_schedule_runs_once_a_local_day_and_finishes_what_it_began() -> None:
    world = told_world(7)
    for _ in range(3):
        world.member(lot(10, LAST))

    def tended(at: object) -> list[tuple[str, bool]]:
        with world.scope():
            done = services.tend(at=at, by="jifen", limit=2)  # type: ignore[arg-type]
        return [(run.kind, run.finished_at is not None) for run in done if run.kind == "expiry"]

    assert tended(AFTER) == [("expiry", False)]
    assert tended(AFTER) == [("expiry", True)]
    assert tended(AFTER) == []
    assert tended(AFTER + timedelta(hours=22)) == []
    assert tended(AFTER + timedelta(hours=24)) == [("expiry", True)]


def test_runs_can_be_looked_at() -> None:
    world, other = World(), World()
    runs = [expire(world, AFTER + n * DAY) for n in range(3)]
    with world.scope():
        newest = selectors.runs(kind=None, before=None, limit=2)
        assert [run.id for run in newest] == [runs[2].id, runs[1].id]
        older = selectors.runs(kind="expiry", before=newest[-1].id, limit=2)
        assert [run.id for run in older] == [runs[0].id]
        assert selectors.runs(kind="clear", before=None, limit=2) == []
        assert selectors.run(runs[0].id) == runs[0]
    with other.scope():
        assert selectors.runs(kind=None, before=None, limit=9) == []
        for unknown in (runs[0].id, uuid.uuid4()):
            with pytest.raises(UnknownRun):
                selectors.run(unknown)
