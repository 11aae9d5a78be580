"""The documentation as it is rendered: our own files, links that lead somewhere, nothing else."""

import re
from pathlib import Path

import pytest

from jifen.faces.docs import pages, rendering
from jifen.faces.docs.pages import LANGUAGES, Language, UnknownPage
from jifen.faces.docs.rendering import Rendered, rendered

ROOT = Path(__file__).parents[2]
TAG = re.compile(r"<(/?\w+)")
KNOWN = {
    *("h1", "h2", "h3", "h4", "p", "a", "ul", "ol", "li", "strong", "em", "code", "pre", "br"),
    *("div", "table", "thead", "tbody", "tr", "th", "td", "img", "blockquote", "hr"),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of pages of our own."""
    (tmp_path / "zh").mkdir()
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions/README.md").write_text("# Decisions\n")
    (tmp_path / "tea.md").write_text("# Tea\n\n## Green tea\n\n## Black, `hot`\n")
    monkeypatch.setattr(pages, "folder", lambda: tmp_path)
    return tmp_path


def shown(place: Path, text: str, language: Language = "en", name: str = "page") -> Rendered:
    file = place / ("zh" if language == "zh" else "") / f"{name}.md"
    file.write_text(text)
    if language == "zh":
        (place / f"{name}.md").touch()
    return rendered(pages.source(name, language))


def test_every_page_is_chosen_from_somewhere() -> None:
    listed = {name for _, names in pages.GROUPS for name in names}
    assert {name for name in pages.names() if not name.startswith("decisions/")} == listed
    assert listed == pages.IN_CHINESE.keys()
    assert pages.translated() <= pages.names()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(pages.names()))
def test_every_page_is_shown(name: str, language: Language) -> None:
    found = rendered(pages.source(name, language))
    assert set(TAG.findall(found.html.replace("</", "<"))) <= KNOWN
    assert "style=" not in found.html
    named = [each.anchor for each in found.headings]
    assert len(named) == len(set(named))
    for target in re.findall(r'href="(/docs/[^"]*|#[^"]*)"', found.html):
        page, _, anchor = target.removeprefix("/docs/").partition("#")
        if page:
            chosen, _, other = page.partition("/")
            assert chosen == language
            assert other in pages.names()
        # A page in Chinese may have fewer headings than the one in English.
        if anchor and (not page or other not in pages.translated() or language == "en"):
            there = rendered(pages.source(other if page else name, language))
            assert anchor.lower() in {each.anchor for each in there.headings}, target


@pytest.mark.parametrize("name", sorted(pages.translated()))
def test_headings_in_chinese_go_by_the_names_of_those_in_english(name: str) -> None:
    english = {each.anchor for each in rendered(pages.source(name, "en")).headings}
    chinese = [each.anchor for each in rendered(pages.source(name, "zh")).headings][1:]
    assert set(chinese) <= english


def test_raw_html_is_told_as_it_is_written(place: Path) -> None:
    html = shown(place, "# A\n\n<script>x</script> <b onclick=x>b</b>\n\n<div>c</div>\n").html
    assert set(TAG.findall(html)) == {"h1", "/h1", "p", "/p"}
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("tea.md", "/docs/en/tea"),
        ("tea.md#green-tea", "/docs/en/tea#green-tea"),
        ("decisions/README.md", "/docs/en/decisions"),
        ("#here", "#here"),
        ("https://example.org/a.md", "https://example.org/a.md"),
        ("openapi.json", "/api/v1/openapi.json"),
        ("../CONTRIBUTING.md", None),
        ("../src/jifen/", None),
        ("nothing.md", None),
        ("../../../../etc/passwd", None),
    ],
)
def test_links(place: Path, target: str, leads_to: str | None) -> None:
    html = shown(place, f"# A\n\n[x]({target})\n").html
    assert re.findall(r'<a href="([^"]*)">x</a>', html) == ([leads_to] if leads_to else [])


def test_a_link_that_could_run_something_is_none(place: Path) -> None:
    assert "<a" not in shown(place, "[x](javascript:alert(1)) [y](data:text/html,z)\n").html


def test_in_chinese_links_stay_in_chinese(place: Path) -> None:
    html = shown(place, "# 甲\n\n[茶](../tea.md) ![图](../pictures/a.png)\n", "zh").html
    assert 'href="/docs/zh/tea"' in html
    assert 'src="/docs/pictures/pictures/a.png"' in html


def test_headings_go_by_their_text_or_by_the_comment_above(place: Path) -> None:
    text = "# 甲\n\n[//]: # (green-tea)\n\n## 绿茶\n\n## 红茶 A\n\n## 红茶 A\n"
    found = shown(place, text, "zh")
    assert [each.anchor for each in found.headings] == ["甲", "green-tea", "红茶-a", "红茶-a-1"]
    assert "[//]" not in found.html
    english = rendered(pages.source("tea", "en"))
    assert [each.anchor for each in english.headings] == ["tea", "green-tea", "black-hot"]


def test_what_is_not_there_in_chinese_is_in_english(place: Path) -> None:
    assert pages.source("tea", "zh").language == "en"
    (place / "zh/tea.md").write_text("# 茶\n")
    found = pages.source("tea", "zh")
    assert (found.language, rendered(found).title) == ("zh", "茶")
    (place / "zh/tea.md").write_text("# 好茶\n\n新\n")
    assert rendered(found).title == "好茶"


@pytest.mark.parametrize(
    "name", ["", "zh", "zh/tea", "../tea", "tea.md", "TEA", "decisions/README"]
)
def test_other_names_are_no_pages(place: Path, name: str) -> None:
    with pytest.raises(UnknownPage):
        pages.source(name, "en")
    with pytest.raises(UnknownPage):
        pages.picture(name)


def test_the_look_is_that_of_the_console() -> None:
    tokens = (ROOT / "web/packages/ui/tokens.css").read_text(encoding="utf-8")
    ours = (ROOT / "src/jifen/faces/docs/static/docs/docs.css").read_text(encoding="utf-8")
    value = re.compile(r"--jf-[\w-]+:\s*[^;]+;")
    plain = {" ".join(each.split()) for each in value.findall(tokens)}
    assert {" ".join(each.split()) for each in value.findall(ours)} <= plain


def test_links_of_the_package_are_those_of_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no checkout the pages are read beside the code."""
    monkeypatch.setattr(pages, "_CHECKOUT", ROOT / "nowhere")
    assert pages.folder() == ROOT / "src/jifen/faces/docs/pages"
    assert rendering.ROOT == "/docs/"
