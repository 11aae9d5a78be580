"""Notices: who is told when, once, by which way, and what becomes of it."""

import logging
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.told import (
    DAY,
    forget,
    lines,
    lot,
    noon,
    notices,
    plan,
    send,
    tell,
    told_world,
    until,
)
from tests.world import World, rule_set

from jifen.common.errors import InvalidInput
from jifen.common.outbox import services as outbox
from jifen.common.outbox.models import Delivery, Event
from jifen.outreach import planning, runs, selectors, services
from jifen.outreach.models import Run
from jifen.outreach.rules.windows import days_to_plan
from jifen.outreach.types import PlannedTotal
from jifen.programmes.models import Programme

TODAY = date(2026, 6, 1)
AT = noon(TODAY)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIFEN_NOTICES_FOLDER", str(tmp_path / "notices"))
    return tmp_path / "notices"


def test_a_member_is_told_so_many_local_days_before() -> None:
    world = told_world(30, 7, 1)
    ends_on = date(2026, 7, 15)
    member = world.member(lot(100, ends_on), lot(50, date(2026, 9, 1)))
    told = {
        offset: plan(world, noon(ends_on - timedelta(days=offset)))
        for offset in (31, 30, 29, 8, 7, 6, 2, 1, 0)
    }
    assert [offset for offset, made in told.items() if made] == [30, 7, 1]
    assert [(n.days_before, n.points, n.ends_on, n.state) for n in notices(world, member)] == [
        (30, 100, ends_on, "planned"),
        (7, 100, ends_on, "planned"),
        (1, 100, ends_on, "planned"),
    ]


def test_all_lots_of_one_day_are_one_notice() -> None:
    world = told_world(30)
    day = TODAY + 30 * DAY
    member = world.member(
        lot(10, day), lot(20, day), lot(5, day + DAY), lot(7, day - DAY),
    )  # fmt: skip
    assert plan(world, AT) == 1
    assert [n.points for n in notices(world, member)] == [30]


def test_planning_again_plans_only_what_is_new() -> None:
    world = told_world(30)
    first = world.member(lot(10, TODAY + 30 * DAY))
    assert plan(world, AT) == 1
    assert plan(world, AT + timedelta(hours=1)) == 0
    second = world.member(lot(10, TODAY + 30 * DAY))
    assert plan(world, AT + timedelta(hours=2), again=False) == 0
    assert plan(world, AT + timedelta(hours=2)) == 1
    assert [len(notices(world, each)) for each in (first, second)] == [1, 1]


def test_days_on_which_nobody_planned_are_made_up_for() -> None:
    world = told_world(7)
    assert plan(world, AT) == 0
    members = [world.member(lot(10, TODAY + (7 + offset) * DAY)) for offset in range(4)]
    assert plan(world, AT + 3 * DAY) == 3, "all but that of the day that was planned before"
    assert [len(notices(world, each)) for each in members] == [0, 1, 1, 1]


def test_the_schedule_waits_for_the_hour() -> None:
    world = World(rule_set(notices={"points": {"days": [1], "hour": 10}}))
    world.member(lot(10, TODAY + DAY))
    assert plan(world, AT - timedelta(hours=3), again=False) == 0
    assert plan(world, AT - timedelta(hours=2), again=False) == 1


def test_a_preview_says_what_planning_would_make_and_makes_nothing() -> None:
    world = told_world(30, 7)
    for offset in (30, 30, 7, 8):
        world.member(lot(10 + offset, TODAY + offset * DAY))
    with world.scope():
        assert selectors.preview_plan(at=AT) == [
            PlannedTotal("points", "expiry", 30, TODAY + 30 * DAY, 2, 80),
            PlannedTotal("points", "expiry", 7, TODAY + 7 * DAY, 1, 17),
        ]
        assert not Run.objects.exists()
    assert plan(world, AT) == 3
    with world.scope():
        assert selectors.preview_plan(at=AT) == []


def test_a_preview_tells_of_a_clear_that_planning_will_announce_and_announces_none() -> None:
    world = World(
        rule_set(
            notices={"points": {"days": [1], "channels": ["file"]}},
            clears={"points": {"on": ["2026-07-01"], "days": [30]}},
        )
    )
    world.member(100)
    with world.scope():
        totals = selectors.preview_plan(at=AT)
        assert selectors.clearings(before=None, limit=9) == []
    assert totals == [PlannedTotal("points", "clear", 30, date(2026, 7, 1), 1, 100)]
    assert plan(world, AT) == 1


def test_a_day_that_is_planned_is_begun_by_nobody_again() -> None:
    world = told_world(7)
    plan(world, AT)
    with world.scope():
        row = Run.objects.get()
        again = begun(row, TODAY)
        assert (again.id, again.finished_at) == (row.id, AT)
        second = begun(row, TODAY + DAY)
        third = begun(row, TODAY + 2 * DAY)
        assert (third.id, third.on_day) == (second.id, TODAY + DAY), "it is open: first that"


def begun(like: Run, on_day: date) -> Run:
    return runs.begin(kind="notices", unit_id=like.unit_id, on_day=on_day, at=AT, by="other")


def test_a_planner_works_the_day_of_the_run_that_it_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another planner comes between its look and its first step, and leaves its run open."""
    world = told_world(7)
    plan(world, AT)
    members = [world.member(lot(10, TODAY + (7 + offset) * DAY)) for offset in (1, 2)]
    genuine = days_to_plan

    def overtaken(last: date | None, today: date) -> list[date]:
        begun(Run.objects.get(), TODAY + 2 * DAY)
        return list(genuine(last, today))

    monkeypatch.setattr(planning, "days_to_plan", overtaken)
    assert plan(world, AT + 2 * DAY) == 2
    assert [len(notices(world, each)) for each in members] == [1, 1]


def test_planning_is_capped_and_goes_on() -> None:
    world = told_world(30)
    members = [world.member(lot(10, TODAY + 30 * DAY)) for _ in range(5)]
    assert [plan(world, AT, limit=2) for _ in range(3)] == [2, 2, 1]
    assert [len(notices(world, each)) for each in members] == [1] * 5


def test_sending_writes_down_what_became_of_it(folder: Path) -> None:
    world = told_world(30)
    reached = world.member(lot(1_234, TODAY + 30 * DAY), phone="13812342186", name="李梅")
    nowhere = world.member(lot(10, TODAY + 30 * DAY))
    forget(world, nowhere)
    assert plan(world, AT) == 2
    done = send(world, AT)
    assert (done.delivered, done.given_up) == (1, 1)
    [sent], [failed] = notices(world, reached), notices(world, nowhere)
    assert (sent.state, sent.channel, sent.reason, sent.done_at) == ("sent", "file", "", AT)
    assert (failed.state, failed.channel, failed.reason) == ("failed", "", "no_address")
    [line] = lines(folder)
    assert line["to"] == {"kind": "phone", "value": "+8613812342186"}
    assert line["id"] == str(sent.id)
    assert line["subject"] == "您有 1,234 积分即将过期 / 1,234 points of yours are about to expire"
    assert "您好，李梅：" in line["body"]
    assert "good until the end of 2026-07-01" in line["body"]
    [path] = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert send(world, AT).tried == 0, "once"


def test_no_name_and_no_address_is_kept_or_logged(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = told_world(30)
    world.member(lot(10, TODAY + 30 * DAY), phone="13812342187", name="王芳芳")
    folder.parent.joinpath("notices").write_text("a file is in the way", encoding="utf-8")
    with caplog.at_level(logging.DEBUG):
        tell(world, AT)
    with world.scope():
        kept = " ".join(Event.objects.values_list("payload", flat=True))
        kept += " ".join(Delivery.objects.values_list("reason", flat=True))
    for personal in ("13812342187", "王芳芳"):
        assert personal not in kept
        assert personal not in caplog.text
    assert "FileExistsError" in caplog.text, "it was tried, and failed"


def test_one_that_fails_is_tried_again_and_then_given_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = told_world(30)
    member = world.member(lot(10, TODAY + 30 * DAY))
    folder.write_text("in the way", encoding="utf-8")
    at, tries = AT, 0
    plan(world, at)
    while notices(world, member)[0].state == "planned":
        done = send(world, at)
        tries += done.tried
        at += timedelta(minutes=10)
    assert tries == outbox.TRIES
    [notice] = notices(world, member)
    assert (notice.state, notice.reason) == ("failed", "FileExistsError")
    folder.unlink()
    with world.scope():
        assert services.retry(at=at) == 1
    assert send(world, at).delivered == 1
    assert notices(world, member)[0].state == "sent"
    with world.scope():
        assert services.retry(at=at) == 0


def test_a_notice_whose_day_has_come_is_not_sent_any_more() -> None:
    world = told_world(1)
    member = world.member(lot(10, TODAY + DAY))
    plan(world, AT)
    assert send(world, until(TODAY + DAY)).given_up == 1
    assert notices(world, member)[0].reason == "too_late"


def test_a_change_of_zone_moves_no_lot_and_tells_of_the_new_local_day() -> None:
    """Midnight in Shanghai is six in the morning of the next day in Kiritimati."""
    world = told_world(30)
    member = world.member(lot(10, date(2026, 7, 15)))
    with world.scope():
        Programme.objects.filter(id=world.programme.id).update(time_zone="Pacific/Kiritimati")
    forget_settings()
    assert plan(world, noon(date(2026, 6, 15))) == 0
    assert plan(world, noon(date(2026, 6, 16))) == 1
    [notice] = notices(world, member)
    assert notice.ends_on == date(2026, 7, 16)
    assert world.lots(member) == [(10, until(date(2026, 7, 15)))]


def test_days_are_local_where_clocks_change() -> None:
    """In New York 8 March 2026 has 23 hours, and 1 November 25."""
    for ends_on in (date(2026, 3, 8), date(2026, 11, 1)):
        world = World(
            rule_set(
                expiry={"points": {"kind": "after", "days": 1}},
                notices={"points": {"days": [1], "channels": ["file"]}},
            ),
            zone="America/New_York",
            at=noon(ends_on - DAY),
        )
        member = world.member()
        at = noon(ends_on - DAY) + timedelta(hours=10)
        world.booked(world.purchase(member, 1_000, occurred_at=at), at=at)
        with world.scope():
            assert len(services.plan(at=at, by="tester")) == 1
        assert [n.ends_on for n in notices(world, member)] == [ends_on]
        [(_, ends_at)] = world.lots(member)
        assert ends_at is not None
        hours = {date(2026, 3, 8): 23, date(2026, 11, 1): 25}[ends_on]
        assert world.available(member, at=ends_at - timedelta(seconds=1)) == 10
        assert world.available(member, at=ends_at) == 0
        begins = ends_at - timedelta(hours=hours)
        assert begins.astimezone(ZoneInfo("America/New_York")).hour == 0


def test_an_account_that_is_not_used_is_told_of_as_a_whole() -> None:
    world = told_world(30, expiry={"kind": "inactivity", "months": 12})
    member = world.member()
    world.booked(world.purchase(member, 10_000))
    world.booked(world.adjustment(member, 7, expires_at=until(date(2027, 6, 20))))
    day = date(2027, 6, 1)
    assert plan(world, noon(day - 30 * DAY)) == 1
    [notice] = notices(world, member)
    assert (notice.points, notice.ends_on) == (107, day)


def forget_settings() -> None:
    """The process keeps a programme's settings for a second."""
    from jifen.earning import context

    context._settings.clear()


def test_members_of_another_programme_are_not_told() -> None:
    here, there = told_world(30), told_world(30)
    here.member(lot(10, TODAY + 30 * DAY))
    assert plan(there, AT) == 0
    assert plan(here, AT) == 1
    assert send(there, AT).tried == 0


def test_a_unit_without_notices_is_not_told_of(folder: Path) -> None:
    world = World()
    world.member(lot(10, TODAY + 30 * DAY))
    assert plan(world, AT) == 0


def test_a_rule_set_with_a_wrong_schedule_is_refused() -> None:
    world = World()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"nowhere": {"days": [1]}}, "$.notices.nowhere"),
        ({"growth": {"days": [1]}}, "$.notices.growth"),
        ({"points": {"days": []}}, "$.notices[...].days"),
        ({"points": {"days": [1, 1]}}, "$.notices[...]"),
        ({"points": {"days": [400]}}, "$.notices[...].days[0]"),
        ({"points": {"days": [1], "channels": ["pigeon"]}}, "$.notices[...].channels[0]"),
    ]
    for document, path in cases:
        with pytest.raises(InvalidInput) as caught:
            world.publish(rule_set(notices=document))
        assert caught.value.fields["path"] == path
