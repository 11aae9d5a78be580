"""The golden scenarios of this stage, through HTTP: real rules of real shops, exact results."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.api.shop import NOW, Shop, later

from jifen.common.clock import set_clock

SHANGHAI = ZoneInfo("Asia/Shanghai")


def earned(shop: Shop, member: str, amount_minor: int, **changes: Any) -> int:
    """Book an order and answer its points."""
    answer = shop.book(shop.purchase(member, amount_minor, **changes))
    assert answer.status == 201, answer.content
    return int(answer.json.get("points", {}).get("points", 0))


def tier_of(shop: Shop, member: str) -> str:
    return str(shop.get(f"members/{member}").json["tier"])


def line(category: str, amount_minor: int) -> dict[str, Any]:
    return {"product": "p", "quantity": 1, "amount_minor": amount_minor, "category": category}


@pytest.mark.parametrize(
    ("preset", "orders"),
    [
        pytest.param("e1", {12_890: 128}, id="E1"),
        pytest.param("e2", {12_890: 12}, id="E2"),
        pytest.param("e3", {25_000: 25}, id="E3"),
        pytest.param(
            "e4",
            {
                100_000: 1000,
                100_001: 1000,
                200_000: 2500,
                500_000: 7000,
                500_001: 7000,
                600_000: 9000,
            },
            id="E4",
        ),
        pytest.param(
            "e5",
            {
                100_000: 1000,
                100_001: 1500,
                200_000: 3000,
                500_000: 7500,
                500_001: 10_000,
                600_000: 12_000,
            },
            id="E5",
        ),
        pytest.param("e10", {29_999: 299, 30_000: 350}, id="E10"),
    ],
)
def test_an_order_earns(preset: str, orders: dict[int, int]) -> None:
    shop = Shop(preset)
    for amount_minor, points in orders.items():
        assert earned(shop, shop.member(), amount_minor) == points


def test_e6_categories_multiply() -> None:
    shop = Shop("e6")
    assert earned(shop, shop.member(), 0, lines=[line("A", 10_000), line("B", 5_050)]) == 201


def gold(shop: Shop) -> str:
    """A member who has reached gold by an order of 2,000 yuan."""
    member = shop.member()
    earned(shop, member, 200_000)
    assert tier_of(shop, member) == "gold"
    return member


def test_e7_gold_earns_half_as_much_again() -> None:
    shop = Shop("e7")
    assert earned(shop, gold(shop), 19_999) == 299


@pytest.mark.parametrize(("preset", "points"), [("e8-multiply", 300), ("e8-best", 200)])
def test_e8_a_double_points_day(preset: str, points: int) -> None:
    shop = Shop(preset)
    assert earned(shop, gold(shop), 10_000) == points  # NOW is a first of the month


def test_e9_the_first_order_earns_a_thousand_more() -> None:
    shop = Shop("e9")
    member = shop.member()
    assert [earned(shop, member, 8_800), earned(shop, member, 8_800)] == [1088, 88]


def test_e14_the_daily_cap_says_what_it_took() -> None:
    shop = Shop("e14")
    member = shop.member()
    assert earned(shop, member, 30_000, reference="first") == 300
    second = shop.book(shop.purchase(member, 40_000)).json
    assert second["points"] == {"points": 200}
    (part,) = second["award"]["parts"]
    assert part["bounded"] == {"daily": 200}
    with set_clock(later(days=1)):
        assert earned(shop, member, 40_000, at=later(days=1)) == 400


def test_e14_a_refund_frees_room_for_later_orders() -> None:
    shop = Shop("e14")
    member = shop.member()
    earned(shop, member, 30_000, reference="first")
    earned(shop, member, 40_000)
    refund = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": {"reference": "first"}}
    assert shop.book(refund).json["points"] == {"points": -300}
    assert earned(shop, member, 40_000) == 300
    assert shop.available(member) == 500


def with_points(shop: Shop, points: int) -> str:
    """A member who was given so many points."""
    member = shop.member()
    answer = shop.book(
        {
            "kind": "adjustment",
            "occurred_at": NOW.isoformat(),
            "member": {"kind": "id", "value": member},
            "unit": "points",
            "points": points,
            "reason": "for the test",
            "actor": "tester",
        }
    )
    assert answer.status == 201, answer.content
    return member


def quote(shop: Shop, member: str, amount_minor: int) -> dict[str, Any]:
    answer = shop.post(
        "offset/quote",
        {
            "member": {"kind": "id", "value": member},
            "lines": [{"product": "p", "quantity": 1, "amount_minor": amount_minor}],
        },
    )
    assert answer.status == 200, answer.content
    return dict(answer.json)


@pytest.mark.parametrize(
    ("preset", "worth_minor"), [("r1a", 1_000), ("r1b", 2_000), ("r1c", 5_000)]
)
def test_r1_a_thousand_points_are_worth(preset: str, worth_minor: int) -> None:
    shop = Shop(preset)
    member = with_points(shop, 1_000)
    assert quote(shop, member, 100_000) == {
        "points": 1_000,
        "worth_minor": worth_minor,
        "refusal": None,
    }
    paid = shop.book(shop.purchase(member, 100_000, points_paid=1_000)).json
    left = (100_000 - worth_minor) // 100
    assert paid["points"] == {"points": left - 1_000}
    assert shop.available(member) == left


def test_r2_at_most_thirty_percent_in_steps_of_a_hundred() -> None:
    shop = Shop("r2")
    member = with_points(shop, 5_000)
    assert quote(shop, member, 3_550) == {"points": 1_000, "worth_minor": 1_000, "refusal": None}
    above = shop.book(shop.purchase(member, 3_550, points_paid=1_100))
    assert (above.status, above.code) == (422, "offset_above_share")
    odd = shop.book(shop.purchase(member, 3_550, points_paid=950))
    assert (odd.status, odd.code) == (422, "offset_not_a_step")
    assert shop.book(shop.purchase(member, 3_550, points_paid=1_000)).status == 201


@pytest.mark.parametrize(
    ("spent_minor", "tier"),
    [
        (100, "standard"),
        (37_999, "standard"),
        (38_000, "senior"),
        (199_999, "senior"),
        (200_000, "vip"),
        (500_000, "supreme"),
        (99, ""),
    ],
)
def test_t1_spend_in_all_gives_the_tier(spent_minor: int, tier: str) -> None:
    shop = Shop("t1")
    member = shop.member()
    earned(shop, member, spent_minor)
    assert tier_of(shop, member) == tier


def test_t2_spending_points_never_demotes() -> None:
    shop = Shop("t2")
    member = shop.member()
    earned(shop, member, 300_000)
    assert tier_of(shop, member) == "gold"
    assert shop.book(shop.purchase(member, 290_000, points_paid=2_900)).status == 201
    assert tier_of(shop, member) == "gold"
    assert shop.available(member, "growth") >= 3_000


def test_t3_a_refund_gives_the_tier_of_what_is_kept() -> None:
    shop = Shop("t1")
    member = shop.member()
    earned(shop, member, 38_000)
    earned(shop, member, 162_000, reference="big")
    assert tier_of(shop, member) == "vip"
    refund = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": {"reference": "big"}}
    assert shop.book(refund).status == 201
    assert tier_of(shop, member) == "senior"


@pytest.mark.parametrize(
    ("preset", "earned_at", "last_day_ends"),
    [
        pytest.param("l1", (2026, 2, 28, 23, 59, 59), (2027, 3, 1), id="L1"),
        pytest.param("l2", (2026, 7, 1, 12, 0, 0), (2028, 1, 1), id="L2"),
        pytest.param("l6", (2024, 2, 29, 12, 0, 0), (2025, 3, 1), id="L6"),
    ],
)
def test_points_are_spendable_to_the_end_of_their_last_day(
    preset: str, earned_at: tuple[int, ...], last_day_ends: tuple[int, ...]
) -> None:
    at = datetime(*earned_at, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]
    end = datetime(*last_day_ends, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]
    with set_clock(at):
        shop = Shop(preset, at=at)
        member = shop.member()
        earned(shop, member, 10_000, at=at)
    with set_clock(end - timedelta(microseconds=1)):
        assert shop.available(member) == 100
    with set_clock(end):
        assert shop.available(member) == 0


def test_l5_a_refund_gives_back_to_the_lots_last_taken_first() -> None:
    """100 points until 1 June and 50 for ever: 120 are burned, and 60 of them come back."""
    shop = Shop("r1a")
    member = with_points(shop, 50)
    until = datetime(NOW.year + 1, 6, 1, tzinfo=SHANGHAI)
    june = {
        "kind": "adjustment",
        "occurred_at": NOW.isoformat(),
        "member": {"kind": "id", "value": member},
        "unit": "points",
        "points": 100,
        "reason": "until June",
        "actor": "tester",
        "expires_at": until.isoformat(),
    }
    assert shop.book(june).status == 201
    paid = shop.purchase(
        member, 0, lines=[line("A", 60), line("A", 60)], points_paid=120, reference="paid"
    )
    assert shop.book(paid).status == 201
    assert shop.available(member) == 30
    refund = {
        "kind": "refund",
        "occurred_at": NOW.isoformat(),
        "of": {"reference": "paid"},
        "lines": [{"line": 0, "quantity": 1}],
    }
    assert shop.book(refund).json["points"] == {"points": 60}
    with set_clock(until - timedelta(microseconds=1)):
        assert shop.available(member) == 90
    with set_clock(until):
        assert shop.available(member) == 50
