"""``jifen member``: what it prints, and what it says of a name that names nobody."""

import json
from typing import Any

import pytest
from tests.world import World
from typer.testing import CliRunner, Result

from jifen.earning.services import NewMember
from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.member import app
from jifen.members.types import IdentityValue, UnknownMember

PHONE, EMAIL = "+8613812342186", "mei.li@example.com"


def called(world: World, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--programme", world.programme.code])


def told(world: World, *arguments: str) -> dict[str, Any]:
    result = called(world, *arguments, "--json")
    assert result.exception is None, result.exception
    facts: dict[str, Any] = json.loads(result.output)
    return facts


def test_phones_and_addresses_are_masked() -> None:
    world = World()
    member = world.member(phone=PHONE, name="王小明")
    person = NewMember("k", (IdentityValue("phone", PHONE), IdentityValue("email", EMAIL)))
    world.enrol(person)
    found = told(world, "find", f"email:{EMAIL}")
    assert found["identities"] == ["phone:138****2186", "email:m***@example.com"]
    assert (found["member"], found["name"]) == (str(member), "王小明")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("find", "id:xyz"), "a member's id is a UUID"),
        (("unmerge", "xyz", "--reason", "r", "--actor", "a"), "an activity's id is a UUID"),
    ],
)
def test_what_is_no_id_is_said_of_the_right_thing(arguments: tuple[str, ...], says: str) -> None:
    error = called(World(), *arguments).exception
    assert isinstance(error, CommandError)
    assert str(error) == says


def test_nobody_is_unknown() -> None:
    assert isinstance(called(World(), "find", f"phone:{PHONE}").exception, UnknownMember)


def test_freeze_and_unfreeze() -> None:
    world = World()
    member = world.member()
    why = ("--reason", "card lost", "--actor", "Li Na")
    assert told(world, "freeze", f"id:{member}", *why)["status"] == "frozen"
    assert told(world, "unfreeze", f"id:{member}", *why)["status"] == "active"
