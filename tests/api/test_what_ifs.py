"""The effect of a draft over HTTP: asked for, found out by the job, read."""

import pytest
from tests.api.shop import NOW, Shop

from jifen.common.scope import scope
from jifen.insight import services
from jifen.programmes import services as programmes
from jifen.programmes.types import RIGHTS

PATH = "rule-sets/drafts/next/what-if"


@pytest.fixture
def shop() -> Shop:
    """A shop with an order of 100.00 and a draft that gives twice as much."""
    shop = Shop()
    assert shop.book(shop.purchase(shop.member(), 10_000)).status == 201
    rule_set = shop.get("rule-sets/1").json["document"]
    [rate] = [rule for rule in rule_set["rules"] if rule["kind"] == "rate"]
    rate["points"] *= 2
    assert shop.call("PUT", "rule-sets/drafts/next", rule_set).status == 200
    return shop


def find_out(shop: Shop) -> None:
    with scope(shop.programme.id):
        while services.find_what_if(at=NOW):
            pass


def test_it_is_asked_for_and_read(shop: Shop) -> None:
    assert shop.get(PATH).json == {"what_if": None}
    begun = shop.post(PATH)
    assert (begun.status, begun.json["status"], begun.json["result"]) == (200, "running", None)
    find_out(shop)
    told = shop.get(PATH).json["what_if"]
    assert (told["status"], told["is_current"]) == ("done", True)
    [effect] = [each for each in told["result"]["effects"] if each["unit"] == "points"]
    assert effect["points"] == {"now": 100, "draft": 200}
    assert effect["cost_draft_minor"] == 2 * effect["cost_now_minor"]
    [one] = effect["biggest"]
    assert shop.get(f"activities/{one['activity_id']}/explain").status == 200


def test_reading_and_asking_need_their_rights(shop: Shop) -> None:
    reader = shop.new_key(rights={"rules.read"})
    stranger = shop.new_key(rights=RIGHTS - {"rules.read", "rules.write"})
    assert shop.post(PATH, key=reader).code == "forbidden_right"
    assert shop.get(PATH, key=stranger).code == "forbidden_right"
    shop.post(PATH)
    assert shop.get(PATH, key=reader).status == 200


def test_whoever_works_in_some_stores_reads_of_these_only(shop: Shop) -> None:
    shop.post(PATH)
    find_out(shop)
    with scope(shop.programme.id):
        programmes.add_store(code="online", name="Online", merchant="main")
    limited = shop.new_key(stores=["online"])
    assert shop.get(PATH, key=limited).json["what_if"] is None
    shop.post(PATH, key=limited)
    find_out(shop)
    assert shop.get(PATH, key=limited).json["what_if"]["result"]["orders"] == 0


def test_a_draft_that_is_not_there_or_is_faulty(shop: Shop) -> None:
    assert shop.post("rule-sets/drafts/none/what-if").code == "unknown_draft"
    assert shop.get("rule-sets/drafts/none/what-if").code == "unknown_draft"
    faulty = {"rules": [{"kind": "rate", "code": "x", "points": 1, "per_minor": 1, "unit": "no"}]}
    assert shop.call("PUT", "rule-sets/drafts/faulty", faulty).status == 200
    answer = shop.post("rule-sets/drafts/faulty/what-if")
    assert (answer.status, answer.code) == (422, "invalid_rule_set")
