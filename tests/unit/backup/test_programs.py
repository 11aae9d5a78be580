"""Which of PostgreSQL's programs is taken, and what is said when none will do."""

from pathlib import Path

import pytest

from jifen.common.database import Address
from jifen.common.home import wheel_programs
from jifen.faces.backup import programs
from jifen.faces.backup.errors import ProgramMissing


def program(folder: Path, version: str, code: int = 0) -> Path:
    folder.mkdir()
    path = folder / "pg_dump"
    path.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's programs are in ``package``, the machine's in ``machine``."""
    monkeypatch.setattr(programs, "wheel_programs", lambda: tmp_path / "package")
    monkeypatch.setenv("PATH", str(tmp_path / "machine"))
    return tmp_path


def test_the_package_brings_every_program() -> None:
    folder = wheel_programs()
    assert folder is not None
    for name in ("pg_dump", "pg_restore", "psql"):
        assert programs.find(name, major=18) == (folder / name, 18)


def test_the_package_comes_first(places: Path) -> None:
    ours = program(places / "package", "18.4")
    program(places / "machine", "19.1")
    assert programs.find("pg_dump", major=15) == (ours, 18)


def test_a_newer_server_is_read_by_the_machine_s_own(places: Path) -> None:
    program(places / "package", "18.4")
    theirs = program(places / "machine", "19beta1")
    assert programs.find("pg_dump", major=19) == (theirs, 19)


def test_too_old_a_program_is_named_with_what_to_do(places: Path) -> None:
    ours, theirs = program(places / "package", "18.4"), program(places / "machine", "15.2")
    with pytest.raises(ProgramMissing) as caught:
        programs.find("pg_dump", major=19)
    assert str(caught.value) == (
        f"pg_dump of PostgreSQL 19 or newer is needed ({ours} is version 18; {theirs} is version"
        " 15): install the client programs of PostgreSQL 19 so that they come first in PATH"
    )
    assert caught.value.code == "program_missing"


def test_a_program_that_does_not_run_or_is_not_there_is_named(places: Path) -> None:
    with pytest.raises(ProgramMissing, match="there is none"):
        programs.find("pg_dump", major=15)
    program(places / "package", "18.4", code=127)
    with pytest.raises(ProgramMissing, match="does not run"):
        programs.find("pg_dump", major=15)


def test_no_password_is_on_a_command_line() -> None:
    address = Address("postgresql://u:secret@h/d?sslmode=require", "X")
    command, environment = programs.connected(Path("/bin/pg_dump"), address, "--format=custom")
    assert "secret" not in " ".join(command)
    assert environment["PGPASSWORD"] == "secret"
    assert "sslmode=require" in command[-1]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("psql:<stdin>:9: ERROR:  no\nDETAIL:  more", "no"),
        ("pg_restore: error: a\nerror: b", "a"),
        ("one\ntwo\n", "two"),
        ("", "no reason was given"),
    ],
)
def test_the_first_error_says_most(told: str, reason: str) -> None:
    assert programs.reason(told) == reason
