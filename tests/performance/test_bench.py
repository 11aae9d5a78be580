"""``jifen bench`` from end to end, with little of everything. No speed is asserted."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from jifen.earning.types import Activity, Purchase
from jifen.faces.bench.orders import lane_of, orders
from jifen.faces.bench.place import with_commit

ROOT = Path(__file__).parents[2]
RATIO = re.compile(r"^(\w+) ratio (\d+\.\d\d) \((\d+\.\d\d) with async commit\)$")
AT = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def home() -> Iterator[Path]:
    # Never in pytest's own folder, which the server's account cannot enter.
    path = Path(f"/tmp/jifen-bench-test-{uuid4().hex[:12]}")
    path.mkdir()
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_the_last_lines_are_for_machines(home: Path, tmp_path: Path) -> None:
    figures = ["batch", "http_batch"] + ["http_single"] * bool(shutil.which("wrk"))
    found = tmp_path / "found.json"
    arguments = ["--members", "500", "--seconds", "1", "--rounds", "1", "--json", str(found)]
    done = bench(home, *arguments)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.strip().splitlines()
    assert "verify: ok" in done.stdout
    assert "VmHWM" in done.stdout
    told = [RATIO.match(line) for line in lines[-len(figures) :]]
    assert [match and match[1] for match in told] == figures
    kept = json.loads(found.read_text())
    assert kept["verified"]
    assert {sample["figure"] for sample in kept["samples"]} == set(figures)
    assert all(sample["orders"] > 0 < sample["transactions"] for sample in kept["samples"])
    assert list(kept["ratios"]) == figures
    if "http_single" not in figures:
        assert "wrk is not installed" in done.stdout


def bench(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    mine = ("JIFEN_DATABASE_URL", "JIFEN_DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in mine}
    environment |= {"JIFEN_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "jifen.faces.cli.main", "bench", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def test_orders_are_new_and_the_same_again() -> None:
    made = list(orders(run="a", count=200, members=10, seed=7, at=AT))
    assert made == list(orders(run="a", count=200, members=10, seed=7, at=AT))
    decoded = [msgspec.json.decode(line, type=Activity) for line in made]
    assert all(isinstance(one, Purchase) and len(one.lines) == 3 for one in decoded)
    assert len({one.key for one in decoded}) == len(decoded)
    members = {one.member.value for one in decoded if isinstance(one, Purchase) and one.member}
    assert len(members) == 10


def test_every_member_has_one_lane() -> None:
    lanes = [lane_of(f"m{number:06d}", lanes=2) for number in range(1_000)]
    assert set(lanes) == {0, 1}
    assert 400 < sum(lanes) < 600


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "postgresql://a@h/d",
            "postgresql://a@h/d?options=-c%20synchronous_commit%3Doff",
            id="without a query",
        ),
        pytest.param(
            "postgresql://a@%2Ftmp%2Fx/d?sslmode=disable&options=-c%20jit%3Doff",
            "postgresql://a@%2Ftmp%2Fx/d?sslmode=disable"
            "&options=-c%20jit%3Doff%20-c%20synchronous_commit%3Doff",
            id="beside other settings",
        ),
    ],
)
def test_asynchronous_commit_is_asked_for_in_the_address(url: str, expected: str) -> None:
    assert with_commit(url, durable=False) == expected
    assert with_commit(url, durable=True) == url
