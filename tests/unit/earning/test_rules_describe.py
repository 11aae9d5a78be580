"""Awards in sentences, in both languages."""

# ruff: noqa: DTZ001 - the rules work on naive local time

import re
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from jifen import earning
from jifen.earning import presets
from jifen.earning.rules.describe import sentences
from jifen.earning.rules.document import decode
from jifen.earning.rules.messages import MESSAGES, Language
from jifen.earning.rules.policy import Policy
from jifen.earning.types import Award, Basket, Facts, Line, LineKind

NOON = datetime(2026, 6, 1, 12)


def told(
    preset: str, *lines: Line, paid_minor: int | None = None, language: Language = "en",
    symbol: str = "¥", **facts: Any,
) -> list[str]:  # fmt: skip
    decide = Policy(presets.load(preset).document, 1, ZoneInfo("Asia/Shanghai"))
    known = Facts(**{"kind": "purchase", "local": NOON, **facts})
    net_minor = sum(line.net_minor for line in lines)
    basket = Basket(lines, net_minor, net_minor if paid_minor is None else paid_minor)
    award = decide.evaluate(known, basket)
    # As it comes back from the books.
    award = msgspec.json.decode(msgspec.json.encode(award), type=Award)
    return sentences(award, known, language, symbol=symbol)


def line(minor: int, category: str = "", kind: LineKind = "goods") -> Line:
    return Line(product="p", quantity=1, amount_minor=minor, category=category, kind=kind)


def test_the_arithmetic_in_english() -> None:
    assert told("e7", line(19999), tier="gold") == [
        "spend: ¥199.99 × 1 per ¥1 × gold 1.5 = 299.985 → 299 points (floor)"
    ]


def test_the_arithmetic_in_chinese() -> None:
    assert told("e7", line(19999), tier="gold", language="zh") == [
        "spend：¥199.99 × 每 ¥1 计 1 × gold 1.5 = 299.985 → 299 分（向下取整）"
    ]


def test_a_cap_in_both_languages() -> None:
    assert told("e14", line(40000), rooms={"daily": 200})[1:] == [
        "spend: 400 − 200 = 200 points",
        "The cap of the day took 200 points",
    ]
    chinese = told("e14", line(40000), rooms={"daily": 200}, language="zh")
    assert chinese[-1] == "日上限扣减 200 分"


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        (
            (
                "spend: (¥100 × categories 1 + ¥50.50 × categories 2) × 1 per ¥1 = 201 → 201 "
                "points (floor)"
            ),
            told("e6", line(10000, "A"), line(5050, "B")),
        ),
        (
            "spend: (¥1000 × 1 + ¥4000 × 1.5 + ¥1000 × 2) × 1 per ¥1 = 9000 → 9000 points (floor)",
            told("e4", line(600000)),
        ),
        ("spend: (¥6000 × 2) × 1 per ¥1 = 12000 → 12000 points (floor)", told("e5", line(600000))),
        (
            "spend: ¥35.50 × 1 per ¥1 × ¥25.50/¥35.50 paid in money = 25.5 → 25 points (floor)",
            told("r1a", line(3550), paid_minor=2550),
        ),
        (
            "spend: ¥100 × 1 per ¥1 × gold 1.5 × double-day 2 = 300 → 300 points (floor)",
            told("e8-multiply", line(10000), tier="gold"),
        ),
        ("welcome: +1000 points", told("e9", line(8800), first_order=True)),
        ("spend: 0.99 rounds to 0 (floor)", told("e1", line(99))),
        ("Nothing of this order counts", told("e1", line(100, kind="fee"))),
        (
            "Does not earn: gift card (line 1, 3)",
            told("e1", line(100, kind="gift_card"), line(100), line(100, kind="gift_card")),
        ),
        ("check-in: +10 points", told("starter", kind="behaviour:check_in")),
        (
            "No rule gives anything for this: behaviour share",
            told("starter", kind="behaviour:share"),
        ),
        ("No rule gives anything for this: birthday", told("starter", kind="birthday")),
    ],
)
def test_sentences(sentence: str, found: list[str]) -> None:
    assert sentence in found


def test_bands_with_line_factors_and_fractions_that_never_end() -> None:
    document = decode(
        {
            "rules": [
                {"kind": "bands", "code": "b", "points": 1, "per_minor": 100, "unit": "tea",
                 "mode": "marginal",
                 "bands": [{"up_to_minor": 10000, "multiplier": "1"}, {"multiplier": "2"}]},
                {"kind": "category", "code": "c", "multipliers": {"A": "2"}},
                {"kind": "exclude", "code": "x", "categories": ["Z"], "products": ["q"]},
            ],
            "rounding": {"per": "line", "mode": "half_even"},
        }
    )  # fmt: skip
    decide = Policy(document, 1, ZoneInfo("UTC"))
    known = Facts("purchase", NOON)
    lines = (line(15000, "A"), line(15000), line(1, "Z"), Line("q", 1, 1))
    award = decide.evaluate(known, Basket(lines, 3, 2))
    assert sentences(award, known, "en", units={"tea": "cups"}) == [
        (
            "b: (150 × c 2 + 150) × 1 per 1 × (100 × 1 + 100 × 2)/200 × 0.02/0.03 paid in money "
            "= 450 → 450 cups (half to even, each line)"
        ),
        "Does not earn: category Z (line 3)",
        "Does not earn: product q (line 4)",
    ]
    award = decide.evaluate(known, Basket((line(10000, "A"),), 3, 1))
    assert sentences(award, known, "zh", symbol="¥")[0] == (
        "b：(¥100 × c 2) × 每 ¥1 计 1 × (¥33.3333… × 1)/¥33.3333… × 实付 ¥0.01/¥0.03 "
        "≈ 66.6666 → 67 tea（逐行四舍六入五成双）"
    )


def test_both_languages_say_the_same_things() -> None:
    assert set(MESSAGES) == set(get_args(Language))
    assert set(MESSAGES["en"]) == set(MESSAGES["zh"])
    for key, english in MESSAGES["en"].items():
        assert _placeholders(english) == _placeholders(MESSAGES["zh"][key]), key


def test_every_refusal_in_the_code_has_a_sentence() -> None:
    written = "".join(path.read_text() for path in Path(earning.__path__[0]).rglob("*.py"))
    codes = set(re.findall(r'Refusal\(\s*"([a-z_]+)"', written))
    assert "cap_took" in codes
    assert codes <= {key.partition(":")[0] for key in MESSAGES["en"]}


@pytest.mark.parametrize("kind", get_args(LineKind))
def test_every_kind_of_line_has_a_name(kind: str) -> None:
    assert f"line:{kind}" in MESSAGES["en"]


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
