"""The staff and the record of what they did, as an owner and others see them."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import Console
from tests.browser.test_sign_in import fill
from tests.browser.watching import barriers, settled, watch_of

Opener = Callable[..., Page]


@pytest.fixture
def login() -> str:
    return f"li-{uuid.uuid4().hex[:8]}"


def test_somebody_comes_works_and_leaves(signed_in: Opener, open_page: Opener, login: str) -> None:
    page = signed_in()
    page.goto("staff")
    settled(page)
    made = adds(page, login)
    person = page.get_by_role("row").filter(has_text=login)
    expect(person).to_contain_text("店员")
    expect(person).to_contain_text("在职")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert made not in page.content()

    theirs = open_page()
    theirs.goto("sign-in")
    fill(theirs, "zh", login, made)
    expect(theirs.get_by_role("button", name="李小娜：账号")).to_be_visible()
    settled(theirs)
    expect(theirs.get_by_role("link", name="员工")).to_have_count(0)

    person.get_by_role("button", name="修改：李小娜").click()
    page.get_by_role("combobox", name="角色").press("Enter")
    page.get_by_role("option", name="审计").click()
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(person).to_contain_text("审计")
    # What a server knows of a session is remembered for a second.
    theirs.wait_for_timeout(1_100)
    theirs.reload()
    expect(theirs.get_by_role("link", name="员工")).to_be_visible()

    lets_go(page)
    expect(person).to_contain_text("已停用")
    with watch_of(theirs).refusals("POST /api/v1/session 401"):
        theirs.goto("staff")
        expect(theirs).to_have_url(re.compile(r"/console/sign-in\?to=/staff"))
        fill(theirs, "zh", login, made)
        expect(theirs.get_by_role("alert")).to_contain_text("账号或密码不正确。")
    person.get_by_role("button", name="恢复：李小娜").click()
    expect(person).to_contain_text("在职")
    is_on_record(page, login)
    assert made not in page.content()


def adds(page: Page, login: str) -> str:
    """Add a clerk; answers the password that was made up."""
    page.get_by_role("button", name="添加员工").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("账号").fill(login)
    dialog.get_by_label("姓名").fill("李小娜")
    expect(dialog.get_by_role("status")).to_have_text("查找和登记会员，记入业务行为。")
    made = dialog.get_by_label("密码").input_value()
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", made)
    assert barriers(page) == []
    dialog.get_by_role("button", name="添加员工").click()
    expect(dialog.get_by_text("密码只显示这一次")).to_be_visible()
    expect(dialog).to_contain_text(made)
    dialog.get_by_role("button", name="已交给本人").click()
    return made


def lets_go(page: Page) -> None:
    """Let them go, with a reason."""
    page.get_by_role("button", name="停用：李小娜").click()
    leaving = page.get_by_role("dialog", name="停用：李小娜")
    expect(leaving).to_contain_text("会立即退出登录")
    expect(leaving.get_by_role("button", name="停用")).to_be_disabled()
    leaving.get_by_label("原因").fill("合同到期")
    assert barriers(page) == []
    leaving.get_by_role("button", name="停用").click()


def is_on_record(page: Page, login: str) -> None:
    """That they were let go, and why."""
    page.get_by_role("link", name="操作审计").click()
    settled(page)
    left = page.get_by_role("row").filter(has_text="合同到期").filter(has_text=login)
    expect(left).to_contain_text("修改员工")
    expect(left.get_by_text("是 改为 否")).to_be_attached()
    expect(left).to_contain_text("127.0.0.1")


def test_a_new_password_for_somebody(
    signed_in: Opener, open_page: Opener, console: Console
) -> None:
    who = console.person("clerk", name="Wang Fang")
    page = signed_in(language="en", theme="dark")
    page.goto("staff")
    person = page.get_by_role("row").filter(has_text=who)
    person.get_by_role("button", name="Set password: Wang Fang").click()
    dialog = page.get_by_role("dialog", name="Set password: Wang Fang")
    with watch_of(page).refusals("POST /api/v1/staff/*/password 422"):
        dialog.get_by_label("Password").fill("password123")
        dialog.get_by_role("button", name="Set password").click()
        expect(dialog.get_by_role("alert")).to_contain_text("easy to guess: too common")
    dialog.get_by_label("Password").fill("another tea house 7")
    dialog.get_by_role("button", name="Set password").click()
    expect(dialog).to_contain_text("shown this once only")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Handed over").click()
    theirs = open_page(language="en")
    theirs.goto("sign-in")
    fill(theirs, "en", who, "another tea house 7")
    expect(theirs.get_by_role("button", name="Wang Fang: account")).to_be_visible()


def test_the_only_owner_stays(signed_in: Opener, console: Console) -> None:
    own = Console(console.url)
    page = signed_in(console=own)
    page.goto("staff")
    page.get_by_role("button", name="停用：林静").click()
    dialog = page.get_by_role("dialog", name="停用：林静")
    dialog.get_by_label("原因").fill("试一试")
    with watch_of(page).refusals("PATCH /api/v1/staff/* 409"):
        dialog.get_by_role("button", name="停用").click()
        expect(dialog.get_by_role("alert")).to_contain_text("至少要有一位所有者")
    expect(page.get_by_role("row").filter(has_text=own.owner)).to_contain_text("在职")


def test_who_may_only_read_changes_nobody(signed_in: Opener, console: Console) -> None:
    page = signed_in("auditor")
    page.goto("staff")
    settled(page)
    expect(page.get_by_role("row").filter(has_text=console.owner)).to_be_visible()
    expect(page.get_by_role("button", name="添加员工")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("停用"))).to_have_count(0)
    clerk = signed_in("clerk")
    clerk.goto("staff")
    expect(clerk.get_by_text("这里没有内容")).to_be_visible()


def test_the_record_by_person_act_and_day(signed_in: Opener, console: Console) -> None:
    own = Console(console.url)
    clerk = own.person("clerk", name="Wu")
    for _ in range(3):
        own.session(clerk)
    page = signed_in(console=own)
    page.goto("acts")
    settled(page)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(4)
    page.get_by_label("账号", exact=True).fill(clerk)
    page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    page.get_by_role("combobox", name="操作").click()
    page.get_by_role("option", name="添加员工").click()
    expect(page.get_by_text("没有符合筛选条件的内容。")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="清除筛选").first.click()
    expect(rows).to_have_count(4)
    page.get_by_label("到哪天").fill("2020-01-01")
    expect(page.get_by_text("没有符合筛选条件的内容。")).to_be_visible()
    page.get_by_label("到哪天").fill("")
    page.get_by_label("从哪天").fill("2020-01-01")
    expect(rows).to_have_count(4)
