"""The dashboard: the figures, where they come from, and what is shown to whom."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.console import Console
from tests.browser.watching import settled, watch_of

from jifen.insight import selectors
from jifen.programmes import services as programmes

Opener = Callable[..., Page]
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "points": "积分发放、消耗与过期",
        "table": "积分发放、消耗与过期：以表格显示",
        "file": "积分发放、消耗与过期：下载 CSV",
        "issued": "发放积分",
        "week": "近 7 天",
        "store": "门店",
        "first": "还没有数据",
        "step": "导入订单",
        "retry": "重试",
        "dark": "深色主题",
    },
    "en": {
        "points": "Points issued, burned and expired",
        "table": "Points issued, burned and expired: as a table",
        "file": "Points issued, burned and expired: download the CSV",
        "issued": "Points issued",
        "week": "7 days",
        "store": "Store",
        "first": "No figures yet",
        "step": "Import orders",
        "retry": "Try again",
        "dark": "Dark theme",
    },
}


def opened(signed_in: Opener, path: str = "dashboard", **window: Any) -> Page:
    page = signed_in(**window)
    page.goto(path)
    settled(page)
    return page


def figure(page: Page, name: str) -> str:
    """The figure with this name in the first row."""
    return page.locator("dl > div").filter(has_text=name).locator("dd").first.inner_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_figures_as_a_picture_a_table_and_a_file(
    signed_in: Opener, console: Console, language: str
) -> None:
    words = WORDS[language]
    page = opened(signed_in, language=language)
    with console.scope():
        report = selectors.points(
            period=selectors.period(since=None, until=None, at=console.now), unit=None, store=None
        )
    assert figure(page, words["issued"]) == f"{report.total.issued:,}"
    card = page.get_by_role("region", name=words["points"])
    expect(card.get_by_role("img")).to_be_visible()
    assert card.locator("svg path").count() > 5

    button = card.get_by_role("button", name=words["table"])
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    rows = [
        [cell.replace(",", "").replace("−", "-") for cell in row.split("\t")]
        for row in card.locator("tbody tr").all_inner_texts()
    ]
    told = [
        [str(each.day), *map(str, (each.issued, each.burned, each.expired))] for each in report.days
    ]
    assert rows == told

    with page.expect_download() as started:
        card.get_by_role("link", name=words["file"]).click()
    text = started.value.path().read_text(encoding="utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1:] == told


def test_a_period_and_a_store_are_in_the_address(signed_in: Opener, console: Console) -> None:
    own = Console(console.url)
    with own.scope():
        programmes.add_store(code="harbour", name="滨江店", merchant="main")
    page = signed_in(console=own)
    page.goto("dashboard")
    settled(page)
    whole = figure(page, "发放积分")
    page.get_by_text("近 7 天", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?days=7$"))
    settled(page)
    assert figure(page, "发放积分") != whole
    page.get_by_role("group", name="看板筛选").get_by_text("全部门店").click()
    page.get_by_role("option", name="滨江店").click()
    expect(page).to_have_url(re.compile(r"store=harbour"))
    settled(page)
    assert figure(page, "发放积分") == "0"
    expect(page.get_by_text("积分各店通用，不按门店区分。")).to_be_visible()
    page.reload()
    settled(page)
    assert figure(page, "发放积分") == "0"


def test_another_theme_draws_the_charts_anew(signed_in: Opener) -> None:
    page = opened(signed_in)
    bars = page.get_by_role("region", name="积分发放、消耗与过期").locator("svg")
    expect(bars.locator('path[fill="#1f6f5c"]')).not_to_have_count(0)
    page.get_by_role("button", name="深色主题").click()
    expect(bars.locator('path[fill="#5cc0a5"]')).not_to_have_count(0)
    expect(bars.locator('path[fill="#1f6f5c"]')).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_nothing_was_booked_it_says_what_to_do_first(
    signed_in: Opener, console: Console, language: str
) -> None:
    class Empty(Console):
        def _live(self) -> None:
            """Nothing has happened yet."""

    words = WORDS[language]
    page = opened(signed_in, console=Empty(console.url), language=language)
    expect(page.get_by_role("heading", name=words["first"])).to_be_visible()
    page.get_by_role("link", name=words["step"]).click()
    expect(page).to_have_url(re.compile(r"/console/import$"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_report_that_fails_says_so_and_is_asked_again(signed_in: Opener, language: str) -> None:
    words = WORDS[language]
    page = signed_in(language=language)
    problem = {
        "type": "urn:jifen:problem:unavailable",
        "title": "Unavailable",
        "status": 503,
        "detail": "the database does not answer",
        "code": "unavailable",
        "request_id": "r-1",
    }
    page.route(
        "**/api/v1/reports/points?*",
        lambda route: route.fulfill(
            status=503, content_type="application/problem+json", body=json.dumps(problem)
        ),
    )
    with watch_of(page).refusals("GET /api/v1/reports/points 503"):
        page.goto("dashboard")
        settled(page)
        card = page.get_by_role("region", name=words["points"])
        expect(card.get_by_role("alert")).to_contain_text("r-1")
    page.unroute("**/api/v1/reports/points?*")
    card.get_by_role("button", name=words["retry"]).click()
    expect(card.get_by_role("img")).to_be_visible()


def test_who_is_shown_no_figures_begins_with_the_members(signed_in: Opener) -> None:
    page = signed_in("clerk")
    page.goto("")
    expect(page).to_have_url(re.compile(r"/console/members$"))
    settled(page)
    expect(page.get_by_role("link", name="经营看板")).to_have_count(0)


def test_the_charts_come_after_the_page(open_page: Opener, console: Console) -> None:
    page = open_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto("sign-in")
    settled(page)
    assert not [url for url in loaded if "Chart" in url or "Dashboard" in url]
