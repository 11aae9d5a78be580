"""Calendar periods: names, last days and numbers, over leap days, month ends and ISO weeks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jifen.earning.rules.periods import (
    index_named,
    index_of,
    last_day_at,
    last_day_of,
    name_at,
    name_of,
)

COUNTED = ("month", "quarter", "year")


@pytest.mark.parametrize(
    ("per", "day", "name", "last"),
    [
        ("day", date(2028, 2, 29), "2028-02-29", date(2028, 2, 29)),
        ("week", date(2026, 11, 22), "2026-W47", date(2026, 11, 22)),
        ("week", date(2026, 11, 23), "2026-W48", date(2026, 11, 29)),
        ("week", date(2026, 12, 31), "2026-W53", date(2027, 1, 3)),
        ("week", date(2027, 1, 3), "2026-W53", date(2027, 1, 3)),
        ("week", date(2024, 12, 30), "2025-W01", date(2025, 1, 5)),
        ("month", date(2027, 2, 1), "2027-02", date(2027, 2, 28)),
        ("month", date(2028, 2, 29), "2028-02", date(2028, 2, 29)),
        ("month", date(2026, 12, 31), "2026-12", date(2026, 12, 31)),
        ("quarter", date(2026, 3, 31), "2026-Q1", date(2026, 3, 31)),
        ("quarter", date(2026, 4, 1), "2026-Q2", date(2026, 6, 30)),
        ("year", date(2028, 2, 29), "2028", date(2028, 12, 31)),
    ],
)
def test_a_day_lies_in_a_period(per: str, day: date, name: str, last: date) -> None:
    assert name_of(per, day) == name  # type: ignore[arg-type]
    assert last_day_of(per, day) == last  # type: ignore[arg-type]


@given(st.sampled_from(COUNTED), st.dates(date(1900, 1, 1), date(8999, 12, 31)))
def test_numbers_names_and_last_days_agree(per: str, day: date) -> None:
    index = index_of(per, day)  # type: ignore[arg-type]
    name = name_at(per, index)  # type: ignore[arg-type]
    last = last_day_at(per, index)  # type: ignore[arg-type]
    assert name == name_of(per, day)  # type: ignore[arg-type]
    assert index_named(per, name) == index  # type: ignore[arg-type]
    assert last == last_day_of(per, day) >= day  # type: ignore[arg-type]
    assert index_of(per, last) == index  # type: ignore[arg-type]
    assert index_of(per, last + timedelta(days=1)) == index + 1  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["2026", "2026-11", "2026-Q4", "2026-W47", "2026-11-22"])
def test_a_name_belongs_to_one_length(name: str) -> None:
    owners = [per for per in COUNTED if index_named(per, name) is not None]  # type: ignore[arg-type]
    expected = {4: ["year"], 7: ["month"]}.get(len(name), [])
    assert owners == (["quarter"] if "Q" in name else expected)
