"""Gifts to members chosen by a condition: counted, held for a second person, told of afterwards."""

import uuid
from typing import Any, Final

import pytest
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_points import work
from tests.api.test_staff import PASSWORD, Browser, signed_in

from jifen.common.scope import scope
from jifen.programmes import services as programmes
from jifen.programmes import staff
from jifen.programmes.types import RIGHTS

pytestmark = pytest.mark.usefixtures("fresh_keys")

FRIENDS: Final = {"kind": "tag", "any_of": ["茶友"]}


@pytest.fixture
def crowd(shop: Shop) -> list[str]:
    """Five members, of whom the first three have a tag."""
    found = [shop.member(name=f"n{number}") for number in range(5)]
    for member in found[:3]:
        shop.call("PATCH", f"members/{member}", {"add_tags": ["茶友"]})
    return found


def gift(points: int = 10, condition: Any = FRIENDS) -> dict[str, Any]:
    to = {"kind": "condition", "condition": condition}
    return {"to": to, "unit": "points", "points": points, "reason": "ten years", "actor": "Li"}


def start(shop: Shop, body: dict[str, Any]) -> Answer:
    return shop.post("gift-runs", body, Idempotency_Key=uuid.uuid4().hex)


def test_they_are_counted_and_given_to(shop: Shop, crowd: list[str]) -> None:
    told = shop.post("gift-runs/preview", gift()).json
    assert (told["members"], told["points"], told["waits"]) == (3, 30, False)
    started = start(shop, gift()).json
    assert (started["to"], started["condition"], started["segment"]) == ("condition", FRIENDS, "")
    work(shop)
    assert [shop.available(member) for member in crowd] == [10, 10, 10, 0, 0]
    done = shop.get(f"gift-runs/{started['id']}").json
    assert (done["status"], done["given"], done["condition"]) == ("done", 3, FRIENDS)


@pytest.mark.parametrize(
    ("condition", "status", "code"),
    [
        ({"kind": "colour"}, 422, "unknown_value"),
        ({"kind": "spend"}, 422, "invalid_segment"),
        ({"kind": "tier", "any_of": ["platinum"]}, 404, "unknown_tier"),
        ({"kind": "store", "any_of": ["nowhere"]}, 404, "unknown_store"),
    ],
    ids=str,
)
def test_what_chooses_nobody_is_refused(
    shop: Shop, condition: dict[str, Any], status: int, code: str
) -> None:
    body = gift(condition=condition)
    for answer in (start(shop, body), shop.post("gift-runs/preview", body)):
        assert (answer.status, answer.code) == (status, code)
    assert shop.get("gift-runs").json["gift_runs"] == []


def test_above_the_limit_in_all_it_waits_for_a_second_person(shop: Shop, crowd: list[str]) -> None:
    with scope(shop.programme.id):
        programmes.limit_people(approval_above=29)
    manager, owner = signed_in(shop, "manager"), signed_in(shop)
    assert manager.ask("POST", "gift-runs/preview", gift()).json["waits"] is True
    assert manager.ask("POST", "gift-runs/preview", gift(9)).json["waits"] is False
    assert shop.post("gift-runs/preview", gift()).json["waits"] is False
    key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    asked = manager.ask("POST", "gift-runs", gift(), **key)
    assert (asked.status, asked.json["points"]) == (202, 30)
    path = f"approvals/{asked.json['id']}"
    assert owner.ask("GET", path).json["preview"]["members"] == 3
    assert owner.ask("POST", f"{path}/confirm").status == 200
    work(shop)
    assert shop.available(crowd[0]) == 10


def test_who_does_not_get_it_is_listed_with_the_reason(shop: Shop, crowd: list[str]) -> None:
    body = gift()
    body["to"] = {"kind": "members", "members": [{"kind": "id", "value": each} for each in crowd]}
    run = start(shop, body).json["id"]
    frozen = {"reason": "lost", "actor": "Li"}
    for member in crowd[1:4]:
        assert shop.post(f"members/{member}/freeze", frozen).status == 200
    work(shop)
    assert shop.get(f"gift-runs/{run}").json["refused"] == {"member_frozen": 3}
    path = f"gift-runs/{run}/refused"
    first = shop.get(f"{path}?limit=2").json
    rest = shop.get(f"{path}?limit=2&cursor={first['next_cursor']}").json
    told = [(each["member_id"], each["name"], each["code"]) for each in first["refused"]]
    told += [(each["member_id"], each["name"], each["code"]) for each in rest["refused"]]
    assert told == [(crowd[at], f"n{at}", "member_frozen") for at in (1, 2, 3)]
    assert rest["next_cursor"] is None
    blind = shop.new_key(rights=RIGHTS - {"members.read"})
    assert {each["name"] for each in shop.get(path, key=blind).json["refused"]} == {""}
    stranger = Shop().get(path)
    assert (stranger.status, stranger.code) == (404, "unknown_gift_run")


def test_somebody_of_some_stores_asks_of_those_only(shop: Shop) -> None:
    with scope(shop.programme.id):
        programmes.add_store(code="north", name="North", merchant="main")
        staff.add_staff(
            login=(login := f"m-{uuid.uuid4().hex}"),
            name="Li",
            role="manager",
            password=PASSWORD,
            at=NOW,
            stores=["main"],
        )
    manager = Browser()
    assert manager.sign_in(login).status == 201
    key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
    elsewhere = gift(condition={"kind": "store", "any_of": ["north"]})
    for answer in (
        manager.ask("POST", "gift-runs/preview", elsewhere),
        manager.ask("POST", "gift-runs", elsewhere, **key),
    ):
        assert (answer.status, answer.code) == (422, "wrong_store")
    here = gift(condition={"kind": "store", "any_of": ["main"]})
    assert manager.ask("POST", "gift-runs/preview", here).status == 200
    north = shop.new_key(stores=["north"])
    theirs = shop.post("gift-runs", gift(), key=north, Idempotency_Key="n").json["id"]
    hidden = manager.ask("GET", f"gift-runs/{theirs}/refused")
    assert (hidden.status, hidden.code) == (404, "unknown_gift_run")
