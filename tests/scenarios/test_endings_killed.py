"""``jifen expire`` and ``jifen notices plan`` killed half-way, in the middle of a slice: run again,
they end where an undisturbed run does. Real processes on a server of their own."""

import csv
import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.homes import Home, homes, wait_until

PEOPLE = 3_000
PLANNED, CLOSED = 500, 100
"""Accounts in a slice of either."""
POINTS = 100


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A shop of whose members all points end in 30 days."""
    with homes() as folder:
        made = Home(folder / "home")
        with made.running():
            made.run("preset", "apply", "l3", "--programme", "shop")
            write_people(folder / "people.csv")
            made.run("import", "members", str(folder / "people.csv"), "--programme", "shop")
            yield made


def write_people(path: Path) -> None:
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    last = (today + timedelta(days=30)).isoformat()
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("external_id", "points", "points_expire_at"))
        rows.writerows((f"member-{n}", POINTS, last) for n in range(PEOPLE))


def told(home: Home, *command: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.run(*command, "--programme", "shop", "--json"))
    return found


def kill_in_slice(home: Home, number: int, *command: str, size: int) -> None:
    """Start a command, and kill -9 it in the middle of that slice: an account of it is held, so it
    waits there with its transaction open."""
    with psycopg.connect(home.owner_url) as holder, psycopg.connect(home.owner_url) as watcher:
        holder.execute(
            "SELECT 1 FROM account WHERE id ="
            " (SELECT id FROM account ORDER BY id OFFSET %s LIMIT 1) FOR UPDATE",
            [(number - 1) * size + size // 2],
        )
        process = home.start(
            "-m", "jifen.faces.cli.main", *command, "--programme", "shop", "--json"
        )

        def waits() -> bool:
            assert process.poll() is None, process.communicate()
            watcher.rollback()
            row = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE %s = any(pg_blocking_pids(pid))",
                [holder.info.backend_pid],
            ).fetchone()
            return row is not None and bool(row[0])

        wait_until(waits)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        holder.rollback()


def open_run(home: Home, kind: str) -> tuple[int, int]:
    """Slices taken by the open run of a kind, and notices that it has planned."""
    with psycopg.connect(home.owner_url) as connection:
        [row] = connection.execute(
            "SELECT slices, notices FROM outreach_run WHERE kind = %s AND finished_at IS NULL",
            [kind],
        ).fetchall()
    return int(row[0]), int(row[1])


def test_planning_killed_half_way_tells_everybody_once(home: Home) -> None:
    preview = told(home, "notices", "plan", "--preview")
    assert [(each["days_before"], each["members"]) for each in preview["totals"]] == [(30, PEOPLE)]
    kill_in_slice(home, 3, "notices", "plan", size=PLANNED)
    assert open_run(home, "notices") == (2, 2 * PLANNED)
    told(home, "notices", "plan")
    with psycopg.connect(home.owner_url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM notice), (SELECT count(DISTINCT member_id) FROM notice),"
            " (SELECT count(*) FROM outbox), (SELECT count(*) FROM outbox_delivery)"
        ).fetchone()
    assert row == (PEOPLE,) * 4


def test_an_expiry_run_killed_half_way_goes_on(home: Home) -> None:
    over = datetime.now(UTC) - timedelta(days=1)
    with psycopg.connect(home.owner_url) as connection:
        # Time is let pass in the books: everything was over yesterday.
        connection.execute("UPDATE posting SET expires_at = %s WHERE kind = 'adjust_up'", [over])
        connection.execute("UPDATE lot SET expires_at = %s", [over])
    before = home.run("export", "balances", "--programme", "shop")
    everything = {"lots": PEOPLE, "points": PEOPLE * POINTS}
    preview = told(home, "expire", "--preview")
    assert preview["closes"] == [
        {"unit": "points", "store": "main", "members": PEOPLE, **everything}
    ]
    for number in (2, 5):
        kill_in_slice(home, number, "expire", size=CLOSED)
        assert open_run(home, "expiry")[0] == number - 1

    run = told(home, "expire")["run"]
    assert run["totals"] == {"points": {"accounts": PEOPLE, **everything}}
    assert run["finished_at"] is not None
    assert told(home, "verify")["ok"]
    assert home.run("export", "balances", "--programme", "shop") == before
    assert told(home, "expire")["run"]["totals"] == {}
