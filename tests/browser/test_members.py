"""Members as staff work with them: found in the box, read, explained, and acted upon with reasons.

Each test walks in Chinese and in English, on members of its own where it changes them.
"""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import Console
from tests.browser.watching import barriers, settled, sideways, watch_of

Opener = Callable[..., Page]
LANGUAGES: Final = ("zh", "en")
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "find": "查找会员",
        "nobody": "没有会员使用此标识",
        "explain": re.compile(r"查看原因：发放"),
        "adjust": "调整积分",
        "amount": "数量（积分）",
        "reason": "原因",
        "add": "确认增加 120 积分",
        "take": "扣减",
        "short": re.compile("可用余额只有 158，不足以扣减"),
        "added": "调整积分完成，现可用 158 积分",
        "before": re.compile("将从 38 变为 158"),
        "freeze": "冻结会员",
        "freezes": "确认冻结",
        "unfreeze": "解冻会员",
        "unfreezes": "确认解冻",
        "frozen": "已冻结",
        "active": "正常",
        "audit": "资料变更",
        "more": "更多操作",
        "merge": "合并会员",
        "merges": "确认合并",
        "other": "被并入的会员",
        "look": "查找",
        "same": "我已核对两份资料属于同一人",
        "erase": "抹除个人资料",
        "erases": "确认抹除",
        "sure": re.compile("我已确认会员本人要求抹除资料"),
        "erased": "已抹除",
        "no right": "您的角色没有此项权限",
        "new": "新建会员",
        "phone": "手机号",
        "name": "姓名",
        "bad": re.compile("手机号应为 11 位数字"),
        "tags": "编辑标签",
        "save tags": "保存标签",
        "tag box": "标签",
        "lots": "批次与有效期",
        "arithmetic": "计算过程",
        "total": re.compile(r"规则 spend 给出\s*\+38 积分"),
        "version": "规则版本 1",
        "back": "返回 ",
        "clear": "清除筛选",
        "back to list": "会员列表",
    },
    "en": {
        "find": "Find a member",
        "nobody": "No member has this identity",
        "explain": re.compile(r"Explain Earned"),
        "adjust": "Adjust points",
        "amount": "Amount (points)",
        "reason": "Reason",
        "add": "Add 120 points",
        "take": "Take away",
        "short": re.compile("Only 158 are available"),
        "added": "Adjust points: done. Available now: 158 points",
        "before": re.compile("from 38 to 158"),
        "freeze": "Freeze member",
        "freezes": "Freeze",
        "unfreeze": "Unfreeze member",
        "unfreezes": "Unfreeze",
        "frozen": "Frozen",
        "active": "Active",
        "audit": "Changes of data",
        "more": "More",
        "merge": "Merge with another",
        "merges": "Merge",
        "other": "The member to merge into this one",
        "look": "Look up",
        "same": "I have checked that both are one person",
        "erase": "Erase personal data",
        "erases": "Erase",
        "sure": re.compile("The member asked for it"),
        "erased": "Erased",
        "no right": "Your role does not have this right",
        "new": "New member",
        "phone": "Phone",
        "name": "Name",
        "bad": re.compile("A phone has 11 digits"),
        "tags": "Edit tags",
        "save tags": "Save tags",
        "tag box": "Tags",
        "lots": "Lots and expiry",
        "arithmetic": "The arithmetic",
        "total": re.compile(r"Rule spend gives\s*\+38 points"),
        "version": "Rule version 1",
        "back": "Back to ",
        "clear": "Clear filters",
        "back to list": "All members",
    },
}


def a_phone() -> str:
    return f"13{uuid.uuid4().int % 10**9:09}"


def somebody(console: Console, *, minor: int = 3_800) -> tuple[str, str, str]:
    """A new member with one order; answers the name, the phone and the id."""
    phone = a_phone()
    name = f"M{phone[-6:]}"
    at = console.now - timedelta(days=1)
    member = console.member(name, phone, at=at)
    console.book(console.order(name, minor, at=at), at=at)
    return name, phone, member


@pytest.mark.parametrize("language", LANGUAGES)
def test_found_in_the_box_opened_and_explained(
    signed_in: Opener, console: Console, language: str
) -> None:
    words = WORDS[language]
    name, phone, member = somebody(console)
    page = signed_in("clerk", language=language)
    page.goto("members")
    settled(page)
    box = page.get_by_role("search").get_by_label(words["find"])
    lookups = "POST /api/v1/members/lookup"
    with watch_of(page).refusals(f"{lookups} 404", f"{lookups} 422"):
        box.fill("nobody-has-this")
        box.press("Enter")
        expect(page.get_by_role("search").get_by_role("status")).to_have_text(words["nobody"])
    box.fill(phone)
    box.press("Enter")
    expect(page).to_have_url(re.compile(rf"/console/members/{member}$"))
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    settled(page)
    assert phone not in page.content(), "a clerk reads masked phones"
    expect(page.get_by_text(f"{phone[:3]}****{phone[-4:]}")).to_be_visible()

    page.get_by_role("link", name=words["explain"]).click()
    expect(page).to_have_url(re.compile(r"/console/activities/"))
    arithmetic = page.get_by_role("region", name=words["arithmetic"]).first
    expect(arithmetic.get_by_role("row", name=words["total"])).to_be_visible()
    expect(page.get_by_text(words["version"])).to_be_visible()
    settled(page)
    page.get_by_role("link", name=words["back"] + name).click()
    expect(page).to_have_url(re.compile(rf"/console/members/{member}$"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_adjusted_with_a_reason(signed_in: Opener, console: Console, language: str) -> None:
    words = WORDS[language]
    _, _, member = somebody(console)
    page = signed_in("manager", language=language)
    page.goto(f"members/{member}")
    settled(page)
    page.get_by_role("button", name=words["adjust"], exact=True).click()
    dialog = page.get_by_role("dialog", name=words["adjust"])
    dialog.get_by_label(words["amount"]).fill("120")
    expect(dialog.get_by_role("note")).to_have_text(words["before"])
    go = dialog.get_by_role("button", name=words["add"])
    expect(go).to_be_disabled()  # no reason yet
    dialog.get_by_label(words["reason"], exact=True).fill("complaint 4711")
    assert barriers(page) == []
    go.click()
    expect(page.get_by_text(words["added"])).to_be_visible()
    expect(dialog).to_be_hidden()
    settled(page)
    expect(page.get_by_role("row").filter(has_text="complaint 4711")).to_contain_text("+120")

    page.get_by_role("button", name=words["adjust"], exact=True).click()
    dialog.get_by_text(words["take"], exact=True).click()
    dialog.get_by_label(words["amount"]).fill("159")
    dialog.get_by_label(words["reason"], exact=True).fill("too much")
    expect(dialog.get_by_role("note")).to_have_text(words["short"])
    expect(dialog.get_by_role("button").last).to_be_disabled()


@pytest.mark.parametrize("language", LANGUAGES)
def test_frozen_and_unfrozen(signed_in: Opener, console: Console, language: str) -> None:
    words = WORDS[language]
    name, _, member = somebody(console)
    page = signed_in("manager", language=language)
    page.goto(f"members/{member}")
    settled(page)
    head = page.get_by_role("region", name=name)
    for act, go, status in (("freeze", "freezes", "frozen"), ("unfreeze", "unfreezes", "active")):
        page.get_by_role("button", name=words[act], exact=True).click()
        dialog = page.get_by_role("dialog", name=words[act])
        expect(dialog.get_by_role("button", name=words[go], exact=True)).to_be_disabled()
        dialog.get_by_label(words["reason"], exact=True).fill(f"{act}: the card was lost")
        dialog.get_by_role("button", name=words[go], exact=True).click()
        expect(head.get_by_text(words[status], exact=True)).to_be_visible()
        expect(dialog).to_be_hidden()
        settled(page)
        is_frozen = status == "frozen"
        adjust = page.get_by_role("button", name=words["adjust"], exact=True)
        expect(adjust).to_be_disabled() if is_frozen else expect(adjust).to_be_enabled()
    page.get_by_role("tab", name=words["audit"]).click()
    settled(page)
    expect(page.get_by_role("row").filter(has_text="the card was lost")).to_have_count(2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_cards_of_one_person_are_merged(
    signed_in: Opener, console: Console, language: str
) -> None:
    words = WORDS[language]
    _, own, member = somebody(console)
    _, phone, other = somebody(console)
    page = signed_in("manager", language=language)
    page.goto(f"members/{member}")
    settled(page)
    page.get_by_role("button", name=words["more"]).click()
    page.get_by_role("menuitem", name=words["merge"]).click()
    dialog = page.get_by_role("dialog", name=words["merge"])
    box = dialog.get_by_label(words["other"])
    for typed in (own, phone):  # the first is the member itself
        box.fill(typed)
        dialog.get_by_role("button", name=words["look"], exact=True).click()
        expect(dialog.get_by_role("alert" if typed == own else "status")).to_be_visible()
    dialog.get_by_label(words["reason"], exact=True).fill("two cards")
    go = dialog.get_by_role("button", name=words["merges"], exact=True)
    expect(go).to_be_disabled()
    dialog.get_by_text(words["same"]).click()
    go.click()
    expect(dialog).to_be_hidden()
    settled(page)
    expect(page.get_by_role("article").get_by_text("76", exact=True)).to_be_visible()
    page.goto(f"members/{other}")
    settled(page)
    expect(
        page.get_by_role("link", name=re.compile("合并后的会员|Open that member"))
    ).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_is_forgotten(signed_in: Opener, console: Console, language: str) -> None:
    words = WORDS[language]
    name, phone, member = somebody(console)
    page = signed_in("manager", language=language)
    page.goto(f"members/{member}")
    settled(page)
    page.get_by_role("button", name=words["more"]).click()
    page.get_by_role("menuitem", name=words["erase"]).click()
    dialog = page.get_by_role("dialog", name=words["erase"])
    expect(dialog.get_by_role("note")).to_contain_text("38")
    go = dialog.get_by_role("button", name=words["erases"], exact=True)
    expect(go).to_be_disabled()
    dialog.get_by_text(words["sure"]).click()
    go.click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text(words["erased"], exact=True)).to_be_visible()
    settled(page)
    assert name not in page.content()
    assert phone[-4:] not in page.get_by_role("main").inner_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_enrolled_found_again_and_tagged(
    signed_in: Opener, console: Console, language: str
) -> None:
    words = WORDS[language]
    phone = a_phone()
    page = signed_in("clerk", language=language)
    ids = set()
    for _ in range(2):
        page.goto("members")
        settled(page)
        page.get_by_role("button", name=words["new"]).click()
        dialog = page.get_by_role("dialog", name=words["new"])
        dialog.get_by_label(words["phone"], exact=True).fill("123")
        page.keyboard.press("Tab")
        expect(dialog.get_by_role("alert")).to_have_text(words["bad"])
        dialog.get_by_label(words["phone"], exact=True).fill(phone)
        dialog.get_by_label(words["name"], exact=True).fill("New Person")
        dialog.get_by_role("button", name=re.compile(words["new"] + "|Enrol member")).click()
        expect(page).to_have_url(re.compile(r"/console/members/[0-9a-f-]{36}$"))
        ids.add(page.url.rsplit("/", 1)[1])
    assert len(ids) == 1, "the same phone is the same member"
    settled(page)
    page.get_by_role("button", name=words["tags"]).click()
    tag = f"t{uuid.uuid4().hex[:6]}"
    page.get_by_role("combobox", name=words["tag box"]).fill(tag)
    page.get_by_role("option", name=tag).click()
    page.get_by_role("button", name=words["save tags"]).click()
    expect(page.get_by_role("listitem").filter(has_text=tag)).to_be_visible()
    page.get_by_role("link", name=words["back to list"]).click()
    page.goto(f"members?tag={tag}")
    settled(page)
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name=words["clear"]).first.click()
    settled(page)
    assert page.get_by_role("row").count() > 2


def test_without_the_right_an_act_says_so(signed_in: Opener, console: Console) -> None:
    member = console.members["王晓彤"]
    for role in ("clerk", "auditor"):
        page = signed_in(role)
        page.goto(f"members/{member}")
        settled(page)
        for act in ("adjust", "freeze"):
            button = page.get_by_role("button", name=WORDS["zh"][act], exact=True)
            expect(button).to_be_disabled()
            expect(button).to_have_attribute("title", WORDS["zh"]["no right"])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out_of_any_tab_and_nothing_is_wide(
    signed_in: Opener, console: Console, language: str, theme: str
) -> None:
    page = signed_in("owner", language=language, theme=theme)
    page.goto(f"members/{console.members['李娜']}")
    settled(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        settled(page)
        assert barriers(page) == []
    if language == "en":
        seen = page.get_by_role("tablist").inner_text() + page.locator(".holdings").inner_text()
        assert not re.search(r"[\u4e00-\u9fff]", seen)
    page.set_viewport_size({"width": 320, "height": 640})
    assert sideways(page) == 0
