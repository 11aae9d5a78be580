"""Somebody takes tables away, in a browser, in both languages."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from tests.browser.console import PEOPLE, Console
from tests.browser.watching import barriers, settled, sideways, watch_of

from jifen.common import clock
from jifen.faces.exporting import working

Open = Callable[..., Page]
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "members": "会员",
        "ledger": "积分分录",
        "go_members": "导出会员",
        "go_ledger": "导出积分分录",
        "whole": "包含完整手机号和邮箱",
        "csv": "CSV",
        "waiting": "等待处理…",
        "done": "已完成",
        "download": "下载：",
        "stop": "停止导出：",
        "cancelled": "已取消",
        "empty": "还没有导出过",
        "backwards": "结束日期早于开始日期",
        "first": "从哪天",
        "asked": "导出数据",
        "downloaded": "下载导出文件",
    },
    "en": {
        "members": "Members",
        "ledger": "Ledger",
        "go_members": "Export: Members",
        "go_ledger": "Export: Ledger",
        "whole": "With whole phones and e-mail addresses",
        "csv": "CSV",
        "waiting": "Waiting…",
        "done": "Done",
        "download": "Download: ",
        "stop": "Stop: ",
        "cancelled": "Called off",
        "empty": "Nothing was exported yet",
        "backwards": "The last day is before the first one",
        "first": "First day",
        "asked": "Export data",
        "downloaded": "Download an export",
    },
}


def work(console: Console) -> None:
    """What the worker does until nothing is left."""
    with console.scope():
        while working.go_on(at=clock.now()):
            pass


def downloaded(page: Page, words: dict[str, Any]) -> bytes:
    """The newest file."""
    with page.expect_download() as found:
        page.get_by_role("link", name=words["download"]).first.click()
    return found.value.path().read_bytes()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_members_and_the_ledger_leave(server: str, signed_in: Open, language: str) -> None:
    words, own = WORDS[language], Console(server)
    page = signed_in(console=own, language=language)
    page.goto("export")
    expect(page.get_by_text(words["empty"])).to_be_visible()
    page.get_by_text(words["whole"], exact=True).click()
    expect(page.get_by_role("checkbox", name=words["whole"])).to_be_checked()
    page.get_by_role("button", name=words["go_members"], exact=True).click()
    expect(page.get_by_text(words["waiting"])).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work(own)
    expect(page.get_by_text(words["done"], exact=True)).to_be_visible()
    book = load_workbook(io.BytesIO(downloaded(page, words)))
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    phones = {row[head.index("phone")] for row in rows}
    assert phones == {phone for _, phone in PEOPLE}

    page.get_by_role("radio", name=words["ledger"], exact=True).check(force=True)
    page.get_by_role("radio", name=words["csv"], exact=True).check(force=True)
    expect(page.get_by_role("checkbox", name=words["whole"])).to_be_hidden()
    page.get_by_role("button", name=words["go_ledger"], exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work(own)
    expect(page.get_by_text(words["done"], exact=True)).to_have_count(2)
    text = downloaded(page, words).decode("utf-8-sig")
    amounts = [int(row["amount"]) for row in csv.DictReader(io.StringIO(text))]
    assert len(amounts) > len(PEOPLE)
    # Each step is on record.
    page.goto("acts")
    cells = page.get_by_role("cell")
    expect(cells.filter(has_text=words["asked"])).to_have_count(2)
    expect(cells.filter(has_text=words["downloaded"])).to_have_count(2)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_cannot_be_is_said_and_what_is_not_wanted_is_stopped(
    server: str, signed_in: Open, language: str
) -> None:
    words, own = WORDS[language], Console(server)
    page = signed_in(console=own, language=language)
    page.goto("export")
    page.get_by_role("radio", name=words["ledger"], exact=True).check(force=True)
    first = page.get_by_label(words["first"])
    before = first.input_value()
    first.fill("2099-01-01")
    expect(page.get_by_role("alert")).to_contain_text(words["backwards"])
    expect(page.get_by_role("button", name=words["go_ledger"], exact=True)).to_be_disabled()
    first.fill(before)
    page.get_by_role("button", name=words["go_ledger"], exact=True).click()
    page.get_by_role("button", name=words["stop"]).click()
    expect(page.get_by_text(words["cancelled"], exact=True)).to_be_visible()
    work(own)
    page.reload()
    expect(page.get_by_text(words["cancelled"], exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=words["download"])).to_have_count(0)


def test_a_failure_says_what_to_do(server: str, signed_in: Open) -> None:
    own = Console(server)
    page = signed_in(console=own)
    page.goto("export")
    settled(page)
    page.route("**/api/v1/exports", lambda route: route.abort())
    with watch_of(page).refusals():
        page.get_by_role("button", name="导出会员", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("无法连接服务器")
    page.unroute("**/api/v1/exports")
    watch_of(page).faults.clear()
    page.get_by_role("button", name="导出会员", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()


def test_the_menu_shows_it_to_those_who_may(server: str, signed_in: Open, console: Console) -> None:
    for role, count in (("finance", 1), ("clerk", 0), ("auditor", 0)):
        page = signed_in(role)
        page.goto("members")
        settled(page)
        expect(page.get_by_role("link", name="导出", exact=True)).to_have_count(count)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(server: str, signed_in: Open, theme: str) -> None:
    own = Console(server)
    page = signed_in(console=own, theme=theme)
    page.goto("export")
    page.get_by_role("button", name="导出会员", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".is-loading")).to_have_count(0)
    page.mouse.move(0, 0)
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert sideways(page) == 0
    work(own)
    expect(page.get_by_text("已完成", exact=True)).to_be_visible()
    settled(page)
    assert barriers(page) == []
    assert sideways(page) == 0
