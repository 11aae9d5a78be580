"""The first hour that the guide tells, done as it says, on a Jifen that was just started.

``JIFEN_PICTURES=write`` takes the pictures of the guide anew.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page
from tests.browser.walking import Step, Walk, steps
from tests.browser.watching import watch_of
from tests.homes import ROOT, Home, homes

GUIDES = {
    "zh": (ROOT / "docs/zh/console.md", "## 第一个小时"),
    "en": (ROOT / "docs/console.md", "## The first hour"),
}
_CODE = re.compile(r"^Set up\s+(\S+)\s+code (\S+)$", re.MULTILINE)
_READY = "Ctrl-C stops everything."


class Started(NamedTuple):
    """Where it answers, and the set-up code that it printed."""

    address: str
    code: str


@pytest.fixture(scope="module")
def started() -> Iterator[Started]:
    """``jifen run`` in a home of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with homes() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "jifen.faces.cli.main", "run", "--port", str(port)],
            env=Home(folder / "guide").environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            if line.strip() == _READY:
                break
        try:
            match = _CODE.search(told)
            assert match, told
            yield Started(f"http://127.0.0.1:{port}", match[2])
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _picture(folder: Path) -> Callable[[Page, str], None]:
    def shown(page: Page, name: str) -> None:
        path = folder / name
        if os.environ.get("JIFEN_PICTURES") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path)
        assert path.is_file(), f"there is no picture {name}: take them with JIFEN_PICTURES=write"

    return shown


@pytest.mark.parametrize("language", GUIDES)
def test_the_first_hour_is_as_it_is_told(
    language: str, started: Started, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page, heading = GUIDES[language]
    tab = open_page(language=language)
    walk = Walk(
        tab,
        address=started.address,
        known={"<code>": started.code},
        folder=tmp_path,
        picture=_picture(page.parent),
    )
    told = steps(page, heading)
    # A number is looked up as a card's, a phone's and so on until somebody has it.
    with watch_of(tab).refusals("POST /api/v1/members/lookup 404"):
        done = sum(_done(walk, step) for step in told)
    assert done > len(told), "some steps say nothing to do"


def _done(walk: Walk, step: Step) -> int:
    try:
        return walk.do(step)
    except Exception as error:
        error.add_note(f"line {step.line}: {step.text}")
        raise
