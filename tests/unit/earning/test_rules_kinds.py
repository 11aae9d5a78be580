"""Each kind of rule, as a table: what a rule set gives for an order, and what it refuses."""

# ruff: noqa: DTZ001, E501 - the rules work on naive local time; a case is a line

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jifen.earning.rules.document import decode
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.registry import KINDS
from jifen.earning.types import Award, Basket, Facts, Line

Rule = Mapping[str, Any]
MONDAY = datetime(2026, 6, 15, 10, 30)
LADDER = {
    "by": "spend",
    "rungs": [{"code": "gold", "name": {"zh": "金", "en": "Gold"}, "from": 1}],
}
RATE = {"kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points"}
GROW = {"kind": "rate", "code": "grow", "points": 1, "per_minor": 100, "unit": "growth"}
GOLD = {"kind": "tier", "code": "levels", "multipliers": {"gold": "1.5"}}
A_TWICE = {"kind": "category", "code": "cats", "multipliers": {"A": "2"}}
X_THRICE = {"kind": "product", "code": "skus", "multipliers": {"x": "3"}}
FIRST = {"kind": "first_order", "code": "first", "points": 100, "unit": "points"}
BIG = {
    "kind": "spend_threshold", "code": "big", "at_least_minor": 30000, "points": 50,
    "unit": "points",
}  # fmt: skip
BANDS = {
    "kind": "bands", "code": "bands", "points": 1, "per_minor": 100, "unit": "points",
    "mode": "marginal", "bands": [{"up_to_minor": 10000, "multiplier": "1"}, {"multiplier": "2"}],
}  # fmt: skip


def double(**when: Any) -> Rule:
    return {"kind": "promotion", "code": "double", "multiplier": "2", "when": when}


def on(behaviour: str, points: int = 5) -> Rule:
    return {
        "kind": "behaviour", "code": f"on-{behaviour}", "on": behaviour, "points": points,
        "unit": "points",
    }  # fmt: skip


TOPPED = {"kind": "top_up", "code": "topped", "points": 50, "per_minor": 10000, "unit": "points"}
STEPS = {
    "kind": "top_up", "code": "steps", "unit": "points",
    "steps": [{"from": 10000, "points": 10}, {"from": 50000, "points": 80}],
}  # fmt: skip


def cap(per: str, points: int, *rules: str, code: str = "cap", unit: str = "points") -> Rule:
    return {
        "kind": "cap", "code": code, "per": per, "points": points, "unit": unit,
        "rules": list(rules),
    }  # fmt: skip


def line(minor: int, product: str = "p", category: str = "", **more: Any) -> Line:
    return Line(product=product, quantity=1, amount_minor=minor, category=category, **more)


def for_some(rule: Rule, **changes: Any) -> Rule:
    return {**rule, "code": "some", "segments": ["a"], **changes}


def decide(
    *rules: Rule, lines: tuple[Line, ...] = (), paid_minor: int | None = None,
    combine: str = "multiply", rounding: Mapping[str, str] | None = None,
    basis: Mapping[str, Any] | None = None, **facts: Any,
) -> Award:  # fmt: skip
    document = decode(
        {
            "rules": list(rules),
            "combine": combine,
            "rounding": rounding or {},
            "basis": basis or {},
            "ladder": LADDER,
        }
    )
    net_minor = sum(each.net_minor for each in lines)
    basket = Basket(lines, net_minor, net_minor if paid_minor is None else paid_minor)
    known = {"kind": "purchase", "local": MONDAY, **facts}
    return Policy(document, 1, ZoneInfo("Asia/Shanghai")).evaluate(Facts(**known), basket)


GIVES: list[tuple[str, list[Rule], dict[str, Any], int]] = [
    # id, rules, keywords of decide, points
    ("rate-in-proportion", [{**RATE, "points": 10, "per_minor": 10000}], {"lines": (line(25099),)}, 25),
    ("two-rates-round-apart", [RATE, {**RATE, "code": "more"}], {"lines": (line(199),)}, 2),
    ("bands-marginal", [BANDS], {"lines": (line(15000),)}, 200),
    ("bands-of-the-order-not-the-line", [BANDS], {"lines": (line(10000), line(10000))}, 300),
    ("bands-whole", [{**BANDS, "mode": "whole"}], {"lines": (line(10001),)}, 200),
    ("bands-at-the-bound", [{**BANDS, "mode": "whole"}], {"lines": (line(10000),)}, 100),
    ("bands-of-what-was-paid", [BANDS], {"lines": (line(20000),), "paid_minor": 10000}, 100),
    # 100 of A twice, 100 once; the money of the order earns (100 + 2 × 100) / 200 on average.
    ("bands-with-line-factors", [BANDS, A_TWICE], {"lines": (line(10000, category="A"), line(10000))}, 450),
    ("category", [RATE, A_TWICE], {"lines": (line(1000, category="A"), line(1000))}, 30),
    ("category-nought", [RATE, {**A_TWICE, "multipliers": {"A": "0"}}],
     {"lines": (line(1000, category="A"), line(1000))}, 10),
    ("product-beats-category", [RATE, A_TWICE, X_THRICE], {"lines": (line(1000, "x", "A"),)}, 30),
    ("product-nought-beats-category", [RATE, A_TWICE, {**X_THRICE, "multipliers": {"x": "0"}}],
     {"lines": (line(1000, "x", "A"), line(1000))}, 10),
    ("tier", [RATE, GOLD], {"lines": (line(19999),), "tier": "gold"}, 299),
    ("tier-unknown", [RATE, GOLD], {"lines": (line(19999),), "tier": "tin"}, 199),
    ("all-combined-exactly-rounded-once", [RATE, A_TWICE, GOLD, double()],
     {"lines": (line(33, category="A"), line(34)), "tier": "gold"}, 3),
    ("in-a-segment", [RATE, for_some(RATE)], {"lines": (line(1000),), "segments": ("a", "b")}, 20),
    ("in-a-segment-with-a-tag", [for_some(RATE, tags=["t", "u"])],
     {"lines": (line(1000),), "segments": ("a",), "tags": ("u",)}, 10),
    ("in-no-segment", [RATE, for_some(RATE)], {"lines": (line(1000),), "tags": ("a",)}, 10),
    ("promoted-in-a-segment", [RATE, for_some(double())],
     {"lines": (line(1000),), "segments": ("a",)}, 20),
    ("not-promoted", [RATE, for_some(double())], {"lines": (line(1000),)}, 10),
    ("not-promoted-line", [RATE, for_some(double(categories=["A"]))],
     {"lines": (line(1000, category="A"),)}, 10),
    ("first-order", [RATE, FIRST], {"lines": (line(1000),), "first_order": True}, 110),
    ("first-order-of-free-things", [RATE, FIRST], {"lines": (line(0),), "first_order": True}, 0),
    ("bonuses-are-not-multiplied", [RATE, FIRST, GOLD],
     {"lines": (line(1000),), "first_order": True, "tier": "gold"}, 115),
    ("threshold-missed", [RATE, BIG], {"lines": (line(29999),)}, 299),
    ("threshold-reached", [RATE, BIG], {"lines": (line(30000),)}, 350),
    ("threshold-asks-what-was-paid", [RATE, BIG], {"lines": (line(30000),), "paid_minor": 29999}, 299),
    ("threshold-asks-what-counts", [RATE, BIG],
     {"lines": (line(29999), line(5000, kind="shipping"))}, 299),
    ("exclude-kind", [RATE, {"kind": "exclude", "code": "no", "kinds": ["service"]}],
     {"lines": (line(1000), line(1000, kind="service"))}, 10),
    ("exclude-product", [RATE, {"kind": "exclude", "code": "no", "products": ["x"]}],
     {"lines": (line(1000), line(1000, "x"))}, 10),
    ("exclude-category", [RATE, {"kind": "exclude", "code": "no", "categories": ["A"]}],
     {"lines": (line(1000), line(1000, category="A"))}, 10),
    ("behaviour", [on("share")], {"kind": "behaviour:share"}, 5),
    ("another-behaviour", [on("share")], {"kind": "behaviour:review"}, 0),
    ("birthday", [on("birthday")], {"kind": "birthday"}, 5),
    ("enrolment", [on("enrolment")], {"kind": "enrolment"}, 5),
    ("tier-reached", [on("tier_reached:gold")], {"kind": "tier_reached:gold"}, 5),
    ("top-up-each-full", [TOPPED, RATE], {"kind": "top_up", "paid_minor": 25000}, 100),
    ("top-up-below", [TOPPED], {"kind": "top_up", "paid_minor": 9999}, 0),
    ("top-up-first-step", [STEPS], {"kind": "top_up", "paid_minor": 49999}, 10),
    ("top-up-highest-step", [STEPS], {"kind": "top_up", "paid_minor": 120000}, 80),
    ("top-up-below-the-steps", [STEPS], {"kind": "top_up", "paid_minor": 1}, 0),
    ("top-up-rules-add-up", [TOPPED, STEPS], {"kind": "top_up", "paid_minor": 50000}, 330),
    ("top-up-capped", [TOPPED, cap("day", 60)], {"kind": "top_up", "paid_minor": 20000}, 60),
    ("top-up-is-no-order", [TOPPED], {"lines": (line(10000),)}, 0),
    ("cap-of-an-order", [RATE, cap("order", 8)], {"lines": (line(1000),)}, 8),
    ("cap-of-an-order-leaves-behaviours", [RATE, on("share"), cap("order", 3)],
     {"kind": "behaviour:share"}, 5),
    ("cap-of-a-behaviour", [on("share"), cap("day", 20)],
     {"kind": "behaviour:share", "rooms": {"cap": 2}}, 2),
    ("cap-of-one-rule", [RATE, FIRST, cap("order", 3, "spend")],
     {"lines": (line(1000),), "first_order": True}, 103),
    ("cap-without-room-in-facts-is-whole", [RATE, cap("month", 7)], {"lines": (line(1000),)}, 7),
    ("cap-overdrawn", [RATE, cap("member", 7)], {"lines": (line(1000),), "rooms": {"cap": -3}}, 0),
    ("budget", [{**RATE, "budget": 100}], {"lines": (line(1000),), "rooms": {"budget:spend": 4}}, 4),
    ("gross", [RATE], {"lines": (line(1000, discount_minor=300),), "basis": {"amount": "gross"}}, 10),
    ("net", [RATE], {"lines": (line(1000, discount_minor=300),), "paid_minor": 400,
                     "basis": {"amount": "net"}}, 7),
    ("paid", [RATE], {"lines": (line(1000, discount_minor=300),), "paid_minor": 400}, 4),
    ("paid-offset-is-spread", [RATE], {"lines": (line(1000), line(1000, kind="shipping")),
                                       "paid_minor": 1000}, 5),
    ("basis-kinds", [RATE], {"lines": (line(1000), line(1000, kind="gift_card")),
                             "basis": {"kinds": ["gift_card"]}}, 10),
    ("floor", [RATE], {"lines": (line(150), line(199))}, 3),
    ("ceil", [RATE], {"lines": (line(101),), "rounding": {"mode": "ceil"}}, 2),
    ("half-up", [RATE], {"lines": (line(250),), "rounding": {"mode": "half_up"}}, 3),
    ("half-up-below", [RATE], {"lines": (line(249),), "rounding": {"mode": "half_up"}}, 2),
    ("half-even", [RATE], {"lines": (line(250),), "rounding": {"mode": "half_even"}}, 2),
    ("half-even-odd", [RATE], {"lines": (line(350),), "rounding": {"mode": "half_even"}}, 4),
    ("half-even-above", [RATE], {"lines": (line(251),), "rounding": {"mode": "half_even"}}, 3),
    ("each-line", [RATE], {"lines": (line(150), line(199)), "rounding": {"per": "line"}}, 2),
    ("best-of-three", [RATE, GOLD, double(), {**double(), "code": "thrice", "multiplier": "3"}],
     {"lines": (line(1000),), "tier": "gold", "combine": "best"}, 30),
    ("best-leaves-categories", [RATE, A_TWICE, GOLD, double()],
     {"lines": (line(1000, category="A"),), "tier": "gold", "combine": "best"}, 40),
    ("best-by-line", [RATE, GOLD, double(categories=["A"])],
     {"lines": (line(1000, category="A"), line(1000)), "tier": "gold", "combine": "best"}, 35),
    ("best-by-line-without-tier", [RATE, double(products=["x"])],
     {"lines": (line(1000, "x"), line(1000)), "combine": "best"}, 30),
    ("best-below-one", [RATE, {**double(), "multiplier": "0.5"}],
     {"lines": (line(1000),), "combine": "best"}, 5),
    ("multiply-by-line", [RATE, GOLD, double(categories=["A"]), {**double(products=["x"]), "code": "d2"}],
     {"lines": (line(1000, "x", "A"), line(1000, category="A"), line(1000)), "tier": "gold"}, 105),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "given", "points"), [case[1:] for case in GIVES], ids=[case[0] for case in GIVES]
)
def test_gives(rules: list[Rule], given: dict[str, Any], points: int) -> None:
    award = decide(*rules, **given)
    assert award.points("points") == points
    if points == 0:
        assert award.refusals


def test_every_kind_has_a_row() -> None:
    assert {rule["kind"] for case in GIVES for rule in case[1]} == set(KINDS)


def test_every_kind_has_a_row_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "rules.md").read_text()
    assert [kind for kind in KINDS if f"\n| `{kind}` |" not in page] == []


WINDOWS: list[tuple[str, Rule, dict[str, Any], bool]] = [
    # id, when, facts, on?
    ("always", {}, {}, True),
    ("first-day", {"from": "2026-06-15"}, {}, True),
    ("day-before", {"from": "2026-06-16"}, {}, False),
    ("last-day", {"until": "2026-06-16"}, {}, True),
    ("half-open", {"until": "2026-06-15"}, {}, False),
    ("weekday", {"weekdays": [1]}, {}, True),
    ("not-that-weekday", {"weekdays": [2, 3, 4, 5, 6, 7]}, {}, False),
    ("day-of-month", {"month_days": [15]}, {}, True),
    ("not-that-day", {"month_days": [14, 16]}, {}, False),
    ("hours-begin", {"hours": [{"from": "10:30", "until": "12:00"}]}, {}, True),
    ("hours-end", {"hours": [{"from": "09:00", "until": "10:30"}]}, {}, False),
    ("second-window", {"hours": [{"from": "08:00", "until": "09:00"},
                                 {"from": "10:00", "until": "11:00"}]}, {}, True),
    ("to-midnight", {"hours": [{"from": "23:00", "until": "24:00"}]},
     {"local": datetime(2026, 6, 15, 23, 59, 59)}, True),
    ("store", {"stores": ["s1"]}, {"store": "s1"}, True),
    ("another-store", {"stores": ["s1"]}, {"store": "s2"}, False),
    ("birthday", {"birthday": True}, {"is_birthday": True}, True),
    ("no-birthday", {"birthday": True}, {}, False),
    ("all-must-hold", {"weekdays": [1], "stores": ["s1"]}, {"store": "s2"}, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "facts", "is_on"), [case[1:] for case in WINDOWS], ids=[case[0] for case in WINDOWS]
)
def test_promotion_windows(when: Rule, facts: dict[str, Any], is_on: bool) -> None:
    award = decide(RATE, double(**when), lines=(line(1000),), **facts)
    assert award.points("points") == (20 if is_on else 10)


def test_factors_for_named_rules_only() -> None:
    """Points are multiplied, growth is not, and parts stand in the order of the rules."""
    award = decide(
        GROW, RATE, {**GOLD, "rules": ["spend"]}, {**A_TWICE, "rules": ["spend"]},
        lines=(line(1000, category="A"),), tier="gold",
    )  # fmt: skip
    assert [(part.rule, part.points) for part in award.parts] == [("grow", 10), ("spend", 30)]


def test_an_award_keeps_its_arithmetic() -> None:
    award = decide(
        RATE, A_TWICE, GOLD, lines=(line(1000, category="A"), line(999)), tier="gold",
        paid_minor=1500,
    )  # fmt: skip
    (part,) = award.parts
    assert part.lines == ((0, 1000, (("category:cats", "2"),)), (1, 999, ()))
    assert part.factors == (("tier:levels", "1.5"), ("paid", "1500/1999"))
    assert part.rate == (1, 100)
    # 29.99 × 1.5 × 1500 / 1999
    assert part.exact == (134955, 3998)
    assert (part.rounded, part.points, part.rounding) == (33, 33, "floor/order")


REFUSES: list[tuple[str, list[Rule], dict[str, Any], list[Any]]] = [
    # id, rules, keywords of decide, (code, rule, some fields)
    ("line-by-basis", [RATE], {"lines": (line(100), line(100, kind="fee"))},
     [("line_excluded", "", {"line": 1, "why": "kind", "what": "fee"})]),
    ("line-by-rule", [RATE, {"kind": "exclude", "code": "no", "categories": ["A"]}],
     {"lines": (line(100, category="A"), line(100))},
     [("line_excluded", "no", {"line": 0, "why": "category", "what": "A"})]),
    ("nothing-counts", [RATE], {"lines": (line(100, kind="gift_card"),)},
     [("line_excluded", "", {"line": 0, "why": "kind", "what": "gift_card"}),
      ("nothing_counts", "", {})]),
    ("nothing-left", [RATE], {}, [("nothing_counts", "", {})]),
    ("paid-with-points-alone", [RATE], {"lines": (line(100),), "paid_minor": 0},
     [("nothing_counts", "", {})]),
    ("rounded-to-zero", [RATE], {"lines": (line(99),)},
     [("rounded_to_zero", "spend", {"exact": (99, 100), "rounding": "floor/order"})]),
    ("no-rule", [], {"lines": (line(100),)}, [("no_rule_applies", "", {"kind": "purchase"})]),
    ("no-rule-for-this", [FIRST], {"lines": (line(100), line(100, kind="fee"))},
     [("line_excluded", "", {"line": 1, "why": "kind", "what": "fee"}),
      ("no_rule_applies", "", {"kind": "purchase"})]),
    ("no-rule-for-a-behaviour", [RATE], {"kind": "behaviour:share"},
     [("no_rule_applies", "", {"kind": "behaviour:share"})]),
    ("cap", [RATE, cap("day", 500)], {"lines": (line(40000),), "rooms": {"cap": 200}},
     [("cap_took", "cap", {"points": 200, "unit": "points", "per": "day"})]),
    ("cap-took-all", [RATE, cap("day", 500)], {"lines": (line(40000),), "rooms": {"cap": 0}},
     [("cap_took", "cap", {"points": 400, "unit": "points", "per": "day"})]),
    ("budget", [{**RATE, "budget": 9}], {"lines": (line(1000),)},
     [("budget_took", "spend", {"points": 1, "unit": "points"})]),
    ("not-in-the-segment", [RATE, for_some(RATE)], {"lines": (line(100),), "segments": ("b",)},
     [("not_in_segment", "some", {"segments": ("a",)})]),
    ("not-tagged", [for_some(FIRST, tags=["t"])],
     {"lines": (line(100),), "segments": ("a",), "first_order": True},
     [("not_tagged", "some", {"tags": ("t",)}), ("no_rule_applies", "", {"kind": "purchase"})]),
    ("a-bonus-that-would-not-apply-anyway", [RATE, for_some(FIRST)], {"lines": (line(100),)}, []),
    ("a-promotion-not-for-the-member", [RATE, for_some(double())], {"lines": (line(100),)},
     [("not_in_segment", "some", {"segments": ("a",)})]),
    ("a-promotion-of-other-things",
     [RATE, for_some(double(categories=["A"]))], {"lines": (line(100),)}, []),
    ("a-behaviour-not-for-the-member", [for_some(on("share"))], {"kind": "behaviour:share"},
     [("not_in_segment", "some", {"segments": ("a",)})]),
    ("a-top-up-not-for-the-member", [for_some(TOPPED)],
     {"kind": "top_up", "paid_minor": 20000}, [("not_in_segment", "some", {"segments": ("a",)})]),
    ("cap-then-budget", [{**RATE, "budget": 6}, cap("order", 8)], {"lines": (line(1000),)},
     [("cap_took", "cap", {"points": 2, "unit": "points", "per": "order"}),
      ("budget_took", "spend", {"points": 2, "unit": "points"})]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "given", "refusals"),
    [case[1:] for case in REFUSES],
    ids=[case[0] for case in REFUSES],
)
def test_refuses_aloud(rules: list[Rule], given: dict[str, Any], refusals: list[Any]) -> None:
    award = decide(*rules, **given)
    assert [(each.code, each.rule, dict(each.fields)) for each in award.refusals] == refusals
