"""What the decisions claim of the code and can be looked at in a moment."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.docs.pages import DOCS

from jifen.common.sql import array

DECISIONS = DOCS / "decisions"
PAGES = sorted(DECISIONS.glob("0*.md"))
AWKWARD = [
    "", " ", "NULL", "null", "{}", "{a,b}", "a,b", '"', '""', "\\", '\\"', "'", "''; --", "$1",
    "%(ids)s", "%s", "\t", "\n", "\r\n", "\u00a0", "\u2028", "积分", "👍🏽", "a\u0301", "\x7f",
    "\\n",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_has_its_three_parts_and_a_line_in_the_list(page: Any) -> None:
    text = page.read_text(encoding="utf-8")
    number = f"{PAGES.index(page) + 1:04}"
    assert page.name.startswith(f"{number}-")
    assert text.startswith(f"# {number}. ")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]
    assert f"[{number}]({page.name})" in (DECISIONS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", [*AWKWARD, None]),
        ("bigint", [0, -1, 2**63 - 1, None]),
        ("boolean", [True, False, None]),
        ("uuid", [UUID(int=0), UUID(int=2**128 - 1), None]),
        ("bytea", [b"", b'\x00\xff\\"', None]),
        ("timestamptz", [datetime(2026, 6, 1, 4, 0, 0, 1, tzinfo=UTC), None]),
    ],
)
def test_0006_an_array_comes_back_as_it_was_sent(kind: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT x FROM unnest(%s::{kind} []) AS t (x)", [array(values)])
        found = [value for (value,) in cursor.fetchall()]
    assert [bytes(each) if kind == "bytea" and each else each for each in found] == values


def test_0006_an_unknown_type_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        array([1.5])
