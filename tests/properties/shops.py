"""Rule sets that shops might have, each with several rules that get into each other's way, and
random orders and acts for them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st
from tests.world import NOON, OFFSET, RATE, rule_set, rungs

from jifen.earning.types import Line

CATEGORY: Final = {
    "kind": "category",
    "code": "cats",
    "multipliers": {"none": "0", "half": "0.5", "triple": "3"},
}
TIER: Final = {"kind": "tier", "code": "levels", "multipliers": {"silver": "1.2", "gold": "2"}}
FIRST: Final = {"kind": "first_order", "code": "first", "points": 70, "unit": "points"}
OVER: Final = {
    "kind": "spend_threshold",
    "code": "over",
    "at_least_minor": 3_000,
    "points": 25,
    "unit": "points",
}
GROW: Final = {**RATE, "code": "grow", "unit": "growth", "points": 2}
DAY: Final = {"kind": "cap", "code": "day", "per": "day", "points": 60, "unit": "points"}
ORDER: Final = {"kind": "cap", "code": "order", "per": "order", "points": 45, "unit": "points"}
MONTH: Final = {"kind": "cap", "code": "month", "per": "month", "points": 90, "unit": "points"}
BANDS: Final = {
    "kind": "bands",
    "code": "bands",
    "points": 1,
    "per_minor": 50,
    "unit": "points",
    "mode": "whole",
    "bands": [{"up_to_minor": 2_000, "multiplier": "1"}, {"multiplier": "1.5"}],
}
PROMOTION: Final = {
    "kind": "promotion",
    "code": "tea",
    "multiplier": "2.5",
    "when": {"products": ["tea"], "until": "2026-07-01"},
}
EXCLUDE: Final = {"kind": "exclude", "code": "no", "products": ["voucher"]}


def reached(tier: str, points: int) -> dict[str, Any]:
    """Points for reaching a tier."""
    on = f"tier_reached:{tier}"
    return {"kind": "behaviour", "code": f"up-{tier}", "on": on, "points": points, "unit": "points"}


LADDER: Final = {"by": "spend", "rungs": rungs(silver=2_000, gold=6_000)}
HALF_OFFSET: Final = {**OFFSET, "points": 2, "worth_minor": 2, "step_points": 1}
"""A point is worth one fen, so that shares of the offset are hardly ever whole."""
EXPIRY: Final = {"points": {"kind": "after", "days": 20}}

SHOPS: Final[Mapping[str, dict[str, Any]]] = {
    "plain": rule_set(RATE, offset=HALF_OFFSET, expiry=EXPIRY),
    "categories": rule_set(RATE, CATEGORY, FIRST, offset=HALF_OFFSET, expiry=EXPIRY),
    "line by line": rule_set(
        {**RATE, "per_minor": 70},
        CATEGORY,
        PROMOTION,
        EXCLUDE,
        rounding={"mode": "half_up", "per": "line"},
        offset=HALF_OFFSET,
        basis={"amount": "gross", "kinds": ["goods", "shipping"]},
    ),
    "bounded": rule_set(
        {**RATE, "points": 2, "budget": 150},
        {**BANDS, "budget": 60},
        {**OVER, "budget": 50},
        CATEGORY,
        DAY,
        ORDER,
        MONTH,
        offset=HALF_OFFSET,
    ),
    "tiers": rule_set(
        RATE,
        TIER,
        CATEGORY,
        FIRST,
        reached("silver", 35),
        reached("gold", 80),
        DAY,
        ladder=LADDER,
        offset=HALF_OFFSET,
        expiry=EXPIRY,
    ),
    "growth": rule_set(
        RATE,
        GROW,
        TIER,
        reached("silver", 15),
        reached("gold", 80),
        ladder={"by": "growth", "unit": "growth", "rungs": rungs(silver=40, gold=130)},
        offset=HALF_OFFSET,
        rounding={"mode": "ceil", "per": "order"},
    ),
    "periods": rule_set(
        RATE,
        BANDS,
        TIER,
        PROMOTION,
        OVER,
        combine="best",
        ladder={"by": "spend_period", "period": "month", "rungs": rungs(silver=1_500, gold=4_000)},
        offset=HALF_OFFSET,
        rounding={"mode": "half_even", "per": "order"},
    ),
    "tiers in time": rule_set(
        RATE,
        GROW,
        TIER,
        reached("gold", 80),
        ladder={
            "by": "growth",
            "unit": "growth",
            "rungs": rungs(silver=40, gold=130),
            "keep": {"period": "month", "periods": 2, "then": "by_one", "grace_days": 3},
        },
        offset=HALF_OFFSET,
    ),
    "spend in time": rule_set(
        RATE,
        TIER,
        reached("silver", 35),
        ladder={**LADDER, "keep": {"period": "quarter", "then": "to_earned"}},
        offset=HALF_OFFSET,
        expiry=EXPIRY,
    ),
}


class LotPlan(NamedTuple):
    """Points that staff gives: how many, and after how many days they end (never without)."""

    points: int
    days: int | None


class OrderPlan(NamedTuple):
    """An order: its lines, the share of the possible offset in per cent, and how many days ago."""

    lines: tuple[Line, ...]
    offset_percent: int
    days_ago: int


LINES = st.builds(
    lambda product, quantity, amount, discount, category, kind: Line(
        product, quantity, amount, min(discount, amount), category, kind
    ),
    st.sampled_from(["tea", "cup", "voucher"]),
    st.integers(1, 4),
    st.one_of(st.integers(0, 4_000), st.sampled_from([0, 1, 99, 100, 101, 1_000, 3_000])),
    st.one_of(st.just(0), st.integers(0, 500)),
    st.sampled_from(["", "none", "half", "triple"]),
    st.sampled_from(["goods", "goods", "goods", "service", "shipping", "gift_card"]),
)
ORDERS = st.builds(
    OrderPlan,
    st.lists(LINES, min_size=1, max_size=4).map(tuple),
    st.sampled_from([0, 0, 10, 50, 100]),
    st.integers(0, 3),
)
LOTS = st.builds(LotPlan, st.integers(1, 80), st.sampled_from([None, 2, 5, 19, 20, 21, 40]))
SHOP_NAMES = st.sampled_from(sorted(SHOPS))


def ends(days: int | None) -> Any:
    """When points given for that many days end."""
    return None if days is None else NOON + timedelta(days=days)
