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


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_whole_in_both_themes_and_narrow(
    page: Page,
    language: str,
    console: Console,
    open_page: Opener,
    signed_in: Opener,
) -> None:
    """Nobody is shut out of it, it has a title of its own, and no need to be scrolled sideways."""
    opener = open_page if page.name in OPEN else signed_in
    tab = opener(language=language, theme="light")
    tab.goto(address(page, console))
    assert (shown(tab), barriers(tab)) == ((language, "light"), [])
    has_title(tab, language)
    tab.set_viewport_size({"width": 320, "height": 640})
    settled(tab)
    assert sideways(tab) == 0

    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.evaluate("localStorage.setItem('jifen-theme', 'dark')")
    tab.reload()
    assert (shown(tab), barriers(tab)) == ((language, "dark"), [])


def shown(tab: Tab) -> tuple[str, str]:
    """The language and the theme of a page, once it has what it asked for."""
    settled(tab)
    expect(tab.locator("h1").first).to_be_visible()
    root = "document.documentElement"
    language = str(tab.evaluate(f"{root}.lang"))[:2]
    return language, "dark" if tab.evaluate(f"{root}.classList.contains('dark')") else "light"


def has_title(tab: Tab, language: str) -> None:
    """A title in the page's language, which is no key of a text."""
    title = tab.title()
    assert bool(CHINESE.search(title)) == (language == "zh"), title
    assert not KEY.search(title), title
