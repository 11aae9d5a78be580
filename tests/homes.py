"""Homes of their own: real processes of ``jifen`` on embedded servers of their own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from jifen.common import embedded

ROOT = Path(__file__).parents[1]
OURS = ("JIFEN_DATABASE_URL", "JIFEN_DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE")


@contextmanager
def homes() -> Iterator[Path]:
    """A folder for homes, never in pytest's own, which the server's account cannot enter."""
    path = Path(f"/tmp/jifen-homes-{uuid4().hex[:12]}")
    path.mkdir()
    try:
        yield path
    finally:
        for data in path.glob("*/pg"):
            if embedded._processes(data):
                embedded.start(data.parent).close()
        shutil.rmtree(path)


class Home:
    """A home, and ``jifen`` in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def owner_url(self) -> str:
        return embedded.url_of(self.path, role=embedded.OWNER)

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**inherited, "JIFEN_HOME": str(self.path), "PYTHONPATH": str(ROOT / "src"), **more}

    def start(self, *command: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *command],
            env=self.environment(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def done(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        """The code, output and errors of a command."""
        process = self.start("-m", "jifen.faces.cli.main", *arguments, **more)
        output, errors = process.communicate(timeout=120)
        return process.returncode, output, errors

    def run(self, *arguments: str, **more: str) -> str:
        code, output, errors = self.done(*arguments, **more)
        assert code == 0, errors
        return output

    def refusal(self, *arguments: str, **more: str) -> dict[str, Any]:
        code, output, errors = self.done(*arguments, "--json", **more)
        assert (code, output) == (2, "")
        told: dict[str, Any] = json.loads(errors)
        return told

    def balances(self, **more: str) -> str:
        return self.run("export", "balances", "--programme", "shop", **more)

    @contextmanager
    def running(self) -> Iterator[embedded.Server]:
        """Its server, kept up between commands."""
        server = embedded.start(self.path)
        try:
            yield server
        finally:
            server.close()


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
