"""``jifen staff``: people who may sign in, from the command line."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.world import World
from typer.testing import CliRunner, Result

from jifen.common.errors import InvalidInput, JifenError
from jifen.faces.cli.staff import app
from jifen.programmes import proving, staff
from jifen.programmes.types import LoginTaken, UnknownStaff, WeakPassword, WrongLogin

NOW = datetime.now(UTC)
CHOSEN = "another tea house 7"


def called(world: World, *arguments: str, typed: str | None = None) -> Result:
    command = [*arguments, "--programme", world.programme.code]
    return CliRunner().invoke(app, command, input=typed)


def told(world: World, *arguments: str, typed: str | None = None) -> dict[str, Any]:
    result = called(world, *arguments, "--json", typed=typed)
    assert result.exception is None, result.exception
    facts: dict[str, Any] = json.loads(result.output.splitlines()[-1])
    return facts


def signs_in(login: str, password: str) -> bool:
    try:
        proving.sign_in(login=login, password=password, address=uuid.uuid4().hex, at=NOW)
    except WrongLogin:
        return False
    return True


@pytest.fixture
def login() -> str:
    return f"li-{uuid.uuid4().hex[:12]}"


def test_somebody_is_added_with_a_password_that_is_shown_once(login: str) -> None:
    world = World()
    made = told(world, "add", login, "--name", "李娜", "--role", "owner")
    assert (made["login"], made["role"]) == (login, "owner")
    assert signs_in(login, made["password"])
    listed = told(world, "list")
    [person] = listed["staff"]
    assert (person["login"], person["name"], person["role"]) == (login, "李娜", "owner")
    assert made["password"] not in json.dumps(listed)


def test_a_clerk_unless_said_otherwise(login: str) -> None:
    world = World()
    printed = called(world, "add", login).output
    assert f"login: {login}\nrole: clerk\npassword: " in printed
    assert called(world, "list").output == f"{login}: clerk\n"
    with world.scope():
        person = staff.staff_by_login(login)
        assert person.name == login
        staff.change_staff(staff_id=person.id, is_active=False, at=NOW)
    assert called(world, "list").output == f"{login}: clerk, has left\n"


def test_a_password_that_is_asked_for_is_not_printed(login: str) -> None:
    world = World()
    result = called(world, "add", login, "--ask", typed=f"{CHOSEN}\n{CHOSEN}\n")
    assert result.exception is None, result.exception
    assert CHOSEN not in result.output
    assert signs_in(login, CHOSEN)


def test_a_new_password_ends_sessions(login: str) -> None:
    world = World()
    first = told(world, "add", login)["password"]
    second = told(world, "password", login.upper())["password"]
    assert first != second
    assert not signs_in(login, first)
    assert signs_in(login, second)


@pytest.mark.parametrize(
    ("arguments", "typed", "error"),
    [
        (("add", "{login}"), None, LoginTaken),
        (("add", "somebody", "--role", "boss"), None, InvalidInput),
        (("add", "two words"), None, InvalidInput),
        (("add", "somebody-weak", "--ask"), "short\nshort\n", WeakPassword),
        (("password", "nobody-at-all"), None, UnknownStaff),
    ],
    ids=["taken", "role", "login", "weak", "nobody"],
)
def test_what_cannot_be_is_an_error(
    login: str, arguments: tuple[str, ...], typed: str | None, error: type[JifenError]
) -> None:
    world = World()
    told(world, "add", login)
    filled = [each.format(login=login) for each in arguments]
    assert isinstance(called(world, *filled, typed=typed).exception, error)
    with world.scope():
        assert [person.login for person in staff.everybody()] == [login]
