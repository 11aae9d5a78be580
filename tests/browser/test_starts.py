"""Rules that begin later: published with a time, looked at, and withdrawn, as an owner does it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import Console
from tests.browser.test_rules import begin, button, tier
from tests.browser.watching import barriers, settled, watch_of

from jifen.earning import services as earning
from jifen.programmes import selectors as programmes
from jifen.programmes.rules.versions import statuses

Opened = Callable[..., Page]
WORDS = {
    "zh": {
        "new": "新建草稿", "begin": "开始编辑", "every": "每消费（¥）", "publish": "发布第 2 版",
        "sure": "定时发布第 2 版", "none": "无等级", "later": "定时",
        "from": "生效时间（会员计划时区）", "does": "之前发生而晚入账的仍按当时的规则",
        "comes": "第 2 版将于", "second": "第 2 版", "works": "生效中", "coming": "待生效",
        "withdrawn": "已撤回", "changes": "改了什么", "withdraw": "撤回",
        "question": "当前规则不变", "third": "发布第 3 版", "sure third": "确认发布第 3 版",
        "later third": "定时发布第 3 版",
        "is coming": "请选更晚的时间，或先撤回它", "refused": "还有待生效的规则",
        "where": "得分规则 › 消费积分（spend） › 每消费",
    },
    "en": {
        "new": "New draft", "begin": "Begin the draft", "every": "For every (¥)",
        "publish": "Publish version 2", "sure": "Publish version 2 for then", "none": "No tier",
        "later": "From a time on", "from": "When it begins, in the zone of the programme",
        "does": "booked late keep to the rules of their time", "comes": "Version 2 begins",
        "second": "Version 2", "works": "In force", "coming": "To come", "withdrawn": "Withdrawn",
        "changes": "What changed", "withdraw": "Withdraw",
        "question": "The rules in force stay as they are", "third": "Publish version 3",
        "sure third": "Publish version 3 now",
        "later third": "Publish version 3 for then",
        "is coming": "Choose a later time, or withdraw it first",
        "refused": "Other rules are to come", "where": "Rules › Rate (spend) › For every",
    },
}  # fmt: skip
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def own(server: str) -> Console:
    """A programme whose rules no other test changes."""
    return Console(server)


def change(page: Page, says: dict[str, str], every: str, gives: str) -> None:
    """A draft that gives points for another amount."""
    begin(page, says)
    page.get_by_role("button", name="spend").first.click()
    page.get_by_label(says["every"]).fill(every)
    expect(tier(page, says["none"])).to_contain_text(gives)


def became(console: Console, at: datetime) -> dict[int, str]:
    with console.scope():
        return dict(statuses(programmes.versions(), at))


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_rules_are_published_for_later_and_withdrawn(
    signed_in: Opened, own: Console, language: str, theme: str
) -> None:
    says = WORDS[language]
    page = signed_in(console=own, language=language, theme=theme)
    change(page, says, "0.5", "+256")
    button(page, says["publish"]).click()
    dialog = page.get_by_role("dialog", name=says["publish"])
    dialog.get_by_text(says["later"]).click()
    expect(dialog).to_contain_text(says["does"])
    expect(button(dialog, says["sure"])).to_be_disabled()
    ahead = datetime.now(SHANGHAI) + timedelta(days=9)
    start = ahead.replace(hour=0, minute=30, second=0, microsecond=0)
    dialog.get_by_label(says["from"]).fill(start.strftime("%Y-%m-%dT%H:%M"))
    settled(page)
    assert barriers(page) == []
    button(dialog, says["sure"]).click()
    expect(page.get_by_text(says["comes"])).to_be_visible()
    assert became(own, start) == {1: "past", 2: "in_force"}
    assert became(own, start - timedelta(seconds=1)) == {1: "in_force", 2: "coming"}

    # What is in force is still there, and beside it what is to come.
    page.wait_for_url(re.compile("/rules$"))
    coming = page.get_by_role("region", name=says["second"])
    expect(coming).to_contain_text("00:30")
    button(coming, says["changes"]).click()
    row = page.get_by_role("dialog").get_by_role("row", name=says["where"])
    expect(row).to_contain_text("¥0.50")
    page.keyboard.press("Escape")
    expect(page.get_by_role("cell").get_by_text(says["works"], exact=True)).to_have_count(1)
    expect(page.get_by_role("cell").get_by_text(says["coming"], exact=True)).to_have_count(1)
    settled(page)
    assert barriers(page) == []

    button(coming, says["withdraw"]).click()
    dialog = page.get_by_role("dialog").filter(has_text=says["question"])
    button(dialog, says["withdraw"]).click()
    expect(page.get_by_role("cell").get_by_text(says["withdrawn"], exact=True)).to_have_count(1)
    expect(button(page, says["withdraw"])).to_have_count(0)
    assert became(own, start) == {1: "past", 2: "withdrawn", 3: "in_force"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_to_come_is_not_published_over(
    signed_in: Opened, own: Console, language: str
) -> None:
    says = WORDS[language]
    start = datetime.now(SHANGHAI) + timedelta(days=9)
    with own.scope():
        document = programmes.rule_set(1).document
        [rate, *others] = document["rules"]
        rules = [{**rate, "per_minor": 50}, *others]
        earning.publish(
            document={**document, "rules": rules}, by="林静", at=own.now, starts_at=start
        )
    page = signed_in(console=own, language=language)
    change(page, says, "0.2", "+640")
    button(page, says["third"]).click()
    dialog = page.get_by_role("dialog", name=says["third"])
    expect(dialog).to_contain_text(says["is coming"])
    with watch_of(page).refusals("POST /api/v1/rule-sets/drafts/*/publish 409"):
        button(dialog, says["sure third"]).click()
        expect(dialog.get_by_role("alert")).to_contain_text(says["refused"])
    assert became(own, start) == {1: "past", 2: "in_force"}
    # Later than what is to come it may be.
    dialog.get_by_text(says["later"]).click()
    later = (start + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    dialog.get_by_label(says["from"]).fill(later)
    button(dialog, says["later third"]).click()
    page.wait_for_url(re.compile("/rules$"))
    expect(page.get_by_role("cell").get_by_text(says["coming"], exact=True)).to_have_count(2)
    assert became(own, start - timedelta(days=1)) == {1: "in_force", 2: "coming", 3: "coming"}
