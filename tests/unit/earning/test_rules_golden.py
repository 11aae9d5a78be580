"""The golden scenarios of earning, offset, tiers and time, each through its preset."""

# ruff: noqa: DTZ001 - the rules work on naive local time

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from jifen.earning import presets
from jifen.earning.rules.policy import Policy
from jifen.earning.types import Award, Basket, Facts, Line

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 6, 15, 12)
FIRST_OF_MONTH = datetime(2026, 6, 1, 12)


def policy(preset: str) -> Policy:
    loaded = presets.load(preset)
    return Policy(loaded.document, 1, ZoneInfo(loaded.programme.time_zone))


def order(*lines: tuple[int, str]) -> Basket:
    net_minor = sum(minor for minor, _ in lines)
    return Basket(
        lines=tuple(
            Line(product="thing", quantity=1, amount_minor=minor, category=category)
            for minor, category in lines
        ),
        net_minor=net_minor,
        paid_minor=net_minor,
    )


def facts(*, tier: str = "", local: datetime = NOON, first_order: bool = False) -> Facts:
    return Facts(kind="purchase", local=local, tier=tier, first_order=first_order)


@pytest.mark.parametrize(
    ("preset", "minor", "points"),
    [
        pytest.param("e1", 12890, 128, id="E1"),
        pytest.param("e2", 12890, 12, id="E2"),
        pytest.param("e3", 25000, 25, id="E3"),
        pytest.param("e4", 100000, 1000, id="E4-1000"),
        pytest.param("e4", 100001, 1000, id="E4-1000.01"),
        pytest.param("e4", 200000, 2500, id="E4-2000"),
        pytest.param("e4", 500000, 7000, id="E4-5000"),
        pytest.param("e4", 500001, 7000, id="E4-5000.01"),
        pytest.param("e4", 600000, 9000, id="E4-6000"),
        pytest.param("e5", 100000, 1000, id="E5-1000"),
        pytest.param("e5", 100001, 1500, id="E5-1000.01"),
        pytest.param("e5", 200000, 3000, id="E5-2000"),
        pytest.param("e5", 500000, 7500, id="E5-5000"),
        pytest.param("e5", 500001, 10000, id="E5-5000.01"),
        pytest.param("e5", 600000, 12000, id="E5-6000"),
        pytest.param("e10", 29999, 299, id="E10-299.99"),
        pytest.param("e10", 30000, 350, id="E10-300"),
        pytest.param("starter", 12890, 128, id="starter"),
    ],
)
def test_an_order_earns(preset: str, minor: int, points: int) -> None:
    assert policy(preset).evaluate(facts(), order((minor, ""))).points("points") == points


def test_e6_category_b_counts_twice() -> None:
    award = policy("e6").evaluate(facts(), order((10000, "A"), (5050, "B")))
    assert award.points("points") == 201


@pytest.mark.parametrize(
    ("tier", "points"),
    [("silver", 199), ("gold", 299), ("", 199), ("unheard_of", 199)],
)
def test_e7_tiers_multiply(tier: str, points: int) -> None:
    assert policy("e7").evaluate(facts(tier=tier), order((19999, ""))).points("points") == points


@pytest.mark.parametrize(
    ("preset", "local", "points"),
    [
        pytest.param("e8-multiply", FIRST_OF_MONTH, 300, id="multiply"),
        pytest.param("e8-best", FIRST_OF_MONTH, 200, id="best"),
        pytest.param("e8-multiply", NOON, 150, id="multiply-another-day"),
        pytest.param("e8-best", NOON, 150, id="best-another-day"),
    ],
)
def test_e8_tier_and_double_day(preset: str, local: datetime, points: int) -> None:
    award = policy(preset).evaluate(facts(tier="gold", local=local), order((10000, "")))
    assert award.points("points") == points


def test_e9_first_order() -> None:
    found = [
        policy("e9").evaluate(facts(first_order=first), order((8800, ""))).points("points")
        for first in (True, False)
    ]
    assert found == [1088, 88]


def test_e14_daily_cap_says_what_it_took() -> None:
    decide = policy("e14")
    used: dict[str, int] = {}
    awards: list[Award] = []
    for day, minor in ((1, 30000), (1, 40000), (2, 40000)):
        local = datetime(2026, 6, day, 12)
        (bound,) = decide.bounds("purchase", local)
        room = bound.limit - used.get(bound.period, 0)
        award = decide.evaluate(
            Facts(kind="purchase", local=local, rooms={bound.code: room}), order((minor, ""))
        )
        used[bound.period] = used.get(bound.period, 0) + decide.usage(award).get(bound.code, 0)
        awards.append(award)
    assert [award.points("points") for award in awards] == [300, 200, 400]
    assert [award.refusals for award in awards][::2] == [(), ()]
    (refusal,) = awards[1].refusals
    assert (refusal.code, refusal.rule, refusal.fields["points"]) == ("cap_took", "daily", 200)


def test_starter_check_in_earns_ten() -> None:
    checked_in = Facts(kind="behaviour:check_in", local=NOON)
    assert policy("starter").evaluate(checked_in, Basket()).points("points") == 10


@pytest.mark.parametrize(
    ("preset", "worth_minor"),
    [
        pytest.param("r1a", 1000, id="100=1"),
        pytest.param("r1b", 2000, id="50=1"),
        pytest.param("r1c", 5000, id="20=1"),
        pytest.param("starter", 1000, id="starter"),
    ],
)
def test_r1_offset_with_1000_points(preset: str, worth_minor: int) -> None:
    assert policy(preset).offset_worth(1000, 1_000_000) == worth_minor


def test_r2_at_most_a_share_in_steps() -> None:
    quote = policy("r2").offset_quote(5000, 3550)
    assert (quote.points, quote.worth_minor, quote.refusal) == (1000, 1000, None)
    assert policy("r2").offset_worth(1000, 3550) == 1000


@pytest.mark.parametrize("preset", ["t1", "starter"])
@pytest.mark.parametrize(
    ("paid_minor", "tier"),
    [
        (0, ""),
        (99, ""),
        (100, "standard"),
        (37999, "standard"),
        (38000, "senior"),
        (199999, "senior"),
        (200000, "vip"),
        (499999, "vip"),
        (500000, "supreme"),
    ],
)
def test_t1_spend_in_all(preset: str, paid_minor: int, tier: str) -> None:
    assert policy(preset).tier_for(paid_minor) == tier


def test_t2_growth_is_not_what_is_spent() -> None:
    decide = policy("t2")
    award = decide.evaluate(facts(), order((300000, "")))
    assert (award.points("points"), award.points("growth")) == (3000, 3000)
    assert decide.ladder is not None
    assert (decide.ladder.by, decide.ladder.unit) == ("growth", "growth")
    assert decide.tier_for(award.points("growth")) == "gold"


def test_t3_a_refund_leads_back() -> None:
    assert [policy("t1").tier_for(paid) for paid in (200000, 199999, 0)] == ["vip", "senior", ""]


@pytest.mark.parametrize(
    ("preset", "earned", "until"),
    [
        pytest.param("l1", (2026, 2, 28, 23, 59, 59), (2027, 3, 1), id="L1"),
        pytest.param("l2", (2026, 7, 1, 0, 0, 0), (2028, 1, 1), id="L2"),
        pytest.param("l6", (2024, 2, 29, 12, 0, 0), (2025, 3, 1), id="L6"),
    ],
)
def test_valid_to_the_end_of_the_local_day(
    preset: str, earned: tuple[int, ...], until: tuple[int, int, int]
) -> None:
    year, month, day, hour, minute, second = earned
    earned_at = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    expires_at = policy(preset).expires_at("points", earned_at)
    assert expires_at == datetime(*until, tzinfo=SHANGHAI)
    assert policy(preset).expires_at("points", earned_at.astimezone(UTC)) == expires_at


@pytest.mark.parametrize(
    ("tier", "minor", "points"),
    [
        ("bronze", 13987, 139),
        ("silver", 13987, 139),
        ("gold", 13987, 209),
        ("platinum", 13987, 209),
    ],
)
def test_online_retail(tier: str, minor: int, points: int) -> None:
    decide = policy("online-retail")
    basket = Basket(
        lines=(
            Line(product="85123A", quantity=6, amount_minor=minor + 13, discount_minor=13),
            Line(product="POST", quantity=1, amount_minor=1800, kind="shipping"),
        ),
        net_minor=minor + 1800,
        paid_minor=minor + 1800,
    )
    award = decide.evaluate(facts(tier=tier), basket)
    assert award.points("points") == points
    assert [refusal.code for refusal in award.refusals] == ["line_excluded"]
    assert decide.expires_at("points", datetime(2010, 12, 1, 9, tzinfo=UTC)) is None
    spends = (0, 49999, 50000, 200000, 999999, 1000000)
    assert [decide.tier_for(spend) for spend in spends] == [
        "bronze", "bronze", "silver", "gold", "gold", "platinum",
    ]  # fmt: skip
