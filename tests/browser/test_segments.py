"""Segments in the browser: drawn from the schema, counted as they are made, used, and let go."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import PEOPLE, Console
from tests.browser.test_second_factor import shot
from tests.browser.watching import barriers, settled, sideways, watch_of

from jifen.earning import services as earning
from jifen.programmes import selectors

Opener = Callable[..., Page]
WORDS = {
    "zh": {
        "empty": "还没有分群。新建一个，选出要关注的会员。",
        "new": "新建分群",
        "name": "名称",
        "code": "代码",
        "bad": "只能用字母、数字和 _ . : -，最多 60 个。",
        "kind": "条件的类型",
        "least": "消费满（¥）",
        "below": "消费不足（¥）",
        "add": "添加条件",
        "tag": "标签",
        "tier": "等级",
        "senior": "高级",
        "any": "满足任一",
        "people": "{} 人",
        "save": "保存分群",
        "says": "累计消费满 ¥400",
        "count": "计算人数：大客户",
        "who": "查看会员：大客户",
        "change": "修改：大客户",
        "drop": "删除：大客户",
        "sure": "删除",
        "used": "生效中或待生效的规则只给此分群的会员。",
        "not_yet": "条件还不完整。",
        "cancel": "取消",
    },
    "en": {
        "empty": "No segments yet. Make one to choose the members you care about.",
        "new": "New segment",
        "name": "Name",
        "code": "Code",
        "bad": "Letters, digits and _ . : - only, 60 at most.",
        "kind": "Kind of Condition",
        "least": "Spent at least (¥)",
        "below": "Spent less than (¥)",
        "add": "Add: Condition",
        "tag": "Tag",
        "tier": "Tier",
        "senior": "Senior",
        "any": "Any holds",
        "people": "{} members",
        "save": "Save segment",
        "says": "spent ¥400 or more in all",
        "count": "Count: 大客户",
        "who": "Who is in it: 大客户",
        "change": "Change: 大客户",
        "drop": "Delete: 大客户",
        "sure": "Delete",
        "used": "Rules in force or to come are for members of this segment.",
        "not_yet": "The condition is not complete yet.",
        "cancel": "Cancel",
    },
}
"""What a page says, by language."""
LARGE = 40_000
"""Minor units."""


def spent(own: Console) -> dict[str, int]:
    """What each member of the programme has spent, by name."""
    from jifen.tiers.models import Standing

    with own.scope():
        by_id = {str(row.id): row.spend_minor for row in Standing.objects.all()}
    return {name: by_id.get(own.members[name], 0) for name, _ in PEOPLE}


def makes(page: Page, words: dict[str, str]) -> None:
    """A segment of who spent much, looked at as it grows."""
    page.get_by_role("button", name=words["new"]).click()
    settled(page)
    expect(page.get_by_text(words["not_yet"])).to_be_visible()
    page.get_by_label(words["name"], exact=True).fill("大客户")
    page.get_by_label(words["code"], exact=True).fill("large spenders")
    expect(page.get_by_text(words["bad"])).to_be_visible()
    page.get_by_label(words["code"], exact=True).fill("large")
    page.get_by_label(words["least"]).fill(str(LARGE // 100))


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_made_counted_used_and_let_go(
    signed_in: Opener, console: Console, language: str, theme: str
) -> None:
    words, own = WORDS[language], Console(console.url)
    large = [name for name, minor in spent(own).items() if minor >= LARGE]
    assert 0 < len(large) < len(PEOPLE)
    page = signed_in(console=own, language=language, theme=theme)
    page.goto("segments")
    settled(page)
    expect(page.get_by_text(words["empty"])).to_be_visible()
    with watch_of(page).refusals("POST /api/v1/segments/preview 422"):
        makes(page, words)
        size = page.get_by_role("complementary").get_by_role("status")
        expect(size).to_have_text(words["people"].format(len(large)))
    expect(page.get_by_role("complementary")).to_contain_text(words["says"])
    assert barriers(page) == []
    shot(page, f"segment-{theme}-{language}")
    page.get_by_role("button", name=words["save"]).click()

    row = page.get_by_role("row").filter(has_text="大客户")
    expect(row).to_contain_text(words["says"])
    row.get_by_role("button", name=words["count"]).click()
    expect(row).to_contain_text(words["people"].format(len(large)))
    assert barriers(page) == []
    shot(page, f"segments-{theme}-{language}")
    row.get_by_role("link", name=words["who"]).click()
    settled(page)
    expect(page.locator("tbody tr")).to_have_count(len(large))
    for name in large:
        expect(page.get_by_role("link", name=name)).to_be_visible()

    page.go_back()
    settled(page)
    row.get_by_role("link", name=words["change"]).click()
    settled(page)
    expect(page.get_by_label(words["code"], exact=True)).to_be_disabled()
    page.get_by_label(words["least"]).fill(str(10**9))
    expect(page.get_by_role("complementary").get_by_role("status")).to_have_text(
        words["people"].format(0)
    )
    page.get_by_role("button", name=words["save"]).click()
    row.get_by_role("button", name=words["drop"]).click()
    assert barriers(page) == []
    page.get_by_role("dialog").get_by_role("button", name=words["sure"]).click()
    expect(page.get_by_text(words["empty"])).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_parts_are_joined_and_chosen_from_what_there_is(
    signed_in: Opener, console: Console, language: str
) -> None:
    words, own = WORDS[language], Console(console.url)
    page = signed_in(console=own, language=language)
    with watch_of(page).refusals("POST /api/v1/segments/preview 422"):
        page.goto("segments/form")
        settled(page)
        page.get_by_label(words["least"]).fill("1")
        page.get_by_role("button", name=words["add"]).click()
        page.get_by_role("combobox", name=words["kind"]).nth(1).press("Enter")
        page.get_by_role("option", name=words["tier"], exact=True).click()
        page.get_by_role("combobox", name=words["tier"]).press("Enter")
        page.get_by_role("option", name=words["senior"], exact=True).click()
        page.keyboard.press("Escape")
        page.get_by_text(words["any"], exact=True).click()
        page.get_by_label(words["name"], exact=True).fill("大客户")
        page.get_by_label(words["code"], exact=True).fill("either")
        spenders = sum(minor >= 100 for minor in spent(own).values())
        expect(page.get_by_role("complementary").get_by_role("status")).to_have_text(
            words["people"].format(spenders)
        )
        page.get_by_role("button", name=words["save"]).click()
        expect(page.get_by_role("row").filter(has_text="大客户")).to_be_visible()
    assert saved(own, "either") == {
        "kind": "any",
        "of": [
            {"kind": "spend", "at_least_minor": 100},
            {"kind": "tier", "any_of": ["senior"]},
        ],
    }


def saved(own: Console, code: str) -> Any:
    from jifen.audience.models import Segment

    with own.scope():
        row = Segment.objects.get(code=code)
    return json.loads(row.condition)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_that_rules_are_for_stays_and_says_why(
    signed_in: Opener, console: Console, language: str
) -> None:
    import msgspec

    from jifen.audience import services as audience
    from jifen.audience.types import Condition

    words, own = WORDS[language], Console(console.url)
    with own.scope():
        condition = msgspec.convert({"kind": "tag", "any_of": ["茶友"]}, Condition)
        audience.save_segment(code="tea", name="大客户", condition=condition, by="t", at=own.now)
        document = dict(selectors.rule_set(selectors.version_at(own.now)).document)
        first, *others = document["rules"]
        document["rules"] = [{**first, "segments": ["tea"]}, *others]
        earning.publish(document=document, by="t", at=own.now + timedelta(seconds=1))
    page = signed_in(console=own, language=language)
    page.goto("segments")
    settled(page)
    page.get_by_role("button", name=words["drop"]).click()
    dialog = page.get_by_role("dialog")
    with watch_of(page).refusals("DELETE /api/v1/segments/tea 409"):
        dialog.get_by_role("button", name=words["sure"]).click()
        expect(dialog.get_by_role("alert")).to_contain_text(words["used"])
    assert barriers(page) == []
    shot(page, f"segment-in-use-{language}")
    dialog.get_by_role("button", name=words["cancel"]).click()
    expect(page.get_by_role("row").filter(has_text="大客户")).to_be_visible()


def test_the_form_fits_a_narrow_window(signed_in: Opener) -> None:
    page = signed_in(width=320, height=640)
    with watch_of(page).refusals("POST /api/v1/segments/preview 422"):
        page.goto("segments/form")
        settled(page)
        for _ in range(2):
            page.get_by_role("button", name=WORDS["zh"]["add"]).click()
        settled(page)
    assert sideways(page) == 0


def test_what_was_not_saved_is_asked_about_before_it_is_lost(
    signed_in: Opener, console: Console
) -> None:
    words = WORDS["zh"]
    own = Console(console.url)
    page = signed_in(console=own)
    page.goto("segments")
    settled(page)
    with watch_of(page).refusals("POST /api/v1/segments/preview 422"):
        makes(page, words)
        settled(page)
    page.get_by_role("button", name="全部分群").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="留下").click()
    expect(page.get_by_label(words["least"])).to_have_value(str(LARGE // 100))
    page.get_by_role("button", name=words["save"]).click()
    # Saved, and only looked at, it may be left.
    for _ in range(2):
        page.get_by_role("row").get_by_role("link", name=words["change"]).click()
        settled(page)
        page.get_by_role("button", name="全部分群").click()
        page.wait_for_url(re.compile("/segments$"))
    page.get_by_role("row").get_by_role("link", name=words["change"]).click()
    settled(page)
    page.get_by_label(words["name"], exact=True).fill("更大的客户")
    page.get_by_role("button", name="全部分群").click()
    dialog.get_by_role("button", name="离开").click()
    expect(page.get_by_role("row").filter(has_text="大客户")).to_be_visible()
    expect(page.get_by_text("更大的客户")).to_have_count(0)
