"""``jifen notices``: what it refuses, what it bounds, what it tells."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.told import forget, lot, noon, notices, plan, send, told_world
from tests.world import World
from typer.testing import CliRunner, Result

from jifen.common import clock
from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.notices import app

LAST = date(2026, 7, 1)
AT = noon(date(2026, 6, 1))


@pytest.fixture(autouse=True)
def _then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_NOTICES_FOLDER", str(tmp_path))
    monkeypatch.setattr(clock, "now", lambda: AT)


def run(world: World, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--programme", world.programme.code])


def told(world: World, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(world, *arguments, "--json").stdout)
    return found


def test_a_preview_of_late_notices_is_refused_and_plans_none() -> None:
    world = told_world(30, required=True)
    member = world.member(lot(10, date(2026, 5, 1)))
    done = run(world, "plan", "--late", "--preview")
    assert isinstance(done.exception, CommandError)
    assert "no preview of late notices" in str(done.exception)
    assert notices(world, member) == []


def test_failed_ones_are_tried_again_as_many_as_it_says_and_it_tells_how_many() -> None:
    world = told_world(30)
    for _ in range(3):
        forget(world, world.member(lot(10, LAST)))
    plan(world, AT)
    send(world, AT)
    first = told(world, "send", "--failed", "--limit", "2")
    assert first == {"retried": 2, "sent": 0, "again": 0, "failed": 2}
    assert "3 that had failed wait again; 0 sent" in run(world, "send", "--failed").stdout
