"""A second person, in the browser: one asks, another sees it in the menu and decides."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import Console
from tests.browser.test_second_factor import shot
from tests.browser.watching import barriers, settled, sideways

from jifen.programmes import services as programmes

Opener = Callable[..., Page]
WORDS = {
    "zh": {
        "set": "设置上限",
        "above": "单人上限",
        "reason": "原因",
        "save": "保存",
        "limit": "单人上限：500",
        "gift": "赠送积分",
        "amount": "数量（积分）",
        "needs": "超过 500 的增减需要另一位员工复核后才入账。",
        "give": "确认赠送 900 积分",
        "asked": "待他人复核后入账",
        "page": "复核",
        "waiting": "1 项待复核",
        "own": "须由他人复核",
        "decide": "复核 {who} 的申请",
        "would": "确认后，会员可用",
        "confirm": "确认入账",
        "confirmed": "已确认",
        "why": "驳回原因",
        "refuse": "驳回",
        "refused": "已驳回",
        "all": "全部",
        "nothing": "没有待复核的申请。",
    },
    "en": {
        "set": "Set the limit",
        "above": "Most points by one person",
        "reason": "Reason",
        "save": "Save",
        "limit": "One person alone: up to 500",
        "gift": "Give points",
        "amount": "Amount (points)",
        "needs": "Above 500, another person has to confirm it before it is booked.",
        "give": "Give 900 points",
        "asked": "It is booked once somebody else confirms it.",
        "page": "Approvals",
        "waiting": "1 waiting",
        "own": "Somebody else decides",
        "decide": "Decide what {who} asked for",
        "would": "Confirmed, the member has",
        "confirm": "Confirm",
        "confirmed": "Confirmed",
        "why": "Why it is refused",
        "refuse": "Refuse",
        "refused": "Refused",
        "all": "All",
        "nothing": "Nothing waits.",
    },
}


def asks(page: Page, words: dict[str, str], member: str) -> None:
    """Ask for a gift that is too large for one."""
    page.goto(f"members/{member}")
    settled(page)
    page.get_by_role("button", name=words["gift"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["amount"]).fill("900")
    dialog.get_by_label(words["reason"]).fill("complaint 4711")
    expect(dialog).to_contain_text(words["needs"])
    assert barriers(page) == []
    shot(page, f"gift-waits-{words['page']}")
    dialog.get_by_role("button", name=words["give"]).click()
    expect(page.get_by_text(words["asked"])).to_be_visible()


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_one_asks_and_another_confirms(
    signed_in: Opener, console: Console, language: str, theme: str
) -> None:
    words, own = WORDS[language], Console(console.url)
    owner = signed_in(console=own, language=language, theme=theme)
    owner.goto("approvals")
    settled(owner)
    expect(owner.get_by_text(words["nothing"])).to_be_visible()
    shot(owner, f"approvals-empty-{theme}-{language}")
    owner.get_by_role("button", name=words["set"]).click()
    dialog = owner.get_by_role("dialog")
    dialog.get_by_label(words["above"]).fill("500")
    dialog.get_by_label(words["reason"]).fill("four eyes")
    assert barriers(owner) == []
    dialog.get_by_role("button", name=words["save"]).click()
    expect(owner.get_by_text(words["limit"])).to_be_visible()

    login, member = own.person("manager", name="Zhang"), own.members["李娜"]
    manager = signed_in(console=own, login=login, language=language, theme=theme)
    asks(manager, words, member)
    manager.goto("approvals")
    settled(manager)
    expect(manager.get_by_text(words["own"])).to_be_visible()
    expect(manager.get_by_text(words["waiting"])).to_have_count(0)

    owner.reload()
    settled(owner)
    expect(owner.get_by_text(words["waiting"])).to_be_attached()
    shot(owner, f"approvals-{theme}-{language}")
    assert barriers(owner) == []
    owner.get_by_role("button", name=words["decide"].format(who=login)).click()
    deciding = owner.get_by_role("dialog")
    expect(deciding).to_contain_text(words["would"])
    shot(owner, f"approvals-decide-{theme}-{language}")
    assert barriers(owner) == []
    deciding.get_by_role("button", name=words["confirm"]).click()
    expect(owner.get_by_text(words["nothing"])).to_be_visible()
    expect(owner.get_by_text(words["waiting"])).to_have_count(0)
    owner.get_by_text(words["all"], exact=True).click()
    expect(owner.get_by_role("row").filter(has_text=words["confirmed"])).to_have_count(1)


def test_refused_with_a_reason_in_a_narrow_window(signed_in: Opener, console: Console) -> None:
    words, own = WORDS["zh"], Console(console.url)
    with own.scope():
        programmes.limit_people(approval_above=500)
    login = own.person("manager", name="Zhang")
    asks(signed_in(console=own, login=login), words, own.members["李娜"])
    owner = signed_in(console=own, width=320, height=800)
    owner.goto("approvals")
    settled(owner)
    assert sideways(owner) == 0
    owner.get_by_role("button", name=words["decide"].format(who=login)).click()
    dialog = owner.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=words["refuse"])).to_be_disabled()
    dialog.get_by_label(words["why"]).fill("没有小票")
    shot(owner, "approvals-refuse-320")
    assert sideways(owner) == 0
    assert barriers(owner) == []
    dialog.get_by_role("button", name=words["refuse"]).click()
    owner.get_by_text(words["all"], exact=True).click()
    row = owner.get_by_role("row").filter(has_text=words["refused"])
    expect(row).to_contain_text("没有小票")
