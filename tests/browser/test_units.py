"""Further units, as an owner adds and names them, and where they are from then on."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.console import Console
from tests.browser.test_stores import dialog_of, press
from tests.browser.watching import barriers, settled, sideways

Opener = Callable[..., Page]
WORDS: Final = {
    "zh": {
        "page": "计量单位", "add": "添加计量单位", "kind": "类型", "pass": "计次卡",
        "does": "按次使用的服务", "zh": "中文名称", "en": "英文名称", "code": "代码",
        "taken": "此代码已被使用。", "bad": "只能用字母、数字和 _ . : -", "save": "保存",
        "rename": "改名：{name}", "acts": "操作审计", "renamed": "修改计量单位名称",
        "rules": "规则", "new": "新建草稿", "begin": "开始编辑", "unit": "计量单位",
        "points": "积分",
    },
    "en": {
        "page": "Units", "add": "Add a unit", "kind": "Kind", "pass": "Pass",
        "does": "Services that are counted", "zh": "Name in Chinese", "en": "Name in English",
        "code": "Code", "taken": "This code is taken.", "bad": "Letters, digits and _ . : - only",
        "save": "Save", "rename": "Rename: {name}", "acts": "Audit", "renamed": "Rename a unit",
        "rules": "Rules", "new": "New draft", "begin": "Begin the draft", "unit": "Unit",
        "points": "points",
    },
}  # fmt: skip


def row(page: Page, code: str) -> Locator:
    """The line of a unit."""
    cell = page.get_by_role("cell").filter(has=page.get_by_text(code, exact=True))
    return page.get_by_role("row").filter(has=cell)


def opened(page: Page, said: dict[str, str]) -> Page:
    """The page of the units, come to from the menu."""
    page.goto("stores")
    settled(page)
    page.get_by_role("link", name=said["page"], exact=True).click()
    settled(page)
    return page


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
def test_an_owner_adds_a_unit_and_rules_may_name_it(
    theme: str, language: str, signed_in: Opener, console: Console
) -> None:
    said, own = WORDS[language], Console(console.url)
    page = opened(signed_in(console=own, language=language, theme=theme), said)
    expect(row(page, "points")).to_contain_text("积分")
    dialog = dialog_of(page, said["add"])
    go = dialog.get_by_role("button", name=said["add"], exact=True)
    dialog.get_by_role("combobox", name=said["kind"]).press("Enter")
    page.get_by_role("option", name=said["pass"]).click()
    expect(dialog).to_contain_text(said["does"])
    dialog.get_by_label(said["zh"]).fill("洗车次数")
    expect(go).to_be_disabled()
    dialog.get_by_label(said["en"]).fill("Car Washes")
    code = dialog.get_by_label(said["code"])
    expect(code).to_have_value("car-washes")
    expect(go).to_be_enabled()
    for wrong, told in (("points", "taken"), ("洗车", "bad")):
        code.fill(wrong)
        expect(dialog).to_contain_text(said[told])
        expect(go).to_be_disabled()
    assert barriers(page) == []
    code.fill("wash")
    press(dialog, said["add"])
    expect(row(page, "wash")).to_contain_text("洗车次数")
    expect(row(page, "wash")).to_contain_text(said["does"])
    assert barriers(page) == []

    page.get_by_role("link", name=said["rules"], exact=True).click()
    settled(page)
    page.get_by_role("button", name=said["new"]).click()
    page.get_by_role("dialog").get_by_role("button", name=said["begin"]).click()
    settled(page)
    page.get_by_role("button", name="spend").first.click()
    page.get_by_role("combobox", name=said["unit"]).first.press("Enter")
    name = "洗车次数" if language == "zh" else "Car Washes"
    expect(page.get_by_role("option", name=name)).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_unit_is_called_otherwise_and_that_is_on_record(
    language: str, signed_in: Opener, console: Console
) -> None:
    said, own = WORDS[language], Console(console.url)
    page = opened(signed_in(console=own, language=language), said)
    dialog = dialog_of(page, said["rename"].format(name="积分"))
    expect(dialog.get_by_label(said["en"])).to_have_value("points")
    expect(dialog.get_by_label(said["code"])).to_have_count(0)
    dialog.get_by_label(said["zh"]).fill("小豆")
    dialog.get_by_label(said["en"]).fill("beans")
    assert barriers(page) == []
    press(dialog, said["save"])
    expect(row(page, "points")).to_contain_text("小豆")
    page.get_by_role("link", name=said["acts"], exact=True).click()
    settled(page)
    act = page.get_by_role("row").filter(has_text=said["renamed"])
    expect(act).to_contain_text("小豆")
    expect(act).to_contain_text("beans")


def test_a_clerk_reads_the_units_and_changes_none(signed_in: Opener) -> None:
    said = WORDS["zh"]
    page = opened(signed_in("clerk"), said)
    expect(row(page, "points")).to_be_visible()
    expect(page.get_by_role("button", name=said["add"])).to_have_count(0)
    expect(page.get_by_role("button", name=said["rename"].format(name="积分"))).to_have_count(0)


def test_the_dialog_fits_a_narrow_window(signed_in: Opener) -> None:
    page = signed_in(width=320, height=640)
    page.goto("units")
    settled(page)
    dialog_of(page, WORDS["zh"]["add"])
    assert sideways(page) == 0


@pytest.mark.parametrize("path", ["stored-value", "passes"])
def test_a_page_of_what_is_not_counted_leads_here(
    path: str, signed_in: Opener, console: Console
) -> None:
    page = signed_in(console=Console(console.url), language="en")
    page.goto(path)
    settled(page)
    page.get_by_role("button", name=WORDS["en"]["add"]).click()
    settled(page)
    expect(row(page, "points")).to_be_visible()
