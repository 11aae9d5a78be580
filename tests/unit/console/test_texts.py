"""The console's texts: whole in both languages, each one used, and none that is only a key."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

SOURCES: Final = Path(__file__).parents[3] / "web/console/src"
LANGUAGES: Final = ("zh", "en")
CHINESE: Final = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
BLANK: Final = re.compile(r"\{(\w+)\}")
# Their own names, which everybody reads in their own letters.
NATIVE: Final = {"shell.otherLanguage"}
# A text asked for by its name: t('staff.title'), te("…"), or a name kept to be asked for later.
WHOLE: Final = re.compile(r"""['"]([a-z]\w*(?:\.\w+)+)['"]""")
# One asked for by a beginning and something else: t(`roles.${role}`), t('roles.' + role).
BEGUN: Final = re.compile(r"`([a-z]\w*(?:\.\w+)*\.)\$\{|['\"]([a-z]\w*(?:\.\w+)*\.)['\"] *\+")
ASKED: Final = re.compile(r"""\bte?\(\s*['"]([^'"$]+)['"]""")
AREA: Final = re.compile(r"""\barea="([\w.]+)\"""")


def flat(given: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its key."""
    if isinstance(given, str):
        yield path, given
        return
    for name, part in given.items():
        yield from flat(part, f"{path}.{name}" if path else name)


def texts(language: str) -> dict[str, str]:
    """All texts of a language; a key that stands in two files is a mistake."""
    found: dict[str, str] = {}
    for file in sorted((SOURCES / "texts" / language).glob("*.json")):
        for key, text in flat(json.loads(file.read_text(encoding="utf-8"))):
            assert key not in found, f"{key} stands twice, again in {file.name}"
            found[key] = text
    return found


def areas(language: str) -> dict[str, list[str]]:
    """The files of each area: what begins a key."""
    found: dict[str, list[str]] = {}
    for file in sorted((SOURCES / "texts" / language).glob("*.json")):
        for area in json.loads(file.read_text(encoding="utf-8")):
            found.setdefault(area, []).append(file.name)
    return found


def code() -> str:
    """Everything that may ask for a text."""
    files = [*SOURCES.rglob("*.vue"), *SOURCES.rglob("*.ts")]
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(files))


def test_both_languages_say_as_much() -> None:
    chinese, english = texts("zh"), texts("en")
    assert chinese.keys() == english.keys(), sorted(chinese.keys() ^ english.keys())


def test_the_blanks_are_the_same() -> None:
    chinese, english = texts("zh"), texts("en")
    unequal = [
        key
        for key in chinese.keys() & english.keys()
        if set(BLANK.findall(chinese[key])) != set(BLANK.findall(english[key]))
    ]
    assert not unequal


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_area_stands_in_one_file(language: str) -> None:
    assert not {area: files for area, files in areas(language).items() if len(files) > 1}


def test_no_chinese_is_left_in_english() -> None:
    assert not {
        key: text for key, text in texts("en").items() if CHINESE.search(text) and key not in NATIVE
    }


def test_chinese_is_chinese() -> None:
    # Names of things, formats and single signs are the same everywhere.
    plain = re.compile(r"^[\W\d]*$|^[A-Z0-9 .,·:/%×{}\w-]*$", re.ASCII)
    left = {
        key: text
        for key, text in texts("zh").items()
        if not CHINESE.search(text) and not plain.match(BLANK.sub("", text))
    }
    assert not {key: text for key, text in left.items() if key not in NATIVE}


def test_no_text_is_missing() -> None:
    known = texts("zh").keys()
    assert sorted(set(ASKED.findall(code())) - known) == []


def test_no_text_is_idle() -> None:
    source = code()
    whole = set(WHOLE.findall(source))
    begun = {one or other for one, other in BEGUN.findall(source)}
    begun |= {f"{area}.columns." for area in AREA.findall(source)}
    # `problems.<code>` and the like: the API says which.
    idle = [
        key
        for key in texts("zh")
        if key not in whole and not any(key.startswith(start) for start in begun)
    ]
    assert idle == []
