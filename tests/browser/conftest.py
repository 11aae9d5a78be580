"""A browser at the console.

``console`` is one programme for all tests of a worker, on a server of its own; ``signed_in``
opens a page with somebody's session. A test whose page complains, breaks its policy, or is
refused something fails, whatever else it found.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# For ``tests.browser.console``, however pytest was started.
sys.path.insert(0, str(Path(__file__).parents[2]))

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from tests.browser.console import Console

_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 10_000
# Before anything of the page runs: what the person chose on an earlier day.
_CHOSEN = """
if (!localStorage.getItem('jifen-language')) {{
  localStorage.setItem('jifen-language', '{language}')
  localStorage.setItem('jifen-theme', '{theme}')
}}
"""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server on this run's database."""
    from tests.browser.console import serving

    from jifen.faces.console.page import PAGE

    assert PAGE.is_file(), "the console has not been built: make console"
    with serving() as url:
        yield url


@pytest.fixture(scope="session")
def console(server: str) -> "Console":
    """The programme of this worker. Tests may add to it; one that counts makes its own."""
    from tests.browser.console import Console

    return Console(server)


# Playwright leaves a running event loop in the thread, so it lives no longer than these tests.
@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    """The browser."""
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # The loop is the browser's; our own calls of the database are not in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    found = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    try:
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=found, args=list(_SWITCHES))
            yield opened
            opened.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def open_page(browser: "Browser", server: str) -> "Iterator[Callable[..., Page]]":
    """Open a page in a fresh profile: ``open_page(language="en", theme="dark", width=1024)``.
    What went wrong on it fails the test at its end."""
    from tests.browser.watching import Watch

    contexts: list[Any] = []
    watches: list[Watch] = []

    def opened(
        *,
        language: str = "zh",
        theme: str = "light",
        width: int = 1440,
        height: int = 900,
        token: str = "",
    ) -> "Page":
        context = browser.new_context(
            base_url=f"{server}/console/",
            viewport={"width": width, "height": height},
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)
        context.add_init_script(_CHOSEN.format(language=language, theme=theme))
        if token:
            context.add_cookies([{"name": "jifen_session", "value": token, "url": server}])
        page = context.new_page()
        watches.append(Watch(page))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not [fault for watch in watches for fault in watch.faults]


@pytest.fixture
def signed_in(open_page: "Callable[..., Page]", console: "Console") -> "Callable[..., Page]":
    """Open a page as somebody: ``signed_in("clerk", language="en", theme="dark")``, or with
    ``login=`` a person who is there, or with ``console=`` at a programme of the test's own.
    The page stands at nothing yet; ``page.goto("members")`` goes below ``/console/``."""
    owners = console

    def opened(
        role: str = "owner",
        *,
        login: str = "",
        console: "Console | None" = None,
        **window: Any,
    ) -> "Page":
        place = console or owners
        who = login or (place.owner if role == "owner" else place.person(role))
        return open_page(token=place.session(who), **window)

    return opened
