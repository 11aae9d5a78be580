"""The second factor over HTTP: set up, asked for, used once, lost and reset."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_staff import PASSWORD, Browser, person, signed_in

from jifen.common.clock import set_clock

pytestmark = pytest.mark.usefixtures("fresh_keys")

STEP = timedelta(seconds=30)


class Person:
    """Somebody with a second factor, and the authenticator on their phone."""

    def __init__(self, shop: Shop, role: str = "manager") -> None:
        self.login = person(shop, role)
        self.browser = Browser()
        assert self.browser.sign_in(self.login).status == 201
        begun = self.browser.ask("POST", "session/second-factor", {"password": PASSWORD})
        assert begun.status == 200, begun.content
        self.told = begun.json
        self.phone = pyotp.TOTP(begun.json["secret"])

    def code(self, at: datetime = NOW) -> str:
        """What the phone shows."""
        return self.phone.at(at)

    def turn_on(self) -> list[str]:
        """Confirm it with the code of a minute ago; answers the recovery codes."""
        with set_clock(NOW - 2 * STEP):
            body = {"code": self.code(NOW - 2 * STEP)}
            made = self.browser.ask("POST", "session/second-factor/confirm", body)
        assert made.status == 200, made.content
        codes: list[str] = made.json["recovery_codes"]
        return codes

    def sign_in(self, code: str | None = None, password: str = PASSWORD) -> Answer:
        """Sign in from another browser."""
        body = {"login": self.login, "password": password} | ({"code": code} if code else {})
        return Browser().ask("POST", "session", body)


def test_it_is_asked_for_once_it_is_confirmed_and_not_before(shop: Shop) -> None:
    li = Person(shop)
    assert li.sign_in().status == 201, "it is being set up only"
    li.turn_on()
    asked = li.sign_in()
    assert (asked.status, asked.code) == (401, "second_factor_needed")
    done = li.sign_in(li.code())
    assert (done.status, done.json["second_factor"]) == (201, True)


def test_a_stranger_is_told_no_more_than_before(shop: Shop) -> None:
    li = Person(shop)
    li.turn_on()
    told = [li.sign_in(password="wrong"), li.sign_in(li.code(), "wrong"), li.sign_in("000000")]
    assert {(each.status, each.code) for each in told} == {(401, "wrong_login")}
    assert len({json.dumps(_same(each.json)) for each in told}) == 1


def _same(problem: dict[str, Any]) -> dict[str, Any]:
    return {**problem, "request_id": ""}


@pytest.mark.parametrize(
    ("steps", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)], ids=str
)
def test_a_clock_may_be_wrong_by_one_step(shop: Shop, steps: int, status: int) -> None:
    li = Person(shop)
    li.turn_on()
    assert li.sign_in(li.code(NOW + steps * STEP)).status == status


def test_a_code_opens_one_session(shop: Shop) -> None:
    li = Person(shop)
    li.turn_on()
    later = li.code(NOW + STEP)
    assert li.sign_in(later).status == 201
    for used in (later, li.code(), li.code(NOW - STEP)):
        assert li.sign_in(used).code == "wrong_login"
    with set_clock(NOW + 2 * STEP):
        assert li.sign_in(li.code(NOW + 2 * STEP)).status == 201


def test_the_code_that_confirmed_it_is_used_up(shop: Shop) -> None:
    li = Person(shop)
    confirmed = {"code": li.code()}
    path = "session/second-factor/confirm"
    assert li.browser.ask("POST", path, {"code": "000000"}).code == "wrong_code"
    assert li.browser.ask("POST", path, confirmed).status == 200
    assert li.sign_in(confirmed["code"]).code == "wrong_login"
    assert li.browser.ask("POST", path, confirmed).code == "second_factor_off"


def test_a_recovery_code_opens_one_session_however_it_is_written(shop: Shop) -> None:
    li = Person(shop)
    codes = li.turn_on()
    assert len(set(codes)) == 10
    assert li.sign_in(codes[3].upper().replace("-", " ")).status == 201
    assert li.sign_in(codes[3]).code == "wrong_login"
    assert li.sign_in(codes[4]).status == 201
    acts = signed_in(shop).ask("GET", f"staff/acts?login={li.login}&operation=sign_in").json["acts"]
    assert [act["subject"] for act in acts[:3]] == [
        {"second_factor": "spare"},
        {},
        {"second_factor": "spare"},
    ]


def test_wrong_codes_close_the_door_like_wrong_passwords(shop: Shop) -> None:
    li = Person(shop)
    li.turn_on()
    for _ in range(5):
        assert li.sign_in("000000").code == "wrong_login"
    assert li.sign_in(li.code()).code == "too_many_attempts"


def test_to_be_asked_for_the_code_is_no_failure(shop: Shop) -> None:
    li = Person(shop)
    li.turn_on()
    for _ in range(6):
        assert li.sign_in().code == "second_factor_needed"
    assert li.sign_in(li.code()).status == 201


def test_sessions_from_before_end_but_the_one_it_was_set_up_in(shop: Shop) -> None:
    login = person(shop, "owner")
    early = Browser()
    assert early.sign_in(login).status == 201
    li = Person(shop)
    other = Browser()
    assert other.sign_in(li.login).status == 201
    li.turn_on()
    assert other.ask("GET", "session").code == "invalid_key"
    assert li.browser.ask("GET", "session").json["second_factor"] is True
    assert early.ask("GET", "session").status == 200, "of somebody else"


def test_the_secret_is_told_once(shop: Shop) -> None:
    li = Person(shop, "owner")
    assert li.told["uri"].startswith("otpauth://totp/")
    assert li.told["qr"].startswith("data:image/svg+xml")
    codes = li.turn_on()
    for path in ("session", "staff", "staff/acts?limit=200", "programme"):
        told = li.browser.ask("GET", path).content.decode()
        assert not [word for word in (li.told["secret"], *codes) if word in told], path
    again = li.browser.ask("POST", "session/second-factor", {"password": PASSWORD})
    assert again.code == "second_factor_on"


def test_to_set_it_up_takes_the_password(shop: Shop) -> None:
    browser = signed_in(shop, "clerk")
    for _ in range(5):
        refused = browser.ask("POST", "session/second-factor", {"password": "wrong"})
        assert refused.code == "wrong_login"
    refused = browser.ask("POST", "session/second-factor", {"password": PASSWORD})
    assert refused.code == "too_many_attempts"


def test_to_turn_it_off_takes_password_and_code(shop: Shop) -> None:
    li = Person(shop)
    li.turn_on()
    path = "session/second-factor/end"
    for body in (
        {"password": "wrong", "code": li.code()},
        {"password": PASSWORD, "code": "000000"},
    ):
        assert li.browser.ask("POST", path, body).code == "wrong_login"
    done = li.browser.ask("POST", path, {"password": PASSWORD, "code": li.code()})
    assert done.status == 204
    assert li.sign_in().status == 201
    assert li.browser.ask("POST", path, body).code == "second_factor_off"


def test_an_owner_resets_the_one_that_somebody_lost(shop: Shop) -> None:
    li, owner, clerk = Person(shop), signed_in(shop), signed_in(shop, "clerk")
    li.turn_on()
    [found] = [s for s in owner.ask("GET", "staff").json["staff"] if s["login"] == li.login]
    assert found["second_factor"] is True
    path = f"staff/{found['id']}/second-factor/reset"
    body = {"reason": "lost the phone"}
    assert clerk.ask("POST", path, body).code == "forbidden_right"
    reset = owner.ask("POST", path, body)
    assert (reset.status, reset.json["second_factor"]) == (200, False)
    assert li.browser.ask("GET", "session").code == "invalid_key"
    assert li.sign_in().status == 201
    assert owner.ask("POST", path, body).code == "second_factor_off"
    operations = [a["operation"] for a in owner.ask("GET", "staff/acts").json["acts"]]
    assert "POST /api/v1/staff/<uuid:staff_id>/second-factor/reset" in operations


def test_ones_own_is_not_reset_without_its_code(shop: Shop) -> None:
    li = Person(shop, "owner")
    li.turn_on()
    [me] = [s for s in li.browser.ask("GET", "staff").json["staff"] if s["login"] == li.login]
    assert (
        li.browser.ask("POST", f"staff/{me['id']}/second-factor/reset", {"reason": "r"}).code
        == "invalid_input"
    )
    assert li.sign_in().code == "second_factor_needed"


def test_another_programmes_is_out_of_reach(shop: Shop) -> None:
    li, other = Person(shop), signed_in(Shop())
    li.turn_on()
    [me] = [s for s in signed_in(shop).ask("GET", "staff").json["staff"] if s["login"] == li.login]
    assert (
        other.ask("POST", f"staff/{me['id']}/second-factor/reset", {"reason": "r"}).code
        == "unknown_staff"
    )
    assert li.sign_in().code == "second_factor_needed"


def test_a_machine_has_none(shop: Shop) -> None:
    for path in ("", "/confirm", "/end"):
        body = {"password": PASSWORD, "code": uuid.uuid4().hex}
        wanted = {"": ["password"], "/confirm": ["code"]}.get(path, ["password", "code"])
        answer = shop.post(f"session/second-factor{path}", {name: body[name] for name in wanted})
        assert answer.code == "unknown_staff"


def kept(li: Person) -> str:
    """What the database has of the secret."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT secret FROM staff_factor JOIN staff ON staff.id = staff_factor.staff_id"
            " WHERE staff.login = %s",
            [li.login],
        )
        [(secret,)] = cursor.fetchall()
    return str(secret)


def test_whoever_reads_the_database_has_no_codes(shop: Shop) -> None:
    li = Person(shop)
    assert li.told["secret"] not in kept(li)
    li.turn_on()
    assert li.told["secret"] not in kept(li)
    assert len(kept(li)) > 100


def test_a_secret_put_into_another_row_opens_nothing(shop: Shop) -> None:
    li, thief = Person(shop), Person(shop)
    li.turn_on()
    thief.turn_on()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE staff_factor SET secret = %s FROM staff"
            " WHERE staff.id = staff_factor.staff_id AND staff.login = %s",
            [kept(thief), li.login],
        )
    refused = li.sign_in(thief.code())
    assert (refused.status, refused.code) == (409, "second_factor_unreadable")


def test_under_another_secret_key_it_says_what_helps(shop: Shop) -> None:
    li = Person(shop)
    codes = li.turn_on()
    with override_settings(SECRET_KEY="another secret key"):
        assert li.sign_in(li.code(), "wrong").code == "wrong_login", "told to nobody else"
        refused = li.sign_in(li.code())
        assert (refused.status, refused.code) == (409, "second_factor_unreadable")
        assert "forget-factor" in refused.json["detail"]
        assert li.sign_in(codes[0]).status == 201
    acts = signed_in(shop).ask("GET", f"staff/acts?login={li.login}&operation=sign_in").json["acts"]
    assert [act["code"] for act in acts[:2]] == ["", "second_factor_unreadable"]
    assert li.sign_in(li.code()).status == 201, "nothing was changed"


def test_a_former_key_is_read_and_replaced_when_it_is_used(shop: Shop) -> None:
    li = Person(shop)
    li.turn_on()
    before, new = kept(li), "a new secret key"
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert li.sign_in(li.code()).status == 201
    assert kept(li) != before
    with override_settings(SECRET_KEY=new), set_clock(NOW + 2 * STEP):
        assert li.sign_in(li.code(NOW + 2 * STEP)).status == 201
