"""Reading Markdown: the pages of this repository, their blocks, their tables."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "src" / "jifen"

Row = dict[str, str]
Table = list[Row]


class Block(NamedTuple):
    """A fenced block: its language, its text and the heading it stands under."""

    language: str
    text: str
    heading: str


class Section(NamedTuple):
    """What stands under one heading: its blocks and tables, in their order."""

    heading: str
    parts: list[Block | Table]

    @property
    def tables(self) -> list[Table]:
        return [part for part in self.parts if isinstance(part, list)]


def markdown_files() -> list[Path]:
    """Every page that people read."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def sections(page: Path) -> list[Section]:
    """The page by headings; what stands before the first one has the heading ``""``."""
    found = [Section("", [])]
    lines = iter(page.read_text(encoding="utf-8").splitlines())
    rows: list[str] = []
    for line in lines:
        if not line.startswith("|") and rows:
            found[-1].parts.append(_table(rows))
            rows = []
        if line.lstrip().startswith("```"):
            language = line.strip().removeprefix("```")
            found[-1].parts.append(_block(language, lines, found[-1].heading))
        elif line.startswith("#"):
            found.append(Section(line.lstrip("# "), []))
        elif line.startswith("|"):
            rows.append(line)
    if rows:
        found[-1].parts.append(_table(rows))
    return found


def blocks(page: Path, language: str) -> list[Block]:
    """Every fenced block of one language."""
    parts = [part for section in sections(page) for part in section.parts]
    return [part for part in parts if isinstance(part, Block) and part.language == language]


def under(page: Path, heading: str) -> Section:
    """The section with this heading."""
    [found] = [section for section in sections(page) if section.heading == heading]
    return found


def code_names(page: Path) -> list[tuple[int, str, str]]:
    """``earning/services.py:book`` and the like, in order: line number, file, name or ``""``."""
    pattern = re.compile(r"`([\w/.-]+\.(?:py|sql|toml))(?::([\w.]+))?`")
    text = page.read_text(encoding="utf-8").splitlines()
    return [
        (number, match[1], match[2] or "")
        for number, line in enumerate(text, start=1)
        for match in pattern.finditer(line)
    ]


def _block(language: str, lines: Iterator[str], heading: str) -> Block:
    text: list[str] = []
    for line in lines:
        if line.lstrip().startswith("```"):
            break
        text.append(line)
    return Block(language, dedent("\n".join(text)), heading)


def _table(rows: list[str]) -> Table:
    header, _, *rest = [_cells(row) for row in rows]
    return [dict(zip(header, cells, strict=True)) for cells in rest]


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def written(table: Table) -> str:
    """A table as Markdown, to be pasted into a page."""
    header = list(table[0])
    rows = [header, ["---"] * len(header), *[[row[name] for name in header] for row in table]]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows).replace("| --- ", "|---")
