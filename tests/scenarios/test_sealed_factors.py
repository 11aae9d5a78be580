"""A second factor from before secrets were sealed, and one in a database that moved to another
secret key. Real processes on servers of their own."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.homes import ROOT, Home, homes

_BEGIN = """
import json, os, sys
from jifen.faces.cli.startup import open_database
open_database()
import pyotp
from django.core.management import call_command
from jifen.common import clock
from jifen.common.errors import JifenError
from jifen.common.scope import scope
from jifen.programmes import factors, proving, selectors, staff
at = clock.now()
"""
_SET_UP = (
    _BEGIN
    + """
with scope(selectors.programme_by_code("shop").id):
    made = staff.add_staff(login="li", name="Li", role="owner", password="a tall tea 9x", at=at)
    secret = factors.begin(staff_id=made.id, login="li", issuer="Tea", at=at).secret
    factors.confirm(staff_id=made.id, code=pyotp.TOTP(secret).at(at), at=at)
print(json.dumps(secret))
"""
)
_MIGRATE = (
    _BEGIN
    + 'call_command("migrate", "programmes", sys.argv[1], database="owner", verbosity=0)\nprint(1)'
)
_SIGN_IN = (
    _BEGIN
    + """
code = pyotp.TOTP(sys.argv[1]).at(at, counter_offset=1)
try:
    proving.sign_in(login="li", password="a tall tea 9x", address="here", code=code, at=at)
    print(json.dumps("in"))
except JifenError as error:
    print(json.dumps(error.code))
"""
)
PATH = os.pathsep.join([str(ROOT / "src"), str(ROOT), *filter(None, sys.path)])


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with homes() as folder:
        made = Home(folder / "home")
        with made.running():
            made.run("preset", "apply", "starter", "--programme", "shop", "--opening", "2026-01-01")
            yield made


@pytest.fixture(scope="module")
def secret(home: Home) -> str:
    """What the authenticator of somebody in that home holds."""
    return str(told(home, _SET_UP))


def told(home: Home, script: str, *arguments: str, **more: str) -> Any:
    process = home.start("-c", script, *arguments, PYTHONPATH=PATH, **more)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return json.loads(output)


def kept(home: Home) -> str:
    with psycopg.connect(home.owner_url) as connection:
        [(found,)] = connection.execute("SELECT secret FROM staff_factor").fetchall()
    return str(found)


def test_what_stood_in_clear_is_sealed_by_the_migration(home: Home, secret: str) -> None:
    assert secret not in kept(home)
    told(home, _MIGRATE, "0008")
    assert kept(home) == secret
    told(home, _MIGRATE, "0009")
    assert secret not in kept(home)
    assert told(home, _SIGN_IN, secret) == "in"


def test_restored_under_another_key_it_says_what_helps(home: Home, secret: str) -> None:
    backup = home.path.parent / "shop.backup"
    home.run("backup", str(backup))
    other = Home(home.path.parent / "other")
    key = {"JIFEN_SECRET_KEY": "another key than that of the first home"}
    with other.running():
        other.run("restore", str(backup), **key)
        assert kept(other) == kept(home)
        assert told(other, _SIGN_IN, secret, **key) == "second_factor_unreadable"
        other.run("staff", "forget-factor", "li", "--programme", "shop", **key)
        assert told(other, _SIGN_IN, secret, **key) == "in", "the password alone opens again"
