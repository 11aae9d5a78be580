"""How long a tier lasts: tables for each ladder, and a model that walks period by period."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jifen.earning.rules.document import InvalidRuleSet, decode
from jifen.earning.rules.keep import Counted, stages_of
from jifen.earning.rules.policy import Policy
from jifen.tiers.rules.stages import settled, tier_at, until
from jifen.tiers.types import EVER, Granted, Stage, StandingState, Terms

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEARLY = {"period": "year", "then": "by_one"}
GOLD = 2


def policy(
    keep: Mapping[str, Any] | None = None, *, lowest: int = 100, zone: str = "Asia/Shanghai",
    **ladder: Any,
) -> Policy:  # fmt: skip
    """Silver, gold and platinum from 100, 500 and 2,000."""
    thresholds = {"silver": lowest, "gold": 500, "platinum": 2_000}
    rungs = [
        {"code": code, "name": {"zh": code, "en": code}, "from": at}
        for code, at in thresholds.items()
    ]
    if ladder.get("by") == "spend_period" and keep:
        ladder.setdefault("period", keep["period"])
    document = {"ladder": {"by": "spend", **ladder, "rungs": rungs, "keep": keep or YEARLY}}
    return Policy(decode(document), 1, ZoneInfo(zone))


def terms(policy: Policy, amounts: Mapping[str, int], **more: Any) -> list[tuple[int, int | None]]:
    """(rank, last period) of every term."""
    assert policy.keeper is not None
    counted = Counted(amounts, more.pop("total", sum(amounts.values())), **more)
    return [(term.rank, term.last) for term in policy.keeper.terms(counted)]


END = (0, None)


@pytest.mark.parametrize(
    ("then", "amounts", "expected"),
    [
        pytest.param("by_one", {}, [END], id="nothing"),
        pytest.param("by_one", {"2026": 499}, [(1, 2027), END], id="below-gold"),
        pytest.param("by_one", {"2026": 500}, [(2, 2027), (1, 2028), END], id="one-by-one"),
        pytest.param("to_earned", {"2026": 500}, [(2, 2027), END], id="to-what-was-earned"),
        pytest.param("to_earned", {"2026": 500, "2027": 100}, [(2, 2027), (1, 2028), END],
                     id="earned-silver"),
        pytest.param("by_one", {"2026": 2000, "2027": 100}, [(3, 2027), (2, 2028), (1, 2029), END],
                     id="by-one-though-less-was-earned"),
        pytest.param("to_earned", {"2026": 2000, "2027": 100}, [(3, 2027), (1, 2028), END],
                     id="two-down"),
        pytest.param("by_one", {"2026": 500, "2027": 500}, [(2, 2027), (2, 2028), (1, 2029), END],
                     id="kept"),
        pytest.param("by_one", {"2026": 500, "2027": 499}, [(2, 2027), (1, 2028), END],
                     id="not-kept-by-one-fen"),
        pytest.param("by_one", {"2026": 500, "2028": 500}, [(2, 2027), (2, 2029), (1, 2030), END],
                     id="reached-again"),
        pytest.param("by_one", {"2026": 500, "2029": 500}, [(2, 2027), (1, 2028), (2, 2030),
                     (1, 2031), END], id="reached-again-from-nothing"),
    ],
)  # fmt: skip
def test_spend_of_a_calendar_year(
    then: str, amounts: Mapping[str, int], expected: list[tuple[int, int | None]]
) -> None:
    found = terms(policy({"period": "year", "then": then}, by="spend_period"), amounts)
    assert found == expected


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        pytest.param({"2026": 300, "2027": 200}, [(2, 2028), (1, 2029), END], id="in-two-years"),
        pytest.param({"2026": 300, "2027": 200, "2028": 500}, [(2, 2028), (2, 2029), (1, 2030),
                     END], id="kept-by-one-year"),
        pytest.param({"2026": 500, "2027": 499}, [(2, 2027), (1, 2028), END],
                     id="the-total-does-not-keep-it"),
        pytest.param({"2026": 500, "2029": 499}, [(2, 2027), (1, 2028), (1, 2030), END],
                     id="nor-bring-it-back"),
        pytest.param({"2026": 500, "2029": 1500}, [(2, 2027), (1, 2028), (3, 2030), (2, 2031),
                     (1, 2032), END], id="but-carries-higher-once"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("by", [{"by": "spend"}, {"by": "growth", "unit": "growth"}])
def test_all_that_ever_was_reaches_and_one_year_keeps(
    by: dict[str, Any], amounts: Mapping[str, int], expected: list[tuple[int, int | None]]
) -> None:
    assert terms(policy(**by), amounts) == expected


def months(year: int, month: int) -> int:
    return year * 12 + month - 1


def test_twelve_months_count_together() -> None:
    kept = policy({"period": "month", "periods": 12, "then": "to_earned"})
    halves = {"2026-01": 250, "2026-12": 250}
    # Reached in December 2026; then January to December 2027 decide.
    assert terms(kept, halves) == [(2, months(2027, 12)), END]
    spread = {**halves, "2027-03": 250, "2027-11": 250}
    assert terms(kept, spread) == [(2, months(2027, 12)), (2, months(2028, 12)), END]
    assert terms(kept, {**halves, "2028-01": 500})[-2:] == [(2, months(2029, 1)), END]


def test_of_a_ladder_by_one_period_the_best_of_several_decides() -> None:
    kept = policy({"period": "month", "periods": 3, "then": "to_earned"}, by="spend_period")
    assert terms(kept, {"2026-01": 500, "2026-02": 400, "2026-03": 400})[0] == (
        2, months(2026, 4),
    )  # fmt: skip
    assert terms(kept, {"2026-01": 500, "2026-02": 400, "2026-03": 400})[1][0] == 1
    assert terms(kept, {"2026-01": 500, "2026-03": 500})[1] == (2, months(2026, 7))


def test_a_tier_from_nothing_never_ends() -> None:
    assert terms(policy(lowest=0), {}) == [(1, None)]
    assert terms(policy(lowest=0), {"2026": 2_000}) == [(3, 2027), (2, 2028), (1, None)]


def test_what_was_counted_before_periods_were_counts_in_the_first() -> None:
    assert terms(policy(), {"2026": 0}, total=700) == [(2, 2027), (1, 2028), END]
    assert terms(policy(), {"2026-05": 300}, total=700) == [END]  # periods of another length


def test_a_tier_that_was_brought_lasts_as_if_it_was_reached_then() -> None:
    brought = (GOLD, date(2026, 5, 1))
    assert terms(policy(), {}, brought=brought) == [(2, 2027), (1, 2028), END]
    assert terms(policy(), {"2027": 500}, brought=brought)[:2] == [(2, 2027), (2, 2028)]


@pytest.mark.parametrize(
    ("keep", "day", "ends"),
    [
        pytest.param({"period": "year"}, date(2026, 1, 1), (2028, 1, 1), id="first-day"),
        pytest.param({"period": "year"}, date(2026, 12, 31), (2028, 1, 1), id="last-day"),
        pytest.param({"period": "month"}, date(2028, 1, 31), (2028, 3, 1), id="leap-february"),
        pytest.param({"period": "month"}, date(2027, 1, 31), (2027, 3, 1), id="february"),
        pytest.param({"period": "month", "periods": 12}, date(2028, 2, 29), (2029, 3, 1),
                     id="from-a-leap-day"),
        pytest.param({"period": "quarter"}, date(2026, 11, 22), (2027, 4, 1), id="quarter"),
        pytest.param({"period": "year", "grace_days": 59}, date(2026, 5, 1), (2028, 2, 29),
                     id="grace-to-a-leap-day"),
        pytest.param({"period": "year", "grace_days": 60}, date(2026, 5, 1), (2028, 3, 1),
                     id="grace-over-a-leap-day"),
    ],
)  # fmt: skip
def test_it_ends_at_midnight_of_the_programme(
    keep: dict[str, Any], day: date, ends: tuple[int, int, int]
) -> None:
    for zone in ("Asia/Shanghai", "America/New_York", "UTC"):
        keeper = policy({"then": "by_one", **keep}, zone=zone).keeper
        assert keeper is not None
        assert keeper.lasts_from(day) == datetime(*ends, tzinfo=ZoneInfo(zone))
        assert keeper.term_ending_at(keeper.lasts_from(day)) is not None
        assert keeper.term_ending_at(keeper.lasts_from(day) + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("ladder", "path"),
    [
        ({"by": "spend_period", "period": "month", "keep": YEARLY}, "$.ladder"),
        ({"by": "spend", "keep": {"period": "year", "periods": 11, "then": "by_one"}}, "$.ladder"),
        ({"by": "spend", "keep": {"period": "year"}}, "$.ladder.keep"),
        ({"by": "spend", "keep": {"period": "week", "then": "by_one"}}, "$.ladder.keep.period"),
        ({"by": "spend", "keep": {**YEARLY, "grace_days": -1}}, "$.ladder.keep.grace_days"),
        ({"by": "spend", "keep": {**YEARLY, "periods": 0}}, "$.ladder.keep.periods"),
    ],
)
def test_a_keep_that_says_nothing_is_refused(ladder: dict[str, Any], path: str) -> None:
    rungs = [{"code": "s", "name": {"zh": "s", "en": "s"}, "from": 0}]
    with pytest.raises(InvalidRuleSet) as refused:
        decode({"ladder": {**ladder, "rungs": rungs}})
    assert refused.value.fields["path"].startswith(path)


# --- against a model -----------------------------------------------------------------------------


def walk(
    amounts: Mapping[int, int], prior: int, n: int, then: str, *, best: bool, last: int
) -> list[int]:
    """The rank in each period up to ``last``, walked one period after the other."""

    def rank(amount: int) -> int:
        return sum(amount >= threshold for threshold in (100, 500, 2_000))

    def window(at: int) -> int:
        some = [amounts.get(each, 0) for each in range(at - n + 1, at + 1)]
        return max(some) if best else sum(some)

    first = min(amounts)
    held, left, total, passed, seen = 0, 0, prior, 0, []
    for at in range(first, last + 1):
        if held and not left:
            earned = rank(window(at - 1))
            held = max(earned, held - 1) if then == "by_one" and earned < held else earned
            left = n
        total += amounts.get(at, 0)
        now = rank(window(at))
        if not best and rank(total) > passed:
            now = max(now, rank(total))
        passed = rank(total)
        if now > held:
            held, left = now, n + 1
        left -= 1
        seen.append(held)
    return seen


AMOUNTS = st.dictionaries(
    st.integers(2020, 2027),
    st.one_of(st.integers(0, 2_500), st.sampled_from([99, 100, 499, 500, 1_999, 2_000])),
    min_size=1,
)


@given(AMOUNTS, st.integers(0, 600), st.integers(1, 4), st.booleans(), st.booleans())
@example({2020: 500, 2021: 100}, 0, 1, False, False)
def test_the_terms_are_those_of_a_walk_through_the_periods(
    amounts: dict[int, int], prior: int, n: int, by_one: bool, best: bool
) -> None:
    then = "by_one" if by_one else "to_earned"
    kept = policy(
        {"period": "year", "periods": n, "then": then}, by="spend_period" if best else "spend"
    )
    total = sum(amounts.values()) + prior
    told = terms(kept, {str(year): spent for year, spent in amounts.items()}, total=total)
    known, horizon = max(amounts), max(amounts) + 30
    walked = walk(amounts, 0 if best else prior, n, then, best=best, last=horizon)
    for year in range(known, horizon + 1):
        in_force = max(rank for rank, last in told if last is None or last >= year)
        assert in_force == walked[year - min(amounts)], (year, told)


# --- stages --------------------------------------------------------------------------------------

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
TIERS = ("silver", "gold", "platinum")
INTERVALS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(-3, 30).map(lambda days: NOON + timedelta(days=days))),
    ),
    max_size=8,
)


def best_of(intervals: list[tuple[int, datetime | None]], at: datetime) -> str:
    rank = max((rank for rank, until in intervals if until is None or until > at), default=0)
    return TIERS[rank - 1] if rank else ""


@given(INTERVALS, st.lists(st.integers(0, 40), max_size=5))
def test_the_stages_have_the_highest_of_all_at_any_time(
    intervals: list[tuple[int, datetime | None]], days: list[int]
) -> None:
    stages = stages_of(intervals, TIERS, NOON)
    standing = StandingState(tier="platinum", terms=Terms(stages=stages))
    for day in [*days, 0, 1, 29, 30]:
        at = NOON + timedelta(days=day)
        assert tier_at(standing, at) == best_of(intervals, at)
        just = at + timedelta(microseconds=1)
        assert tier_at(standing, just) == best_of(intervals, just)
    assert stages[-1].until is None
    assert [stage.until for stage in stages[:-1]] == sorted(stage.until for stage in stages[:-1])  # type: ignore[type-var]


@given(INTERVALS, st.lists(st.integers(0, 40), min_size=1, max_size=5).map(sorted))
def test_what_a_job_has_settled_reads_as_if_no_job_had_run(
    intervals: list[tuple[int, datetime | None]], runs: list[int]
) -> None:
    """Effective at read time = after the job ran, however often it did."""
    standing = StandingState(tier="gold", terms=Terms(stages=stages_of(intervals, TIERS, NOON)))
    left, told = standing, list[Stage]()
    for day in runs:
        at = NOON + timedelta(days=day)
        left, over = settled(left, at)
        told += over
        assert left.terms.stages[0].until is None or left.terms.stages[0].until > at
        for later in range(day, 42):
            when = NOON + timedelta(days=later)
            assert tier_at(left, when) == tier_at(standing, when)
            assert until(left, when) == until(standing, when)
    once = settled(standing, NOON + timedelta(days=runs[-1]))
    assert (left, tuple(told)) == once


def test_a_standing_without_stages_is_what_was_reached_for_ever() -> None:
    standing = StandingState(tier="gold")
    assert standing.terms is EVER
    assert tier_at(standing, NOON) == "gold"
    assert until(standing, NOON) is None
    assert settled(standing, NOON) == (standing, ())


def test_a_tier_that_was_given_is_gone_when_it_is_over() -> None:
    end = NOON + timedelta(days=1)
    stages = (Stage("gold", end), Stage("silver"))
    terms_ = Terms(stages=stages, manual=Granted("gold", end, "r", "a"), bought=Granted("gold"))
    left, over = settled(StandingState(terms=terms_), end)
    assert over == (Stage("gold", end),)
    assert left.terms.manual is None
    assert left.terms.bought == Granted("gold")
