"""A page as HTML: headings that links can name, links between pages, tables that scroll."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from jifen.faces.docs import pages
from jifen.faces.docs.pages import Language, Source

ROOT: Final = "/docs/"
# The one file beside the pages that a page may name, and where it is served.
_OTHERS: Final = {"openapi.json": "/api/v1/openapi.json"}
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|//")
# What no reader sees: [//]: # (setting-up), and an empty line, above a heading.
_GIVEN: Final = re.compile(r"\[//\]: # \(([\w-]+)\)\n*\Z")
_CONTENTS: Final = ("h2",)


class Heading(NamedTuple):
    """A heading: its level, such as ``h2``, its name for links, its text."""

    level: str
    anchor: str
    text: str


class Rendered(NamedTuple):
    """A page to be shown."""

    title: str
    html: str
    headings: tuple[Heading, ...]

    @property
    def contents(self) -> list[Heading]:
        """What stands beside the page."""
        return [each for each in self.headings if each.level in _CONTENTS]


def rendered(found: Source) -> Rendered:
    """A page, as its file is now."""
    return _rendered(found, found.path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _rendered(found: Source, _changed_at: int) -> Rendered:
    text = found.path.read_text(encoding="utf-8")
    tokens = _markdown().parse(text)
    headings = _name_headings(tokens, text.splitlines())
    _rewrite(tokens, found)
    html = _markdown().renderer.render(tokens, _markdown().options, {})
    title = next((each.text for each in headings if each.level == "h1"), found.name)
    return Rendered(title, html, tuple(headings))


@cache
def _markdown() -> MarkdownIt:
    # Raw HTML is shown as it is written, so a page holds only what Markdown can say.
    made = MarkdownIt("commonmark", {"html": False}).enable(["table"])
    made.add_render_rule("table_open", _open_table)
    made.add_render_rule("table_close", _close_table)
    return made


def _name_headings(tokens: Sequence[Token], lines: Sequence[str]) -> list[Heading]:
    """Give each heading the name that links use: that of the comment above it, which a page in
    another language has; else its own text in lower case, spaces as dashes, most marks left out."""
    found: list[Heading] = []
    for place, token in enumerate(tokens):
        if token.type != "heading_open" or token.map is None:
            continue
        text = "".join(part.content for part in tokens[place + 1].children or ())
        given = _GIVEN.search("\n".join(lines[max(0, token.map[0] - 2) : token.map[0]]))
        plain = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        anchor = given[1] if given else plain
        again = sum(each.anchor == anchor for each in found)
        found.append(Heading(token.tag, f"{anchor}-{again}" if again else anchor, text))
        token.attrSet("id", found[-1].anchor)
    return found


def _rewrite(tokens: Sequence[Token], found: Source) -> None:
    for token in _inside(tokens):
        if token.type == "link_open":
            target = address(str(token.attrGet("href") or ""), found)
            if target is None:
                # It leads to a file of the repository, which is not served: say its name only.
                token.attrs.pop("href", None)
            else:
                token.attrSet("href", target)
        elif token.type == "image":
            token.attrSet("src", _picture(str(token.attrGet("src") or ""), found))


def _inside(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inside(token.children or ())


def address(target: str, found: Source) -> str | None:
    """Where a link of a page leads: to a heading, another page, or elsewhere; None where what it
    names is not served."""
    if _ELSEWHERE.match(target) or target.startswith("#"):
        return target
    file, _, anchor = target.partition("#")
    path = _beside(file, found)
    if path.name in _OTHERS and path.parent == pages.folder():
        return _OTHERS[path.name]
    name = pages.name_of(_untranslated(path))
    if name is None:
        return None
    return page_address(name, found.asked) + (f"#{anchor}" if anchor else "")


def page_address(name: str, language: Language) -> str:
    """The address of a page."""
    return f"{ROOT}{language}/{name}"


def _picture(target: str, found: Source) -> str:
    path = _untranslated(_beside(target, found))
    return f"{ROOT}pictures/{os.path.relpath(path, pages.folder())}"


def _beside(file: str, found: Source) -> Path:
    return Path(os.path.normpath(found.path.parent / file))


def _untranslated(path: Path) -> Path:
    """A page in Chinese names its neighbours, which may be there in English only."""
    chinese = pages.folder() / "zh"
    return pages.folder() / path.relative_to(chinese) if path.is_relative_to(chinese) else path


def _open_table(*_: object) -> str:
    return '<div class="scroll" role="group" tabindex="0"><table>\n'


def _close_table(*_: object) -> str:
    return "</table></div>\n"
