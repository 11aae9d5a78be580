"""The sections about what members own: each fault with its path, and the terms they compile to."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jifen.earning.rules.coupons import Coupon
from jifen.earning.rules.document import InvalidRuleSet, decode, encode
from jifen.wallet.types import CouponTerms

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNITS = {
    "points": "points",
    "stars": "points",
    "growth": "growth",
    "principal": "stored",
    "bonus": "bonus",
    "other-bonus": "bonus",
    "wash": "pass",
    "lost": "pass",
}
NAME = {"zh": "券", "en": "Coupon"}
FULL: dict[str, Any] = {
    "rules": [
        {"kind": "top_up", "code": "t", "unit": "bonus", "points": 1000, "per_minor": 10000},
        {"kind": "top_up", "code": "s", "unit": "points",
         "steps": [{"from": 100, "points": 1}, {"from": 200, "points": 3}]},
    ],
    "ladder": {"by": "spend", "rungs": [{"code": "gold", "name": NAME, "from": 1}]},
    "stored_value": {"principal": "principal", "bonus": "bonus", "bonus_share": [1, 11]},
    "coupons": {
        "fifty": {"name": NAME, "gives": {"kind": "amount", "minor": 5000},
                  "valid": {"kind": "days", "days": 30}, "threshold_minor": 100},
        "cheap": {"name": NAME, "gives": {"kind": "percent", "pay": "0.88", "up_to_minor": 5},
                  "valid": {"kind": "dates", "from": "2026-06-01", "until": "2026-06-18"},
                  "stores": ["main"], "group": "g", "per_order": 2, "give_back": "never"},
        "cup": {"name": NAME, "gives": {"kind": "goods", "pieces": 2}, "products": ["cup"]},
        "post": {"name": NAME, "gives": {"kind": "free_delivery"}},
    },
    "passes": {"wash": {"merchants": ["garage"]}},
    "conversions": {
        "money": {"points": 1000, "unit": "points",
                  "to": {"kind": "unit", "unit": "bonus", "amount": 2000}},
        "coupon": {"points": 500, "unit": "points", "to": {"kind": "coupon", "coupon": "fifty"},
                   "per_day": 1, "per_member": 10},
        "wash": {"points": 300, "unit": "points",
                 "to": {"kind": "unit", "unit": "wash", "amount": 1}},
        "gold": {"points": 1000, "unit": "points", "to": {"kind": "tier", "tier": "gold"}},
    },
    "expiry": {"bonus": {"kind": "after", "days": 90}, "wash": {"kind": "after", "years": 1}},
}  # fmt: skip
FAULTS = [
    # id, changed path, value, path of the fault, part of the sentence
    ("steps-and-each", "rules.0.steps", [{"from": 1, "points": 1}], "$.rules[0]", "or steps"),
    ("each-without-amount", "rules.0.per_minor", None, "$.rules[0]", "both"),
    ("neither", "rules.1.steps", [], "$.rules[1]", "or steps"),
    ("steps-fall", "rules.1.steps.1.points", 1, None, ""),
    ("steps-give-less", "rules.1.steps.0.points", 4, "$.rules[1]", "no less"),
    ("steps-not-rising", "rules.1.steps.0.from", 200, "$.rules[1]", "above"),
    ("principal-is-paid-for", "rules.0.unit", "principal", "$.rules[0].unit", "members have paid"),
    ("bonus-of-nothing", "rules.0.unit", "other-bonus", "$.rules[0].unit", "nothing is paid"),
    ("pass-for-nowhere", "rules.0.unit", "lost", "$.rules[0].unit", "used nowhere"),
    ("principal-of-points", "stored_value.principal", "points", "$.stored_value.principal",
     "one of stored"),
    ("bonus-of-points", "stored_value.bonus", "points", "$.stored_value.bonus", "one of bonus"),
    ("one-unit", "stored_value.bonus", "principal", "$.stored_value", "two units"),
    ("share-above-one", "stored_value.bonus_share", [2, 1], "$.stored_value", "above 1"),
    ("share-of-nought", "stored_value.bonus_share", [1, 0], "$.stored_value.bonus_share[1]",
     ">= 1"),
    ("share-float", "stored_value.bonus_share", 0.1, "$.stored_value.bonus_share", "array"),
    ("limit-negative", "stored_value.limit_bearer_minor", -1,
     "$.stored_value.limit_bearer_minor", ">= 0"),
    ("coupon-of-nothing", "coupons.fifty.gives.minor", 0, "$.coupons[...].gives.minor", ">= 1"),
    ("percent-of-all", "coupons.cheap.gives.pay", "1", "$.coupons[...].gives", "below 1"),
    ("unknown-coupon-kind", "coupons.post.gives.kind", "magic", "$.coupons[...].gives.kind",
     "magic"),
    ("dates-turned", "coupons.cheap.valid.until", "2026-05-31", "$.coupons[...].valid",
     "before from"),
    ("coupon-of-unknown-store", "coupons.cheap.stores", ["moon"], "$.coupons.cheap.stores[0]",
     "no store"),
    ("policy", "coupons.cheap.give_back", "sometimes", "$.coupons[...].give_back", "sometimes"),
    ("pass-of-points", "passes.points", {"merchants": ["garage"]}, "$.passes.points",
     "one of pass"),
    ("pass-at-unknown-merchant", "passes.wash.merchants", ["moon"], "$.passes.wash.merchants[0]",
     "no merchant"),
    ("pass-at-nobody", "passes.wash.merchants", [], "$.passes[...].merchants", "length"),
    ("from-money", "conversions.money.unit", "other-bonus", "$.conversions.money.unit",
     "one of points"),
    ("from-nothing", "conversions.money.unit", "tea", "$.conversions.money.unit", "no unit"),
    ("to-principal", "conversions.money.to.unit", "principal", "$.conversions.money.to.unit",
     "one of bonus"),
    ("to-growth", "conversions.money.to.unit", "growth", "$.conversions.money.to.unit", "one of"),
    ("to-itself", "conversions.money.to.unit", "points", "$.conversions.money.to.unit",
     "same unit"),
    ("to-a-pass-for-nowhere", "conversions.wash.to.unit", "lost", "$.conversions.wash.to.unit",
     "used nowhere"),
    ("to-no-coupon", "conversions.coupon.to.coupon", "no", "$.conversions.coupon.to.coupon",
     "no kind of coupon"),
    ("to-no-tier", "conversions.gold.to.tier", "tin", "$.conversions.gold.to.tier", "no tier"),
    ("long-code", "conversions." + "x" * 41, {}, "$", "<= 40"),
    ("rule-named-as-a-conversion", "rules.0.code", "conversion:t", "$.rules[0].code",
     "conversion:"),
    ("stored-value-may-expire", "expiry.principal", {"kind": "after", "days": 1}, None, ""),
]  # fmt: skip


def change(path: str, to: Any) -> dict[str, Any]:
    document = deepcopy(FULL)
    *way, last = path.split(".")
    place: Any = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if to is None:
        del place[last]
    else:
        place[last] = to
    return document


@pytest.mark.parametrize(
    ("changed", "value", "path", "sentence"),
    [case[1:] for case in FAULTS],
    ids=[case[0] for case in FAULTS],
)
def test_a_fault_is_refused_with_its_path(
    changed: str, value: Any, path: str | None, sentence: str
) -> None:
    places = {"merchants": {"garage"}, "stores": {"main"}}
    if path is None:
        decode(change(changed, value), units=UNITS, **places)
        return
    with pytest.raises(InvalidRuleSet) as refused:
        decode(change(changed, value), units=UNITS, **places)
    assert sentence in refused.value.detail
    assert refused.value.fields["path"].startswith(path)


def test_the_full_document_round_trips() -> None:
    document = decode(FULL, units=UNITS, merchants={"garage"}, stores={"main"})
    assert decode(encode(document)) == document


def test_a_coupon_compiles_to_its_terms() -> None:
    coupons = decode(FULL).coupons
    assert coupons["fifty"].terms("fifty") == CouponTerms(
        code="fifty", kind="amount", worth_minor=5_000, threshold_minor=100, group="coupon"
    )
    assert coupons["cheap"].terms("cheap") == CouponTerms(
        code="cheap", kind="percent", pay=(8_800, 10_000), up_to_minor=5, group="g", per_order=2
    )
    assert coupons["cup"].terms("cup") == CouponTerms(
        code="cup", kind="goods", pieces=2, products=frozenset({"cup"}), group="coupon"
    )
    assert coupons["post"].terms("post").kind == "free_delivery"


def shanghai(*at: int) -> datetime:
    return datetime(*at, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


def test_when_a_coupon_is_good() -> None:
    coupons: dict[str, Coupon] = decode(FULL).coupons
    issued_at = datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert coupons["fifty"].valid.window(issued_at, SHANGHAI) == (
        issued_at,
        shanghai(2026, 7, 2),
    )
    assert coupons["cheap"].valid.window(issued_at, SHANGHAI) == (
        shanghai(2026, 6, 1),
        shanghai(2026, 6, 19),
    )
    assert coupons["cup"].valid.window(issued_at, SHANGHAI) == (issued_at, None)


def test_how_often_a_conversion_may_happen() -> None:
    conversions = decode(FULL).conversions
    local = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - local wall time
    assert [
        (bound.code, bound.period, bound.limit)
        for bound in conversions["coupon"].bounds("coupon", local)
    ] == [("conversion:coupon:day", "2026-06-01", 1), ("conversion:coupon:member", "", 10)]
    assert conversions["money"].bounds("money", local) == ()
