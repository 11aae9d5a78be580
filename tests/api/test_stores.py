"""Further stores over HTTP, and the merchants that run them."""

import uuid
from typing import Any

import pytest
from tests.api.elsewhere import limited_of
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_parallel import together
from tests.api.test_staff import signed_in

from jifen.programmes.rules.roles import ROLES

pytestmark = pytest.mark.usefixtures("fresh_keys")
HARBOUR = {"code": "harbour", "name": "滨江店"}
BAKERY = {"code": "bakery", "name": "麦田烘焙"}


def listed(shop: Shop) -> list[Any]:
    """The stores, which the programme tells alike."""
    stores: list[Any] = shop.get("stores").json["stores"]
    assert shop.get("programme").json["stores"] == stores
    return stores


def at_store(shop: Shop, code: str, **changes: Any) -> Answer:
    """An order of a new member at a store."""
    return shop.book(shop.purchase(shop.member(), store=code, **changes))


def test_added_and_listed_in_the_order_they_were_made(shop: Shop) -> None:
    [first] = listed(shop)
    made = shop.post("stores", HARBOUR)
    assert (made.status, made.json) == (201, {**HARBOUR, "merchant": "main"})
    assert listed(shop) == [first, made.json]


def test_what_names_no_store_is_booked_at_the_first_one_still(shop: Shop) -> None:
    shop.post("stores", {"code": "a", "name": "A"})
    booked = shop.book(shop.purchase(None)).json
    assert shop.get(f"activities/{booked['id']}").json["store"] == "main"


def test_orders_and_members_are_there_at_once(shop: Shop) -> None:
    """Although the process has just read which stores there are, and keeps that for a second."""
    assert at_store(shop, "harbour").code == "unknown_store"
    assert shop.post("stores", HARBOUR).status == 201
    booked = at_store(shop, "harbour")
    assert (booked.status, booked.json["points"]) == (201, {"points": 100})
    assert shop.get(f"activities/{booked.json['id']}").json["store"] == "harbour"
    member = shop.member(store="harbour")
    [there] = shop.get("members?store=harbour").json["members"]
    assert there["id"] == member
    assert shop.post("verify").json["ok"]


def test_a_batch_finds_it_at_once(shop: Shop) -> None:
    at_store(shop, "main")
    shop.post("stores", HARBOUR)
    items = [
        {"key": uuid.uuid4().hex, **shop.purchase(None, store=code)} for code in ("main", "harbour")
    ]
    told = shop.post("activities/batch", {"activities": items}).json["results"]
    assert [each.get("error") for each in told] == [None, None]


def test_a_code_is_one_stores(shop: Shop) -> None:
    made = shop.post("stores", HARBOUR)
    again = shop.post("stores", {**HARBOUR, "name": "Another"})
    assert (again.status, again.code, again.json["store"]) == (409, "store_exists", "harbour")
    assert listed(shop)[1:] == [made.json]


def test_a_code_is_one_merchants(shop: Shop) -> None:
    assert shop.post("merchants", BAKERY).status == 201
    again = shop.post("merchants", {**BAKERY, "name": "Another"})
    assert (again.status, again.code) == (409, "merchant_exists")
    assert again.json["merchant"] == "bakery"
    assert shop.get("merchants").json["merchants"][1:] == [BAKERY]


@pytest.mark.parametrize(
    ("path", "code"), [("stores", "store_exists"), ("merchants", "merchant_exists")]
)
def test_asked_for_at_once_it_is_made_once(shop: Shop, path: str, code: str) -> None:
    bodies = [{"code": "harbour", "name": f"Harbour {n}"} for n in range(8)]
    answers = together([lambda body=body: shop.post(path, body) for body in bodies])  # type: ignore[misc]
    [made] = [each.json for each in answers if each.status == 201]
    assert [each.code for each in answers if each.status != 201] == [code] * 7
    [kept] = [each for each in shop.get(path).json[path] if each["code"] == "harbour"]
    assert kept == made


def test_another_merchant_runs_it(shop: Shop) -> None:
    missing = shop.post("stores", {**HARBOUR, "merchant": "bakery"})
    assert (missing.status, missing.code) == (404, "unknown_merchant")
    assert missing.json["merchant"] == "bakery"
    made = shop.post("merchants", BAKERY)
    assert (made.status, made.json) == (201, BAKERY)
    assert shop.post("stores", {**HARBOUR, "merchant": "bakery"}).json["merchant"] == "bakery"
    assert at_store(shop, "harbour").status == 201
    assert [each["merchant"] for each in listed(shop)] == ["main", "bakery"]


def test_a_pass_is_used_at_a_store_of_a_merchant_that_came_later() -> None:
    """Which merchants take a pass is decided by those that are there now, not a second ago."""
    shop = Shop("wallet")
    assert at_store(shop, "main").status == 201
    shop.post("merchants", BAKERY)
    shop.post("stores", {**HARBOUR, "merchant": "bakery"})
    document = shop.get("rule-sets/1").json["document"]
    document["passes"]["tastings"]["merchants"].append("bakery")
    assert shop.call("PUT", "rule-sets/drafts/next", document).status == 200
    assert shop.post("rule-sets/drafts/next/publish").status == 200
    member = shop.member()
    who = {"kind": "id", "value": member}
    acted = {"occurred_at": NOW.isoformat(), "member": who, "unit": "tastings"}
    given = {"kind": "adjustment", "points": 1, "reason": "r", "actor": "a", **acted}
    assert shop.book(given).status == 201
    used = shop.book({"kind": "pass_use", "reference": "P-1", "store": "harbour", **acted})
    assert used.status == 201, used.content


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "", "name": "A"}, "too_short"),
        ({"code": "a b", "name": "A"}, "wrong_pattern"),
        ({"code": "滨江", "name": "A"}, "wrong_pattern"),
        ({"code": "a/b", "name": "A"}, "wrong_pattern"),
        ({"code": "a\n", "name": "A"}, "wrong_pattern"),
        ({"code": "a" * 61, "name": "A"}, "too_long"),
        ({"code": 7, "name": "A"}, "wrong_type"),
        ({"name": "A"}, "missing_field"),
        ({"code": "a"}, "missing_field"),
        ({"code": "a", "name": ""}, "too_short"),
        ({"code": "a", "name": "A" * 121}, "too_long"),
        ({"code": "a", "name": "A\0"}, "unprintable_text"),
        ({"code": "a", "name": "A", "colour": "red"}, "unknown_field"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["stores", "merchants"])
def test_bad_input_has_its_own_name(shop: Shop, path: str, body: dict[str, Any], code: str) -> None:
    before = shop.get(path).json
    refused = shop.post(path, body)
    assert (refused.status, refused.code) == (422, code)
    assert shop.get(path).json == before


def test_a_store_is_called_otherwise_and_stays_itself(shop: Shop) -> None:
    shop.post("stores", HARBOUR)
    order = at_store(shop, "harbour").json["id"]
    changed = shop.call("PATCH", "stores/harbour", {"name": "Harbour"})
    assert changed.status == 200
    assert changed.json == {"code": "harbour", "name": "Harbour", "merchant": "main"}
    assert listed(shop)[1] == changed.json
    assert shop.get(f"activities/{order}").json["store"] == "harbour"
    again = shop.call("PATCH", "stores/harbour", {"name": "Harbour"})
    assert (again.status, again.json) == (200, changed.json)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("stores/nowhere", {"name": "A"}, 404, "unknown_store"),
        ("stores/main", {"name": ""}, 422, "too_short"),
        ("stores/main", {}, 422, "missing_field"),
        ("stores/main", {"code": "other", "name": "A"}, 422, "unknown_field"),
        ("stores/main", {"name": "A", "merchant": "other"}, 422, "unknown_field"),
        ("stores/a%20b", {"name": "A"}, 422, "wrong_pattern"),
    ],
)
def test_what_cannot_be_changed(
    shop: Shop, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    before = listed(shop)
    refused = shop.call("PATCH", path, body)
    assert (refused.status, refused.code) == (status, code)
    assert listed(shop) == before


def test_each_programme_has_its_own(shop: Shop) -> None:
    elsewhere = Shop()
    shop.post("stores", HARBOUR)
    shop.post("merchants", BAKERY)
    assert [each["code"] for each in listed(elsewhere)] == ["main"]
    assert BAKERY not in elsewhere.get("merchants").json["merchants"]
    renamed = elsewhere.call("PATCH", "stores/harbour", {"name": "Theirs"})
    assert renamed.code == "unknown_store"
    theirs = {**HARBOUR, "name": "Theirs", "merchant": "bakery"}
    assert elsewhere.post("stores", theirs).code == "unknown_merchant"
    assert elsewhere.post("stores", {**HARBOUR, "name": "Theirs"}).status == 201
    assert listed(shop)[1]["name"] == HARBOUR["name"]


class TestWhoMay:
    """Reading is everybody's; adding and naming is the owner's, in every store."""

    @pytest.mark.parametrize("role", ROLES)
    def test_the_right_is_that_of_the_programme(self, shop: Shop, role: str) -> None:
        browser = signed_in(shop, role)
        assert browser.ask("GET", "stores").status == 200
        assert browser.ask("GET", "merchants").status == 200
        told = [
            browser.ask("POST", "stores", HARBOUR),
            browser.ask("PATCH", "stores/main", {"name": "A"}),
            browser.ask("POST", "merchants", BAKERY),
        ]
        if role == "owner":
            assert [each.status for each in told] == [201, 200, 201]
        else:
            assert {each.code for each in told} == {"forbidden_right"}
            assert {each.json["right"] for each in told} == {"programme.write"}

    def test_of_some_stores_only_one_adds_none(self, shop: Shop) -> None:
        shop.post("stores", HARBOUR)
        key = shop.new_key(stores=["harbour"])
        for path in ("stores", "merchants"):
            before = shop.get(path).json
            refused = shop.post(path, {"code": "more", "name": "More"}, key=key)
            assert (refused.status, refused.code) == (422, "wrong_store")
            assert refused.json["stores"] == ["harbour"]
            assert shop.get(path).json == before
        assert shop.get("stores", key=key).json == shop.get("stores").json

    def test_of_some_stores_only_one_names_these(self, shop: Shop) -> None:
        shop.post("stores", HARBOUR)
        key = shop.new_key(stores=["harbour"])
        for code in ("main", "nowhere"):
            refused = shop.call("PATCH", f"stores/{code}", {"name": "A"}, key=key)
            assert (refused.status, refused.code) == (422, "wrong_store")
        assert shop.call("PATCH", "stores/harbour", {"name": "A"}, key=key).status == 200

    def test_who_worked_in_some_does_not_work_in_a_new_one(self, shop: Shop) -> None:
        clerk = limited_of(shop, "clerk", "main")
        shop.post("stores", HARBOUR)
        body = shop.purchase(None, store="harbour")
        refused = clerk.ask("POST", "activities", body, HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)
        assert refused.code == "wrong_store"


def test_what_an_owner_does_is_on_record(shop: Shop) -> None:
    owner = signed_in(shop)
    owner.ask("POST", "stores", HARBOUR)
    owner.ask("PATCH", "stores/harbour", {"name": "Harbour"})
    owner.ask("POST", "merchants", BAKERY)
    owner.ask("POST", "merchants", BAKERY)
    refused, merchant, named, added, *_ = owner.ask("GET", "staff/acts").json["acts"]
    was = {**HARBOUR, "merchant": "main"}
    assert added["operation"] == "POST /api/v1/stores"
    assert (added["before"], added["after"]) == (None, was)
    assert named["operation"] == "PATCH /api/v1/stores/<str:code>"
    assert named["subject"] == {"code": "harbour"}
    assert (named["before"], named["after"]) == (was, {**was, "name": "Harbour"})
    assert (merchant["operation"], merchant["after"]) == ("POST /api/v1/merchants", BAKERY)
    assert (refused["status"], refused["code"]) == (409, "merchant_exists")
