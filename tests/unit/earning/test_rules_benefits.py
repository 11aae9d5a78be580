"""Benefits: who has them, on which days, how often, and when again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jifen.earning.rules.benefits import Available, Benefits
from jifen.earning.rules.document import InvalidRuleSet, decode
from jifen.tiers.types import (
    BenefitNotHeld,
    BenefitNotToday,
    BenefitUsedUp,
    UnknownBenefit,
    Use,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def wall(*parts: int) -> datetime:
    """A local time, as rules see it: without a zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


NAME = {"zh": "权益", "en": "benefit"}
DELIVERY = {
    "kind": "free_delivery",
    "code": "delivery",
    "name": NAME,
    "tiers": ["gold", "platinum"],
    "quota": {"uses": 1, "per": "month", "by_tier": {"platinum": 3}},
}
PRICE = {"kind": "discount", "code": "price", "name": NAME, "rates": {"gold": "0.98"}}
DAY = {
    "kind": "member_day_price",
    "code": "day",
    "name": NAME,
    "rates": {"gold": "0.88"},
    "month_days": [8],
}
NEW = {
    "kind": "product_discount",
    "code": "new",
    "name": NAME,
    "tiers": ["gold"],
    "rate": "0.8",
    "categories": ["new"],
    "quota": {"uses": 1, "per": "week"},
}
FIRST = {"kind": "priority_access", "code": "first", "name": NAME, "tiers": ["platinum"]}


def document(*benefits: dict[str, Any]) -> dict[str, Any]:
    rungs = [
        {"code": code, "name": NAME, "from": at}
        for at, code in enumerate(("silver", "gold", "platinum"))
    ]
    return {"ladder": {"by": "spend", "rungs": rungs}, "benefits": list(benefits)}


def rules(*benefits: dict[str, Any], zone: str = "Asia/Shanghai") -> Benefits:
    return Benefits(decode(document(*benefits)).benefits, ZoneInfo(zone))


def one(benefits: Benefits, at: datetime, tier: str = "gold", used: int = 0) -> Available:
    [code] = [benefit.code for benefit in benefits.all]
    place = (code, benefits.period(code, at.date()))
    [found] = benefits.available(tier=tier, local=at, used={place: Use(used, used)})
    return found


def test_each_tier_has_its_own() -> None:
    benefits = rules(PRICE, DELIVERY, DAY, NEW, FIRST)
    at = wall(2026, 7, 1, 12)
    codes = {
        tier: [found.code for found in benefits.available(tier=tier, local=at, used={})]
        for tier in ("", "silver", "gold", "platinum")
    }
    assert codes == {
        "": [],
        "silver": [],
        "gold": ["price", "delivery", "day", "new"],
        "platinum": ["delivery", "first"],
    }
    assert benefits.counted == ("delivery", "new")
    assert benefits.places(date(2026, 7, 1)) == [("delivery", "2026-07"), ("new", "2026-W27")]


def test_a_rate_is_what_is_left_to_pay() -> None:
    found = one(rules(PRICE), wall(2026, 7, 1))
    assert (found.rate, found.pay) == ("0.98", (9_800, 10_000))


@pytest.mark.parametrize(
    ("tier", "used", "left"),
    [("gold", 0, 1), ("gold", 1, 0), ("gold", 2, 0), ("platinum", 1, 2), ("platinum", 3, 0)],
)
def test_a_quota_may_differ_by_tier_and_counts_for_all(tier: str, used: int, left: int) -> None:
    found = one(rules(DELIVERY), wall(2026, 7, 1), tier, used)
    assert (found.left, found.is_on) == (left, left > 0)


@pytest.mark.parametrize(
    ("per", "at", "resets"),
    [
        ("day", wall(2028, 2, 28, 23, 59), (2028, 2, 29)),
        ("day", wall(2028, 2, 29, 12), (2028, 3, 1)),
        ("week", wall(2026, 7, 5, 23, 59), (2026, 7, 6)),
        ("week", wall(2026, 7, 6, 0), (2026, 7, 13)),
        ("week", wall(2026, 12, 31, 12), (2027, 1, 4)),
        ("month", wall(2026, 1, 31, 12), (2026, 2, 1)),
        ("month", wall(2028, 2, 1, 0), (2028, 3, 1)),
        ("month", wall(2026, 12, 31, 23, 59), (2027, 1, 1)),
        ("quarter", wall(2026, 3, 31, 12), (2026, 4, 1)),
        ("year", wall(2026, 1, 1), (2027, 1, 1)),
    ],
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York", "Pacific/Apia"])
def test_a_quota_begins_anew_at_midnight_of_the_programme(
    per: str, at: datetime, resets: tuple[int, int, int], zone: str
) -> None:
    benefits = rules({**DELIVERY, "quota": {"uses": 1, "per": per}}, zone=zone)
    begins = datetime(*resets, tzinfo=ZoneInfo(zone))
    assert one(benefits, at).resets_at == begins
    place = ("delivery", benefits.period("delivery", at.date()))
    with pytest.raises(BenefitUsedUp) as refused:
        benefits.use("delivery", tier="gold", local=at, used={place: Use(1, 1)})
    assert refused.value.fields["next_on"] == begins.date().isoformat()
    assert datetime.fromisoformat(refused.value.fields["next_at"]) == begins
    assert benefits.use("delivery", tier="gold", local=begins.replace(tzinfo=None), used={}) == Use(
        1, 1
    )


def test_a_midnight_that_the_clocks_skip() -> None:
    """On 6 September 2026 the clocks of Santiago go from midnight to one o'clock."""
    benefits = rules({**DELIVERY, "quota": {"uses": 1, "per": "day"}}, zone="America/Santiago")
    found = one(benefits, wall(2026, 9, 5, 23))
    assert found.resets_at == datetime(2026, 9, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "at", "next_on"),
    [
        ({"month_days": [8]}, date(2026, 7, 8), None),
        ({"month_days": [8]}, date(2026, 7, 9), date(2026, 8, 8)),
        ({"month_days": [31]}, date(2026, 8, 31), None),
        ({"month_days": [31]}, date(2026, 9, 1), date(2026, 10, 31)),
        ({"month_days": [29]}, date(2027, 2, 1), date(2027, 3, 29)),
        ({"weekdays": [3]}, date(2026, 7, 1), None),
        ({"weekdays": [3]}, date(2026, 7, 2), date(2026, 7, 8)),
        ({"weekdays": [5], "month_days": [13]}, date(2026, 7, 1), date(2026, 11, 13)),
    ],
)
def test_member_days(days: dict[str, list[int]], at: date, next_on: date | None) -> None:
    fixed = {key: value for key, value in DAY.items() if key != "month_days"}
    found = one(rules({**fixed, **days}), datetime.combine(at, datetime.min.time()))
    assert found.is_on == (next_on is None)
    begins = (
        datetime(next_on.year, next_on.month, next_on.day, tzinfo=SHANGHAI) if next_on else None
    )
    assert found.next_at == begins


def test_every_way_to_be_refused_has_its_name() -> None:
    benefits = rules(DELIVERY, DAY)
    at = wall(2026, 7, 1, 12)
    with pytest.raises(UnknownBenefit):
        benefits.use("no-such", tier="gold", local=at, used={})
    with pytest.raises(BenefitNotHeld) as held:
        benefits.use("delivery", tier="silver", local=at, used={})
    assert held.value.fields["tiers"] == ["gold", "platinum"]
    with pytest.raises(BenefitNotHeld, match="without a tier"):
        benefits.use("delivery", tier="", local=at, used={})
    with pytest.raises(BenefitNotToday) as today:
        benefits.use("day", tier="gold", local=at, used={})
    assert today.value.fields["next_on"] == "2026-07-08"
    assert benefits.use("day", tier="gold", local=at.replace(day=8), used={}) is None


@given(st.integers(0, 5), st.integers(1, 4), st.integers(0, 400))
def test_uses_never_pass_the_quota(used: int, quota: int, days: int) -> None:
    benefits = rules({**DELIVERY, "quota": {"uses": quota, "per": "month"}})
    at = wall(2026, 1, 1) + timedelta(days=days)
    place = ("delivery", benefits.period("delivery", at.date()))
    try:
        after = benefits.use("delivery", tier="gold", local=at, used={place: Use(used, quota)})
    except BenefitUsedUp:
        assert used >= quota
    else:
        assert after == Use(used + 1, quota)
        assert used < quota


@pytest.mark.parametrize(
    ("benefit", "path"),
    [
        pytest.param({**DELIVERY, "tiers": ["diamond"]}, "$.benefits[0]", id="tier"),
        pytest.param({**PRICE, "rates": {"diamond": "0.9"}}, "$.benefits[0]", id="rate-of-tier"),
        pytest.param({**PRICE, "rates": {"gold": "1.1"}}, "$.benefits[0]", id="above-one"),
        pytest.param({**PRICE, "rates": {"gold": "0"}}, "$.benefits[0]", id="nothing-to-pay"),
        pytest.param({**PRICE, "rates": {"gold": 0.9}}, "$.benefits[0].rates", id="float"),
        pytest.param({**PRICE, "rates": {}}, "$.benefits[0].rates", id="no-rates"),
        pytest.param({**DELIVERY, "quota": {"uses": 0, "per": "month"}},
                     "$.benefits[0].quota.uses", id="no-uses"),
        pytest.param({**DELIVERY, "quota": {"uses": 1, "per": "hour"}},
                     "$.benefits[0].quota.per", id="hour"),
        pytest.param({**DELIVERY, "tiers": ["gold"]}, "$.benefits[0].quota.by_tier.platinum",
                     id="quota-of-a-tier-without-it"),
        pytest.param({**DAY, "month_days": []}, "$.benefits[0]", id="no-day"),
        pytest.param({**NEW, "categories": []}, "$.benefits[0]", id="no-products"),
        pytest.param({**DELIVERY, "surprise": 1}, "$.benefits[0]", id="unknown-field"),
        pytest.param({**DELIVERY, "kind": "cake"}, "$.benefits[0].kind", id="unknown-kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_published(benefit: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRuleSet) as refused:
        decode(document(benefit))
    assert refused.value.fields["path"].startswith(path)


def test_two_benefits_of_one_code_are_refused() -> None:
    with pytest.raises(InvalidRuleSet, match="two benefits"):
        decode(document(PRICE, PRICE))
