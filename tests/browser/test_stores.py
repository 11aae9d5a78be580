"""Further stores, as an owner adds and names them, and where they are from then on."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.browser.console import Console
from tests.browser.watching import barriers, settled, sideways, watch_of

from jifen.programmes import stores

Opener = Callable[..., Page]
WORDS: Final = {
    "zh": {
        "page": "门店",
        "staff": "员工",
        "members": "会员",
        "acts": "操作审计",
        "add": "添加门店",
        "add merchant": "添加商户",
        "add person": "添加员工",
        "name": "名称",
        "code": "代码",
        "run by": "所属商户",
        "rename": "改名：{name}",
        "save": "保存",
        "cancel": "取消",
        "first": "未注明门店的业务记在这里",
        "taken": "此代码已被使用。",
        "bad": "只能用字母、数字和 _ . : -",
        "exists": "已有门店使用此代码，请换一个。",
        "renamed": "修改门店名称",
        "enrol": "新建会员",
        "enrolled at": "入会门店",
        "do enrol": "新建会员",
        "phone": "手机号",
        "store": "滨江店",
        "store code": "store",
        "other": "Harbour 2 店",
        "other code": "harbour-2",
        "merchants": "商户：",
        "merchant": "麦田烘焙",
        "merchant code": "merchant",
    },
    "en": {
        "page": "Stores",
        "staff": "Staff",
        "members": "Members",
        "acts": "Audit",
        "add": "Add a store",
        "add merchant": "Add a merchant",
        "add person": "Add a person",
        "name": "Name",
        "code": "Code",
        "run by": "Run by",
        "rename": "Rename: {name}",
        "save": "Save",
        "cancel": "Cancel",
        "first": "What names no store is booked here",
        "taken": "This code is taken.",
        "bad": "Letters, digits and _ . : - only",
        "exists": "A store has this code. Choose another.",
        "renamed": "Rename a store",
        "enrol": "New member",
        "enrolled at": "Store",
        "do enrol": "Enrol member",
        "phone": "Phone",
        "store": "Main",
        "store code": "main-2",
        "other": "Harbour Store",
        "other code": "harbour-store",
        "merchants": "Merchants: ",
        "merchant": "Wheat Field Bakery",
        "merchant code": "wheat-field-bakery",
    },
}


def row(page: Page, code: str) -> Locator:
    """The line of a store."""
    cell = page.get_by_role("cell").filter(has=page.get_by_text(code, exact=True))
    return page.get_by_role("row").filter(has=cell)


def dialog_of(page: Page, name: str) -> Locator:
    """The dialog of this title, opened by the button of that name."""
    page.get_by_role("button", name=name, exact=True).click()
    dialog = page.get_by_role("dialog", name=name)
    expect(dialog).to_be_visible()
    return dialog


def press(dialog: Locator, name: str) -> None:
    """Press a button of a dialog, which closes it."""
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_have_count(0)


def opened(signed_in: Opener, console: Console, language: str, theme: str = "light") -> Page:
    """The page of the stores, come to from the menu."""
    page = signed_in(console=console, language=language, theme=theme)
    page.goto("staff")
    settled(page)
    page.get_by_role("link", name=WORDS[language]["page"], exact=True).click()
    settled(page)
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_owner_adds_a_store_and_every_choice_has_it(
    theme: str, language: str, signed_in: Opener, console: Console
) -> None:
    said = WORDS[language]
    page = opened(signed_in, Console(console.url), language, theme)
    expect(row(page, "main")).to_contain_text(said["first"])
    dialog = dialog_of(page, said["add"])
    expect(dialog.get_by_label(said["run by"])).to_have_count(0)
    name, code = dialog.get_by_label(said["name"]), dialog.get_by_label(said["code"])
    go = dialog.get_by_role("button", name=said["add"], exact=True)
    expect(go).to_be_disabled()
    name.fill(said["store"])
    expect(code).to_have_value(said["store code"])
    expect(go).to_be_enabled()
    assert barriers(page) == []
    for wrong, told in (("main", "taken"), ("北门", "bad"), ("a b", "bad")):
        code.fill(wrong)
        expect(dialog).to_contain_text(said[told])
        expect(go).to_be_disabled()
    assert barriers(page) == []
    code.fill("riverside")
    name.fill(f"{said['store']} 1")
    expect(code).to_have_value("riverside")
    press(dialog, said["add"])
    expect(row(page, "riverside")).to_contain_text(f"{said['store']} 1")
    expect(row(page, "riverside")).not_to_contain_text(said["first"])
    assert barriers(page) == []
    is_a_choice(page, said, f"{said['store']} 1")


def is_a_choice(page: Page, said: dict[str, str], store: str) -> None:
    """Somebody may work there and members may enrol there, without loading the console anew."""
    page.get_by_role("link", name=said["staff"], exact=True).click()
    settled(page)
    dialog = dialog_of(page, said["add person"])
    dialog.get_by_role("combobox", name=said["page"]).press("Enter")
    expect(page.get_by_role("option", name=store)).to_be_visible()
    page.keyboard.press("Escape")
    press(dialog, said["cancel"])
    page.get_by_role("link", name=said["members"], exact=True).click()
    settled(page)
    dialog = dialog_of(page, said["enrol"])
    dialog.get_by_label(said["phone"]).fill("18612349911")
    dialog.get_by_role("combobox", name=said["enrolled at"]).press("Enter")
    page.get_by_role("option", name=store).click()
    dialog.get_by_role("button", name=said["do enrol"]).click()
    expect(page).to_have_url(re.compile("/members/[0-9a-f-]{36}$"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_store_is_called_otherwise_and_that_is_on_record(
    language: str, signed_in: Opener, console: Console
) -> None:
    said = WORDS[language]
    page = opened(signed_in, Console(console.url), language)
    was = row(page, "main").locator("strong").inner_text()
    title = said["rename"].format(name=was)
    dialog = dialog_of(page, title)
    expect(dialog.get_by_label(said["name"])).to_have_value(was)
    expect(dialog).to_contain_text("main")
    assert barriers(page) == []
    dialog.get_by_label(said["name"]).fill("  ")
    expect(dialog.get_by_role("button", name=said["save"])).to_be_disabled()
    dialog.get_by_label(said["name"]).fill(said["other"])
    dialog.get_by_label(said["name"]).press("Enter")
    expect(dialog).to_have_count(0)
    expect(row(page, "main").locator("strong")).to_have_text(said["other"])
    page.get_by_role("link", name=said["acts"], exact=True).click()
    settled(page)
    act = page.get_by_role("row").filter(has_text=said["renamed"])
    expect(act).to_contain_text(was)
    expect(act).to_contain_text(said["other"])
    assert barriers(page) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_another_merchant_runs_a_store(language: str, signed_in: Opener, console: Console) -> None:
    said = WORDS[language]
    page = opened(signed_in, Console(console.url), language)
    dialog = dialog_of(page, said["add merchant"])
    assert barriers(page) == []
    dialog.get_by_label(said["name"]).fill(said["merchant"])
    expect(dialog.get_by_label(said["code"])).to_have_value(said["merchant code"])
    expect(page.get_by_text(said["merchants"])).to_have_count(0)
    press(dialog, said["add merchant"])
    told = page.get_by_role("region", name=said["page"]).get_by_text(said["merchants"])
    expect(told).to_contain_text(said["merchant"])
    dialog = dialog_of(page, said["add"])
    dialog.get_by_label(said["name"]).fill(said["other"])
    expect(dialog.get_by_label(said["code"])).to_have_value(said["other code"])
    dialog.get_by_role("combobox", name=said["run by"]).press("Enter")
    page.get_by_role("option", name=said["merchant"]).click()
    assert barriers(page) == []
    press(dialog, said["add"])
    expect(row(page, said["other code"])).to_contain_text(said["merchant"])
    expect(row(page, "main")).not_to_contain_text(said["merchant"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_somebody_else_added_meanwhile_is_told(
    language: str, signed_in: Opener, console: Console
) -> None:
    said, own = WORDS[language], Console(console.url)
    page = opened(signed_in, own, language)
    dialog = dialog_of(page, said["add"])
    dialog.get_by_label(said["name"]).fill(said["store"])
    dialog.get_by_label(said["code"]).fill("north")
    with own.scope():
        stores.open_store(code="north", name="North")
    with watch_of(page).refusals("POST /api/v1/stores 409"):
        dialog.get_by_role("button", name=said["add"], exact=True).click()
        expect(dialog.get_by_role("alert")).to_contain_text(said["exists"])
    assert barriers(page) == []
    dialog.get_by_label(said["code"]).fill("south")
    press(dialog, said["add"])
    expect(row(page, "north")).to_contain_text("North")
    expect(row(page, "south")).to_contain_text(said["store"])


def test_nothing_is_added_before_it_is_known_what_there_is(signed_in: Opener) -> None:
    page = signed_in()
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/api/v1/merchants", hold)
    page.goto("stores")
    while not waiting:
        page.wait_for_timeout(50)
    buttons = [page.get_by_role("button", name=name) for name in ("添加门店", "添加商户")]
    for button in buttons:
        expect(button).to_be_disabled()
    for each in waiting:
        each.continue_()
    for button in buttons:
        expect(button).to_be_enabled()


def test_who_may_not_change_them_reads_them(signed_in: Opener, console: Console) -> None:
    for role in ("manager", "clerk"):
        page = signed_in(role)
        page.goto("stores")
        settled(page)
        expect(row(page, "main")).to_be_visible()
        for name in ("添加门店", "添加商户", re.compile("改名")):
            expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_long_names_need_no_sideways_scroll(signed_in: Opener, console: Console) -> None:
    own = Console(console.url)
    with own.scope():
        stores.open_store(code="a" * 60, name="很长的门店名称" * 17)
    page = signed_in(console=own, width=320, height=640)
    page.goto("stores")
    settled(page)
    expect(row(page, "a" * 60)).to_be_attached()
    assert sideways(page) == 0
    dialog_of(page, "添加门店")
    assert sideways(page) == 0
