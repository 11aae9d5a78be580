"""Whatever leaves a line out of an import is told in words."""

import re

import pytest
from tests.unit.console.test_texts import LANGUAGES, SOURCES, texts

READERS = SOURCES.parents[2] / "src/jifen/faces/importing"
LITERAL = re.compile(
    r'BadLineError\("([a-z_]+)"\)'
    r'|"(?:rejected|no_customer|unmatched_refund)", "([a-z_]+)"'
    r'|reason = "([a-z_]+)"'
    r'|^    (?:    )?return "([a-z_]+)"$',
    re.MULTILINE,
)
# What became of a line that was not left out.
BUCKETS = {"booked", "refunded"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reader", ["online_retail", "documented", "people", "values"])
def test_every_reason_has_a_text(reader: str, language: str) -> None:
    source = (READERS / f"{reader}.py").read_text(encoding="utf-8")
    reasons = {next(filter(None, found)) for found in LITERAL.findall(source)}
    told = texts(language)
    reasons -= BUCKETS
    assert [reason for reason in sorted(reasons) if f"import.reasons.{reason}" not in told] == []
