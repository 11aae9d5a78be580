"""Staff who act at once: an owner is always left, and a login is one person's."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pyotp
import pytest
from tests.concurrency.racing import at_once
from tests.world import World

from jifen.common.errors import JifenError
from jifen.common.scope import scope
from jifen.programmes import factors, proving, selectors, staff
from jifen.programmes.models import ApiClient, Staff, StaffLogin
from jifen.programmes.rules.attempts import MOST_OF_LOGIN
from jifen.programmes.types import InvalidKey, StaffInfo

NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)
PASSWORD = "a tall tea house 9"


def attempt(world: World, call: Callable[[], Any]) -> Callable[[], str]:
    """The call in the programme; answers the code of its refusal, or nothing."""

    def made() -> str:
        try:
            with scope(world.programme.id):
                call()
        except JifenError as error:
            return error.code
        return ""

    return made


def adding(login: str) -> Callable[[], StaffInfo]:
    return lambda: staff.add_staff(login=login, name="Li", role="owner", password=PASSWORD, at=NOW)


def add(world: World, login: str) -> uuid.UUID:
    with scope(world.programme.id):
        return adding(login)().id


def stepping_down(who: uuid.UUID, change: dict[str, Any]) -> Callable[[], Any]:
    return lambda: staff.change_staff(staff_id=who, at=NOW, **change)


@pytest.mark.parametrize("change", [{"role": "clerk"}, {"is_active": False}], ids=str)
def test_owners_who_step_down_at_once_leave_one(change: dict[str, Any]) -> None:
    for _ in range(4):
        world = World()
        owners = [add(world, uuid.uuid4().hex[:12]) for _ in range(4)]
        codes = at_once([attempt(world, stepping_down(who, change)) for who in owners])
        assert Counter(codes) == {"": 3, "last_owner": 1}
        with world.scope():
            assert Staff.objects.filter(role="owner", is_active=True).count() == 1


def test_one_login_in_two_programmes_at_once_is_one_persons() -> None:
    worlds = [World(), World()]
    for _ in range(3):
        login = uuid.uuid4().hex[:12]
        calls = [attempt(world, adding(login)) for world in worlds * 4]
        assert Counter(at_once(calls)) == {"": 1, "login_taken": 7}
        found = []
        for world in worlds:
            with world.scope():
                found += list(Staff.objects.filter(login=login).values_list("id", flat=True))
                assert ApiClient.objects.filter(name=f"staff:{login}").count() <= 1
        [kept] = StaffLogin.objects.filter(login=login).values_list("staff_id", flat=True)
        assert found == [kept], "who was refused left nothing behind"


def test_guesses_made_at_once_are_all_counted() -> None:
    world, login = World(), uuid.uuid4().hex[:12]
    add(world, login)

    def guess(number: int) -> Callable[[], str]:
        return attempt(
            world,
            lambda: proving.sign_in(
                login=login, password=f"wrong {number}", address=uuid.uuid4().hex, at=NOW
            ),
        )

    codes = Counter(at_once([guess(number) for number in range(16)]))
    assert set(codes) <= {"wrong_login", "too_many_attempts"}
    # Each sees those before it, so no more passwords are tried in the whole storm.
    assert codes["wrong_login"] <= MOST_OF_LOGIN


@pytest.mark.parametrize("kind", ["code", "spare"])
def test_one_code_at_once_opens_one_session(kind: str) -> None:
    for _ in range(4):
        world = World()
        who = add(world, uuid.uuid4().hex[:12])
        with world.scope():
            begun = factors.begin(staff_id=who, login="li", issuer="Tea", at=NOW)
            phone = pyotp.TOTP(begun.secret)
            early = NOW - timedelta(minutes=1)
            spare = factors.confirm(staff_id=who, code=phone.at(early), at=early)
        code = phone.at(NOW) if kind == "code" else spare[0]
        calls = [
            attempt(world, partial(factors.accept, staff_id=who, code=code, at=NOW))
            for _ in range(8)
        ]
        assert Counter(at_once(calls)) == {"": 1, "wrong_code": 7}


def let_go(who: uuid.UUID) -> None:
    staff.change_staff(staff_id=who, is_active=False, at=NOW)


def give_another_password(who: uuid.UUID) -> None:
    staff.set_password(staff_id=who, password="another tall house 9", at=NOW)


def turn_on_a_factor(who: uuid.UUID) -> None:
    begun = factors.begin(staff_id=who, login="li", issuer="Tea", at=NOW)
    code = pyotp.TOTP(begun.secret).at(NOW)
    proving.confirm_factor(staff_id=who, code=code, token="", at=NOW)


@pytest.mark.parametrize("ends", [let_go, give_another_password, turn_on_a_factor])
def test_no_session_outlives_what_ends_them(ends: Callable[[uuid.UUID], None]) -> None:
    """Comparing the password takes longer than most of these, which come in between."""
    for _ in range(4):
        world, login = World(), uuid.uuid4().hex[:12]
        add(world, uuid.uuid4().hex[:12])
        who = add(world, login)
        tokens: list[str] = []

        def sign_in(login: str = login, tokens: list[str] = tokens) -> None:
            opened = proving.sign_in(login=login, password=PASSWORD, address="there", at=NOW)
            tokens.append(opened.token)

        codes = at_once([attempt(world, sign_in), attempt(world, partial(ends, who))])
        assert codes[1] == ""
        assert codes[0] in {"", "wrong_login", "second_factor_needed"}
        for token in tokens:
            with pytest.raises(InvalidKey):
                selectors.authenticate(raw_key=token, at=NOW)
