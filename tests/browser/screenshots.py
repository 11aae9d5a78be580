"""Pictures of every page, to be looked at: ``make screenshots``.

At 1440 and 1024 pixels, light and dark, in Chinese; at 1440 in English too. Into
``var/screenshots``, or the folder that ``JIFEN_SCREENSHOTS`` names.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page as Tab
from tests.browser.console import ROOT, Console
from tests.browser.pages import OPEN, Page, address, pages
from tests.browser.watching import settled

FOLDER: Final = Path(os.environ.get("JIFEN_SCREENSHOTS", ROOT / "var/screenshots"))
WINDOWS: Final = [(width, theme, "zh") for width in (1440, 1024) for theme in ("light", "dark")] + [
    (1440, "light", "en")
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_take(
    page: Page,
    window: tuple[int, str, str],
    console: Console,
    open_page: Callable[..., Tab],
    signed_in: Callable[..., Tab],
) -> None:
    width, theme, language = window
    opener = open_page if page.name in OPEN else signed_in
    tab = opener(width=width, theme=theme, language=language)
    tab.goto(address(page, console))
    settled(tab)
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{page.name}-{width}-{theme}-{language}.png"
    assert tab.screenshot(path=file, full_page=True)
