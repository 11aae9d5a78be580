"""Reference tables of the pages against the code: errors, rights, addresses, settings, roles."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator

import typer
from tests.docs.pages import DOCS, PACKAGE, Row, Table, blocks, under

import jifen
from jifen.common.database import DatabaseUnavailable
from jifen.common.errors import JifenError
from jifen.common.home import HomeError
from jifen.common.tables import APPEND_ONLY, DISTRIBUTED, GLOBAL
from jifen.earning.types import Purchase
from jifen.faces.api import decoding, problems
from jifen.faces.api.open.urls import RIGHTS as ADDRESSES
from jifen.faces.cli import main
from jifen.ledger.types import InsufficientPoints
from jifen.programmes.types import RIGHTS

API, OPERATIONS = DOCS / "api.md", DOCS / "operations.md"
BASES = {"conflict", "not_found"}
"""Classes that only others are made of."""


def ticked(cell: str) -> list[str]:
    """What stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def by_code(table: Table) -> dict[str, Row]:
    """The rows by their first cell, each of them once, in order."""
    codes = [ticked(row["code"])[0] for row in table]
    assert codes == sorted(set(codes))
    return dict(zip(codes, table, strict=True))


def _subclasses(kind: type[JifenError]) -> Iterator[type[JifenError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def error_classes() -> set[type[JifenError]]:
    """Every named refusal of the package, wherever it is written."""
    for module in pkgutil.walk_packages(jifen.__path__, "jifen."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    return {each for each in _subclasses(JifenError) if each.__module__.startswith("jifen.")}


def test_every_error_of_the_code_is_in_the_tables_and_no_other() -> None:
    http, command_line = map(by_code, under(API, "Problems").tables)
    classes = {each for each in error_classes() if each.code not in BASES}
    # A code that nothing raises is no promise; it may be listed once something does.
    statuses = {each.code: int(problems.status_of(each("…"))) for each in classes}
    others = {DatabaseUnavailable.code, HomeError.code}
    missing = {code for code in statuses if code not in http.keys() | command_line.keys()}
    assert missing <= unraised(), f"docs/api.md does not list {sorted(missing)}"
    assert not (http.keys() | command_line.keys()) - statuses.keys() - others
    assert {code: int(row["status"]) for code, row in http.items()} == {
        code: status for code, status in statuses.items() if code in http
    }


def test_the_examples_of_the_api_are_what_the_code_reads_and_answers() -> None:
    request, problem = (json.loads(block.text) for block in blocks(API, "json"))
    activity = decoding.one(body=json.dumps(request).encode(), key="T3-000123")
    assert isinstance(activity, Purchase)
    facts = {name: problem[name] for name in ("short_by", "available")}
    answered = problems.problem(InsufficientPoints(problem["detail"], **facts))
    assert {**answered, "request_id": problem["request_id"]} == problem


def unraised() -> set[str]:
    """Codes of errors that no other line of the package names."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return {
        each.code for each in error_classes() if len(re.findall(rf"\b{each.__name__}\b", text)) == 1
    }


def test_the_rights_are_those_of_the_code() -> None:
    [table] = under(API, "Rights").tables
    assert {ticked(row["right"])[0] for row in table} == RIGHTS


def test_the_addresses_are_those_of_the_code() -> None:
    [table] = under(API, "Addresses").tables
    told = {
        (row["method"], ticked(row["address"])[0]): (ticked(row["right"]) or [row["right"]])[0]
        for row in table
    }
    assert told == {
        (method, re.sub(r"<\w+:(\w+)>", r"{\1}", address)): right
        for address, methods in ADDRESSES.items()
        for method, right in methods.items()
    }


def test_the_settings_are_those_of_the_code() -> None:
    [table] = under(OPERATIONS, "Settings").tables
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    # How ``run`` tells its own parts that they are parts.
    found = set(re.findall(r'"(JIFEN_[A-Z_]+)"', text)) - {"JIFEN_PART_OF_RUN"}
    assert {ticked(row["setting"])[0] for row in table} == found


def test_the_commands_are_those_of_the_code() -> None:
    [table] = under(OPERATIONS, "Processes").tables
    if not main.app.registered_commands:
        main.add_commands()
    group = typer.main.get_group(main.app)
    told = {ticked(row["command"])[0]: ticked(row["what it does"]) for row in table}
    assert set(told) == {f"jifen {name}" for name in group.commands}
    for name, command in group.commands.items():
        inner = set(getattr(command, "commands", {}))
        assert inner <= set(told[f"jifen {name}"]), name


def test_the_rights_of_the_application_are_those_of_the_code() -> None:
    [table] = under(OPERATIONS, "Roles and grants").tables
    told = {tuple(ticked(row["tables"])): row["`jifen_app` may"] for row in table}
    working = sorted({*DISTRIBUTED, *GLOBAL} - set(APPEND_ONLY))
    assert told[tuple(sorted(APPEND_ONLY))] == "read, insert"
    assert told[tuple(working)] == "read, insert, update, delete"
