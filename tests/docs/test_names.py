"""What a page names is there: files, functions, links, settings, rights, commands, tables."""

import ast
import re
from pathlib import Path

import pytest
from tests.docs.pages import PACKAGE, ROOT, code_names, markdown_files

PAGES = markdown_files()


def _names_in(path: Path) -> set[str]:
    """Top-level names, and ``Class.method``."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
            found |= {f"{node.name}.{inner}" for inner in _bound(node.body)}
        else:
            found |= _bound([node])
    return found


def _bound(nodes: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def _where(file: str) -> Path:
    """A file is named from the repository's root or from the package."""
    return next((base / file for base in (ROOT, PACKAGE) if (base / file).is_file()), ROOT / file)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_functions_that_a_page_names_exist(page: Path) -> None:
    for number, file, name in code_names(page):
        if "/" not in file:
            continue
        path = _where(file)
        assert path.is_file(), f"{page.name}:{number}: there is no {file}"
        if name:
            assert name in _names_in(path), f"{page.name}:{number}: {file} has no {name}"


def _anchors(page: Path) -> set[str]:
    """Headings as links name them: lower case, spaces as dashes, most marks left out."""
    found = set()
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            plain = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            found.add(plain.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        assert path.exists(), f"{page.name}: nothing is at {target}"
        if anchor and path.suffix == ".md":
            assert anchor in _anchors(path), f"{page.name}: {path.name} has no heading {anchor}"
