"""Help: a line on every page, and a link that leads to where the documentation says more."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from tests.browser.console import Console
from tests.browser.pages import OPEN, address, pages
from tests.browser.watching import barriers, settled, sideways

Opener = Callable[..., Tab]
MORE: Final = {"zh": "了解更多", "en": "Read more"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_leads_into_the_documentation(
    language: str, console: Console, open_page: Opener, signed_in: Opener
) -> None:
    tabs = {True: open_page(language=language), False: signed_in(language=language)}
    there: set[str] = set()
    for page in pages():
        tab = tabs[page.name in OPEN]
        tab.goto(address(page, console))
        link = tab.get_by_role("link", name=MORE[language])
        expect(link).to_be_visible()
        there.add(str(link.get_attribute("href")))
    reader = open_page(language=language)
    for target in sorted(there):
        reader.goto(f"{console.url}{target}")
        anchor = target.partition("#")[2]
        expect(reader.locator(f"[id='{anchor}']" if anchor else "h1").first).to_be_visible()
        assert reader.evaluate("document.documentElement.lang")[:2] == language


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["", "console", "members"])
def test_nobody_is_shut_out_of_the_documentation(
    name: str, theme: str, language: str, console: Console, open_page: Opener
) -> None:
    tab = open_page(language=language, theme=theme)
    tab.goto(f"{console.url}/docs/{language}/{name}")
    settled(tab)
    assert tab.evaluate("document.documentElement.classList.contains('dark')") == (theme == "dark")
    assert not barriers(tab)
    tab.set_viewport_size({"width": 320, "height": 640})
    assert sideways(tab) == 0
