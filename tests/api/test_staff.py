"""Staff over HTTP: signing in and out, roles, and the record of what they did."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as HttpClient
from tests.api.shop import JSON, NOW, Answer, Shop

from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.faces.api import sessions
from jifen.programmes import proving, staff
from jifen.programmes.rules.roles import ROLES

pytestmark = pytest.mark.usefixtures("fresh_keys")

PASSWORD = "a tall tea house 9"
OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}


class Browser:
    """A browser with its own cookies, at one of our pages."""

    def __init__(self) -> None:
        # Failures are counted by address too, and those of other tests are none of ours.
        self.address = uuid.uuid4().hex
        self.http = HttpClient(raise_request_exception=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Any call of the API."""
        extra: dict[str, Any] = {**OURS, "REMOTE_ADDR": self.address, **headers}
        raw = "" if body is None else json.dumps(body)
        return Answer(self.http.generic(method, f"/api/v1/{path}", raw, JSON, **extra))

    def sign_in(self, login: str, password: str = PASSWORD, **headers: str) -> Answer:
        """Sign in."""
        return self.ask("POST", "session", {"login": login, "password": password}, **headers)


def person(shop: Shop, role: str = "owner", name: str = "Li Na") -> str:
    """Somebody who may sign in; answers the login."""
    login = f"{role}-{uuid.uuid4().hex[:12]}"
    with scope(shop.programme.id):
        staff.add_staff(login=login, name=name, role=role, password=PASSWORD, at=NOW)
    return login


def signed_in(shop: Shop, role: str = "owner") -> Browser:
    browser = Browser()
    answer = browser.sign_in(person(shop, role))
    assert answer.status == 201, answer.content
    return browser


class TestSession:
    """A session is a cookie that opens what its role may do, for a while."""

    def test_sign_in_work_and_sign_out(self, shop: Shop) -> None:
        login = person(shop)
        browser = Browser()
        answer = browser.sign_in(login.upper())
        assert (answer.status, answer.json["login"], answer.json["role"]) == (201, login, "owner")
        assert answer.json["programme"] == shop.programme.code
        cookie = browser.http.cookies[sessions.COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert PASSWORD.encode() not in answer.content
        assert cookie.value.encode() not in answer.content
        assert browser.ask("GET", "session").json == answer.json
        assert browser.ask("GET", "programme").json["code"] == shop.programme.code
        token = cookie.value
        assert browser.ask("DELETE", "session").status == 204
        assert browser.ask("GET", "session").code == "missing_key"
        browser.http.cookies[sessions.COOKIE] = token
        assert browser.ask("GET", "session").code == "invalid_key"

    def test_a_session_ends_by_itself(self, shop: Shop) -> None:
        with set_clock(NOW):
            browser = signed_in(shop)
        with set_clock(NOW + proving.SESSION - timedelta(seconds=1)):
            assert browser.ask("GET", "session").status == 200
        with set_clock(NOW + proving.SESSION):
            assert browser.ask("GET", "session").code == "expired_key"

    @pytest.mark.parametrize(
        ("login", "password"),
        [(None, "wrong"), ("nobody-at-all", PASSWORD), (None, PASSWORD.upper()), (None, " ")],
        ids=["password", "login", "case", "blank"],
    )
    def test_who_may_not_is_not_told_why(
        self, shop: Shop, login: str | None, password: str
    ) -> None:
        answer = Browser().sign_in(login or person(shop), password)
        assert (answer.status, answer.code) == (401, "wrong_login")

    @pytest.mark.parametrize(
        "headers",
        [
            {"HTTP_SEC_FETCH_SITE": "cross-site"},
            {"HTTP_SEC_FETCH_SITE": "same-site"},
            {"HTTP_SEC_FETCH_SITE": "none"},
        ],
        ids=str,
    )
    def test_another_sites_page_changes_nothing(self, shop: Shop, headers: dict[str, str]) -> None:
        browser = signed_in(shop)
        answer = browser.ask("PUT", "rule-sets/drafts/one", {}, **headers)
        assert (answer.status, answer.code) == (403, "cross_site_request")
        assert browser.ask("GET", "rule-sets/drafts/one").code == "unknown_draft"
        assert browser.sign_in(person(shop), **headers).code == "cross_site_request"
        assert browser.ask("GET", "programme", **headers).status == 200

    def test_a_browser_that_tells_only_its_origin_is_asked_for_that(self, shop: Shop) -> None:
        browser = signed_in(shop)
        path, name = "/api/v1/rule-sets/drafts/one", "HTTP_ORIGIN"
        for origin, status in (
            ({name: "http://testserver"}, 200),
            ({name: "http://testserver.evil.example"}, 403),
            ({name: "null"}, 403),
            ({}, 403),
        ):
            extra: dict[str, Any] = {"HTTP_HOST": "testserver", **origin}
            got = browser.http.put(path, "{}", JSON, **extra)
            assert got.status_code == status, origin

    def test_a_key_needs_no_page(self, shop: Shop) -> None:
        assert shop.call("PUT", "rule-sets/drafts/one", {}).status == 200


class TestAttempts:
    """Passwords are not tried for long."""

    def test_five_failures_close_the_door_for_a_while(self, shop: Shop) -> None:
        login = person(shop)
        browser = Browser()
        with set_clock(NOW):
            for _ in range(5):
                assert browser.sign_in(login, "wrong").code == "wrong_login"
            refused = browser.sign_in(login)
            assert (refused.status, refused.code) == (429, "too_many_attempts")
            again = (NOW + timedelta(minutes=15)).isoformat()
            assert refused.json["retry_at"] == again
            assert browser.sign_in(person(shop)).status == 201
        with set_clock(NOW + timedelta(minutes=15)):
            assert browser.sign_in(login).status == 201

    def test_a_login_that_nobody_has_is_treated_alike(self, shop: Shop) -> None:
        login = uuid.uuid4().hex
        for _ in range(5):
            assert Browser().sign_in(login, "wrong").code == "wrong_login"
        assert Browser().sign_in(login, "wrong").code == "too_many_attempts"

    def test_many_logins_from_one_address_are_too_many(self, shop: Shop) -> None:
        address = {"REMOTE_ADDR": f"192.0.2.{uuid.uuid4().hex[:6]}"}
        codes = [Browser().sign_in(uuid.uuid4().hex, "wrong", **address).code for _ in range(31)]
        assert codes == ["wrong_login"] * 30 + ["too_many_attempts"]


class TestPasswords:
    """Passwords that are easy to guess are refused; a new one ends every session."""

    @pytest.mark.parametrize(
        ("password", "reason"),
        [
            ("tea9", "password_too_short"),
            ("1234567890", "password_entirely_numeric"),
            ("password123", "password_too_common"),
        ],
    )
    def test_a_weak_password_is_refused(self, shop: Shop, password: str, reason: str) -> None:
        browser = signed_in(shop)
        login = uuid.uuid4().hex[:12]
        body = {"login": login, "name": "Wang", "role": "clerk", "password": password}
        refused = browser.ask("POST", "staff", body)
        assert (refused.status, refused.code) == (422, "weak_password")
        assert reason in refused.json["reasons"]
        assert password.encode() not in refused.content
        taken = browser.ask("POST", "staff", {**body, "password": PASSWORD})
        assert taken.status == 201, "the login was not kept for somebody who was refused"

    def test_ones_own_password(self, shop: Shop) -> None:
        login = person(shop)
        here, there = Browser(), Browser()
        for each in (here, there):
            assert each.sign_in(login).status == 201
        change = {"old": "wrong", "new": "another tea house 7"}
        assert here.ask("POST", "session/password", change).code == "wrong_login"
        change["old"] = PASSWORD
        assert here.ask("POST", "session/password", change).status == 204
        for each in (here, there):
            assert each.ask("GET", "session").status == 401
        assert here.sign_in(login).code == "wrong_login"
        assert here.sign_in(login, change["new"]).status == 201

    def test_a_password_that_an_owner_gives(self, shop: Shop) -> None:
        browser, login = signed_in(shop), person(shop, "clerk")
        clerk = Browser()
        assert clerk.sign_in(login).status == 201
        [found] = [s for s in browser.ask("GET", "staff").json["staff"] if s["login"] == login]
        path = f"staff/{found['id']}/password"
        assert browser.ask("POST", path, {"password": "weak"}).code == "weak_password"
        assert browser.ask("POST", path, {"password": "another tea house 7"}).status == 204
        assert clerk.ask("GET", "session").status == 401
        assert clerk.sign_in(login, "another tea house 7").status == 201


class TestPeople:
    """Owners say who works here and as what."""

    def test_a_role_is_its_rights(self, shop: Shop) -> None:
        for role, rights in ROLES.items():
            assert set(signed_in(shop, role).ask("GET", "session").json["rights"]) == rights

    def test_a_new_role_counts_at_once(self, shop: Shop) -> None:
        owner, login = signed_in(shop), person(shop, "clerk")
        clerk = Browser()
        clerk.sign_in(login)
        assert clerk.ask("GET", "staff").code == "forbidden_right"
        [found] = [s for s in owner.ask("GET", "staff").json["staff"] if s["login"] == login]
        made = owner.ask("PATCH", f"staff/{found['id']}", {"role": "auditor"})
        assert (made.status, made.json["role"]) == (200, "auditor")
        assert clerk.ask("GET", "staff").status == 200

    def test_who_leaves_is_out_at_once_and_may_come_back(self, shop: Shop) -> None:
        owner, login = signed_in(shop), person(shop, "clerk")
        clerk = Browser()
        clerk.sign_in(login)
        [found] = [s for s in owner.ask("GET", "staff").json["staff"] if s["login"] == login]
        path = f"staff/{found['id']}"
        assert owner.ask("PATCH", path, {"is_active": False}).json["is_active"] is False
        assert clerk.ask("GET", "session").status == 401
        assert clerk.sign_in(login).code == "wrong_login"
        assert owner.ask("PATCH", path, {"is_active": True}).status == 200
        assert clerk.sign_in(login).status == 201

    @pytest.mark.parametrize("change", [{"role": "clerk"}, {"is_active": False}], ids=str)
    def test_an_owner_is_always_left(self, shop: Shop, change: dict[str, Any]) -> None:
        owner = signed_in(shop)
        [only] = owner.ask("GET", "staff").json["staff"]
        refused = owner.ask("PATCH", f"staff/{only['id']}", change)
        assert (refused.status, refused.code) == (409, "last_owner")
        person(shop, "owner")
        assert owner.ask("PATCH", f"staff/{only['id']}", change).status == 200

    def test_a_login_is_one_persons_in_all_programmes(self, shop: Shop) -> None:
        login = person(shop)
        other = signed_in(Shop())
        body = {"login": login, "name": "Wang", "role": "clerk", "password": PASSWORD}
        refused = other.ask("POST", "staff", body)
        assert (refused.status, refused.code) == (409, "login_taken")

    def test_another_programmes_people_are_nobody(self, shop: Shop) -> None:
        login, other = person(shop), signed_in(Shop())
        with scope(shop.programme.id):
            theirs = staff.staff_by_login(login)
        for path, body in (
            (f"staff/{theirs.id}", {"name": "X"}),
            (f"staff/{theirs.id}/password", {"password": PASSWORD}),
        ):
            method = "PATCH" if path.endswith(str(theirs.id)) else "POST"
            assert other.ask(method, path, body).code == "unknown_staff"
        assert login not in {s["login"] for s in other.ask("GET", "staff").json["staff"]}
        assert other.ask("GET", f"staff/acts?login={login}").json["acts"] == []

    def test_a_machine_is_nobody(self, shop: Shop) -> None:
        assert shop.get("session").code == "unknown_staff"


class TestActs:
    """What the staff do is written down: who, when, from where, before and after."""

    def test_a_change_is_on_record(self, shop: Shop) -> None:
        owner, login = signed_in(shop), person(shop, "clerk")
        [found] = [s for s in owner.ask("GET", "staff").json["staff"] if s["login"] == login]
        owner.ask("PATCH", f"staff/{found['id']}", {"role": "auditor"}, REMOTE_ADDR="192.0.2.7")
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert act["operation"] == "PATCH /api/v1/staff/<uuid:staff_id>"
        assert act["subject"] == {"staff_id": found["id"]}
        assert (act["status"], act["code"], act["address"]) == (200, "", "192.0.2.7")
        assert (act["before"]["role"], act["after"]["role"]) == ("clerk", "auditor")

    def test_what_was_refused_is_on_record_too(self, shop: Shop) -> None:
        owner = signed_in(shop)
        owner.ask("PATCH", f"staff/{uuid.uuid4()}", {"role": "auditor"})
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert (act["status"], act["code"]) == (404, "unknown_staff")

    def test_signing_in_is_on_record_and_passwords_are_not(self, shop: Shop) -> None:
        login = person(shop)
        Browser().sign_in(login, "not the password")
        browser = Browser()
        browser.sign_in(login)
        told = browser.ask("GET", f"staff/acts?login={login}")
        assert [(a["operation"], a["code"]) for a in told.json["acts"]] == [
            ("sign_in", ""),
            ("sign_in", "wrong_login"),
        ]
        assert b"password" not in told.content

    def test_the_record_goes_on_by_cursor_and_by_operation(self, shop: Shop) -> None:
        owner = signed_in(shop)
        for name in "abc":
            owner.ask("PUT", f"rule-sets/drafts/{name}", {})
        page = owner.ask("GET", "staff/acts?limit=2").json
        rest = owner.ask("GET", f"staff/acts?limit=9&cursor={page['next_cursor']}").json
        assert [a["subject"].get("name") for a in (*page["acts"], *rest["acts"])] == [
            "c",
            "b",
            "a",
            None,
        ]
        put = "PUT /api/v1/rule-sets/drafts/<str:name>"
        only = owner.ask("GET", f"staff/acts?operation={put}").json["acts"]
        assert len(only) == 3
