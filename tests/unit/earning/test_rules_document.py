"""Rule set documents: read strictly, each fault with its path, the same bytes back."""

import json
from copy import deepcopy
from typing import Any

import pytest

from jifen.earning.rules.document import InvalidRuleSet, decode, encode, schema
from jifen.earning.rules.registry import KINDS

RATE = {"kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points"}
UNITS = {"points": "points", "stars": "points", "growth": "growth"}
GROW = {"kind": "rate", "code": "grow", "points": 1, "per_minor": 100, "unit": "growth"}
FIRST = {"kind": "first_order", "code": "first", "points": 9, "unit": "points"}
TIER = {"kind": "tier", "code": "levels", "multipliers": {"gold": "1.5"}}
SHARE = {"kind": "behaviour", "code": "share", "on": "share", "points": 5, "unit": "points"}
FULL: dict[str, Any] = {
    "combine": "best",
    "rounding": {"mode": "half_even", "per": "line"},
    "basis": {"amount": "gross", "kinds": ["goods", "fee"]},
    "rules": [
        {**RATE, "budget": 100000},
        {"kind": "bands", "code": "bands", "points": 1, "per_minor": 100, "unit": "points",
         "mode": "whole", "bands": [{"up_to_minor": 5, "multiplier": "1"}, {"multiplier": "1"}]},
        GROW, FIRST, TIER, SHARE,
        {"kind": "category", "code": "c", "multipliers": {"A": "0.0001"}, "rules": ["spend"]},
        {"kind": "product", "code": "p", "multipliers": {"x": "3.25"}},
        {"kind": "promotion", "code": "618", "multiplier": "2", "when": {
            "from": "2026-06-01", "until": "2026-06-19", "weekdays": [1, 7], "month_days": [18],
            "hours": [{"from": "10:00", "until": "24:00"}], "stores": ["s"], "products": ["x"],
            "categories": ["A"], "birthday": True}},
        {"kind": "spend_threshold", "code": "t", "at_least_minor": 1, "points": 1,
         "unit": "points"},
        {"kind": "exclude", "code": "x", "kinds": ["gift_card"]},
        {"kind": "cap", "code": "day", "per": "day", "points": 500, "unit": "points"},
        {"kind": "cap", "code": "order", "per": "order", "points": 50, "unit": "points",
         "rules": ["spend", "first"]},
        {"kind": "top_up", "code": "topped", "points": 5, "per_minor": 100, "unit": "points"},
    ],
    "ladder": {"by": "growth", "unit": "growth", "rungs": [
        {"code": "silver", "name": {"zh": "银卡", "en": "Silver"}, "from": 0},
        {"code": "gold", "name": {"zh": "金卡", "en": "Gold"}, "from": 3000}]},
    "expiry": {"points": {"kind": "after", "months": 12},
               "stars": {"kind": "period_end", "period": "quarter", "plus": 1}},
    "offset": {"unit": "points", "points": 100, "worth_minor": 100, "share": "0.3",
               "minimum_points": 200, "step_points": 100},
}  # fmt: skip


def change(path: str, to: Any) -> dict[str, Any]:
    """``FULL`` with the value at a dotted path replaced; ``None`` removes it."""
    document = deepcopy(FULL)
    *way, last = path.split(".")
    place: Any = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(last)] = to
    elif to is None:
        del place[last]
    else:
        place[last] = to
    return document


def test_a_full_document_round_trips() -> None:
    document = decode(FULL, units=UNITS)
    assert decode(encode(document)) == document
    assert encode(decode(encode(document))) == encode(document)
    assert decode(json.dumps(FULL).encode()) == document
    assert {rule.kind for rule in map(_Kind, document.rules)} == set(KINDS)


class _Kind:
    def __init__(self, rule: Any) -> None:
        self.kind = rule.__struct_config__.tag


def test_an_empty_document_gives_nothing_and_is_valid() -> None:
    assert decode({}) == decode(b"{}")


FAULTS = [
    # id, changed path, value, path of the fault, part of the sentence
    ("unknown-field", "surprise", 1, "$", "unknown field"),
    ("unknown-kind", "rules.0.kind", "lottery", "$.rules[0].kind", "lottery"),
    ("unknown-rule-field", "rules.0.bonus", 1, "$.rules[0]", "unknown field"),
    ("missing-field", "rules.0.unit", None, "$.rules[0]", "unit"),
    ("points-float", "rules.0.points", 1.5, "$.rules[0].points", "int"),
    ("points-zero", "rules.0.points", 0, "$.rules[0].points", ">= 1"),
    ("points-huge", "rules.0.points", 10**13, "$.rules[0].points", "<="),
    ("points-text", "rules.0.points", "1", "$.rules[0].points", "int"),
    ("budget-zero", "rules.0.budget", 0, "$.rules[0].budget", ">= 1"),
    ("multiplier-float", "rules.8.multiplier", 2.0, "$.rules[8].multiplier", "float"),
    ("multiplier-negative", "rules.8.multiplier", "-1", "$.rules[8].multiplier", "matching"),
    ("multiplier-five-places", "rules.8.multiplier", "1.00001", "$.rules[8].multiplier", "match"),
    ("multiplier-exponent", "rules.8.multiplier", "1e3", "$.rules[8].multiplier", "matching"),
    ("multiplier-newline", "rules.8.multiplier", "1.5\n", "$.rules[8]", "not a decimal"),
    ("multiplier-wide-digits", "rules.8.multiplier", "１", "$.rules[8].multiplier", "matching"),
    ("table-newline", "rules.4.multipliers.gold", "1\n", "$.rules[4]", "not a decimal"),
    ("table-empty", "rules.4.multipliers", {}, "$.rules[4].multipliers", "length"),
    ("same-code-twice", "rules.1.code", "spend", "$.rules[1].code", "two rules"),
    ("code-of-a-budget", "rules.1.code", "budget:spend", "$.rules[1].code", "budget:"),
    ("bad-date", "rules.8.when.from", "2026-06-31", "$.rules[8].when.from", "date"),
    ("no-days", "rules.8.when.until", "2026-06-01", "$.rules[8].when", "before until"),
    ("weekday-8", "rules.8.when.weekdays", [8], "$.rules[8].when.weekdays[0]", "<= 7"),
    ("hour-25", "rules.8.when.hours.0.from", "25:00", "$.rules[8].when.hours[0].from", "match"),
    ("over-midnight", "rules.8.when.hours", [{"from": "22:00", "until": "02:00"}],
     "$.rules[8].when.hours[0]", "midnight"),
    ("bands-not-rising", "rules.1.bands", [{"up_to_minor": 5, "multiplier": "1"}] * 2
     + [{"multiplier": "1"}], "$.rules[1]", "above the one before"),
    ("bands-last-closed", "rules.1.bands", [{"up_to_minor": 5, "multiplier": "1"}],
     "$.rules[1]", "the last band"),
    ("bands-open-in-the-middle", "rules.1.bands", [{"multiplier": "1"}] * 2,
     "$.rules[1]", "the last band"),
    ("bands-falling", "rules.1.bands", [{"up_to_minor": 5, "multiplier": "2"},
     {"multiplier": "1"}], "$.rules[1]", "below the one before"),
    ("excludes-nothing", "rules.10", {"kind": "exclude", "code": "x"}, "$.rules[10]", "at least"),
    ("behaviour-of-money", "rules.5.on", "purchase", "$.rules[5]", "not a behaviour"),
    ("behaviour-unknown-tier", "rules.5.on", "tier_reached:tin", "$.rules[5].on", "no tier"),
    ("tier-unknown", "rules.4.multipliers.tin", "1", "$.rules[4].multipliers.tin", "no tier"),
    ("factor-of-unknown-rule", "rules.6.rules", ["nope"], "$.rules[6].rules[0]", "no rate"),
    ("factor-of-a-bonus", "rules.6.rules", ["first"], "$.rules[6].rules[0]", "no rate"),
    ("cap-of-unknown-rule", "rules.12.rules", ["nope"], "$.rules[12].rules[0]", "no rule"),
    ("cap-of-another-unit", "rules.12.rules", ["spend", "grow"], "$.rules[12].rules[1]", "growth"),
    ("cap-of-an-order-on-a-behaviour", "rules.12.rules", ["share"], "$.rules[12].rules[0]",
     "for orders"),
    ("cap-of-nothing", "rules.11.unit", "tea", "$.rules[11].unit", "no rule gives"),
    ("category-twice", "rules.7", {"kind": "category", "code": "p", "multipliers": {"A": "2"}},
     "$.rules[7].multipliers.A", "already"),
    ("caps-cross", "rules.11.rules", ["first", "bands"], "$.rules", "cross"),
    ("rungs-not-rising", "ladder.rungs.0.from", 3000, "$.ladder", "above the one before"),
    ("rungs-same-code", "ladder.rungs.0.code", "gold", "$.ladder", "same code"),
    ("growth-without-unit", "ladder.unit", None, "$.ladder", "growth names"),
    ("spend-with-unit", "ladder.by", "spend", "$.ladder", "growth names"),
    ("period-missing", "ladder", {"by": "spend_period", "rungs": FULL["ladder"]["rungs"]},
     "$.ladder", "spend_period"),
    ("period-too-many", "ladder.period", "year", "$.ladder", "spend_period"),
    ("rung-negative", "ladder.rungs.0.from", -1, "$.ladder.rungs[0].from", ">= 0"),
    ("expiry-grace-of-nothing", "expiry.points", {"kind": "never", "grace_days": 3},
     "$.expiry[...]", "unknown field"),
    ("expiry-grace-below-none", "expiry.points.grace_days", -1, "$.expiry[...].grace_days", ">= 0"),
    ("expiry-two-measures", "expiry.points.days", 3, "$.expiry[...]", "exactly one"),
    ("expiry-no-measure", "expiry.points", {"kind": "after"}, "$.expiry[...]", "exactly one"),
    ("share-above-one", "offset.share", "1.1", "$.offset", "above 1"),
    ("step-worth-a-fraction", "offset.points", 3, "$.offset", "whole number"),
    ("unknown-unit", "offset.unit", "tea", "$.offset.unit", "no unit"),
    ("unknown-unit-of-a-rule", "rules.5.unit", "tea", "$.rules[5].unit", "no unit"),
    ("unknown-unit-of-expiry", "expiry.tea", {"kind": "never"}, "$.expiry.tea", "no unit"),
    ("unknown-unit-of-ladder", "ladder.unit", "tea", "$.ladder.unit", "no unit"),
    ("growth-is-not-spent", "offset.unit", "growth", "$.offset.unit", "one of points"),
    ("growth-is-not-lost", "expiry.growth", {"kind": "after", "days": 1}, "$.expiry.growth",
     "one of points"),
    ("spending-would-demote", "ladder.unit", "points", "$.ladder.unit", "one of growth"),
    ("no-kinds", "basis.kinds", [], "$.basis.kinds", "length"),
    ("unknown-rounding", "rounding.mode", "up", "$.rounding.mode", "up"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "value", "path", "sentence"),
    [case[1:] for case in FAULTS],
    ids=[case[0] for case in FAULTS],
)
def test_a_fault_is_refused_with_its_path(
    changed: str, value: Any, path: str, sentence: str
) -> None:
    with pytest.raises(InvalidRuleSet) as refused:
        decode(change(changed, value), units=UNITS)
    assert refused.value.code == "invalid_rule_set"
    assert refused.value.fields["path"] == path
    assert sentence in refused.value.detail


@pytest.mark.parametrize(
    "source",
    [b"", b"{", b"[]", b"\xff", b'{"combine": "\xff"}', b'{"rules":' + b"[" * 100_000, b"1"],
    ids=["empty", "open", "list", "not-utf8", "not-utf8-inside", "deep", "number"],
)
def test_bytes_that_are_no_document(source: bytes) -> None:
    with pytest.raises(InvalidRuleSet):
        decode(source)


def test_the_schema_has_a_definition_for_every_kind() -> None:
    whole = schema()
    titles = {each["title"] for each in whole["$defs"].values()}
    assert {kind.__name__ for kind in KINDS.values()} <= titles
    for kind, config in KINDS.items():
        (own,) = [
            each
            for each in whole["$defs"].values()
            if each["title"] == config.__name__
            and each["properties"].get("kind") == {"enum": [kind]}
        ]
        assert own["description"]
        assert "\n" not in own["description"]
        assert "code" in own["required"]
