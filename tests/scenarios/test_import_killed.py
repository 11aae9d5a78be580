"""A worker is killed again and again while it imports a file: the next one goes on, and everybody
comes once, with exactly what they bring. Real processes on a server of their own."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.homes import ROOT, Home, homes, wait_until
from tests.scenarios.test_members_import import Import, balances, count, enrolled

_UPLOAD = """
import sys, uuid
from pathlib import Path
from jifen.faces.cli.startup import open_database
open_database()
from jifen.common import clock
from jifen.common.scope import scope
from jifen.faces.importing import uploads
from jifen.programmes import selectors
at = clock.now()
with scope(selectors.programme_by_code("killed").id):
    made = uploads.upload(
        content=Path(sys.argv[1]).read_bytes(), kind="members", form="csv", name="people.csv",
        client_id=uuid.uuid4(), by="test", at=at,
    )
    uploads.start_run(made, stores=None, earliest_at=None, at=at)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with homes() as folder:
        made = Home(folder / "home")
        with made.running():
            yield made


def test_killed_three_times_the_next_worker_goes_on(home: Home, tmp_path: Path) -> None:
    people = Import(tmp_path / "people.csv")
    home.run("preset", "apply", "starter", "--programme", "killed", "--opening", "2026-01-01")
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), *filter(None, sys.path)])
    uploading = home.start("-c", _UPLOAD, str(people.path), PYTHONPATH=path)
    _, errors = uploading.communicate(timeout=60)
    assert uploading.returncode == 0, errors
    with psycopg.connect(home.owner_url, autocommit=True) as connection:
        for least in (1, 1_001, 2_001):
            worker = home.start("-m", "tests.working", "work", "jifen.imports", PYTHONPATH=path)
            wait_until(enrolled(connection, least=least))
            worker.kill()
            worker.communicate(timeout=60)
            # As if the time had passed for which it had the import to itself.
            connection.execute("UPDATE import_run SET claimed_until = now() - interval '1 second'")
        assert 0 < count(connection) < len(people.balances)
        worker = home.start("-m", "tests.working", "work", "jifen.imports", PYTHONPATH=path)
        _, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0, errors
        [(status, done, counts)] = connection.execute(
            "SELECT status, done, counts FROM import_run"
        ).fetchall()
        rejected = connection.execute(
            "SELECT line, reason FROM import_reject ORDER BY line"
        ).fetchall()
    assert (status, done) == ("done", people.report()["lines"])
    assert [(str(line), reason) for line, reason in rejected] == people.rejected
    found = counts if isinstance(counts, dict) else json.loads(counts)
    assert found["enrolled"] + found["known"] == len(people.balances)
    assert balances(home, "killed") == people.balances
    assert "killed: ok" in home.run("verify", "--programme", "killed")
