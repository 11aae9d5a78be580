"""Questions to a policy: tiers, periods, expiry, offset, once-only, behaviours."""

# ruff: noqa: DTZ001 - the rules work on naive local time

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jifen.common.errors import JifenError
from jifen.earning.rules.document import decode
from jifen.earning.rules.expiry import After, PeriodEnd, end_of_day
from jifen.earning.rules.policy import Policy

SHARE = {"kind": "behaviour", "code": "s", "on": "share", "points": 5, "unit": "points"}


def policy(zone: str = "Asia/Shanghai", **document: Any) -> Policy:
    return Policy(decode(document), 1, ZoneInfo(zone))


def ladder(by: str, **more: Any) -> dict[str, Any]:
    names = {"zh": "级", "en": "level"}
    rungs = [{"code": code, "name": names, "from": at} for code, at in (("one", 1), ("two", 10))]
    return {"by": by, "rungs": rungs, **more}


def expiring(zone: str, **expiry: Any) -> Policy:
    return policy(zone, expiry={"points": expiry})


# --- tiers -------------------------------------------------------------------------------------


def test_tiers_at_their_bounds() -> None:
    decide = policy(ladder=ladder("spend"))
    assert [decide.tier_for(amount) for amount in (-5, 0, 1, 9, 10)] == [
        "",
        "",
        "one",
        "one",
        "two",
    ]
    assert [decide.tier_rank(code) for code in ("", "one", "two", "tin")] == [0, 1, 2, 0]


def test_without_a_ladder_there_is_no_tier() -> None:
    decide = policy()
    assert (decide.ladder, decide.tier_for(10**12), decide.tier_rank("one")) == (None, "", 0)


@pytest.mark.parametrize(
    ("ladder_of", "period"),
    [
        (ladder("spend"), ""),
        (ladder("growth", unit="growth"), ""),
        (ladder("spend_period", period="year"), "2026"),
        (ladder("spend_period", period="quarter"), "2026-Q3"),
        (ladder("spend_period", period="month"), "2026-07"),
    ],
)
def test_the_period_that_spend_counts_for(ladder_of: dict[str, Any], period: str) -> None:
    assert policy(ladder=ladder_of).period_of(datetime(2026, 7, 1)) == period


@pytest.mark.parametrize(("month", "quarter"), [(1, 1), (3, 1), (4, 2), (9, 3), (10, 4), (12, 4)])
def test_quarters(month: int, quarter: int) -> None:
    decide = policy(ladder=ladder("spend_period", period="quarter"))
    assert decide.period_of(datetime(2026, month, 28)) == f"2026-Q{quarter}"


# --- behaviours and what happens once ---------------------------------------------------------


def test_behaviours_are_the_built_in_and_the_named_ones() -> None:
    rules = [{**SHARE, "code": on, "on": on} for on in ("yoga", "birthday", "tier_reached:one")]
    decide = policy(rules=rules, ladder=ladder("spend"))
    assert decide.behaviours == {"check_in", "share", "review", "visit", "yoga"}
    assert decide.rewarded_tiers == ("tier_reached:one",)


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("behaviour", "check_in", "check_in:2026-11-22"),
        ("behaviour", "share", None),
        ("birthday", "", "birthday:2026"),
        ("enrolment", "", "enrolment"),
        ("opening", "", "opening"),
        ("purchase", "", None),
    ],
)
def test_what_happens_once(kind: str, name: str, key: str | None) -> None:
    assert policy().once_key(kind, name, datetime(2026, 11, 22, 23, 59)) == key


# --- expiry -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expiry", "earned", "last"),
    [
        pytest.param({"months": 1}, (2026, 1, 31), (2026, 2, 28), id="month-end"),
        pytest.param({"months": 1}, (2024, 1, 31), (2024, 2, 29), id="leap-month-end"),
        pytest.param({"months": 12}, (2024, 2, 29), (2025, 2, 28), id="leap-day"),
        pytest.param({"months": 48}, (2024, 2, 29), (2028, 2, 29), id="leap-to-leap"),
        pytest.param({"months": 11}, (2026, 12, 5), (2027, 11, 5), id="over-new-year"),
        pytest.param({"years": 1}, (2024, 2, 29), (2025, 2, 28), id="a-year"),
        pytest.param({"years": 100}, (1999, 12, 31), (2099, 12, 31), id="a-century"),
        pytest.param({"days": 1}, (2024, 2, 28), (2024, 2, 29), id="a-day"),
        pytest.param({"days": 365}, (2024, 2, 29), (2025, 2, 28), id="days"),
    ],
)
def test_valid_after(expiry: dict[str, Any], earned: Any, last: Any) -> None:
    assert After(**expiry).last_day(date(*earned)) == date(*last)


@pytest.mark.parametrize(
    ("expiry", "earned", "last"),
    [
        pytest.param({"period": "month"}, (2024, 2, 1), (2024, 2, 29), id="month"),
        pytest.param(
            {"period": "month", "plus": 1}, (2026, 12, 31), (2027, 1, 31), id="next-month"
        ),
        pytest.param({"period": "quarter"}, (2026, 8, 15), (2026, 9, 30), id="quarter"),
        pytest.param({"period": "quarter", "plus": 1}, (2026, 11, 1), (2027, 3, 31), id="next-q"),
        pytest.param({"period": "year"}, (2026, 12, 31), (2026, 12, 31), id="year"),
        pytest.param({"period": "year", "plus": 1}, (2026, 1, 1), (2027, 12, 31), id="next-year"),
    ],
)
def test_valid_to_the_end_of_a_period(expiry: dict[str, Any], earned: Any, last: Any) -> None:
    assert PeriodEnd(**expiry).last_day(date(*earned)) == date(*last)


@pytest.mark.parametrize(
    ("zone", "day", "over"),
    [
        # Clocks go forward at 01:00 and back at 02:00: midnight itself is plain.
        ("Europe/London", (2026, 3, 28), datetime(2026, 3, 29, 0, 0, tzinfo=UTC)),
        ("Europe/London", (2026, 3, 29), datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
        ("Europe/London", (2026, 10, 25), datetime(2026, 10, 26, 0, 0, tzinfo=UTC)),
        # 00:00 to 01:00 was skipped: the day began at 01:00.
        ("America/Sao_Paulo", (2018, 11, 3), datetime(2018, 11, 4, 3, 0, tzinfo=UTC)),
        # 23:00 to 24:00 came twice: the day was over after the second.
        ("America/Sao_Paulo", (2018, 2, 17), datetime(2018, 2, 18, 3, 0, tzinfo=UTC)),
        # 00:00 to 01:00 came twice: the day was over before the first.
        ("America/Havana", (2026, 10, 31), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        # A whole day was skipped: 29 December ended where the 31st began.
        ("Pacific/Apia", (2011, 12, 29), datetime(2011, 12, 30, 10, 0, tzinfo=UTC)),
    ],
)
def test_the_instant_at_which_a_day_is_over(zone: str, day: Any, over: datetime) -> None:
    assert end_of_day(date(*day), ZoneInfo(zone)) == over


def test_the_local_day_of_occurrence_counts_not_the_one_in_utc() -> None:
    decide = expiring("Asia/Shanghai", kind="after", days=1)
    late = datetime(2026, 6, 14, 16, 30, tzinfo=UTC)  # 00:30 on the 15th in Shanghai
    assert decide.expires_at("points", late) == datetime(2026, 6, 16, 16, tzinfo=UTC)


@pytest.mark.parametrize("decide", [policy(), expiring("UTC", kind="never")])
def test_never(decide: Policy) -> None:
    assert decide.expires_at("points", datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("zone", "expiry", "back", "until"),
    [
        pytest.param(
            "Asia/Shanghai", {"kind": "after", "days": 10, "grace_days": 7},
            datetime(2026, 6, 14, 16, 30, tzinfo=UTC),  # 00:30 on the 15th in Shanghai
            datetime(2026, 6, 22, 16, tzinfo=UTC), id="local-day",
        ),
        pytest.param(
            "Europe/London", {"kind": "period_end", "period": "month", "grace_days": 1},
            datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC),
            id="clocks-go-forward",
        ),
        pytest.param(
            "UTC", {"kind": "after", "days": 10}, datetime(2026, 6, 1, tzinfo=UTC), None,
            id="none",
        ),
        pytest.param(
            "UTC", {"kind": "never"}, datetime(2026, 6, 1, tzinfo=UTC), None, id="never-ends",
        ),
    ],
)  # fmt: skip
def test_days_of_grace_end_with_a_local_day(
    zone: str, expiry: dict[str, Any], back: datetime, until: datetime | None
) -> None:
    assert expiring(zone, **expiry).grace_until("points", back) == until


def test_points_without_an_expiry_have_no_days_of_grace() -> None:
    assert policy().grace_until("points", datetime(2026, 6, 1, tzinfo=UTC)) is None


ZONES = ("Asia/Shanghai", "Europe/London", "America/Sao_Paulo", "America/Havana", "UTC")


@given(
    zone=st.sampled_from(ZONES),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    later=st.timedeltas(timedelta(), timedelta(days=40)),
    expiry=st.sampled_from(
        [
            {"kind": "after", "months": 12},
            {"kind": "after", "days": 1},
            {"kind": "after", "years": 2},
            {"kind": "period_end", "period": "month"},
            {"kind": "period_end", "period": "quarter", "plus": 1},
        ]
    ),
)
def test_expiry_is_later_ends_a_day_and_keeps_the_order(
    zone: str, at: datetime, later: timedelta, expiry: dict[str, Any]
) -> None:
    decide = expiring(zone, **expiry)
    expires_at = decide.expires_at("points", at)
    assert expires_at is not None
    assert expires_at > at
    before = (expires_at - timedelta(microseconds=1)).astimezone(decide.zone)
    after = expires_at.astimezone(decide.zone)
    assert before.date() < after.date()
    assert decide.expires_at("points", at + later) >= expires_at  # type: ignore[operator]


# --- offset -----------------------------------------------------------------------------------

OFFSET = {"unit": "points", "points": 100, "worth_minor": 100}
STEPS = {**OFFSET, "step_points": 100, "minimum_points": 250, "share": "0.3"}


@pytest.mark.parametrize(
    ("offset", "available", "net_minor", "points", "worth_minor", "refusal"),
    [
        pytest.param(OFFSET, 5000, 3550, 3550, 3550, None, id="whole-order"),
        pytest.param(OFFSET, 99, 3550, 99, 99, None, id="all-there-is"),
        pytest.param(OFFSET, 0, 3550, 0, 0, "offset_below_minimum", id="no-points"),
        pytest.param(OFFSET, 50, 0, 0, 0, "offset_above_share", id="free-order"),
        pytest.param(STEPS, 5000, 3550, 1000, 1000, None, id="steps-and-share"),
        pytest.param(STEPS, 399, 3550, 300, 300, None, id="minimum-to-a-step"),
        pytest.param(STEPS, 299, 3550, 0, 0, "offset_below_minimum", id="below-minimum"),
        pytest.param(STEPS, 5000, 999, 0, 0, "offset_above_share", id="small-order"),
        pytest.param(STEPS, 5000, 1000, 300, 300, None, id="just-enough"),
        pytest.param(None, 5000, 3550, 0, 0, "offset_not_allowed", id="not-allowed"),
        pytest.param({**OFFSET, "points": 20}, 7, 3550, 7, 35, None, id="a-point-is-five"),
        pytest.param({**OFFSET, "points": 20}, 1000, 99, 19, 95, None, id="never-over-the-order"),
    ],
)
def test_the_most_that_may_be_paid(
    offset: dict[str, Any] | None, available: int, net_minor: int, points: int, worth_minor: int,
    refusal: str | None,
) -> None:  # fmt: skip
    decide = policy(offset=offset) if offset else policy()
    quote = decide.offset_quote(available, net_minor)
    assert (quote.points, quote.worth_minor, quote.refusal) == (points, worth_minor, refusal)


@pytest.mark.parametrize(
    ("offset", "points", "net_minor", "code"),
    [
        pytest.param(None, 1, 100, "offset_not_allowed", id="not-allowed"),
        pytest.param(STEPS, 200, 3550, "offset_below_minimum", id="below-minimum"),
        pytest.param(STEPS, 350, 3550, "offset_not_a_step", id="not-a-step"),
        pytest.param(STEPS, 1100, 3550, "offset_above_share", id="above-share"),
        pytest.param(OFFSET, 3551, 3550, "offset_above_share", id="above-the-order"),
        pytest.param(OFFSET, -100, 3550, "offset_below_minimum", id="negative"),
    ],
)
def test_what_may_not_be_paid(
    offset: dict[str, Any] | None, points: int, net_minor: int, code: str
) -> None:
    decide = policy(offset=offset) if offset else policy()
    with pytest.raises(JifenError) as refused:
        decide.offset_worth(points, net_minor)
    assert refused.value.code == code


def test_no_points_pay_nothing_anywhere() -> None:
    assert (policy().offset_worth(0, 100), policy(offset=STEPS).offset_worth(0, 100)) == (0, 0)


@given(
    points=st.integers(1, 50), worth_minor=st.integers(1, 50), steps=st.integers(1, 5),
    minimum=st.integers(0, 300), share=st.integers(0, 10_000), available=st.integers(0, 10_000),
    net_minor=st.integers(0, 10_000),
)  # fmt: skip
def test_a_quote_can_be_paid_and_one_step_more_cannot(
    points: int, worth_minor: int, steps: int, minimum: int, share: int, available: int,
    net_minor: int,
) -> None:  # fmt: skip
    step = points * steps
    offset = {
        "unit": "points", "points": points, "worth_minor": worth_minor, "step_points": step,
        "minimum_points": minimum, "share": f"{share // 10_000}.{share % 10_000:04}",
    }  # fmt: skip
    decide = policy(offset=offset)
    quote = decide.offset_quote(available, net_minor)
    assert decide.offset_worth(quote.points, net_minor) == quote.worth_minor
    assert quote.worth_minor <= net_minor
    assert quote.points <= available
    assert quote.worth_minor * points == quote.points * worth_minor
    more = quote.points + step if quote.points else max(step, -(-minimum // step) * step)
    if more <= available:
        with pytest.raises(JifenError) as refused:
            decide.offset_worth(more, net_minor)
        assert refused.value.code == (quote.refusal or "offset_above_share")
