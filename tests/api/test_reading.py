"""Balances, statements, activities, explanations, rule sets and the programme over HTTP."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from tests.api.shop import NOW, Shop, later

from jifen.common.clock import set_clock

NOBODY = uuid.uuid4()


def adjustment(member: str, points: int, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "adjustment",
        "occurred_at": NOW.isoformat(),
        "member": {"kind": "id", "value": member},
        "unit": "points",
        "points": points,
        "reason": "a test",
        "actor": "Li Na",
        **changes,
    }


class TestBalances:
    """What a member holds, and how it came to be so."""

    def test_balances_are_always_the_four(self, shop: Shop) -> None:
        member = shop.member()
        shop.book(shop.purchase(member))
        assert shop.get(f"members/{member}/balances").json == {
            "member_id": member,
            "balances": [
                {"unit": "points", "available": 100, "pending": 0, "held": 0, "deficit": 0}
            ],
        }

    def test_a_statement_goes_on_by_cursor_newest_first(self, shop: Shop) -> None:
        member = shop.member()
        for amount_minor in (100, 200, 300, 400, 500):
            shop.book(shop.purchase(member, amount_minor))
        first = shop.get(f"members/{member}/statement?unit=points&limit=3").json
        assert [row["amount"] for row in first["postings"]] == [5, 4, 3]
        assert [row["balance_after"] for row in first["postings"]] == [15, 10, 6]
        rest = shop.get(f"members/{member}/statement?cursor={first['next_cursor']}").json
        assert [row["amount"] for row in rest["postings"]] == [2, 1]
        assert (rest["unit"], rest["next_cursor"]) == ("points", None)

    def test_open_lots_are_told_the_first_to_end_first(self, shop: Shop) -> None:
        member = shop.member()
        dated = {days: (later(days=days)).isoformat() for days in (90, 30, 1)}
        for points, ends_at in ((7, None), (50, dated[90]), (30, dated[30]), (9, dated[1])):
            ends = {"expires_at": ends_at} if ends_at else {}
            shop.book(adjustment(member, points, **ends))
        shop.book(adjustment(member, -12))  # the 9 that end first, and 3 of the 30
        first = shop.get(f"members/{member}/lots?unit=points&limit=2").json
        rest = shop.get(f"members/{member}/lots?cursor={first['next_cursor']}").json
        told = [(lot["left"], lot["amount"]) for lot in first["lots"] + rest["lots"]]
        assert told == [(27, 30), (50, 50), (7, 7)]
        assert (rest["unit"], rest["next_cursor"]) == ("points", None)
        assert [lot["ends_at"] for lot in first["lots"]] == [
            lot["expires_at"] for lot in first["lots"]
        ]
        assert rest["lots"][0]["ends_at"] is None
        [first_posting] = shop.get(f"activities/{first['lots'][0]['transaction_id']}/explain").json[
            "postings"
        ]
        assert first_posting["id"] == first["lots"][0]["id"]
        assert sum(left for left, _ in told) == shop.available(member)

    def test_a_lot_that_is_past_its_date_is_not_told(self, shop: Shop) -> None:
        member = shop.member()
        shop.book(adjustment(member, 5, expires_at=later(days=1).isoformat()))
        with set_clock(later(days=1)):
            assert shop.get(f"members/{member}/lots").json["lots"] == []
            assert shop.available(member) == 0

    def test_what_waits_says_until_when(self) -> None:
        shop = Shop("l4")
        member = shop.member()
        shop.book(shop.purchase(member))
        lots = shop.get(f"members/{member}/lots").json["lots"]
        assert [lot["is_pending"] for lot in lots] == [True]
        ripens_at = datetime.fromisoformat(lots[0]["ripens_at"])
        with set_clock(ripens_at):
            [ripe] = shop.get(f"members/{member}/lots").json["lots"]
            assert not ripe["is_pending"]

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ("unit=gold", 404, "unknown_unit"),
            ("unit=a b", 422, "wrong_pattern"),
            ("cursor=zz", 400, "invalid_cursor"),
        ],
    )
    @pytest.mark.parametrize("what", ["statement", "lots"])
    def test_a_bad_query(self, shop: Shop, what: str, query: str, status: int, code: str) -> None:
        answer = shop.get(f"members/{shop.member()}/{what}?{query}")
        assert (answer.status, answer.code) == (status, code)

    @pytest.mark.parametrize("what", ["", "/balances", "/statement", "/lots", "/activities"])
    def test_nobody_has_none(self, shop: Shop, what: str) -> None:
        answer = shop.get(f"members/{NOBODY}{what}")
        assert (answer.status, answer.code) == (404, "unknown_member")

    def test_a_quote_for_nobody(self, shop: Shop) -> None:
        cart = {
            "member": {"kind": "id", "value": str(NOBODY)},
            "lines": [{"product": "p", "quantity": 1, "amount_minor": 100}],
        }
        answer = shop.post("offset/quote", cart)
        assert (answer.status, answer.code) == (404, "unknown_member")


class TestActivities:
    """What was booked, and why."""

    def test_an_activity_is_read_as_it_was_booked(self, shop: Shop) -> None:
        member = shop.member()
        body = shop.purchase(member)
        booked = shop.book(body, key="k").json
        read = shop.get(f"activities/{booked['id']}").json
        assert read["body"]["lines"] == body["lines"]
        assert (read["key"], read["reference"], read["store"]) == ("k", "R1", "main")
        assert (read["points"], read["rule_set_version"]) == ({"points": 100}, 1)

    def test_a_members_activities_newest_first(self, shop: Shop) -> None:
        member = shop.member()
        shop.book(shop.purchase(member))  # reaches a tier, which is an activity too
        ids = [shop.book(shop.purchase(member, 100)).json["id"] for _ in range(3)]
        first = shop.get(f"members/{member}/activities?limit=2").json
        assert [row["id"] for row in first["activities"]] == [ids[2], ids[1]]
        path = f"members/{member}/activities?cursor={first['next_cursor']}"
        assert shop.get(path).json["activities"][0]["id"] == ids[0]

    def test_an_explanation_in_the_callers_language(self, shop: Shop) -> None:
        member = shop.member()
        booked = shop.book(shop.purchase(member, 12_890, reference="o1")).json
        path = f"activities/{booked['id']}/explain"
        english = shop.get(path, Accept_Language="en").json
        chinese = shop.get(path, Accept_Language="zh").json
        assert any("128" in sentence for sentence in english["sentences"])
        assert english["sentences"] != chinese["sentences"]
        assert english["activity"]["award"]["parts"][0]["rule"] == "spend"
        assert [row["amount"] for row in english["postings"]] == [128]
        assert english["facts"]["kind"] == "purchase"
        refund = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": {"reference": "o1"}}
        refunded = shop.book(refund).json
        related = shop.get(path).json["related"]
        assert refunded["id"] in {row["id"] for row in related}
        back = shop.get(f"activities/{refunded['id']}/explain").json
        assert booked["id"] in {row["id"] for row in back["related"]}

    def test_an_order_that_earned_nothing_says_why(self, shop: Shop) -> None:
        booked = shop.book(shop.purchase(None)).json
        told = shop.get(f"activities/{booked['id']}/explain").json
        assert told["sentences"]

    def test_an_unknown_activity(self, shop: Shop) -> None:
        for path in (f"activities/{NOBODY}", f"activities/{NOBODY}/explain"):
            answer = shop.get(path)
            assert (answer.status, answer.code) == (404, "unknown_activity")


RATE = {"kind": "rate", "code": "spend", "points": 2, "per_minor": 100, "unit": "points"}


class TestRuleSets:
    """Drafts are written, versions are published."""

    def publish(self, shop: Shop, document: dict[str, Any]) -> Any:
        assert shop.call("PUT", "rule-sets/drafts/next", document).status == 200
        return shop.post("rule-sets/drafts/next/publish")

    def test_a_draft_becomes_the_version_in_force(self, shop: Shop) -> None:
        member = shop.member()
        written = shop.call("PUT", "rule-sets/drafts/next", {"rules": [RATE]})
        assert written.status == 200
        assert shop.get("rule-sets/drafts/next").json == written.json
        assert [row["name"] for row in shop.get("rule-sets/drafts").json["drafts"]] == ["next"]
        assert shop.book(shop.purchase(member)).json["points"] == {"points": 100}
        answer = shop.post("rule-sets/drafts/next/publish")
        assert (answer.status, answer.json) == (200, {"version": 2})
        assert shop.book(shop.purchase(member)).json["points"] == {"points": 200}
        assert [row["version"] for row in shop.get("rule-sets").json["rule_sets"]] == [2, 1]
        assert shop.get("rule-sets/2").json["document"]["rules"][0]["points"] == 2
        assert shop.post("rule-sets/drafts/next/publish").json == {"version": 2}
        assert shop.get("programme").json["rule_set_version"] == 2

    def test_a_draft_may_be_unfinished_but_not_published(self, shop: Shop) -> None:
        answer = self.publish(shop, {"rules": [{**RATE, "points": -1}]})
        assert (answer.status, answer.code) == (422, "invalid_rule_set")
        assert answer.json["path"] == "$.rules[0].points"
        unit = self.publish(shop, {"rules": [{**RATE, "unit": "gold"}]})
        assert (unit.status, unit.code) == (422, "invalid_rule_set")
        assert len(shop.get("rule-sets").json["rule_sets"]) == 1

    def test_a_draft_is_deleted(self, shop: Shop) -> None:
        shop.call("PUT", "rule-sets/drafts/next", {})
        gone = shop.call("DELETE", "rule-sets/drafts/next")
        assert (gone.status, gone.content) == (204, b"")
        again = shop.call("DELETE", "rule-sets/drafts/next")
        assert (again.status, again.code) == (404, "unknown_draft")
        assert shop.post("rule-sets/drafts/next/publish").code == "unknown_draft"

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("rule-sets/7", 404, "unknown_version"),
            ("rule-sets/0", 422, "too_small"),
            ("rule-sets/99999999999999999999", 422, "too_large"),
            ("rule-sets/drafts/no%20spaces", 422, "wrong_pattern"),
            ("rule-sets/drafts/" + "x" * 61, 422, "too_long"),
            ("rule-sets/drafts/%00", 422, "wrong_pattern"),
        ],
    )
    def test_a_bad_address(self, shop: Shop, path: str, status: int, code: str) -> None:
        answer = shop.get(path)
        assert (answer.status, answer.code) == (status, code)

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"[]", 422, "wrong_type"),
            (b'{"a":' * 40 + b"1" + b"}" * 40, 422, "invalid_input"),
            (b'{"a":"\\u0000"}', 422, "unprintable_text"),
            (b'{"a":' * 100_000, 400, "malformed_json"),
        ],
    )
    def test_a_document_is_an_object_of_bounded_depth(
        self, shop: Shop, body: bytes, status: int, code: str
    ) -> None:
        answer = shop.call("PUT", "rule-sets/drafts/next", body)
        assert (answer.status, answer.code) == (status, code)

    def test_the_schema_of_a_document(self, shop: Shop) -> None:
        assert "Document" in shop.get("rule-sets/schema").json["$defs"]


def test_the_programme_tells_its_settings(shop: Shop) -> None:
    body = shop.get("programme").json
    assert (body["currency"], body["time_zone"]) == ("CNY", "Asia/Shanghai")
    assert [store["code"] for store in body["stores"]] == ["main"]
    assert [unit["code"] for unit in body["units"]] == ["points"]
    assert [tier["code"] for tier in body["tiers"]] == ["standard", "senior", "vip", "supreme"]
    assert body["tiers"][0]["name"] == {"zh": "普通", "en": "Standard"}


def test_verify_checks_the_books(shop: Shop) -> None:
    shop.book(shop.purchase(shop.member()))
    verdict = shop.post("verify").json
    assert (verdict["ok"], verdict["faults"]) == (True, [])
    assert verdict["checked"]["postings"] == 1
