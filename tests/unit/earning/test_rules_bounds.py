"""Bounds: which are stored, in which period, and what an award takes of each."""

# ruff: noqa: DTZ001 - the rules work on naive local time

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jifen.earning.rules.document import decode
from jifen.earning.rules.policy import Policy
from jifen.earning.types import Basket, Facts, Line

LOCAL = datetime(2026, 11, 22, 23, 59)
RATE = {
    "kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points",
    "budget": 1000,
}  # fmt: skip
FIRST = {"kind": "first_order", "code": "first", "points": 50, "unit": "points"}
SHARE = {
    "kind": "behaviour", "code": "share", "on": "share", "points": 5, "unit": "points",
    "budget": 70,
}  # fmt: skip


def cap(per: str, *rules: str, points: int = 500) -> dict[str, Any]:
    return {
        "kind": "cap", "code": f"per-{per}", "per": per, "points": points, "unit": "points",
        "rules": list(rules),
    }  # fmt: skip


DECIDE = Policy(
    decode(
        {
            "rules": [
                RATE, FIRST, SHARE, cap("member"), cap("month", "spend", "share"),
                cap("day", "spend"), cap("order", "spend", points=300),
            ]
        }
    ),
    1,
    ZoneInfo("Asia/Shanghai"),
)  # fmt: skip


def order(minor: int) -> Basket:
    return Basket((Line(product="p", quantity=1, amount_minor=minor),), minor, minor)


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        (
            "purchase",
            [
                ("per-day", "member", "2026-11-22", 500),
                ("per-month", "member", "2026-11", 500),
                ("per-member", "member", "", 500),
                ("budget:spend", "programme", "", 1000),
            ],
        ),
        (
            "behaviour:share",
            [
                ("per-month", "member", "2026-11", 500),
                ("per-member", "member", "", 500),
                ("budget:share", "programme", "", 70),
            ],
        ),
        ("behaviour:review", []),
        ("birthday", []),
    ],
)
def test_bounds_that_may_apply(kind: str, bounds: list[tuple[str, str, str, int]]) -> None:
    found = DECIDE.bounds(kind, LOCAL)
    assert [(each.code, each.scope, each.period, each.limit) for each in found] == bounds


def test_another_day_is_another_period() -> None:
    periods = [DECIDE.bounds("purchase", LOCAL.replace(day=day))[0].period for day in (22, 23, 22)]
    assert periods == ["2026-11-22", "2026-11-23", "2026-11-22"]


def test_the_cache_of_days_is_bounded() -> None:
    for year in range(1, 5000):
        DECIDE.bounds("purchase", LOCAL.replace(year=year))
    assert DECIDE.bounds("purchase", LOCAL)[0].period == "2026-11-22"


def test_usage_counts_each_rule_where_it_is_bounded() -> None:
    award = DECIDE.evaluate(Facts("purchase", LOCAL, first_order=True), order(20000))
    assert award.points("points") == 250
    assert DECIDE.usage(award) == {
        "per-day": 200, "per-month": 200, "per-member": 250, "budget:spend": 200,
    }  # fmt: skip


def test_an_award_of_nothing_uses_nothing() -> None:
    assert DECIDE.usage(DECIDE.evaluate(Facts("purchase", LOCAL), order(0))) == {}


def test_the_later_parts_are_cut_first() -> None:
    facts = Facts("purchase", LOCAL, first_order=True, rooms={"per-member": 220})
    award = DECIDE.evaluate(facts, order(20000))
    assert [(part.rule, part.points, dict(part.bounded)) for part in award.parts] == [
        ("spend", 200, {}),
        ("first", 20, {"per-member": 30}),
    ]


def test_each_bound_says_what_it_took() -> None:
    facts = Facts("purchase", LOCAL, rooms={"per-day": 280, "budget:spend": 100})
    award = DECIDE.evaluate(facts, order(40000))
    (part,) = award.parts
    assert part.bounded == {"per-order": 100, "per-day": 20, "budget:spend": 180}
    assert (part.rounded, part.points) == (400, 100)
    assert [(each.code, each.rule, each.fields["points"]) for each in award.refusals] == [
        ("cap_took", "per-order", 100),
        ("cap_took", "per-day", 20),
        ("budget_took", "spend", 180),
    ]


def test_settled_facts_give_the_same_award_and_no_bound_more() -> None:
    """A shared cap: when the base falls after a refund, the bonus would rise. What others may
    have taken since of its own budget stays theirs."""
    rules = [RATE, {**FIRST, "budget": 60}, cap("member")]
    decide = Policy(decode({"rules": rules}), 1, ZoneInfo("Asia/Shanghai"))
    rooms = {"per-member": 220, "budget:spend": 1000, "budget:first": 60}
    facts = Facts("purchase", LOCAL, first_order=True, rooms=rooms)
    award = decide.evaluate(facts, order(20000))
    kept = decide.settled(facts, award)
    assert kept.rooms == {"per-member": 220, "budget:spend": 200, "budget:first": 20}
    assert decide.evaluate(kept, order(20000)).parts[0] == award.parts[0]
    assert decide.evaluate(kept, order(20000)).points("points") == award.points("points")
    assert decide.usage(decide.evaluate(facts, order(10000)))["budget:first"] == 50
    assert decide.usage(decide.evaluate(kept, order(10000)))["budget:first"] == 20
    birthday = Facts("birthday", LOCAL)
    assert decide.settled(birthday, decide.evaluate(birthday, Basket())) is birthday
