"""``jifen import`` killed at several moments, and PostgreSQL under it: run again, nothing is lost.

Real processes and a database server of their own; the file is the packaged slice several times
over, so that it is booked in several batches.
"""

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

ROOT = Path(__file__).parents[2]
SLICE = ROOT / "src/jifen/data/online_retail_slice.csv.gz"
COPIES = 6
TURNS = ("import", "server", "import", "both", "import", "both")
"""What is killed, turn by turn. Without its server the import looks for it a while, then says
so; that is waited for once only."""


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(f"/tmp/jifen-kill-{uuid4().hex[:12]}")
    path.mkdir()
    yield path
    kill_postmaster(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The slice several times: other invoice numbers and other customers in each copy."""
    header, *lines = gzip.decompress(SLICE.read_bytes()).decode().splitlines()
    made = [header]
    for copy in range(COPIES):
        for line in lines:
            number, rest = line.split(",", 1)
            front, customer, country = rest.rsplit(",", 2)
            note, digits = ("C", number[1:]) if number.startswith("C") else ("", number)
            customer = customer and f"{copy}{customer}"
            made.append(f"{note}{int(digits) + copy * 20_000},{front},{customer},{country}")
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(made) + "\n", encoding="utf-8")
    return path


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own session, so that a kill reaches it alone."""
    mine = ("JIFEN_DATABASE_URL", "JIFEN_DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in mine}
    environment |= {"JIFEN_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        [sys.executable, "-m", "jifen.faces.cli.main", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(home: Path, *arguments: str) -> str:
    process = start(home, *arguments)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def import_command(orders: Path, programme: str) -> tuple[str, ...]:
    adapter = ("--adapter", "online-retail", "--programme", programme)
    return ("import", "orders", str(orders), *adapter, "--json")


def kill_postmaster(home: Path) -> None:
    """kill -9 of the server's first process, if it runs; the others notice and leave."""
    try:
        pid = int((home / "pg/postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
    except (OSError, ValueError, IndexError):
        return


def test_killed_at_any_moment_and_run_again(home: Path, orders: Path) -> None:
    for programme in ("calm", "killed"):
        run(home, "preset", "apply", "online-retail", "--programme", programme)
    began = time.monotonic()
    calm = json.loads(run(home, *import_command(orders, "calm")))
    undisturbed_s = time.monotonic() - began
    assert calm["new"] > 1_800

    chance = random.Random(7)
    left = 0
    for turn in TURNS:
        process = start(home, *import_command(orders, "killed"))
        time.sleep(undisturbed_s * chance.uniform(0.3, 0.9))
        left += process.poll() is None
        if turn != "import":
            kill_postmaster(home)
        if turn != "server":
            process.kill()
        _, errors = process.communicate(timeout=120)
        assert "Traceback" not in errors
    assert left, "every run was over before its kill"

    report = json.loads(run(home, *import_command(orders, "killed")))
    counts = {name: count for name, count in report.items() if name not in {"new", "replayed"}}
    assert counts == {name: calm[name] for name in counts}
    assert report["new"] + report["replayed"] == calm["new"]
    assert json.loads(run(home, *import_command(orders, "killed")))["new"] == 0
    assert json.loads(run(home, "verify", "--programme", "killed", "--json"))["ok"] is True
    balances = [
        run(home, "export", "balances", "--programme", programme)
        for programme in ("calm", "killed")
    ]
    assert balances[0] == balances[1]
    assert balances[0].count("\n") == calm["members"] + 1
