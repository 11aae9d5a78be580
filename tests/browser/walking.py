"""Steps that a page of the docs tells a person, done in a browser.

A step is a line of a numbered list in a section. Each of its sentences with something in bold or
in code is an act, written in one of the forms below; the others only explain. What is in bold is on
the screen, what is in code is typed. A picture stands for what the screen shows at that moment.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

from playwright.sync_api import Locator, Page, expect
from tests.browser.watching import settled

Act = Callable[["Walk", re.Match[str]], None]
_STEP: Final = re.compile(r"^\d+\. (.*)$")
_PICTURE: Final = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
_TELLING: Final = re.compile(r"\*\*|`")
_PRESSED: Final = ("button", "link", "tab", "radio", "checkbox", "menuitem", "switch")


class Step(NamedTuple):
    """One line of the list: its number in the file, and what it says."""

    line: int
    text: str


def steps(page: Path, heading: str) -> list[Step]:
    """The numbered lines below a heading, up to the next one of its level."""
    level = heading.split(" ", 1)[0]
    found, inside = [], False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(f"{level} "):
            inside = line == heading
        elif inside and (match := _STEP.match(line)):
            found.append(Step(number, match[1]))
    assert found, f"{page} has no steps below {heading}"
    return found


def sentences(text: str) -> Iterator[str]:
    """The sentences of a step that are acts, and its pictures."""
    for part in re.split(r"(!\[[^\]]*\]\([^)]+\))", text):
        if _PICTURE.fullmatch(part):
            yield part
            continue
        for sentence in re.split(r"(?<=[.。；;])\s+|(?<=。)", part):
            if _TELLING.search(sentence):
                yield sentence.strip().rstrip(".。;；")


class Walk:
    """Somebody who does what the page says. ``known`` are values of names in angle brackets, such
    as ``<code>``, which each reader has of their own."""

    def __init__(
        self,
        page: Page,
        *,
        address: str,
        known: Mapping[str, str],
        folder: Path,
        picture: Callable[[Page, str], None],
    ) -> None:
        self.page = page
        self.address = address
        self.known = known
        self.folder = folder
        self.picture = picture
        self.file: Path | None = None

    def do(self, step: Step) -> int:
        """Do everything that a step says; how many acts that was."""
        done = 0
        for sentence in sentences(step.text):
            self._act(sentence, step.line)
            done += 1
        return done

    def _act(self, sentence: str, line: int) -> None:
        if shown := _PICTURE.fullmatch(sentence):
            settled(self.page)
            self.picture(self.page, shown[1])
            return
        for form, act in FORMS:
            if match := form.fullmatch(sentence):
                act(self, match)
                return
        raise AssertionError(f"line {line}: nobody knows how to do this: {sentence}")

    def visit(self, path: str) -> None:
        self.page.goto(self.address + path)
        settled(self.page)

    def press(self, name: str) -> None:
        found: Locator | None = None
        for role in _PRESSED:
            one = self.page.get_by_role(role, name=name, exact=True)
            found = one if found is None else found.or_(one)
        assert found is not None
        place = found.first
        expect(place).to_be_visible()
        # A drawn choice lies over the one that is meant.
        place.click(force=place.get_attribute("type") == "radio")
        settled(self.page)

    def open(self, name: str) -> None:
        """The first button or link whose words hold these."""
        roles: tuple[Literal["button", "link"], ...] = ("button", "link")
        found = [self.page.get_by_role(role, name=name).first for role in roles]
        found[0].or_(found[1]).first.click()
        settled(self.page)

    def keep(self, name: str) -> None:
        with self.page.expect_download() as loading:
            self.page.get_by_role("link", name=name).click()
        self.file = self.folder / loading.value.suggested_filename
        loading.value.save_as(self.file)

    def upload(self) -> None:
        assert self.file is not None, "no file was downloaded before"
        self.page.locator("input[type=file]").set_input_files(self.file)

    def write(self, value: str, field: str) -> None:
        self.page.get_by_label(field, exact=True).fill(self.known.get(value, value))

    def choose(self, option: str, field: str) -> None:
        self.page.get_by_role("combobox", name=field, exact=True).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def see(self, text: str) -> None:
        expect(self.page.get_by_text(re.compile(re.escape(text))).first).to_be_visible(
            timeout=60_000
        )


FORMS: Final[list[tuple[re.Pattern[str], Act]]] = [
    (re.compile(pattern), act)
    for patterns, act in (
        ((r"Visit `([^`]+)`", r"访问 `([^`]+)`"), lambda walk, m: walk.visit(m[1])),
        ((r"Click \*\*(.+)\*\*", r"点击 \*\*(.+)\*\*"), lambda walk, m: walk.press(m[1])),
        (
            (r"Open (?:the first )?\*\*(.+)\*\*", r"打开(?:第一个)? \*\*(.+)\*\*"),
            lambda walk, m: walk.open(m[1]),
        ),
        ((r"Press `(\w+)`", r"按 `(\w+)`"), lambda walk, m: walk.page.keyboard.press(m[1])),
        (
            (r"Download with \*\*(.+)\*\*", r"用 \*\*(.+)\*\* 下载文件"),
            lambda walk, m: walk.keep(m[1]),
        ),
        (
            (r"Choose the downloaded file under \*\*.+\*\*", r"在 \*\*.+\*\* 处选择刚下载的文件"),
            lambda walk, _: walk.upload(),
        ),
        ((r"Write `([^`]+)` into \*\*(.+?)\*\*(?:, .*)?",), lambda walk, m: walk.write(m[1], m[2])),
        ((r"在 \*\*(.+?)\*\* 填入 `([^`]+)`(?:，.*)?",), lambda walk, m: walk.write(m[2], m[1])),
        ((r"Choose \*\*(.+)\*\* in \*\*(.+)\*\*",), lambda walk, m: walk.choose(m[1], m[2])),
        ((r"在 \*\*(.+)\*\* 选择 \*\*(.+)\*\*",), lambda walk, m: walk.choose(m[2], m[1])),
        (
            (r"You see \*\*(.+?)\*\*.*", r"这时看到 \*\*(.+?)\*\*.*"),
            lambda walk, m: walk.see(m[1]),
        ),
    )
    for pattern in patterns
]
