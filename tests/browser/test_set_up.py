"""Setting up a programme: from the code of the server to the first order, in both languages."""

import re
import uuid
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.console import PASSWORD, SETUP_CODE, Console
from tests.browser.watching import barriers, settled, sideways, watch_of

Opener = Callable[..., Page]
WORDS: Final = {
    "zh": {
        "from": "还没有会员计划？新建一个", "heading": "新建会员计划",
        "secret": "设置码", "name": "名称", "code": "代码", "person": "姓名", "login": "账号",
        "password": "密码", "go": "新建并登录", "wrong": "设置码不正确。",
        "taken": "已有会员计划使用此代码，请换一个。",
        "rules": "会员怎样得分、用分", "preset": "服饰美妆", "points": "得积分",
        "told": "每消费 ¥1 得 2 积分",
        "publish": "发布规则", "member": "第一位会员", "phone": "手机号", "enrol": "新建会员",
        "order": "第一笔订单", "will": "这笔订单将得 200 分", "book": "确认入账 ¥100.00",
        "done": "设置完成", "earned": "200 积分", "why": "为什么得这些分", "later": "稍后再说",
        "step": "一步步完成设置", "again": "退出登录并新建",
    },
    "en": {
        "from": "No programme yet? Set one up", "heading": "Set up a programme",
        "secret": "Set-up code", "name": "Name", "code": "Code", "person": "Your name",
        "login": "Login", "password": "Password", "go": "Set up and sign in",
        "wrong": "The set-up code is wrong.", "taken": "A programme has this code. Choose another.",
        "rules": "How members earn and spend", "preset": "Clothes and beauty",
        "points": "a member gets points",
        "told": "2 points for every ¥1 spent",
        "publish": "Publish the rules", "member": "The first member", "phone": "Phone",
        "enrol": "Enrol", "order": "The first order", "will": "This order will give 200 points",
        "book": "Book ¥100.00", "done": "It is set up", "earned": "200 points",
        "why": "Why so many", "later": "Later", "step": "Set it up step by step",
        "again": "Sign out and set one up",
    },
}  # fmt: skip
LISTS: Final = {
    "zh": {"gives": ["得 200 分", "得 240 分", "得 300 分"], "others": ["导入", "规则", "员工"]},
    "en": {
        "gives": ["gives 200 points", "gives 240 points", "gives 300 points"],
        "others": ["Import", "Rules", "Staff"],
    },
}


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def stands_at(page: Page, title: str) -> None:
    """The step with this title is shown, and shuts nobody out."""
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    settled(page)
    assert not barriers(page)


def fill(page: Page, says: dict[str, str], **values: str) -> None:
    for name, value in values.items():
        page.get_by_label(says[name], exact=True).fill(value)


def make_the_programme(page: Page, says: dict[str, str], taken: str) -> None:
    """Fill in the first step: with a wrong code, with a code of the programme that is taken, and
    then rightly."""
    one = uuid.uuid4().hex[:8]
    expect(button(page, says["go"])).to_be_disabled()
    fill(page, says, secret="not the code", name=f"Camellia {one}", person="李娜")
    expect(page.get_by_label(says["code"], exact=True)).to_have_value(f"camellia-{one}")
    fill(page, says, login=f"lina-{one}", password=PASSWORD)
    with watch_of(page).refusals("POST /api/v1/set-up 403", "POST /api/v1/set-up 409"):
        button(page, says["go"]).click()
        expect(page.get_by_role("alert")).to_contain_text(says["wrong"])
        fill(page, says, secret=SETUP_CODE, code=taken)
        button(page, says["go"]).click()
        expect(page.get_by_role("alert")).to_contain_text(says["taken"])
    fill(page, says, code=f"camellia-{one}")
    button(page, says["go"]).click()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_nothing_to_the_first_points(
    open_page: Opener, console: Console, language: str
) -> None:
    page, says, lists = open_page(language=language), WORDS[language], LISTS[language]
    page.goto("sign-in")
    page.get_by_role("link", name=says["from"]).click()
    expect(page.get_by_role("heading", name=says["heading"])).to_be_visible()
    make_the_programme(page, says, console.programme.code)

    # Left at every step, and taken up again where it was left.
    stands_at(page, says["rules"])
    assert SETUP_CODE not in page.url
    page.get_by_role("link", name=says["later"]).click()
    expect(page).to_have_url(re.compile("/console/dashboard$"))
    page.get_by_role("link", name=says["step"]).click()

    stands_at(page, says["rules"])
    page.get_by_role("radio", name=re.compile(says["preset"])).check()
    fill(page, says, points="2")
    for gives in lists["gives"]:
        expect(page.get_by_text(gives, exact=True)).to_be_visible()
    expect(page.get_by_text(says["told"])).to_be_visible()
    button(page, says["publish"]).click()

    stands_at(page, says["member"])
    page.reload()
    stands_at(page, says["member"])
    fill(page, says, phone="13812342186")
    button(page, says["enrol"]).click()

    stands_at(page, says["order"])
    page.reload()
    stands_at(page, says["order"])
    expect(page.get_by_text(says["will"])).to_be_visible()
    button(page, says["book"]).click()

    stands_at(page, says["done"])
    expect(page.get_by_text(says["earned"], exact=True)).to_be_visible()
    for other in lists["others"]:
        expect(page.get_by_role("link", name=other, exact=True)).to_be_visible()
    page.get_by_role("link", name=says["why"]).click()
    expect(page).to_have_url(re.compile("/console/activities/"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_who_is_done_is_told_what_next(signed_in: Opener, language: str, theme: str) -> None:
    page, says = signed_in(language=language, theme=theme, width=320, height=640), WORDS[language]
    page.goto("set-up")
    stands_at(page, says["done"])
    assert sideways(page) == 0
    button(page, says["again"]).click()
    expect(page.get_by_label(says["secret"], exact=True)).to_be_visible()
    assert sideways(page) == 0


def test_who_may_not_is_told_who_may(signed_in: Opener) -> None:
    page, says = signed_in("clerk"), WORDS["zh"]
    page.goto("set-up")
    stands_at(page, "您的角色不能完成设置")
    step = page.get_by_role("region", name=says["heading"])
    expect(step.get_by_text("请让会员计划的所有者或店长完成。")).to_be_visible()
    for offered in ("button", "textbox", "radio", "link"):
        expect(step.get_by_role(offered)).to_have_count(0)
    expect(button(page, says["again"])).to_have_count(0)
