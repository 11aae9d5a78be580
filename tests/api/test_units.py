"""Further units over HTTP: what else a programme counts, from its first booking on."""

from functools import partial
from typing import Any

import pytest
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_parallel import together
from tests.api.test_staff import signed_in

from jifen.programmes.rules.roles import ROLES

pytestmark = pytest.mark.usefixtures("fresh_keys")
MONEY = {"code": "money", "kind": "stored", "name_zh": "储值", "name_en": "stored value"}
WASH = {"code": "wash", "kind": "pass", "name_zh": "洗车", "name_en": "car washes"}
KINDS = {"points": 3, "growth": 3, "stored": 3, "bonus": 3, "pass": 3}


def listed(shop: Shop) -> list[Any]:
    """The units, which the programme tells alike."""
    units: list[Any] = shop.get("units").json["units"]
    assert shop.get("programme").json["units"] == units
    return units


def act(shop: Shop, kind: str, member: str, **body: Any) -> Answer:
    who = {"kind": "id", "value": member}
    return shop.book({"kind": kind, "occurred_at": NOW.isoformat(), "member": who, **body})


def publish(shop: Shop, **sections: Any) -> Answer:
    """The rules in force with further sections."""
    document = {**shop.get("rule-sets/1").json["document"], **sections}
    assert shop.call("PUT", "rule-sets/drafts/next", document).status == 200
    return shop.post("rule-sets/drafts/next/publish")


def test_added_and_listed_in_the_order_they_were_made(shop: Shop) -> None:
    before = listed(shop)
    made = shop.post("units", MONEY)
    assert made.status == 201
    assert {key: made.json[key] for key in MONEY} == MONEY
    assert listed(shop) == [*before, made.json]


@pytest.mark.parametrize("kind", KINDS)
def test_a_unit_of_each_kind_is_counted_for_members_of_before(shop: Shop, kind: str) -> None:
    member = shop.member()
    assert shop.book(shop.purchase(member)).status == 201
    assert shop.post("units", {**MONEY, "kind": kind}).status == 201
    given = {"unit": "money", "points": 3, "reason": "r", "actor": "a"}
    booked = act(shop, "adjustment", member, **given)
    assert booked.status == 201, booked.content
    assert shop.available(member, "money") == KINDS[kind]
    newcomer = shop.member()
    assert shop.available(newcomer, "money") == 0
    assert shop.post("verify").json["ok"]


def test_a_shop_of_points_alone_gets_stored_value_and_passes(shop: Shop) -> None:
    """As an owner does who set the programme up in the browser."""
    member = shop.member()
    terms = {"principal": "money", "bonus": "gift", "limit_bearer_minor": 500_000}
    missing = publish(shop, stored_value=terms)
    assert (missing.status, missing.code) == (422, "invalid_rule_set")
    for unit in (MONEY, {**MONEY, "code": "gift", "kind": "bonus"}, WASH):
        assert shop.post("units", unit).status == 201
    answer = publish(shop, stored_value=terms, passes={"wash": {"merchants": ["main"]}})
    assert answer.status == 200, answer.content
    top_up = act(shop, "top_up", member, paid_minor=5_000, reference="T-1")
    assert top_up.status == 201, top_up.content
    assert shop.available(member, "money") == 5_000
    given = {"unit": "wash", "points": 2, "reason": "r", "actor": "a"}
    assert act(shop, "adjustment", member, **given).status == 201
    used = act(shop, "pass_use", member, unit="wash", reference="W-1")
    assert used.status == 201, used.content
    assert shop.available(member, "wash") == 1
    assert shop.post("verify").json["ok"]


def test_a_code_is_one_units(shop: Shop) -> None:
    made = shop.post("units", MONEY)
    again = shop.post("units", {**MONEY, "name_en": "other", "kind": "pass"})
    assert (again.status, again.code, again.json["unit"]) == (409, "unit_exists", "money")
    assert listed(shop)[-1] == made.json


def test_asked_for_at_once_it_is_made_once(shop: Shop) -> None:
    bodies = [{**MONEY, "name_en": f"money {number}"} for number in range(8)]
    answers = together([partial(shop.post, "units", body) for body in bodies])
    [made] = [each.json for each in answers if each.status == 201]
    assert [each.code for each in answers if each.status != 201] == ["unit_exists"] * 7
    assert listed(shop)[-1] == made


def test_called_otherwise_its_code_and_kind_stay(shop: Shop) -> None:
    made = shop.post("units", MONEY).json
    names = {"name_zh": "余额", "name_en": "credit"}
    answer = shop.call("PATCH", "units/money", names)
    assert (answer.status, answer.json) == (200, {**made, **names})
    assert listed(shop)[-1] == answer.json
    missing = shop.call("PATCH", "units/nothing", names)
    assert (missing.status, missing.code) == (404, "unknown_unit")
    kind = shop.call("PATCH", "units/money", {**names, "kind": "pass"})
    assert (kind.status, kind.code) == (422, "unknown_field")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": ""}, "too_short"),
        ({"code": "a b"}, "wrong_pattern"),
        ({"code": "a\n"}, "wrong_pattern"),
        ({"code": "a" * 61}, "too_long"),
        ({"kind": "gold"}, "unknown_value"),
        ({"kind": None}, "wrong_type"),
        ({"name_zh": ""}, "too_short"),
        ({"name_zh": "  "}, "wrong_pattern"),
        ({"name_en": "a" * 61}, "too_long"),
        ({"name_en": "a\0"}, "unprintable_text"),
        ({"colour": "red"}, "unknown_field"),
    ],
    ids=str,
)
def test_bad_input_has_its_own_name(shop: Shop, changes: dict[str, Any], code: str) -> None:
    before = listed(shop)
    refused = shop.post("units", {**MONEY, **changes})
    assert (refused.status, refused.code) == (422, code), refused.content
    assert listed(shop) == before


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_who_may_change_the_programme_adds_one(shop: Shop, role: str) -> None:
    before = listed(shop)
    person = signed_in(shop, role)
    assert person.ask("GET", "units").json["units"] == before
    may = "programme.write" in ROLES[role]
    assert person.ask("POST", "units", MONEY).status == (201 if may else 403)
    names = {"name_zh": "分", "name_en": "pts"}
    assert person.ask("PATCH", "units/points", names).status == (200 if may else 403)


def test_who_works_in_some_stores_adds_and_names_none(shop: Shop) -> None:
    key = shop.new_key(stores=["main"])
    before = listed(shop)
    assert shop.post("units", MONEY, key=key).code == "wrong_store"
    names = {"name_zh": "分", "name_en": "pts"}
    assert shop.call("PATCH", "units/points", names, key=key).code == "wrong_store"
    assert listed(shop) == before


def test_another_programme_has_units_of_its_own(shop: Shop) -> None:
    other = Shop()
    assert shop.post("units", MONEY).status == 201
    assert other.call("PATCH", "units/money", {"name_zh": "x", "name_en": "x"}).code == (
        "unknown_unit"
    )
    assert other.post("units", MONEY).status == 201


def test_it_is_on_record(shop: Shop) -> None:
    owner = signed_in(shop)
    owner.ask("POST", "units", MONEY)
    owner.ask("PATCH", "units/money", {"name_zh": "余额", "name_en": "credit"})
    renamed, added = owner.ask("GET", "staff/acts").json["acts"][:2]
    assert added["operation"] == "POST /api/v1/units"
    assert (added["before"], added["after"]["code"]) == (None, "money")
    assert (renamed["before"]["name_zh"], renamed["after"]["name_zh"]) == ("储值", "余额")
