"""Conditions of segments: their shape, what says nothing, and the text they become."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jifen.audience.rules.conditions import DEEPEST, Condition, InvalidSegment, check
from jifen.audience.rules.days import month_days, upcoming
from jifen.audience.sql.questions import Asker, Question

AT = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
STORES = {"main": uuid4(), "other": uuid4()}
DECODER = msgspec.json.Decoder(Condition)


def read(condition: Any) -> Condition:
    found: Condition = DECODER.decode(json.dumps(condition))
    return found


def ask(condition: Condition, stores: dict[str, UUID] = STORES) -> Question:
    return Asker(at=AT, zone=SHANGHAI, stores=stores).question(condition)


LEAVES: list[dict[str, Any]] = [
    {"kind": "spend", "at_least_minor": 100_000},
    {"kind": "spend", "at_least_minor": 1, "below_minor": 2, "days": 30, "stores": ["main"]},
    {"kind": "orders", "at_least": 3},
    {"kind": "orders", "below": 3, "days": 90},
    {"kind": "last_order", "days": 30},
    {"kind": "last_visit", "days": 7, "stores": ["main", "other"]},
    {"kind": "tier", "any_of": ["gold", ""]},
    {"kind": "tag", "any_of": ["VIP", "茶"]},
    {"kind": "birthday", "first": "12-20", "last": "01-10"},
    {"kind": "birthday", "next_days": 7},
    {"kind": "store", "any_of": ["main"]},
    {"kind": "enrolled", "since": "2026-01-01", "until": "2026-02-01"},
    {"kind": "enrolled", "days": 30},
]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: str(leaf["kind"]))
def test_each_kind_is_read_and_written_as_it_is(leaf: dict[str, Any]) -> None:
    for condition in (leaf, {"kind": "not", "of": leaf}, {"kind": "any", "of": [leaf, leaf]}):
        read_ = read(condition)
        check(read_)
        assert json.loads(msgspec.json.encode(read_)) == condition
        assert "%(programme_id)s" in ask(read_).text


@pytest.mark.parametrize(
    "condition",
    [
        {"kind": "unknown"},
        {"any_of": ["gold"]},
        {"kind": "tier", "any_of": []},
        {"kind": "tier", "any_of": "gold"},
        {"kind": "all", "of": []},
        {"kind": "not", "of": [{"kind": "orders", "below": 1}]},
        {"kind": "spend", "at_least_minor": 1.5},
        {"kind": "spend", "at_least_minor": -1},
        {"kind": "spend", "at_least_minor": "1"},
        {"kind": "orders", "at_least": 1, "colour": "red"},
        {"kind": "birthday", "first": "13-01", "last": "01-01"},
        {"kind": "birthday", "first": "1-1", "last": "01-01"},
        {"kind": "enrolled", "since": "2026-02-30"},
        {"kind": "last_order"},
        {"kind": "last_order", "days": 10**9},
        "gold",
        None,
    ],
)
def test_what_is_not_a_condition_is_not_read(condition: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(condition)


@pytest.mark.parametrize(
    ("condition", "at"),
    [
        ({"kind": "spend"}, "$"),
        ({"kind": "spend", "days": 30}, "$"),
        ({"kind": "spend", "at_least_minor": 5, "below_minor": 5}, "$"),
        ({"kind": "orders", "at_least": 3, "below": 2}, "$"),
        ({"kind": "birthday"}, "$"),
        ({"kind": "birthday", "first": "01-01"}, "$"),
        ({"kind": "birthday", "first": "01-01", "last": "01-02", "next_days": 3}, "$"),
        ({"kind": "enrolled"}, "$"),
        ({"kind": "enrolled", "since": "2026-01-01", "days": 3}, "$"),
        ({"kind": "enrolled", "since": "2026-01-01", "until": "2026-01-01"}, "$"),
        ({"kind": "all", "of": [{"kind": "orders", "below": 1}, {"kind": "orders"}]}, "$.of[1]"),
        ({"kind": "not", "of": {"kind": "any", "of": [{"kind": "spend"}]}}, "$.of.of[0]"),
    ],
)
def test_what_says_nothing_is_refused_with_its_place(condition: Any, at: str) -> None:
    with pytest.raises(InvalidSegment) as refused:
        check(read(condition))
    assert refused.value.fields["at"] == at


def test_neither_too_deep_nor_too_large() -> None:
    deep: Any = {"kind": "orders", "below": 1}
    for _ in range(DEEPEST - 1):
        deep = {"kind": "not", "of": deep}
    check(read(deep))
    with pytest.raises(InvalidSegment):
        check(read({"kind": "not", "of": deep}))
    wide = [{"kind": "any", "of": [{"kind": "orders", "below": 1}] * 49}] * 2
    check(read({"kind": "all", "of": wide[:1]}))
    with pytest.raises(InvalidSegment):
        check(read({"kind": "all", "of": wide}))


text = st.text(min_size=1, max_size=20).filter(lambda tag: tag.strip() and tag.isprintable())
leaves: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda tags: {"kind": "tag", "any_of": tags}, st.lists(text, min_size=1, max_size=3)),
    st.builds(
        lambda tiers: {"kind": "tier", "any_of": tiers}, st.lists(text, min_size=1, max_size=3)
    ),
    st.builds(
        lambda low, days, stores: {
            "kind": "spend", "at_least_minor": low, "days": days, "stores": stores,
        },
        st.integers(0, 10**15), st.integers(0, 3_660), st.lists(text, min_size=1, max_size=3),
    ),
    st.builds(
        lambda since: {"kind": "enrolled", "since": since.isoformat()},
        st.dates(date(1000, 1, 1), date(9000, 1, 1)),
    ),
    st.sampled_from(LEAVES),
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.builds(lambda part: {"kind": "not", "of": part}, parts),
        st.builds(
            lambda kind, of: {"kind": kind, "of": of},
            st.sampled_from(["all", "any"]),
            st.lists(parts, min_size=1, max_size=3),
        ),
    ),
    max_leaves=8,
)


def values(node: Any) -> list[Any]:
    """Everything in a condition but its keys and kinds."""
    if isinstance(node, dict):
        return [each for key, part in node.items() if key != "kind" for each in values(part)]
    if isinstance(node, list):
        return [each for part in node for each in values(part)]
    return [node]


@given(trees)
def test_no_value_ever_becomes_a_part_of_the_text(tree: Any) -> None:
    """The text is one for each shape: it is made of fixed pieces and of parameters' names."""
    stores = {str(each): uuid4() for each in values(tree) if isinstance(each, str)}
    found = ask(read(tree), stores)
    names = set(re.findall(r"%\((\w+)\)s", found.before + found.text))
    assert names == {"programme_id", *found.params}
    masked = others(tree)
    same = {str(each): uuid4() for each in values(masked) if isinstance(each, str)}
    assert ask(read(masked), same).text == found.text


def others(tree: Any) -> Any:
    """The same shape with other values; what was equal stays equal."""
    named: dict[str, str] = {}

    def other(node: dict[str, Any]) -> dict[str, Any]:
        for key, value in node.items():
            if key in {"any_of", "stores"} and value:
                node[key] = [named.setdefault(each, f"x{len(named)}") for each in value]
            elif key in {"since", "until"}:
                node[key] = "2020-01-01" if key == "since" else "2020-06-01"
            elif isinstance(value, int) and key != "days":
                node[key] = 7
        return node

    return json.loads(json.dumps(tree), object_hook=other)


@pytest.mark.parametrize(
    ("first", "last", "year", "days"),
    [
        ("06-17", "06-18", 2026, [617, 618]),
        ("06-18", "06-18", 2026, [618]),
        ("12-31", "01-01", 2026, [101, 1231]),
        ("02-27", "02-28", 2026, [227, 228, 229]),
        ("02-27", "02-28", 2028, [227, 228]),
        ("02-29", "03-01", 2026, [229, 301]),
        ("01-01", "12-31", 2026, None),
        ("01-02", "01-01", 2026, None),
    ],
)
def test_days_of_the_year(first: str, last: str, year: int, days: list[int] | None) -> None:
    found = month_days(first, last, date(year, 1, 1))
    assert found == days if days else len(found) == 366


@pytest.mark.parametrize(
    ("today", "ahead", "days"),
    [
        (date(2026, 6, 18), 0, [618]),
        (date(2026, 12, 30), 2, [101, 1230, 1231]),
        (date(2026, 2, 27), 2, [227, 228, 229, 301]),
        (date(2028, 2, 27), 2, [227, 228, 229]),
    ],
)
def test_days_to_come(today: date, ahead: int, days: list[int]) -> None:
    assert upcoming(today, ahead) == days
