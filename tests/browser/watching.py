"""What a page must not do, however it looks: fail, complain, break its policy, shut people out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import ConsoleMessage, Page, Request, Response
from tests.browser.console import ROOT

_AXE: Final = ROOT / "web/node_modules/axe-core/axe.min.js"
_LEVELS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_REFUSED: Final = 400
_NEXT_FRAME: Final = "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
# A refusal is seen as a response, with its address; the browser's line about it says less.
_SEEN_ELSEWHERE: Final = re.compile(r"^Failed to load resource: the server responded")


class Watch:
    """Everything that went wrong on a page since it was opened.

    Refusals are faults too, but for the first question of a page: nobody is signed in yet. A test
    that provokes others names them in :meth:`refusals`.
    """

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        self.refused: list[str] = []
        self._allowed: tuple[str, ...] = ("GET /api/v1/session 401",)
        _WATCHES[page] = self
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    @contextmanager
    def refusals(self, *allowed: str) -> Iterator[None]:
        """The server may refuse these in the block, such as ``PATCH /api/v1/staff/* 409``."""
        before, self._allowed = self._allowed, (*self._allowed, *allowed)
        try:
            yield
        finally:
            self._allowed = before

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _SEEN_ELSEWHERE.match(message.text):
            self.faults.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left takes back what it asked for.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status < _REFUSED:
            return
        said = f"{response.request.method} {urlsplit(response.url).path} {response.status}"
        self.refused.append(said)
        if not any(fnmatch(said, each) for each in self._allowed):
            self.faults.append(said)


_WATCHES: Final[WeakKeyDictionary[Page, Watch]] = WeakKeyDictionary()


def watch_of(page: Page) -> Watch:
    """The watch of a page that a fixture opened."""
    return _WATCHES[page]


def settled(page: Page) -> None:
    """Wait until the page has what it asked for."""
    page.wait_for_load_state("networkidle")
    # A function that waits would be evaluated as text, which the page's policy forbids.
    page.locator('[aria-busy="true"]').first.wait_for(state="detached")


def barriers(page: Page) -> list[str]:
    """What shuts people out of the page as it stands, by axe: a line for each rule and place."""
    # Run from outside the page, so the page's own policy stays as strict as it is.
    page.evaluate(_axe())
    # Colours on their way are no colours; what changed just now sets out with the next frame.
    page.evaluate(_NEXT_FRAME)
    page.evaluate("Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0)))")
    found: dict[str, Any] = page.evaluate(
        "(levels) => axe.run(document, {runOnly: {type: 'tag', values: levels}})", _LEVELS
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


@cache
def _axe() -> str:
    return _AXE.read_text(encoding="utf-8")
