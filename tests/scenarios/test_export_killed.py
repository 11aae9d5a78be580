"""A worker is killed while it makes a file: nothing is there, and the next one makes it whole.

Real processes on a server of their own, and the command that makes the same file at once.
"""

import csv
import hashlib
import io
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.homes import ROOT, Home, homes, wait_until
from tests.scenarios.test_members_import import Import

_ASK = """
import uuid
from jifen.faces.cli.startup import open_database
open_database()
from jifen.common import clock
from jifen.common.scope import scope
from jifen.faces.exporting import runs
from jifen.faces.exporting.types import ExportAsked
from jifen.programmes import selectors
with scope(selectors.programme_by_code("killed").id):
    asked = ExportAsked(kind="members")
    runs.ask(asked, client_id=uuid.uuid4(), by="test", stores=None, at=clock.now())
"""
PATH = os.pathsep.join([str(ROOT / "src"), str(ROOT), *filter(None, sys.path)])


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with homes() as folder:
        made = Home(folder / "home")
        with made.running():
            made.run(
                "preset", "apply", "starter", "--programme", "killed", "--opening", "2026-01-01"
            )
            yield made


@pytest.fixture(scope="module")
def people(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Import:
    found = Import(tmp_path_factory.mktemp("files") / "people.csv")
    home.run("import", "members", str(found.path), "--programme", "killed")
    return found


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def state(connection: psycopg.Connection[Any]) -> tuple[Any, ...]:
    [(status, *counts)] = connection.execute(
        "SELECT status, done, total, tries FROM export_run WHERE asked_by = 'test'"
    ).fetchall()
    return status, *counts


def parts(connection: psycopg.Connection[Any]) -> list[bytes]:
    found = connection.execute("SELECT content FROM export_part ORDER BY number").fetchall()
    return [bytes(content) for (content,) in found]


def test_killed_it_leaves_nothing_and_the_next_worker_makes_it_whole(
    home: Home, people: Import
) -> None:
    asking = home.start("-c", _ASK, PYTHONPATH=PATH)
    _, errors = asking.communicate(timeout=60)
    assert asking.returncode == 0, errors
    many = len(people.balances)
    with (
        psycopg.connect(home.owner_url, autocommit=True) as connection,
        psycopg.connect(home.owner_url) as barrier,
    ):
        # It has read everything and waits to keep the file when it is killed.
        barrier.execute("LOCK TABLE export_part IN ACCESS EXCLUSIVE MODE")
        worker = home.start("-m", "tests.working", "work", "jifen.exports", PYTHONPATH=PATH)
        wait_until(lambda: state(connection)[1:3] == (many, many))
        worker.kill()
        worker.communicate(timeout=60)
        barrier.rollback()
        assert (state(connection)[0], parts(connection)) == ("running", [])
        # As if the time had passed for which it had the export to itself.
        connection.execute("UPDATE export_run SET claimed_until = now() - interval '1 second'")
        connection.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'doing'")
        worker = home.start("-m", "tests.working", "work", "jifen.exports", PYTHONPATH=PATH)
        _, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0, errors
        assert state(connection) == ("done", many, many, 2)
        content = b"".join(parts(connection))
        [(size_bytes, sha256)] = connection.execute(
            "SELECT size_bytes, sha256 FROM export_run"
        ).fetchall()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (size_bytes, sha256)
    found = rows(content)
    assert len({row["member_id"] for row in found}) == len(found) == many


def test_the_command_writes_the_same_and_is_on_record(
    home: Home, people: Import, tmp_path: Path
) -> None:
    output = tmp_path / "members.csv"
    command = ("export", "members", "--programme", "killed", "--output", str(output))
    told = home.run(*command, "--whole-phones")
    assert told == f"{len(people.balances):,} rows in {output}\n"
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    content = output.read_bytes()
    found = rows(content)
    assert {row["external_id"] or row["phone"] for row in found}
    with psycopg.connect(home.owner_url) as connection:
        [(asked_by, kind, whole, digest, removed_at)] = connection.execute(
            "SELECT asked_by, kind, whole_phones, sha256, removed_at FROM export_run"
            " WHERE asked_by <> 'test'"
        ).fetchall()
    assert (asked_by, kind, whole) == ("jifen export", "members", True)
    assert digest == hashlib.sha256(content).hexdigest()
    assert removed_at is not None


def test_the_command_leaves_no_half_of_a_file(home: Home, people: Import, tmp_path: Path) -> None:
    output = tmp_path / "lots.csv"
    command = ("export", "lots", "--programme", "killed", "--output", str(output))
    code, _, errors = home.done(*command, "--store", "moon")
    assert (code, errors) == (2, "jifen: no store has this code\n")
    assert list(tmp_path.iterdir()) == []
    code, _, errors = home.done(*command[:-1], str(tmp_path / "no" / "lots.csv"))
    assert code == 2
    assert "cannot write" in errors
