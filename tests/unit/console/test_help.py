"""Each page of the console says what it is for, and its link leads to where the docs say more."""

import re

import pytest
from tests.browser.pages import pages
from tests.unit.console.test_texts import LANGUAGES, SOURCES, texts

from jifen.faces.docs import pages as docs
from jifen.faces.docs import rendering

PAGE = re.compile(r"name: '([^']+)',\n.*?\n\s+meta: \{(.*?)\}", re.DOTALL)
DOCS = re.compile(r"docs: '([^']+)'")


def links() -> dict[str, str]:
    """The page and heading of the documentation, by the name of the page of the console."""
    router = (SOURCES / "router.ts").read_text(encoding="utf-8")
    found = {name: DOCS.search(meta) for name, meta in PAGE.findall(router)}
    assert found.keys() == {page.name for page in pages()}
    assert None not in found.values(), [name for name, link in found.items() if not link]
    return {name: link[1] for name, link in found.items() if link}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_what_it_is_for(language: str) -> None:
    told = {key.removeprefix("help.") for key in texts(language) if key.startswith("help.")}
    assert told == {page.name for page in pages()}


@pytest.mark.parametrize("language", docs.LANGUAGES)
def test_every_link_leads_to_a_heading(language: docs.Language) -> None:
    for name, link in links().items():
        page, _, anchor = link.partition("#")
        assert page in docs.names(), f"{name}: there is no page {page}"
        shown = rendering.rendered(docs.source(page, language))
        if anchor:
            assert anchor in {each.anchor for each in shown.headings}, (name, link, language)
