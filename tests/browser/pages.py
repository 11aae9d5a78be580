"""Every page of the console: where the router has it, and with which address to open it."""

import re
from typing import NamedTuple

from tests.browser.console import ROOT, Console

OPEN = frozenset({"sign-in", "set-up"})
"""Pages for whoever is not signed in."""
_ROUTER = ROOT / "web/console/src/router.ts"
_PAGE = re.compile(r"path: '([^']+)',\s+name: '([^']+)'")


class Page(NamedTuple):
    """A page by its name, and its address with blanks."""

    name: str
    path: str


def pages() -> list[Page]:
    """The router's pages, in its order."""
    found = _PAGE.findall(_ROUTER.read_text(encoding="utf-8"))
    assert found, "the router is written otherwise"
    return [Page(name, path) for path, name in found]


def address(page: Page, console: Console) -> str:
    """An address below ``/console/`` at which the page has something to show."""
    known = {
        "member": console.members["李娜"],
        "activity": console.activities[-1],
        "draft": console.draft,
        "nowhere": "nothing-is-here",
    }
    path = re.sub(r":\w+(\(\.\*\)\*)?", known.get(page.name, "?"), page.path)
    assert "?" not in path, f"which {page.name}? say it here"
    return path.lstrip("/")
