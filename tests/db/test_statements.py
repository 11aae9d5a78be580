"""Every .sql file: bound to one programme, explained, free of what is volatile; and nothing else
in the code talks to the database."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.world import World

import jifen
from jifen.common.scope import NoScope, ScopeError
from jifen.common.sql import Statement, in_transaction
from jifen.common.tables import DISTRIBUTED, GLOBAL

SOURCE = Path(jifen.__file__).parent
SQL = sorted(SOURCE.rglob("*.sql"))
OURS = {*DISTRIBUTED, *GLOBAL}


@pytest.fixture(scope="module")
def here() -> World:
    return World()


def parameters(path: Path) -> dict[str, Any]:
    return dict.fromkeys(set(re.findall(r"%\((\w+)\)s", path.read_text())) - {"programme_id"})


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_every_statement_refuses_to_run_outside_a_scope(here: World, path: Path) -> None:
    statement, values = Statement(path), parameters(path)
    for call in (statement.rows, statement.run):
        with pytest.raises(NoScope):
            call(**values)
        with pytest.raises(ScopeError), here.scope():
            call(**values, programme_id=here.programme.id)


def test_a_statement_without_a_programme_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "all_members.sql"
    path.write_text("SELECT id FROM member")
    with pytest.raises(ScopeError):
        Statement(path)


def test_locks_are_taken_inside_a_transaction_only(here: World) -> None:
    with here.scope(), pytest.raises(ScopeError):
        in_transaction()


def test_nothing_else_talks_to_the_database() -> None:
    """Whoever needs SQL writes a statement. The exceptions set up a connection, run a statement's
    text with the scope's programme, read or fill a whole database, or measure one of their own."""
    allowed = {
        "common/database.py": {"execute"},
        "common/embedded.py": {"execute"},
        "common/models.py": {"execute"},
        "common/sql.py": {"cursor", "execute"},
        "earning/services.py": {"cursor", "execute"},
        "faces/backup/dumping.py": {"execute"},
        "faces/backup/restoring.py": {"execute"},
    }
    forbidden = {"cursor", "execute", "executemany", "raw", "extra", "RawSQL", "QuerySet"}
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        if name.startswith("faces/bench/"):
            continue
        used = {called for called in _calls(path) if called in forbidden}
        assert used <= allowed.get(name, set()), f"{name} uses {used}"


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id


FORBIDDEN = re.compile(
    r"\b(MERGE|TRUNCATE|now|current_timestamp|localtimestamp|current_date|clock_timestamp"
    r"|statement_timestamp|transaction_timestamp|timeofday|random|gen_random_uuid|nextval)\b",
    re.IGNORECASE,
)


def text_of(path: Path) -> str:
    """The statement without its comments."""
    return re.sub(r"--[^\n]*", "", path.read_text())


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_a_statement_is_one_explained_and_free_of_what_is_volatile(path: Path) -> None:
    assert path.read_text().startswith("-- ")
    assert not FORBIDDEN.findall(text_of(path))
    assert ";" not in text_of(path)


NAMED = re.compile(
    r"(?<!DISTINCT )\b(FROM|JOIN|INTO|UPDATE)\s+(\w+)(?:\s+AS\s+(\w+))?\b", re.IGNORECASE
)


def untied(text: str) -> list[str]:
    """Tables of a statement that nothing binds to the scope's programme.

    A table is bound when its ``programme_id`` is compared with the parameter, by name or as the
    next bare one, or with that of a bound table, or when it is inserted as the parameter.
    """
    tied = set(re.findall(r"\b(\w+)\.programme_id = %\(programme_id\)s", text))
    joined = re.findall(r"\b(\w+)\.programme_id = (\w+)\.programme_id", text)
    for _ in joined:
        for pair in joined:
            if tied.intersection(pair):
                tied.update(pair)
    bare = [found.start() for found in re.finditer(r"(?<![.\w])programme_id = %\(pro", text)]
    left = []
    for found in NAMED.finditer(text):
        word, table, alias = found.groups()
        if table not in OURS or (alias or table) in tied:
            continue
        if word.upper() == "INTO":
            is_bound = inserts_the_programme(text, found.end(2))
        else:
            own = next((place for place in bare if place > found.start()), None)
            is_bound = own is not None
            bare = [place for place in bare if place != own]
        if not is_bound:
            left.append(alias or table)
    return left


def inserts_the_programme(text: str, place: int) -> bool:
    """Whether the first column, and the first value, is the programme."""
    column = re.match(r"\s*\(\s*programme_id\s*,", text[place:])
    return bool(column and re.search(r"\bSELECT\s+%\(programme_id\)s\s*,", text))


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_a_statement_binds_every_table_to_the_programme(path: Path) -> None:
    assert untied(text_of(path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM member WHERE id = 1",
        "SELECT 1 FROM member WHERE programme_id = %(programme_id)s UNION SELECT 1 FROM lot",
        "SELECT 1 FROM a JOIN lot ON lot.id = a.id WHERE a.programme_id = %(programme_id)s",
        "UPDATE lot SET remaining = 0",
        "DELETE FROM lot WHERE id = %(id)s",
        "INSERT INTO lot (id, programme_id) SELECT 1, %(programme_id)s",
    ],
)
def test_the_check_of_statements_sees_a_table_that_is_not_bound(text: str) -> None:
    assert untied(text)
