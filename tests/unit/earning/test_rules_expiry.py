"""Until when points are good: every kind of expiry, on leap days, at month ends, where clocks
change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jifen.common.days import last_day
from jifen.earning.rules.clears import Clear
from jifen.earning.rules.document import InvalidRuleSet, decode
from jifen.earning.rules.expiry import Expiry, Inactivity, end_of_day
from jifen.earning.rules.policy import Policy

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
LEAP = date(2028, 2, 29)


def expiry(**config: Any) -> Expiry:
    found: Expiry = msgspec.convert(config, Expiry)
    return found


@pytest.mark.parametrize(
    ("config", "earned_on", "last"),
    [
        ({"kind": "after", "days": 1}, "2028-02-28", "2028-02-29"),
        ({"kind": "after", "days": 365}, "2028-02-29", "2029-02-28"),
        ({"kind": "after", "months": 1}, "2026-01-31", "2026-02-28"),
        ({"kind": "after", "months": 1}, "2028-01-31", "2028-02-29"),
        ({"kind": "after", "years": 1}, "2028-02-29", "2029-02-28"),
        ({"kind": "after", "years": 4}, "2028-02-29", "2032-02-29"),
        ({"kind": "after", "days": 0 + 30, "to": "month"}, "2026-01-05", "2026-02-28"),
        ({"kind": "after", "months": 12, "to": "month"}, "2026-02-05", "2027-02-28"),
        ({"kind": "after", "months": 12, "to": "quarter"}, "2026-05-31", "2027-06-30"),
        ({"kind": "after", "years": 1, "to": "year"}, "2026-01-01", "2027-12-31"),
        ({"kind": "after", "days": 7, "to": "week"}, "2026-06-01", "2026-06-14"),
        ({"kind": "after", "days": 7, "to": "day"}, "2026-06-01", "2026-06-08"),
        ({"kind": "period_end", "period": "day"}, "2026-06-01", "2026-06-01"),
        ({"kind": "period_end", "period": "day", "plus": 1}, "2026-12-31", "2027-01-01"),
        ({"kind": "period_end", "period": "week"}, "2026-12-31", "2027-01-03"),
        ({"kind": "period_end", "period": "month"}, "2028-02-01", "2028-02-29"),
        ({"kind": "period_end", "period": "month", "plus": 1}, "2026-01-31", "2026-02-28"),
        ({"kind": "period_end", "period": "month", "plus": 12}, "2027-02-28", "2028-02-29"),
        ({"kind": "period_end", "period": "quarter"}, "2026-11-02", "2026-12-31"),
        ({"kind": "period_end", "period": "year", "plus": 1}, "2026-07-01", "2027-12-31"),
        ({"kind": "fixed", "dates": ["05-01", "12-31"]}, "2026-01-01", "2026-05-01"),
        ({"kind": "fixed", "dates": ["05-01", "12-31"]}, "2026-05-01", "2026-05-01"),
        ({"kind": "fixed", "dates": ["05-01", "12-31"]}, "2026-05-02", "2026-12-31"),
        ({"kind": "fixed", "dates": ["12-31", "05-01"]}, "2026-12-31", "2026-12-31"),
        ({"kind": "fixed", "dates": ["05-01"], "min_days": 30}, "2026-04-01", "2026-05-01"),
        ({"kind": "fixed", "dates": ["05-01"], "min_days": 30}, "2026-04-02", "2027-05-01"),
        ({"kind": "fixed", "dates": ["05-01"], "min_days": 400}, "2026-04-02", "2028-05-01"),
        ({"kind": "fixed", "dates": ["02-29"]}, "2026-03-01", "2027-02-28"),
        ({"kind": "fixed", "dates": ["02-29"]}, "2027-03-01", "2028-02-29"),
        ({"kind": "inactivity", "months": 12}, "2026-06-01", None),
        ({"kind": "never"}, "2026-06-01", None),
    ],
)  # fmt: skip
def test_the_last_good_day(config: dict[str, Any], earned_on: str, last: str | None) -> None:
    found = expiry(**config).last_day(date.fromisoformat(earned_on))
    assert found == (date.fromisoformat(last) if last else None)


@pytest.mark.parametrize(
    ("config", "used_on", "last"),
    [
        ({"days": 30}, "2026-06-01", "2026-07-01"),
        ({"months": 1}, "2028-01-31", "2028-02-29"),
        ({"months": 18}, "2026-08-31", "2028-02-29"),
        ({"months": 12}, "2028-02-29", "2029-02-28"),
    ],
)
def test_the_last_good_day_of_an_account_that_is_not_used(
    config: dict[str, int], used_on: str, last: str
) -> None:
    assert Inactivity(**config).idle_day(date.fromisoformat(used_on)) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"kind": "inactivity"}, "exactly one"),
        ({"kind": "inactivity", "days": 1, "months": 1}, "exactly one"),
        ({"kind": "inactivity", "days": 0}, ">= 1"),
        ({"kind": "inactivity", "days": 9, "grace_days": 3}, "unknown field"),
        ({"kind": "fixed", "dates": []}, "length >= 1"),
        ({"kind": "fixed", "dates": ["02-30"]}, "day is out of range"),
        ({"kind": "fixed", "dates": ["13-01"]}, "matching regex"),
        ({"kind": "fixed", "dates": ["05-01", "05-01"]}, "twice"),
        ({"kind": "after", "days": 1, "to": "decade"}, "Invalid enum"),
        ({"kind": "period_end", "period": "decade"}, "Invalid enum"),
    ],
)
def test_what_cannot_be_is_refused(config: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        expiry(**config)


@given(DAYS, st.integers(0, 400), st.sampled_from([("05-01",), ("01-31", "02-29", "12-31")]))
def test_a_fixed_day_is_the_first_one_that_is_far_enough(
    earned_on: date, min_days: int, dates: tuple[str, ...]
) -> None:
    policy = expiry(kind="fixed", dates=list(dates), min_days=min_days)
    found = policy.last_day(earned_on)
    assert found is not None
    assert found >= earned_on + timedelta(days=min_days)

    def is_one(day: date) -> bool:
        ends_february = (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3
        return f"{day:%m-%d}" in dates or ("02-29" in dates and ends_february)

    assert is_one(found)
    between = range((found - earned_on).days)
    assert not any(is_one(earned_on + timedelta(days=n)) for n in between if n >= min_days)


@given(DAYS, st.sampled_from(["day", "week", "month", "quarter", "year"]), st.integers(0, 3))
def test_later_days_never_end_earlier(day: date, period: str, plus: int) -> None:
    policy = expiry(kind="period_end", period=period, plus=plus)
    first, second = policy.last_day(day), policy.last_day(day + timedelta(days=1))
    assert first is not None
    assert second is not None
    assert day <= first <= second


@pytest.mark.parametrize(
    ("zone", "day", "ends_at"),
    [
        pytest.param("Asia/Shanghai", "2026-05-01", "2026-05-01T16:00", id="plain"),
        pytest.param("Asia/Kathmandu", "2026-05-01", "2026-05-01T18:15", id="a quarter"),
        pytest.param("America/New_York", "2026-03-08", "2026-03-09T04:00", id="23 hours"),
        pytest.param("America/New_York", "2026-11-01", "2026-11-02T05:00", id="25 hours"),
        pytest.param("America/Santiago", "2026-09-05", "2026-09-06T04:00", id="midnight skipped"),
        pytest.param("Pacific/Apia", "2011-12-29", "2011-12-30T10:00", id="a day skipped"),
    ],
)
def test_the_instant_at_which_a_local_day_is_over(zone: str, day: str, ends_at: str) -> None:
    there = ZoneInfo(zone)
    found = end_of_day(date.fromisoformat(day), there)
    assert found == datetime.fromisoformat(ends_at).replace(tzinfo=UTC)
    assert last_day(found, there) == date.fromisoformat(day)


def test_inactivity_is_a_matter_of_accounts_not_of_lots() -> None:
    document = decode({"expiry": {"points": {"kind": "inactivity", "months": 12}}})
    policy = Policy(document, 1, ZoneInfo("Asia/Shanghai"))
    at = datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)
    assert policy.expires_at("points", at) is None
    assert policy.grace_until("points", at) is None
    assert policy.idle_units == {"points"}
    assert policy.idle_at("points", at) == datetime(2027, 2, 28, 16, tzinfo=UTC)
    assert policy.idle_at("stars", at) is None


@pytest.mark.parametrize(
    ("config", "today", "days"),
    [
        ({"on": ["2026-05-01", "2026-04-30"]}, "2026-05-01", ["2026-05-01"]),
        ({"each_year": ["05-01"]}, "2026-05-01", ["2026-05-01"]),
        ({"each_year": ["05-01"]}, "2026-05-02", ["2027-05-01"]),
        ({"each_year": ["02-29"], "on": ["2030-01-01"]}, "2026-03-01",
         ["2030-01-01", "2027-02-28"]),
    ],
)  # fmt: skip
def test_the_days_of_a_clear_to_come(config: dict[str, Any], today: str, days: list[str]) -> None:
    found = msgspec.convert(config, Clear).next_days(date.fromisoformat(today))
    assert [day.isoformat() for day in found] == days


def test_a_clear_without_a_day_is_refused() -> None:
    with pytest.raises(InvalidRuleSet) as caught:
        decode({"clears": {"points": {"days": [7]}}})
    assert caught.value.fields["path"] == "$.clears[...]"
