"""What members read of each kind of rule, in both languages."""

# ruff: noqa: E501, ISC004 - a case is a line, and its sentences may be longer

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jifen import earning
from jifen.earning.rules.messages import Language
from jifen.earning.rules.registry import KINDS
from jifen.earning.rules.unfinished import faults, tell, tier_names, units_given
from jifen.earning.rules.wording import LANGUAGES, Words

Rule = Mapping[str, Any]
PRESETS = sorted(Path(earning.__path__[0], "presets").glob("*.toml"))
UNITS = {"zh": {"points": "积分", "bonus": "赠送金"}, "en": {"points": "points", "bonus": "bonus"}}
GOLD = {"by": "spend", "rungs": [{"code": "gold", "name": {"zh": "金卡", "en": "Gold"}, "from": 1}]}


def words_for(document: Mapping[str, Any]) -> dict[Language, Words]:
    return {
        language: Words(
            language,
            symbol="¥",
            units=UNITS[language],
            in_minor={"bonus"},
            tiers=tier_names(document, language),
            stores={"main": "总店"},
            segments={"regulars": "Regulars"},
            gives=units_given(document),
        )
        for language in LANGUAGES
    }


def rule(kind: str, **fields: Any) -> Rule:
    return {"kind": kind, "code": kind, **fields}


def gives(kind: str, points: int = 1, **fields: Any) -> Rule:
    return rule(kind, points=points, unit="points", **fields)


STEPS = [{"from": 10000, "points": 10}, {"from": 50000, "points": 80}]
BANDS = [{"up_to_minor": 10000, "multiplier": "1"}, {"multiplier": "2"}]
CASES = [
    (gives("rate", per_minor=100), "每消费 ¥1 得 1 积分", "1 point for every ¥1 spent"),
    (
        gives("rate", 10, per_minor=999, budget=5000, segments=["regulars"], tags=["茶友"]),
        "每消费 ¥9.99 得 10 积分（仅限 Regulars；仅限有标签 茶友 的会员；共 5,000 积分，送完为止）",
        "10 points for every ¥9.99 spent (only for Regulars; only for members tagged 茶友; "
        "5,000 points in all, as long as they last)",
    ),
    (
        gives("bands", per_minor=100, mode="whole", bands=BANDS),
        "每消费 ¥1 得 1 积分，整单按所在档计：至 ¥100 1 倍、¥100 以上 2 倍",
        "1 point for every ¥1 spent, times that of the order's band: 1× up to ¥100, 2× above ¥100",
    ),
    (
        gives("bands", per_minor=100, mode="marginal", bands=BANDS[1:]),
        "每消费 ¥1 得 1 积分，各段分别计：2 倍",
        "1 point for every ¥1 spent, each part times that of its band: 2×",
    ),
    (
        rule("category", multipliers={"茶": "2", "酒": "0"}),
        "品类积分倍数：茶 2 倍、酒 0 倍",
        "By category: 茶 2×, 酒 0×",
    ),
    (rule("product", multipliers={"x": "3"}), "商品积分倍数：x 3 倍", "By product: x 3×"),
    (
        rule("tier", multipliers={"gold": "1.5"}, rules=["rate"]),
        "等级积分倍数：金卡 1.5 倍（仅积分）",
        "By tier: Gold 1.5× (points only)",
    ),
    (rule("promotion", multiplier="2"), "积分 2 倍", "Points 2×"),
    (
        rule("promotion", multiplier="2", when={"birthday": True, "stores": ["main", "b"]}),
        "生日当天、在总店、b：积分 2 倍",
        "Points 2×: on your birthday, at 总店, b",
    ),
    (
        rule(
            "promotion",
            multiplier="1.5",
            when={
                "from": "2026-06-01", "until": "2026-07-01", "weekdays": [1, 7],
                "month_days": [8], "hours": [{"from": "09:00", "until": "12:00"}],
                "products": ["x"], "categories": ["茶"],
            },
        ),
        "2026-06-01 起、至 2026-06-30、每周一、周日、每月 8 日、09:00–12:00、商品 x、品类茶："
        "积分 1.5 倍",
        "Points 1.5×: from 2026-06-01, to 2026-06-30, on Mondays, Sundays, on day 8 of the month, "
        "09:00–12:00, products x, categories 茶",
    ),
    (gives("first_order", 100), "首单另得 100 积分", "100 points more for your first order"),
    (
        gives("spend_threshold", 50, at_least_minor=30000),
        "单笔满 ¥300 另得 50 积分",
        "50 points more for an order of ¥300 or above",
    ),
    (
        gives("behaviour", 10, on="check_in"),
        "每日签到得 10 积分",
        "10 points for the day's first check-in",
    ),
    (gives("behaviour", 5, on="birthday"), "生日当天得 5 积分", "5 points on your birthday"),
    (gives("behaviour", 5, on="quiz"), "完成 quiz 得 5 积分", "5 points for quiz"),
    (
        gives("behaviour", 500, on="tier_reached:gold"),
        "首次达到金卡得 500 积分",
        "500 points for reaching Gold",
    ),
    (
        rule("top_up", unit="bonus", points=1000, per_minor=10000),
        "每充值满 ¥100 赠 ¥10 赠送金",
        "¥10 bonus for every full ¥100 topped up",
    ),
    (
        rule("top_up", unit="points", steps=STEPS),
        "充值满 ¥100 赠 10 积分、充值满 ¥500 赠 80 积分",
        "10 points for a top-up of ¥100 or above, 80 points for a top-up of ¥500 or above",
    ),
    (
        rule("exclude", kinds=["gift_card"], products=["x"], categories=["酒"]),
        "不计分：礼品卡、商品 x、品类酒",
        "Does not earn: gift card, products x, categories 酒",
    ),
    (gives("cap", 500, per="day"), "每人每天最多得 500 积分", "At most 500 points a day"),
    (
        gives("cap", 500, per="order", rules=["rate"]),
        "每单最多得 500 积分（限规则 rate）",
        "At most 500 points an order (of rate)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "zh", "en"), CASES, ids=[case[2][:40] for case in CASES])
def test_a_rule_in_words(raw: Rule, zh: str, en: str) -> None:
    document = {"rules": [gives("rate", per_minor=100), raw], "ladder": GOLD}
    told = tell(document, words_for(document))[1]
    assert (told.path, told.zh, told.en) == ("$.rules[1]", zh, en)


def test_every_kind_has_its_sentence() -> None:
    assert {case[0]["kind"] for case in CASES} == set(KINDS)


@pytest.mark.parametrize(
    ("expiry", "zh", "en"),
    [
        ({"kind": "never"}, "积分长期有效", "Points do not expire"),
        ({"kind": "after", "days": 365}, "积分自获得起 365 天内有效", "Points are good for 365 days"),
        (
            {"kind": "after", "years": 1, "to": "month"},
            "积分自获得起 1 年内有效，延至当月末",
            "Points are good for 1 year, and to the end of that month",
        ),
        (
            {"kind": "period_end", "period": "year"},
            "积分有效至获得当年末",
            "Points are good to the end of the year in which they were earned",
        ),
        (
            {"kind": "period_end", "period": "year", "plus": 1},
            "积分有效至获得当年的下一年末",
            "Points are good to the end of the year after the one in which they were earned",
        ),
        (
            {"kind": "period_end", "period": "month", "plus": 3},
            "积分有效至获得当月之后第 3 个月末",
            "Points are good to the end of the month that is 3 after the one in which they were "
            "earned",
        ),
        (
            {"kind": "fixed", "dates": ["06-30", "12-31"], "min_days": 30},
            "积分有效至下一个 06-30、12-31（至少 30 天）",
            "Points are good to the next 06-30, 12-31 (at least 30 days)",
        ),
        (
            {"kind": "inactivity", "months": 12},
            "连续 12 个月没有得分或用分，积分全部过期",
            "All points expire after 12 months without earning or spending any",
        ),
    ],
)  # fmt: skip
def test_how_long_points_are_good_in_words(expiry: Rule, zh: str, en: str) -> None:
    document = {"expiry": {"points": expiry}}
    [told] = tell(document, words_for(document))
    assert (told.path, told.zh, told.en) == ("$.expiry.points", zh, en)


def test_what_points_pay_in_words() -> None:
    offset = {
        "unit": "points", "points": 100, "worth_minor": 100, "minimum_points": 1000,
        "step_points": 100, "share": "0.125",
    }  # fmt: skip
    document = {"offset": offset}
    [told] = tell(document, words_for(document))
    assert told.zh == "100 积分抵 ¥1（至少 1,000 积分；须为 100 积分的倍数；最多抵订单的 12.5%）"
    assert told.en == (
        "100 points pay ¥1 (at least 1,000 points; in steps of 100 points; up to 12.5% of an order)"
    )


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_preset_has_no_faults_and_can_be_told(preset: Path) -> None:
    document = tomllib.loads(preset.read_text(encoding="utf-8"))["rule_set"]
    assert faults(document) == []
    told = tell(document, words_for(document))
    assert len([each for each in told if each.path.startswith("$.rules")]) == len(document["rules"])
    assert all(each.zh and each.en and "{" not in each.zh + each.en for each in told)


def test_the_languages_cannot_say_different_things() -> None:
    with pytest.raises(ValueError, match="do not say the same"):
        Words("en").say(zh="{a}", en="{b}", a=1, b=2)


def test_an_unfinished_draft_tells_all_its_faults_and_what_can_be_told() -> None:
    document = {
        "rules": [
            gives("rate", per_minor=100),
            rule("rate", unit="points"),
            gives("cap", per="week"),
            rule("nonsense"),
            7,
        ],
        "expiry": {"points": {"kind": "after", "days": "x"}},
        "ladder": {"by": "spend", "rungs": []},
        "surprise": 1,
        "combine": "add",
    }
    assert dict(faults(document)) == {
        "$.rules[1].points": "Object missing required field `points`",
        "$.rules[2].per": "Invalid enum value 'week'",
        "$.rules[3].kind": "Invalid value 'nonsense'",
        "$.rules[4]": "Expected `object`, got `int`",
        "$.expiry.points.days": "Expected `int | null`, got `str`",
        "$.ladder.rungs": "Expected `array` of length >= 1",
        "$.surprise": "Object contains unknown field",
        "$.combine": "Invalid enum value 'add'",
    }
    assert [each.path for each in tell(document, words_for(document))] == ["$.rules[0]"]


@pytest.mark.parametrize("rules", [None, 7, "rules", {"a": 1}, [None]])
def test_a_draft_may_hold_anything(rules: Any) -> None:
    document = {"rules": rules, "expiry": rules, "offset": rules, "ladder": rules}
    assert faults(document)
    assert tell(document, words_for(document)) == []


def test_a_draft_of_the_right_shape_tells_everything_that_would_be_refused() -> None:
    document = {
        "rules": [
            gives("rate", per_minor=100),
            gives("rate", per_minor=100, tags=["x"], segments=["nobody"]),
            rule("tier", multipliers={"gold": "2"}),
        ]
    }
    found = faults(document, units={"growth": "growth"}, merchants=(), segments=())
    assert [path for path, _ in found] == [
        "$.rules[1].code",
        "$.rules[2].multipliers.gold",
        "$.rules[0].unit",
        "$.rules[1].unit",
        "$.rules[1].segments[0]",
    ]
