"""A shop brings its members and its orders, in a browser, in both languages."""

import csv
import gzip
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import Console
from tests.browser.watching import barriers, settled, sideways, watch_of

from jifen.common import clock
from jifen.faces.importing import working

Open = Callable[..., Page]
ORDERS = 40
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "upload": "上传并对应列",
        "check": "检查文件",
        "checked": "检查完成",
        "done": "导入完成",
        "download": "下载未导入的行",
        "again": "导入其他文件",
        "template": "下载模板",
        "order_headers": ["小票号", "交易时间", "会员编号", "商品编码", "数量", "金额（元）"],
        "orders": "订单",
        "start_members": "导入 2 位会员",
        "start_orders": f"导入 {ORDERS} 张订单",
        "members": ["会员编号", "手机号", "姓名", "积分"],
        "bad_phone": "手机号无效",
        "still": "还需要对应",
        "order_column": "单号对应的列",
    },
    "en": {
        "upload": "Upload and match columns",
        "check": "Check the file",
        "checked": "checked",
        "done": "imported",
        "download": "Download the lines left out",
        "again": "Import another file",
        "template": "Download a template",
        "order_headers": ["Receipt No", "Date", "Customer ID", "SKU", "Qty", "Line Total"],
        "orders": "Orders",
        "start_members": "Import 2 members",
        "start_orders": f"Import {ORDERS} orders",
        "members": ["Customer ID", "Mobile", "Full Name", "Points"],
        "bad_phone": "Not a phone number",
        "still": "Still to be matched",
        "order_column": "Column for Order number",
    },
}


def work(console: Console) -> None:
    """What the worker does until nothing is left."""
    with console.scope():
        while working.go_on(at=clock.now()):
            pass


def real_orders(headers: list[str], now: datetime) -> tuple[list[list[str]], int]:
    """The first orders of the packaged slice as a shop's till would write them, moved to last
    month; and how many there are."""
    text = gzip.decompress((files("jifen") / "data/online_retail_slice.csv.gz").read_bytes())
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    kept = [row for row in rows if row["CustomerID"] and int(row["Quantity"]) > 0]
    invoices = list(dict.fromkeys(row["InvoiceNo"] for row in kept))[:ORDERS]
    first = datetime.fromisoformat(kept[0]["InvoiceDate"])
    shift = timedelta(days=(now.replace(tzinfo=None) - first).days - 30)
    lines = [headers]
    for row in kept:
        if row["InvoiceNo"] in invoices:
            cost = Decimal(row["UnitPrice"]) * int(row["Quantity"])
            lines.append(
                [
                    row["InvoiceNo"],
                    # As a spreadsheet in China writes it.
                    (datetime.fromisoformat(row["InvoiceDate"]) + shift).strftime("%Y/%m/%d %H:%M"),
                    row["CustomerID"].removesuffix(".0"),
                    row["StockCode"],
                    row["Quantity"],
                    str(cost.quantize(Decimal("0.01"), ROUND_HALF_UP)),
                ]
            )
    return lines, len(invoices)


def written(lines: list[list[str]], encoding: str) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode(encoding)


def choose(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_members_come_and_the_bad_line_goes_back(
    server: str, signed_in: Open, language: str, tmp_path: Path
) -> None:
    words, own = WORDS[language], Console(server)
    page = signed_in(console=own, language=language)
    page.goto("import")
    with page.expect_download() as template:
        page.get_by_role("link", name=words["template"]).click()
    assert template.value.path().read_bytes().startswith(b"\xef\xbb\xbfexternal_id,phone,name")
    lines = [words["members"], ["m1", "13800138001", "李小娜", "100"], ["m2", "12", "王伟", "5"]]
    choose(page, "老会员.csv", written([*lines, ["m3", "13800138003", "张三", ""]], "gb18030"))
    page.get_by_role("button", name=words["upload"]).click()
    expect(page.get_by_text("李小娜")).to_be_visible()
    page.get_by_role("button", name=words["check"]).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work(own)
    expect(page.get_by_role("heading", name=re.compile(words["checked"]))).to_be_visible()
    expect(page.get_by_text(words["bad_phone"]).first).to_be_visible()
    page.get_by_role("button", name=words["start_members"]).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work(own)
    expect(page.get_by_role("heading", name=re.compile(words["done"]))).to_be_visible()
    with page.expect_download() as left_out:
        page.get_by_role("link", name=words["download"]).click()
    told = left_out.value.path().read_text(encoding="utf-8-sig")
    assert told.splitlines()[1] == "3,invalid_phone,m2,12,王伟,5"
    # The address names it, so it is there when the page is opened again.
    page.reload()
    expect(page.get_by_role("heading", name=re.compile(words["done"]))).to_be_visible()
    page.get_by_role("button", name=words["again"]).click()
    expect(page.get_by_role("link", name="老会员.csv")).to_be_visible()
    page.goto("members")
    expect(page.get_by_text("李小娜")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_real_orders_come(server: str, signed_in: Open, language: str) -> None:
    words, own = WORDS[language], Console(server)
    page = signed_in(console=own, language=language)
    page.goto("import")
    lines, many = real_orders(words["order_headers"], own.now)
    assert many == ORDERS
    page.get_by_role("radio", name=words["orders"], exact=True).check(force=True)
    choose(page, "orders.csv", written(lines, "utf-8-sig"))
    page.get_by_role("button", name=words["upload"]).click()
    page.get_by_role("button", name=words["check"]).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work(own)
    page.get_by_role("button", name=words["start_orders"]).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work(own)
    expect(page.get_by_role("heading", name=re.compile(words["done"]))).to_be_visible()
    counts = page.locator("dl").inner_text()
    assert str(ORDERS) in counts.split()
    assert f"{len(lines) - 1:,}" in counts.split()


def test_what_cannot_be_read_is_said_and_nothing_is_lost(console: Console, signed_in: Open) -> None:
    page = signed_in(language="zh")
    page.goto("import")
    choose(page, "照片.csv", b"\x89PNG\r\n\x1a\n\0")
    with watch_of(page).refusals("POST /api/v1/imports 422"):
        page.get_by_role("button", name="上传并对应列").click()
        expect(page.get_by_role("alert")).to_contain_text("文件无法读取")
    choose(page, "会员.csv", written([["甲", "乙"], ["13800138009", "李四"]], "gb18030"))
    page.get_by_role("button", name="上传并对应列").click()
    expect(page.get_by_text("还需要对应")).to_be_visible()
    expect(page.get_by_role("button", name="检查文件")).to_be_disabled()
    page.get_by_role("combobox", name="手机号对应的列").click()
    page.get_by_role("option", name="甲").click()
    expect(page.get_by_text("13800138009")).to_be_visible()
    expect(page.get_by_role("button", name="检查文件")).to_be_enabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(server: str, signed_in: Open, theme: str) -> None:
    own = Console(server)
    page = signed_in(console=own, theme=theme)
    page.goto("import")
    settled(page)
    assert barriers(page) == []
    choose(page, "会员.csv", written([WORDS["zh"]["members"], ["m1", "12", "李娜", "1"]], "utf-8"))
    page.get_by_role("button", name="上传并对应列").click()
    expect(page.get_by_role("button", name="检查文件")).to_be_visible()
    settled(page)
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert sideways(page) == 0
    page.get_by_role("button", name="检查文件").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert barriers(page) == []
    work(own)
    expect(page.get_by_text("手机号无效").first).to_be_visible()
    settled(page)
    assert barriers(page) == []
    assert sideways(page) == 0
