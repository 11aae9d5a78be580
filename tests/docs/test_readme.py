"""The main job of both READMEs is run as it is written, and prints what they say.

Every command is a process of its own on an embedded database of its own. The two READMEs name
two programmes, so each makes everything from the beginning.
"""

import re

import pytest
from tests.docs.pages import ROOT, Block, Section, sections
from tests.docs.shell import Place

READMES = ("README.md", "README.zh-CN.md")


def main_job(readme: str) -> tuple[Block, Block]:
    """The commands, and what they print."""
    [section] = [found for found in sections(ROOT / readme) if _is_main_job(found)]
    commands, printed = (part for part in section.parts if isinstance(part, Block))
    assert (commands.language, printed.language) == ("sh", "text")
    return commands, printed


def _is_main_job(section: Section) -> bool:
    blocks = [part for part in section.parts if isinstance(part, Block)]
    return any(block.language == "sh" and "import orders" in block.text for block in blocks)


def pattern(printed: str) -> str:
    """The text as it stands; ``…`` is whatever stands on its line."""
    return "[^\n]*".join(re.escape(part) for part in printed.strip().split("…"))


@pytest.mark.parametrize("readme", READMES)
def test_the_main_job_prints_what_the_readme_says(readme: str, place: Place) -> None:
    commands, printed = main_job(readme)
    done = place.run(commands.text)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(pattern(printed.text), done.stdout.strip()), done.stdout


def test_the_main_job_is_ten_lines_and_the_same_in_both_languages() -> None:
    english, chinese = (main_job(readme)[0].text for readme in READMES)
    assert len(english.splitlines()) <= 10
    assert _commands(chinese) == [
        line.replace("gifts", "lipin") + (" --language zh" if "explain" in line else "")
        for line in _commands(english)
    ]


def _commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_both_readmes_say_as_much() -> None:
    """The same headings, tables and links, so that neither is a stub of the other."""
    english, chinese = (sections(ROOT / readme) for readme in READMES)
    assert [len(each.tables) for each in english] == [len(each.tables) for each in chinese]
    for ours, theirs in zip(english, chinese, strict=True):
        sizes = [[len(table) for table in each.tables] for each in (ours, theirs)]
        assert sizes[0] == sizes[1], theirs.heading
    links = [
        sorted(re.findall(r"\]\(([^)]+)\)", (ROOT / readme).read_text(encoding="utf-8")))
        for readme in READMES
    ]
    swap = {"README.md": "README.zh-CN.md", "README.zh-CN.md": "README.md"}
    assert links[0] == sorted(swap.get(link, link) for link in links[1])
