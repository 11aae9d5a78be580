"""Setting up a programme over HTTP: by the code of the server, whole or not at all."""

import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_staff import PASSWORD, Browser, signed_in

from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.earning import presets
from jifen.faces import setup_code
from jifen.faces.api import auth, sessions
from jifen.programmes import selectors as programmes
from jifen.programmes import staff
from jifen.programmes.models import ApiKey, Programme, SignInAttempt, StaffLogin
from jifen.programmes.rules.attempts import MOST_OF_LOGIN, WINDOW
from jifen.programmes.types import UnknownProgramme

CODE = "abcd-efgh-jkmn-pqrs"


@pytest.fixture(autouse=True)
def _code(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(setup_code.SETTING, CODE)
    auth.KEYS.forget()
    yield
    auth.KEYS.forget()


def asked(code: str = CODE, **changes: Any) -> dict[str, Any]:
    """A body. Changes are of the programme, or of the owner where they are called so."""
    one = uuid.uuid4().hex[:12]
    programme = {
        "code": f"new-{one}",
        "name": "山茶会员",
        "time_zone": "Asia/Shanghai",
        "currency": "CNY",
        "store": "总店",
    }
    owner = {"login": f"owner-{one}", "name": "李娜", "password": PASSWORD}
    of_owner = {name: value for name, value in changes.items() if name in {"login", "password"}}
    of_programme = {name: value for name, value in changes.items() if name not in of_owner}
    return {"code": code, "programme": programme | of_programme, "owner": owner | of_owner}


def set_up(body: dict[str, Any], browser: Browser | None = None, **headers: str) -> Answer:
    return (browser or Browser()).ask("POST", "set-up", body, **headers)


def is_there(body: dict[str, Any]) -> bool:
    try:
        programmes.programme_by_code(body["programme"]["code"])
    except UnknownProgramme:
        return False
    return True


def left(body: dict[str, Any]) -> tuple[int, int, int]:
    """How much stands in the tables that no scope bounds under the names of the body: others'
    tests set up their own in the same database at the same time."""
    ids = Programme.objects.filter(code=body["programme"]["code"]).values_list("id", flat=True)
    login = body["owner"]["login"].strip().lower()
    return (
        len(ids),
        StaffLogin.objects.filter(login=login).count(),
        ApiKey.objects.filter(programme_id__in=list(ids)).count(),
    )


class TestMade:
    """With the code: a programme, its owner, a session."""

    def test_the_owner_is_signed_in_and_may_do_everything(self) -> None:
        browser, body = Browser(), asked()
        answer = set_up(body, browser)
        assert answer.status == 201, answer.content
        assert (answer.json["role"], answer.json["programme"]) == (
            "owner",
            body["programme"]["code"],
        )
        assert browser.http.cookies[sessions.COOKIE]["httponly"]
        assert browser.ask("GET", "session").json == answer.json
        programme = browser.ask("GET", "programme").json
        assert programme["rule_set_version"] is None
        assert [each["code"] for each in programme["units"]] == ["points"]
        assert programme["stores"] == [{"code": "main", "name": "总店", "merchant": "main"}]
        assert programme["opening_on"] == "2026-07-01"
        assert Browser().sign_in(body["owner"]["login"]).status == 201

    def test_from_a_preset_to_the_first_points(self) -> None:
        browser, body = Browser(), asked(currency="GBP", time_zone="Europe/London")
        set_up(body, browser)
        offered = browser.ask("GET", "presets").json["presets"]
        assert [each["code"] for each in offered] == [
            preset.name for preset, _ in presets.offered()
        ]
        for preset in offered:
            document = preset["document"]
            tried = browser.ask(
                "POST",
                "rule-sets/trial",
                {"document": document, "order": {"amount_minor": 10_000}},
            ).json
            assert tried["faults"] == []
            assert tried["tiers"][0]["points"] == {"points": 100}
            assert browser.ask("PUT", "rule-sets/drafts/set-up", document).status == 200
            assert browser.ask("POST", "rule-sets/drafts/set-up/publish").status == 200
        member = {"identities": [{"kind": "phone", "value": "13812342186"}], "name": "王晓彤"}
        enrolled = browser.ask("POST", "members", member, HTTP_IDEMPOTENCY_KEY="m").json["member"]
        order = {
            "kind": "purchase",
            "occurred_at": NOW.isoformat(),
            "reference": "1",
            "member": {"kind": "id", "value": enrolled["id"]},
            "lines": [{"product": "order", "quantity": 1, "amount_minor": 10_000}],
        }
        booked = browser.ask("POST", "activities", order, HTTP_IDEMPOTENCY_KEY="o")
        assert booked.json["points"] == {"points": 100}

    def test_it_is_on_the_record_without_the_code(self, caplog: pytest.LogCaptureFixture) -> None:
        browser, body = Browser(), asked()
        with caplog.at_level(logging.DEBUG):
            answer = set_up(body, browser)
        acts = browser.ask("GET", "staff/acts").json["acts"]
        assert [(act["operation"], act["login"], act["status"]) for act in acts] == [
            ("POST /api/v1/set-up", body["owner"]["login"], 201)
        ]
        assert acts[0]["subject"] == {"programme": body["programme"]["code"]}
        assert acts[0]["address"] == browser.address[:60]
        for secret in (CODE, PASSWORD):
            assert secret not in str(acts)
            assert secret not in caplog.text
            assert secret.encode() not in answer.content

    def test_it_may_open_on_an_earlier_day(self) -> None:
        browser = Browser()
        assert set_up(asked(opening_on="2020-01-01"), browser).status == 201
        assert browser.ask("GET", "programme").json["opening_on"] == "2020-01-01"


class TestNothingHalfDone:
    """What is refused leaves nothing behind."""

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"password": "1234567890"}, 422, "weak_password"),
            ({"login": "has a space"}, 422, "invalid_input"),
            ({"time_zone": "Mars/Base"}, 422, "invalid_input"),
            ({"time_zone": "Asia"}, 422, "invalid_input"),
            ({"time_zone": "../zone"}, 422, "invalid_input"),
            ({"currency": "cny"}, 422, "wrong_pattern"),
            ({"opening_on": "1800-01-01"}, 422, "invalid_input"),
            ({"opening_on": "2026-07-02"}, 422, "invalid_input"),
            ({"store": ""}, 422, "too_short"),
        ],
        ids=str,
    )
    def test_what_will_not_do(self, changes: dict[str, Any], status: int, code: str) -> None:
        body = asked(**changes)
        answer = set_up(body)
        assert (answer.status, answer.code) == (status, code), answer.content
        assert left(body) == (0, 0, 0)

    def test_a_taken_code(self, shop: Shop) -> None:
        body = asked()
        body["programme"]["code"] = shop.programme.code
        before = left(body)
        answer = set_up(body)
        assert (answer.status, answer.code) == (409, "programme_exists")
        assert left(body) == before
        with scope(shop.programme.id):
            assert body["owner"]["login"] not in {each.login for each in staff.everybody()}

    def test_a_taken_login(self, shop: Shop) -> None:
        taken = signed_in(shop).ask("GET", "session").json["login"]
        body = asked(login=taken.upper())
        before = left(body)
        answer = set_up(body)
        assert (answer.status, answer.code) == (409, "login_taken")
        assert left(body) == before
        assert not is_there(body)

    def test_the_same_again(self) -> None:
        body = asked()
        assert set_up(body).status == 201
        before = left(body)
        assert set_up(body).code == "programme_exists"
        assert left(body) == before


class TestCode:
    """Without the code nothing is looked at, and it is not tried for long."""

    @pytest.mark.parametrize("code", ["abcd-efgh-jkmn-pqrt", "x", "-", "é" * 16, CODE[:-1]])
    def test_a_wrong_code(self, code: str) -> None:
        body = asked(code)
        answer = set_up(body)
        assert (answer.status, answer.code) == (403, "wrong_set_up_code")
        assert not is_there(body)

    def test_it_may_be_written_otherwise(self) -> None:
        assert set_up(asked(f" {CODE.upper().replace('-', ' ')} ")).status == 201

    def test_guesses_are_counted(self) -> None:
        browser = Browser()
        for _ in range(MOST_OF_LOGIN):
            assert set_up(asked("wrong"), browser).code == "wrong_set_up_code"
        refused = set_up(asked(), browser)
        assert (refused.status, refused.code) == (429, "too_many_attempts")
        assert refused.json["retry_at"] == (NOW + WINDOW).isoformat()
        # Whoever asks from elsewhere is not made to wait by them.
        assert set_up(asked()).status == 201
        with set_clock(NOW + WINDOW):
            assert set_up(asked(), browser).status == 201

    def test_a_right_code_is_no_failure_whatever_else_is_wrong(self) -> None:
        browser = Browser()
        for _ in range(MOST_OF_LOGIN + 1):
            assert set_up(asked(password="1234567890"), browser).code == "weak_password"
        assert not SignInAttempt.objects.filter(
            address_sha256=_digest(browser.address), failed=True
        ).exists()

    def test_a_code_of_the_programme_has_no_space(self) -> None:
        body = asked()
        body["programme"]["code"] = "a b"
        assert set_up(body).code == "wrong_pattern"

    @pytest.mark.parametrize("code", ["", "short", "----------------", "?" * 40])
    def test_a_code_that_could_be_guessed_is_none(
        self, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(setup_code.SETTING, code)
        assert Browser().ask("GET", "set-up").json == {"open": False}
        answer = set_up(asked(code or "x"))
        assert (answer.status, answer.code) == (403, "set_up_off")

    def test_without_a_code_nobody_sets_up_anything(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv(setup_code.SETTING)
        monkeypatch.setenv("JIFEN_HOME", str(tmp_path))
        assert Browser().ask("GET", "set-up").json == {"open": False}
        assert set_up(asked()).code == "set_up_off"
        # What the server's owner makes works at once, and what they take away is gone at once.
        made = setup_code.ensure()
        assert (tmp_path / "setup_code").stat().st_mode & 0o777 == 0o600
        assert setup_code.ensure() == made
        assert Browser().ask("GET", "set-up").json == {"open": True}
        assert set_up(asked(made)).status == 201
        renewed = setup_code.renew()
        assert set_up(asked(made)).code == "wrong_set_up_code"
        assert set_up(asked(renewed)).status == 201
        setup_code.drop()
        assert set_up(asked(renewed)).code == "set_up_off"

    def test_another_sites_page_sets_up_nothing(self) -> None:
        body = asked()
        answer = set_up(body, HTTP_SEC_FETCH_SITE="cross-site")
        assert (answer.status, answer.code) == (403, "cross_site_request")
        assert not is_there(body)

    def test_a_day_later_it_opens_on_that_day(self) -> None:
        browser = Browser()
        with set_clock(NOW + timedelta(days=1)):
            set_up(asked(), browser)
            assert browser.ask("GET", "programme").json["opening_on"] == "2026-07-02"


def _digest(text: str) -> bytes:
    import hashlib

    return hashlib.sha256(text.encode()).digest()
