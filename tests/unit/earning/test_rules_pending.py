"""When points of an order ripen, and what members may give each other: sections as tables."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jifen.earning.rules.bounds import Bound
from jifen.earning.rules.document import InvalidRuleSet, decode, encode
from jifen.earning.rules.pending import Confirmed, Days, last_day
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.transfers import Transfers

UNITS = {
    "points": "points",
    "stars": "points",
    "growth": "growth",
    "money": "stored",
    "extra": "bonus",
    "wash": "pass",
}
SHANGHAI = ZoneInfo("Asia/Shanghai")


def policy(zone: str = "Asia/Shanghai", **sections: Any) -> Policy:
    return Policy(decode(sections, units=UNITS), 1, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("pending", "bought_on", "last"),
    [
        pytest.param(Days(days=7), date(2026, 6, 1), date(2026, 6, 8), id="a week"),
        pytest.param(Days(days=1), date(2024, 2, 28), date(2024, 2, 29), id="leap day"),
        pytest.param(Days(days=1), date(2025, 2, 28), date(2025, 3, 1), id="no leap day"),
        pytest.param(Days(days=3650), date(2026, 1, 1), date(2035, 12, 30), id="ten years"),
        pytest.param(Confirmed(), date(2026, 6, 1), None, id="an event alone"),
        pytest.param(Confirmed(days=30), date(2026, 1, 31), date(2026, 3, 2), id="at the latest"),
    ],
)
def test_the_last_day_on_which_points_pend(
    pending: Days | Confirmed, bought_on: date, last: date | None
) -> None:
    assert last_day(pending, bought_on) == last


@pytest.mark.parametrize(
    ("zone", "bought_at", "ripens_at"),
    [
        pytest.param(
            "Asia/Shanghai",
            datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC),
            datetime(2026, 6, 8, 16, tzinfo=UTC),
            id="a second before local midnight",
        ),
        pytest.param(
            "Asia/Shanghai",
            datetime(2026, 6, 1, 16, tzinfo=UTC),
            datetime(2026, 6, 9, 16, tzinfo=UTC),
            id="at local midnight",
        ),
        pytest.param(
            "America/New_York",
            datetime(2026, 3, 1, 12, tzinfo=UTC),
            datetime(2026, 3, 9, 4, tzinfo=UTC),
            id="clocks change on the way",
        ),
    ],
)
def test_points_ripen_when_that_day_is_over_in_the_programmes_zone(
    zone: str, bought_at: datetime, ripens_at: datetime
) -> None:
    rules = policy(zone, pending={"points": {"kind": "days", "days": 7}})
    assert rules.ripens_at(rules.pending()["points"], bought_at) == ripens_at


def test_after_the_confirmation_only_days_are_waited_for() -> None:
    rules = policy(
        pending={"points": {"kind": "confirmed", "days": 9}, "stars": {"kind": "days", "days": 2}}
    )
    assert set(rules.pending()) == {"points", "stars"}
    assert set(rules.pending(is_confirmed=True)) == {"stars"}


def test_days_later_ends_a_local_day() -> None:
    at = datetime(2026, 6, 1, 23, 30, tzinfo=SHANGHAI)
    assert policy().days_later(at, 0) == datetime(2026, 6, 2, tzinfo=SHANGHAI)
    assert policy().days_later(at, 7) == datetime(2026, 6, 9, tzinfo=SHANGHAI)


def test_the_days_limit_is_a_bound_of_the_day() -> None:
    local = datetime(2026, 6, 1, 23, 59)  # noqa: DTZ001 - local wall time
    limited = Transfers(per_day=300)
    assert limited.bounds("points", local) == (
        Bound("transfer:points", "member", "2026-06-01", 300),
    )
    assert Transfers().bounds("points", local) == ()


def test_the_sections_round_trip() -> None:
    document = decode(
        {
            "pending": {"points": {"kind": "confirmed"}, "extra": {"kind": "days", "days": 1}},
            "deficit": "refuse",
            "transfers": {"points": {"minimum": 5, "most": 50, "confirm": True, "days": 0}},
        },
        units=UNITS,
    )
    assert decode(encode(document), units=UNITS) == document


@pytest.mark.parametrize(
    ("sections", "path", "sentence"),
    [
        ({"pending": {"growth": {"kind": "days", "days": 1}}}, "$.pending.growth", "growth"),
        ({"pending": {"money": {"kind": "days", "days": 1}}}, "$.pending.money", "stored"),
        ({"pending": {"tea": {"kind": "days", "days": 1}}}, "$.pending.tea", "no unit"),
        ({"pending": {"points": {"kind": "days"}}}, "$.pending[...]", "days"),
        ({"pending": {"points": {"kind": "days", "days": 0}}}, "$.pending[...].days", ">= 1"),
        ({"pending": {"points": {"kind": "days", "days": 1.5}}}, "$.pending[...].days", "int"),
        ({"pending": {"points": {"kind": "paid"}}}, "$.pending[...].kind", "paid"),
        ({"pending": {"points": {"kind": "confirmed", "day": 1}}}, "$.pending[...]", "unknown"),
        ({"deficit": "forbid"}, "$.deficit", "forbid"),
        ({"transfers": {"growth": {}}}, "$.transfers.growth", "growth"),
        ({"transfers": {"wash": {}}}, "$.transfers.wash", "pass"),
        ({"transfers": {"money": {}}}, "$.transfers.money", "stored"),
        ({"transfers": {"tea": {}}}, "$.transfers.tea", "no unit"),
        ({"transfers": {"points": {"minimum": 0}}}, "$.transfers[...].minimum", ">= 1"),
        ({"transfers": {"points": {"minimum": 9, "most": 8}}}, "$.transfers[...]", "most"),
        ({"transfers": {"points": {"minimum": 9, "per_day": 8}}}, "$.transfers[...]", "per_day"),
        ({"transfers": {"points": {"days": 366}}}, "$.transfers[...].days", "<= 365"),
        ({"transfers": {"p" * 51: {}}}, "$", "<= 50"),
        (
            {"rules": [{"kind": "rate", "code": "transfer:x", "points": 1, "per_minor": 1,
                        "unit": "points"}]},
            "$.rules[0].code",
            "transfer:",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(
    sections: dict[str, Any], path: str, sentence: str
) -> None:
    with pytest.raises(InvalidRuleSet) as refused:
        decode(sections, units=UNITS)
    assert refused.value.fields["path"] == path
    assert sentence in refused.value.detail
