"""Thousands of members come with what they bring: exactly, also when the import is killed.

What a file should lead to is said here line by line, by arithmetic of its own.
"""

import csv
import io
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.homes import Home, homes, wait_until

PEOPLE = 4_000
HEADER = ("external_id", "phone", "name", "birthday", "points", "tier")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with homes() as path:
        yield path


@pytest.fixture(scope="module")
def home(folder: Path) -> Iterator[Home]:
    """Its server is kept up, so that a killed import is all that a kill ends."""
    made = Home(folder / "home")
    with made.running():
        yield made


class Import:
    """A file of people, and what it must lead to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rejected: list[tuple[str, str]] = []
        self.balances: dict[str, tuple[str, str]] = {}
        self._rows: list[tuple[str, ...]] = [HEADER]
        chance = random.Random(15)
        for number in range(PEOPLE):
            lots = [chance.randrange(1, 5_000) for _ in range(chance.randrange(3))]
            tier = chance.choice(("", "", "senior"))
            self._person(number, lots, tier)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self._rows)
        path.write_text(text.getvalue(), encoding="utf-8")

    def _person(self, number: int, lots: list[int], tier: str) -> None:
        name, phone = f"e{number}", f"139{number:08d}"
        points = ";".join(f"{each}@2099-12-31" for each in lots)
        if number % 97 == 5:
            self._bad("invalid_phone", name, "12", points, tier)
        elif number % 101 == 7:
            self._bad("points_expired_already", name, phone, "10@2020-01-01;5", tier)
        elif number % 103 == 9:
            self._bad("unknown_tier", name, phone, points, "emperor")
        else:
            self.balances[name] = (str(sum(lots)), tier)
            self._rows.append((name, phone, f"会员{number}", "1990-02-28", points, tier))
            if number % 500 == 3:
                reason = f"phone_is_in_line_{len(self._rows)}"
                self._bad(reason, f"again{number}", phone, "5", "")

    def _bad(self, reason: str, name: str, phone: str, points: str, tier: str) -> None:
        self._rows.append((name, phone, "", "", points, tier))
        self.rejected.append((str(len(self._rows)), reason))

    def report(self, *, known: int = 0) -> dict[str, int]:
        """What a run answers when so many had come before it."""
        return {
            "lines": len(self._rows) - 1,
            "enrolled": len(self.balances) - known,
            "known": known,
            "rejected": len(self.rejected),
        }


@pytest.fixture(scope="module")
def people(folder: Path) -> Import:
    return Import(folder / "people.csv")


def command(people: Import, programme: str) -> tuple[str, ...]:
    rejects = people.path.with_name(f"{programme}.csv")
    named = ("--programme", programme, "--rejects", str(rejects), "--json")
    return ("import", "members", str(people.path), *named)


def balances(home: Home, programme: str) -> dict[str, tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(home.run("export", "balances", "--programme", programme)))
    return {
        row["member"]: (row["available"], row["tier"]) for row in rows if row["unit"] == "points"
    }


def test_everybody_comes_with_exactly_what_they_bring(home: Home, people: Import) -> None:
    home.run("preset", "apply", "starter", "--programme", "calm", "--opening", "2026-01-01")
    assert json.loads(home.run(*command(people, "calm"))) == people.report()
    with people.path.with_name("calm.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["line"], row["reason"]) for row in csv.DictReader(file)] == people.rejected
    assert balances(home, "calm") == people.balances
    assert "calm: ok" in home.run("verify", "--programme", "calm")

    again = json.loads(home.run(*command(people, "calm")))

    assert again == people.report(known=len(people.balances))
    assert balances(home, "calm") == people.balances


def test_killed_and_run_again_it_books_nothing_twice(home: Home, people: Import) -> None:
    home.run("preset", "apply", "starter", "--programme", "killed", "--opening", "2026-01-01")
    with psycopg.connect(home.owner_url, autocommit=True) as connection:
        for least in (1, 1_001, 2_001):
            process = home.start("-m", "jifen.faces.cli.main", *command(people, "killed"))
            wait_until(enrolled(connection, least=least))
            process.kill()
            process.communicate(timeout=60)
        before = count(connection)
    # Whole thousands, and somebody is left to come: it was killed on its way.
    assert before % 1_000 == 0
    assert 0 < before < len(people.balances)

    report = json.loads(home.run(*command(people, "killed")))

    assert report == people.report(known=before)
    assert balances(home, "killed") == people.balances
    assert "killed: ok" in home.run("verify", "--programme", "killed")


def enrolled(connection: psycopg.Connection, *, least: int) -> Callable[[], bool]:
    return lambda: count(connection) >= least


def count(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM member WHERE programme_id = (SELECT id FROM programme"
        " WHERE code = 'killed')"
    ).fetchone()
    assert row is not None
    return int(row[0])
