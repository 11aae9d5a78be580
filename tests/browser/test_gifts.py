"""Gifts to many in the browser: what it comes to, who starts it, how it goes, who is left out."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import PEOPLE, Console
from tests.browser.test_second_factor import shot
from tests.browser.watching import barriers, settled

from jifen.audience import gift_runs
from jifen.audience import services as audience
from jifen.audience.rules.conditions import ByTag
from jifen.common import clock
from jifen.members import services as members
from jifen.members.types import Changes
from jifen.programmes import services as programmes

Opener = Callable[..., Page]
WORDS = {
    "zh": {
        "empty": "还没有批量赠送。",
        "new": "批量赠送",
        "points": "每人数量（积分）",
        "reason": "原因",
        "tag": "按标签",
        "segment": "按分群",
        "condition": "按条件",
        "kind": "条件的类型",
        "members": "会员人数{}",
        "total": "合计{} 积分",
        "go": "确认赠送 共 {} 积分",
        "ask": "提交复核 共 {} 积分",
        "waits": "合计超过单人上限 100",
        "asked": "已提交，待他人复核后开始发放",
        "choosing": "正在确定名单",
        "giving": "正在发放",
        "done": "已完成",
        "has": "已发放 {} 人，共 {} 人",
        "failed": "1 人未发放",
        "frozen": "会员已冻结",
        "cancel": "取消赠送",
        "sure": "确认取消",
        "cancelled": "已取消",
        "decide": "复核 {} 的申请",
        "confirm": "确认入账",
        "nothing": "没有待复核的申请。",
        "give_these": "赠送给这些会员",
    },
    "en": {
        "empty": "Nothing was given to many yet.",
        "new": "Give to many",
        "points": "Points for each (points)",
        "reason": "Reason",
        "tag": "By tag",
        "segment": "By segment",
        "condition": "By condition",
        "kind": "Kind of Condition",
        "members": "Members{}",
        "total": "In all{} points",
        "go": "Give {} points in all",
        "ask": "Ask for {} points in all",
        "waits": "More in all than one person may give (100)",
        "asked": "It starts once somebody else confirms it.",
        "choosing": "Choosing members",
        "giving": "On its way",
        "done": "Done",
        "has": "{} of {} members have it",
        "failed": "1 not given",
        "frozen": "Frozen",
        "cancel": "Cancel the gift",
        "sure": "Cancel it now",
        "cancelled": "Cancelled",
        "decide": "Decide what {} asked for",
        "confirm": "Confirm",
        "nothing": "Nothing waits.",
        "give_these": "Give to these members",
    },
}
"""What a page says, by language."""
BOTH = pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])


@pytest.fixture
def own(console: Console) -> Console:
    """A programme in which three members have a tag, by which there is a segment."""
    made = Console(console.url)
    with made.scope():
        for name, _ in PEOPLE[:3]:
            changes = Changes(add_tags=("茶友",))
            members.change(
                member_id=UUID(made.members[name]), changes=changes, actor="t", at=made.now
            )
        audience.save_segment(
            code="tea", name="茶友群", condition=ByTag(any_of=("茶友",)), by="t", at=made.now
        )
    return made


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gift_runs, "SLICE", 2)


def works(own: Console, steps: int | None = None) -> None:
    """What the worker does: some steps, or until nothing is left."""
    with own.scope():
        while steps is None or steps > 0:
            if not gift_runs.go_on(at=clock.now()):
                break
            steps = None if steps is None else steps - 1


def fills_in(page: Page, words: dict[str, str], points: str) -> None:
    """A gift to all, as far as it is clear."""
    page.get_by_label(words["points"]).fill(points)
    page.get_by_label(words["reason"]).fill("十年好茶")


def comes_to(page: Page, words: dict[str, str], many: int, points: str) -> None:
    side = page.get_by_role("complementary")
    expect(side).to_contain_text(words["members"].format(many))
    expect(side).to_contain_text(words["total"].format(points))


def chooses(page: Page, words: dict[str, str], to: str, option: str) -> None:
    """Whom it goes to, by a name in a list."""
    page.get_by_text(words[to], exact=True).click()
    page.get_by_role("combobox", name=words[to]).press("Enter")
    page.get_by_role("option", name=option).click()


@BOTH
def test_counted_confirmed_and_given(
    signed_in: Opener, own: Console, language: str, theme: str
) -> None:
    words = WORDS[language]
    page = signed_in(console=own, language=language, theme=theme)
    page.goto("gifts")
    settled(page)
    expect(page.get_by_text(words["empty"])).to_be_visible()
    page.get_by_role("button", name=words["new"]).click()
    settled(page)
    assert barriers(page) == []
    fills_in(page, words, "1,200")
    comes_to(page, words, len(PEOPLE), "14,400")
    chooses(page, words, "tag", "茶友")
    comes_to(page, words, 3, "3,600")
    chooses(page, words, "segment", "茶友群")
    comes_to(page, words, 3, "3,600")
    assert barriers(page) == []
    shot(page, f"gift-{theme}-{language}")
    page.get_by_role("button", name=words["go"].format("3,600")).click()

    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(words["choosing"])
    with own.scope():
        frozen = UUID(own.members[PEOPLE[0][0]])
    works(own, 1)
    with own.scope():
        members.freeze(member_id=frozen, actor="t", reason="lost", at=own.now)
    works(own)
    expect(drawer).to_contain_text(words["has"].format(2, 3))
    expect(drawer).to_contain_text(words["done"])
    expect(drawer).to_contain_text(words["failed"])
    expect(drawer.get_by_role("link", name=PEOPLE[0][0])).to_be_visible()
    expect(drawer).to_contain_text(words["frozen"])
    assert barriers(page) == []
    shot(page, f"gift-run-{theme}-{language}")
    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="十年好茶")
    expect(row).to_contain_text("林静")
    expect(row).to_contain_text(words["done"])
    expect(row).to_contain_text("茶友群")
    assert barriers(page) == []
    shot(page, f"gifts-{theme}-{language}")


@BOTH
@pytest.mark.usefixtures("small_slices")
def test_seen_on_its_way_and_cancelled(
    signed_in: Opener, own: Console, language: str, theme: str
) -> None:
    words = WORDS[language]
    page = signed_in(console=own, language=language, theme=theme)
    page.goto("gifts/new")
    settled(page)
    fills_in(page, words, "5")
    page.get_by_role("button", name=words["go"].format(5 * len(PEOPLE))).click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(words["choosing"])
    works(own, 3)
    expect(drawer).to_contain_text(words["has"].format(4, len(PEOPLE)))
    expect(drawer).to_contain_text(words["giving"])
    shot(page, f"gift-run-giving-{theme}-{language}")
    drawer.get_by_role("button", name=words["cancel"]).click()
    assert barriers(page) == []
    drawer.get_by_role("button", name=words["sure"]).click()
    expect(drawer).to_contain_text(words["cancelled"])
    works(own)
    page.reload()
    settled(page)
    expect(drawer).to_contain_text(words["has"].format(4, len(PEOPLE)))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_above_the_limit_a_second_person_starts_it(
    signed_in: Opener, own: Console, language: str
) -> None:
    words = WORDS[language]
    with own.scope():
        programmes.limit_people(approval_above=100)
    login = own.person("manager", name="Zhang")
    manager = signed_in(console=own, login=login, language=language)
    manager.goto("gifts/new?segment=tea")
    settled(manager)
    fills_in(manager, words, "40")
    comes_to(manager, words, 3, "120")
    expect(manager.get_by_role("complementary")).to_contain_text(words["waits"])
    shot(manager, f"gift-waits-many-{language}")
    assert barriers(manager) == []
    manager.get_by_role("button", name=words["ask"].format(120)).click()
    expect(manager.get_by_text(words["asked"])).to_be_visible()
    expect(manager.get_by_text(words["empty"])).to_be_visible()

    owner = signed_in(console=own, language=language)
    owner.goto("approvals")
    settled(owner)
    owner.get_by_role("button", name=words["decide"].format(login)).click()
    owner.get_by_role("dialog").get_by_role("button", name=words["confirm"]).click()
    expect(owner.get_by_text(words["nothing"])).to_be_visible()
    works(own)
    manager.reload()
    settled(manager)
    row = manager.get_by_role("row").filter(has_text="十年好茶")
    expect(row).to_contain_text(words["done"])
    expect(row).to_contain_text("Zhang")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_list_was_chosen_by_goes_along(
    signed_in: Opener, own: Console, language: str
) -> None:
    words = WORDS[language]
    page = signed_in(console=own, language=language)
    page.goto("members?tag=茶友")
    settled(page)
    page.get_by_role("link", name=words["give_these"]).click()
    expect(page).to_have_url(re.compile("/gifts/new"))
    settled(page)
    fills_in(page, words, "7")
    comes_to(page, words, 3, "21")
    page.get_by_role("button", name=words["go"].format(21)).click()
    expect(page.get_by_role("dialog")).to_contain_text(words["choosing"])
    works(own)
    expect(page.get_by_role("dialog")).to_contain_text(words["has"].format(3, 3))
