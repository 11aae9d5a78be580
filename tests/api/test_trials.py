"""Trying a rule set before it is published: the same answers as booking gives afterwards."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.api.shop import NOW, Answer, Shop

from jifen import earning

PRESETS = Path(earning.__path__[0], "presets")
NOON = "2026-07-01T12:00:00"
"""NOW in Shanghai."""
RATE = {"kind": "rate", "code": "spend", "points": 3, "per_minor": 100, "unit": "points"}


def tried(shop: Shop, document: Any, language: str = "en", **order: Any) -> Answer:
    return shop.post(
        "rule-sets/trial", {"document": document, "order": order}, Accept_Language=language
    )


def rule_set(preset: str) -> dict[str, Any]:
    text = (PRESETS / f"{preset}.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["rule_set"])


def previewed(shop: Shop, member: str, order: dict[str, Any]) -> dict[str, Any]:
    answer = shop.post(
        "activities/preview", shop.purchase(member, **order), Idempotency_Key="preview"
    )
    assert answer.status == 200, answer.content
    return dict(answer.json)


def publish(shop: Shop, document: dict[str, Any]) -> None:
    assert shop.call("PUT", "rule-sets/drafts/trial", document).status == 200
    assert shop.post("rule-sets/drafts/trial/publish").status == 200


@pytest.mark.parametrize(
    ("preset", "order"),
    [
        ("e1", {"amount_minor": 12_890}),
        ("e4", {"amount_minor": 600_000}),
        ("e5", {"amount_minor": 600_000}),
        ("e7", {"amount_minor": 19_999}),
        ("e8-multiply", {"amount_minor": 10_000}),
        ("e8-best", {"amount_minor": 10_000}),
        ("e10", {"amount_minor": 30_000}),
        (
            "e6",
            {
                "lines": [
                    {"product": "p", "quantity": 1, "amount_minor": 10_000, "category": "A"},
                    {"product": "p", "quantity": 2, "amount_minor": 5_550, "category": "B",
                     "discount_minor": 500},
                    {"product": "g", "quantity": 1, "amount_minor": 900, "kind": "gift_card"},
                ]
            },
        ),
    ],
)  # fmt: skip
def test_a_trial_is_the_preview_of_the_same_order_after_publishing(
    preset: str, order: dict[str, Any]
) -> None:
    shop, draft = Shop("starter"), rule_set(preset)
    trial = tried(shop, draft, local=NOON, **order).json
    assert trial["faults"] == []
    by_tier = {each["tier"]: each for each in trial["tiers"]}
    publish(shop, draft)
    seen = set()
    for spent_minor in (0, 100_000, 200_000):
        member = shop.member()
        # An order that has been there before, so that none of these is the first.
        shop.book(shop.purchase(member, spent_minor))
        tier = shop.get(f"members/{member}").json["tier"]
        seen.add(tier)
        booked = previewed(shop, member, order)
        assert by_tier[tier]["award"] == booked["award"], tier
        assert by_tier[tier]["points"] == booked.get("points", {}), tier
    assert seen == set(by_tier)


def test_a_trial_has_all_the_room_of_a_cap() -> None:
    shop, draft = Shop("starter"), rule_set("e14")
    [none] = tried(shop, draft, local=NOON, amount_minor=70_000).json["tiers"]
    publish(shop, draft)
    booked = previewed(shop, shop.member(), {"amount_minor": 70_000})
    assert none["award"] == booked["award"]
    assert none["points"] == booked["points"] == {"points": 500}


def test_a_first_order_and_a_birthday_are_asked_for() -> None:
    shop = Shop("e9")
    draft = rule_set("e9")
    draft["rules"] = [
        *draft["rules"],
        {"kind": "promotion", "code": "birthday", "multiplier": "2", "when": {"birthday": True}},
    ]
    orders: list[tuple[dict[str, Any], int]] = [
        ({}, 88),
        ({"first_order": True}, 1_088),
        ({"is_birthday": True}, 176),
        ({"first_order": True, "is_birthday": True}, 1_176),
    ]
    for order, points in orders:
        [none] = tried(shop, draft, amount_minor=8_800, **order).json["tiers"]
        assert none["points"] == {"points": points}


def test_rules_for_some_members_stores_and_hours() -> None:
    shop = Shop()
    draft = {
        "rules": [
            RATE,
            {**RATE, "code": "tagged", "tags": ["vip"]},
            {"kind": "promotion", "code": "noon", "multiplier": "2",
             "when": {"hours": [{"from": "12:00", "until": "13:00"}], "stores": ["main"]}},
        ]
    }  # fmt: skip
    for order, points in (
        ({"local": "2026-07-01T11:59:59"}, 30),
        ({"local": NOON, "store": "main"}, 60),
        ({"local": NOON, "tags": ["vip"]}, 120),
        ({}, 60),
    ):
        [none] = tried(shop, draft, amount_minor=1_000, **order).json["tiers"]
        assert none["points"] == {"points": points}, order


def test_the_arithmetic_is_told_in_the_callers_language() -> None:
    shop = Shop()
    told = {
        language: tried(shop, rule_set("e7"), language, amount_minor=19_999).json
        for language in ("en", "zh-CN")
    }
    assert told["en"]["tiers"][2]["sentences"] == [
        "spend: ¥199.99 × 1 per ¥1 × gold 1.5 = 299.985 → 299 points (floor)"
    ]
    assert told["zh-CN"]["tiers"][2]["sentences"] == [
        "spend：¥199.99 × 每 ¥1 计 1 × gold 1.5 = 299.985 → 299 积分（向下取整）"
    ]
    assert [tier["name"] for tier in told["en"]["tiers"]] == [
        None, {"zh": "银卡", "en": "Silver"}, {"zh": "金卡", "en": "Gold"},
    ]  # fmt: skip
    # What members read is there in both languages, whoever asks.
    assert told["en"]["told"] == told["zh-CN"]["told"]
    assert told["en"]["told"][1] == {
        "path": "$.rules[1]",
        "zh": "等级积分倍数：银卡 1 倍、金卡 1.5 倍",
        "en": "By tier: Silver 1×, Gold 1.5×",
    }


def test_an_unfinished_draft_is_answered_with_its_faults() -> None:
    shop = Shop()
    draft = {"rules": [RATE, {"kind": "cap", "code": "c", "per": "day", "unit": "points"}]}
    answer = tried(shop, draft, "zh-CN", amount_minor=100)
    assert answer.status == 200
    assert answer.json["faults"] == [
        {
            "path": "$.rules[1].points",
            "code": "missing_field",
            "title": "缺少字段",
            "detail": "Object missing required field `points`",
        }
    ]
    assert answer.json["tiers"] == []
    assert [each["path"] for each in answer.json["told"]] == ["$.rules[0]"]


def test_what_publishing_refuses_is_a_fault_at_the_same_place() -> None:
    shop = Shop()
    for rule, path in (
        ({**RATE, "unit": "stars"}, "$.rules[0].unit"),
        ({**RATE, "segments": ["nobody"]}, "$.rules[0].segments[0]"),
        ({**RATE, "kind": "bands", "mode": "whole", "bands": [{"multiplier": "x"}]},
         "$.rules[0].bands[0].multiplier"),
    ):  # fmt: skip
        draft = {"rules": [rule]}
        [fault] = tried(shop, draft).json["faults"]
        assert fault["path"] == path
        shop.call("PUT", "rule-sets/drafts/wrong", draft)
        refused = shop.post("rule-sets/drafts/wrong/publish")
        assert refused.code == "invalid_rule_set"
        assert refused.json["path"] == path
        assert refused.json["detail"] == fault["detail"]


def test_a_tag_that_nobody_can_have_is_a_fault() -> None:
    [fault] = tried(Shop(), {"rules": [{**RATE, "tags": [" "]}]}).json["faults"]
    assert (fault["path"], fault["code"]) == ("$.rules[0].tags[0]", "invalid_rule_set")


def test_what_is_wrong_with_the_order_is_refused() -> None:
    shop = Shop()
    draft = {"rules": [RATE]}
    assert tried(shop, draft, store="nowhere").code == "unknown_store"
    assert tried(shop, draft, local=NOW.isoformat()).status == 422
    line = {"product": "x", "quantity": 1, "amount_minor": 1, "discount_minor": 2}
    assert tried(shop, draft, lines=[line]).code == "discount_above_amount"
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"rules": deep}
    assert tried(shop, deep).code == "invalid_input"


def test_it_needs_the_right_to_read_rules() -> None:
    shop = Shop(rights=["members.read"])
    assert tried(shop, {"rules": [RATE]}).code == "forbidden_right"
