"""What holds on every page: nothing fails, nobody is shut out, no text is missing."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from tests.browser.console import Console
from tests.browser.pages import OPEN, Page, address, pages
from tests.browser.watching import barriers, settled, sideways

Opener = Callable[..., Tab]
PAGES: Final = pages()
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
KEY: Final = re.compile(r"\b[a-z]\w+(\.[a-z]\w+)+\b")


def opened(
    page: Page, console: Console, open_page: Opener, signed_in: Opener, **window: object
) -> Tab:
    opener = open_page if page.name in OPEN else signed_in
    tab = opener(**window)
    tab.goto(address(page, console))
    settled(tab)
    expect(tab.locator("h1").first).to_be_visible()
    return tab


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nobody_is_shut_out(
    page: Page,
    theme: str,
    language: str,
    console: Console,
    open_page: Opener,
    signed_in: Opener,
) -> None:
    tab = opened(page, console, open_page, signed_in, language=language, theme=theme)
    assert tab.evaluate("document.documentElement.lang")[:2] == language
    assert tab.evaluate("document.documentElement.classList.contains('dark')") == (theme == "dark")
    found = barriers(tab)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_narrow_window_needs_no_sideways_scroll(
    page: Page, language: str, console: Console, open_page: Opener, signed_in: Opener
) -> None:
    tab = opened(page, console, open_page, signed_in, language=language, width=320, height=640)
    assert sideways(tab) == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_has_a_title_of_its_own(
    page: Page, console: Console, open_page: Opener, signed_in: Opener
) -> None:
    titles = {}
    for language in ("zh", "en"):
        tab = opened(page, console, open_page, signed_in, language=language)
        titles[language] = tab.title()
    assert CHINESE.search(titles["zh"])
    assert not CHINESE.search(titles["en"])
    assert not [title for title in titles.values() if KEY.search(title)]
