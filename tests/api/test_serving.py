"""What surrounds every call: keys, rights, request ids, the log line, problems."""

import json
import logging

import pytest
from tests.api.shop import NOW, Answer, Shop, forget_keys, later

from jifen.common.clock import set_clock
from jifen.common.logs import LineFormatter
from jifen.common.scope import scope
from jifen.faces.api.open.urls import PREFIX, RIGHTS
from jifen.faces.api.serving import ANY_CLIENT, PUBLIC
from jifen.programmes import services as programmes

ID = "0197f3a0-7c00-7000-8000-000000000001"
FILLED = {
    "<uuid:member_id>": ID,
    "<uuid:activity_id>": ID,
    "<uuid:run_id>": ID,
    "<uuid:clearing_id>": ID,
    "<uuid:staff_id>": ID,
    "<uuid:import_id>": ID,
    "<uuid:approval_id>": ID,
    "<uuid:export_id>": ID,
    "<str:name>": "x",
    "<int:version>": "1",
}
ROUTES = [
    pytest.param(method, address, right, id=f"{method} {address}")
    for address, rights in RIGHTS.items()
    for method, right in rights.items()
    if right != PUBLIC
]


def filled(address: str) -> str:
    for placeholder, value in FILLED.items():
        address = address.replace(placeholder, value)
    return address


class TestKeys:
    """Who may call at all."""

    @pytest.mark.parametrize(("method", "address", "right"), ROUTES)
    def test_every_route_needs_a_key(
        self, shop: Shop, method: str, address: str, right: str
    ) -> None:
        answer = shop.call(method, filled(address), {}, Authorization="")
        assert (answer.status, answer.code) == (401, "missing_key")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="jifen"'

    @pytest.mark.parametrize(("method", "address", "right"), ROUTES)
    def test_every_route_needs_its_right(
        self, shop: Shop, method: str, address: str, right: str
    ) -> None:
        answer = shop.call(method, filled(address), {}, key=shop.new_key(rights=()))
        if right == ANY_CLIENT:
            # Any key will do, also where only a person can be answered.
            allowed = {"unknown_staff", "invalid_input", "missing_field"}
            assert answer.status < 300 or answer.code in allowed
        else:
            assert (answer.status, answer.code) == (403, "forbidden_right")
            assert answer.json["right"] == right

    @pytest.mark.parametrize("header", ["Bearer jf_nobody", "Basic YTpi", "Bearer", "Bearer é"])
    def test_a_wrong_key_is_invalid(self, shop: Shop, header: str) -> None:
        answer = shop.get("programme", Authorization=header)
        assert (answer.status, answer.code) == (401, "invalid_key")

    def test_a_key_works_until_it_expires(self, shop: Shop) -> None:
        key = shop.new_key(expires_at=later(hours=1))
        with set_clock(later(minutes=59)):
            assert shop.get("programme", key=key).status == 200
        with set_clock(later(hours=1)):
            answer = shop.get("programme", key=key)
        assert (answer.status, answer.code) == (401, "expired_key")

    def test_a_revoked_key_is_refused(self, shop: Shop) -> None:
        with scope(shop.programme.id):
            client, key = programmes.create_client(name="gone", rights=frozenset(), at=NOW)
            assert shop.get("programme", key=key).status == 200
            programmes.revoke_keys(client_id=client.client_id, at=NOW)
        forget_keys()
        assert shop.get("programme", key=key).code == "invalid_key"

    def test_a_key_opens_its_own_programme_only(self, shop: Shop) -> None:
        other = Shop()
        member = other.member()
        booked = other.book(other.purchase(member)).json
        for path in (
            f"members/{member}",
            f"members/{member}/balances",
            f"members/{member}/statement",
            f"members/{member}/activities",
        ):
            answer = shop.get(path)
            assert (answer.status, answer.code) == (404, "unknown_member")
        for path in (f"activities/{booked['id']}", f"activities/{booked['id']}/explain"):
            answer = shop.get(path)
            assert (answer.status, answer.code) == (404, "unknown_activity")
        assert shop.book(shop.purchase(member)).code == "unknown_member"
        assert shop.get("members").json["members"] == []


class TestRequestIds:
    """Each call can be found in the log."""

    def test_a_plain_id_of_the_caller_is_kept(self, shop: Shop) -> None:
        answer = shop.get("programme", X_Request_ID="till-3.000_1")
        assert answer.headers["X-Request-ID"] == "till-3.000_1"

    @pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"b', "é"])
    def test_anything_else_gets_a_new_one(self, shop: Shop, given: str) -> None:
        answer = shop.get("nowhere", X_Request_ID=given)
        assert answer.headers["X-Request-ID"] not in {"", given}
        assert answer.json["request_id"] == answer.headers["X-Request-ID"]

    def test_one_line_tells_the_call_and_no_secrets(
        self, shop: Shop, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            shop.post("members/lookup?phone=13812342186", {"kind": "phone", "value": "13812342186"})
        (record,) = caplog.records
        text = record.getMessage()
        assert text.startswith("POST /api/v1/members/lookup 404 ")
        assert "13812342186" not in text
        assert shop.key not in text

    def test_routes_are_logged_without_ids(
        self, shop: Shop, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            shop.get(f"members/{ID}")
        assert "GET /api/v1/members/<uuid:member_id> 404 " in caplog.text


class TestProblems:
    """Whatever goes wrong is told in one shape."""

    @pytest.mark.parametrize("path", ["", "nowhere", "members/17", "activities/x/explain", "%00"])
    def test_an_unknown_address(self, shop: Shop, path: str) -> None:
        answer = shop.get(path)
        assert (answer.status, answer.code) == (404, "no_such_route")

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "X"])
    def test_a_method_that_is_not_there(self, shop: Shop, method: str) -> None:
        answer = shop.call(method, "activities")
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"

    @pytest.mark.parametrize("path", ["activities", "activities/batch", "members", "verify"])
    def test_an_answer_that_is_not_accepted(self, shop: Shop, path: str) -> None:
        answer = shop.post(path, {"a": 1}, Accept="text/html", Idempotency_Key="k")
        assert (answer.status, answer.code) == (406, "not_acceptable")

    @pytest.mark.parametrize("path", ["activities", "activities/batch", "members/lookup"])
    @pytest.mark.parametrize("content_type", ["text/plain", "", "application/xml", ";", "é"])
    def test_a_body_of_another_type(self, shop: Shop, path: str, content_type: str) -> None:
        answer = shop.post(path, b"{}", content_type=content_type)
        assert (answer.status, answer.code) == (415, "unsupported_media_type")

    @pytest.mark.parametrize("path", ["activities", "activities/batch", "members/lookup"])
    def test_a_type_with_a_charset_is_fine(self, shop: Shop, path: str) -> None:
        answer = shop.post(
            path, b"{", content_type="application/json; charset=utf-8", Idempotency_Key="k"
        )
        if path == "activities/batch":
            assert (answer.status, answer.code) == (400, "idempotency_key_refused")
        else:
            assert (answer.status, answer.code) == (400, "malformed_json")

    @pytest.mark.parametrize("path", ["activities", "activities/preview", "members/lookup"])
    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b"{nonsense", "malformed_json"),
            (b"", "malformed_json"),
            (b'{"kind":"' + b"\xff" + b'"}', "invalid_utf8"),
        ],
    )
    def test_bytes_that_are_no_json(self, shop: Shop, path: str, raw: bytes, code: str) -> None:
        answer = self.raw(shop, path, raw)
        assert (answer.status, answer.code) == (400, code)

    def test_a_body_that_is_too_large(self, shop: Shop) -> None:
        for path in ("activities", "activities/batch", "members/lookup"):
            answer = self.raw(shop, path, b" " * (17 * 1024 * 1024), batch="batch" in path)
            assert (answer.status, answer.code) == (413, "body_too_large")

    def test_the_title_is_in_the_callers_language(self, shop: Shop) -> None:
        english = shop.get("nowhere")
        chinese = shop.get("nowhere", Accept_Language="zh-CN,zh;q=0.9,en;q=0.8")
        assert english.json["title"] == "No such address"
        assert chinese.json["title"] == "地址不存在"
        assert chinese.headers["Content-Language"] == "zh"

    def test_a_fault_of_ours_tells_nothing_of_itself(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        secret = "1381234" + "2186"

        def fail() -> None:
            raise RuntimeError(secret)

        monkeypatch.setattr("jifen.programmes.selectors.programme", fail)
        answer = shop.get("programme")
        assert (answer.status, answer.code) == (500, "internal_error")
        assert secret.encode() not in answer.content
        log = "\n".join(LineFormatter().format(record) for record in caplog.records)
        assert "13812342186" not in log
        assert "RuntimeError" in log
        assert "in fail" in log

    @staticmethod
    def raw(shop: Shop, path: str, raw: bytes, *, batch: bool = False) -> Answer:
        headers = {} if batch else {"Idempotency-Key": "k"}
        response = shop.http.generic(
            "POST",
            PREFIX + path,
            raw,
            "application/json",
            headers={"Authorization": f"Bearer {shop.key}", **headers},
            # The client of the tests leaves it out for an empty body, real ones do not.
            CONTENT_TYPE="application/json",
        )
        return Answer(response)


def test_every_code_has_a_title_in_both_languages() -> None:
    from jifen.common.errors import JifenError
    from jifen.faces.api.titles import TITLES

    def below(kind: type[JifenError]) -> set[type[JifenError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    # What only commands and tests raise never becomes a problem.
    rooms = ("common", "earning", "faces.api", "ledger", "members", "programmes", "tiers")
    shown = tuple(f"jifen.{room}" for room in rooms)
    known = {kind.code for kind in below(JifenError) if kind.__module__.startswith(shown)}
    assert known - TITLES.keys() == set()
    assert all(title["en"] and title["zh"] for title in TITLES.values())
    assert json.dumps(list(TITLES)) == json.dumps(sorted(TITLES)), "ordered by code"
