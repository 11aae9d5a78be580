"""Commands of the pages, each a process of its own, on an embedded database of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.docs.pages import ROOT

from jifen.common import embedded

OURS = ("JIFEN_DATABASE_URL", "JIFEN_DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE")


class Place:
    """A home whose database stays up between commands, and ``jifen`` for the path."""

    def __init__(self, path: Path, server: embedded.Server) -> None:
        self.path = path
        self.server = server

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the shell from the repository's root."""
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        path = f"{self.path / 'bin'}:{self.server.bin_path}:{os.environ['PATH']}"
        home = str(self.path / "home")
        mine = {"JIFEN_HOME": home, "PYTHONPATH": str(ROOT / "src"), "PATH": path}
        return subprocess.run(
            ["sh", "-eu"],
            check=False,
            input=script,
            cwd=ROOT,
            env={**inherited, **mine, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def output(self, script: str, **environment: str) -> str:
        """The same, which must succeed; answers what it printed."""
        done = self.run(script, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def new_place() -> Iterator[Place]:
    """A folder with a short name that the server's own account can reach, unlike pytest's."""
    path = Path(f"/tmp/jifen-docs-{uuid4().hex[:12]}")
    path.mkdir()
    command = path / "bin" / "jifen"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m jifen.faces.cli.main "$@"\n')
    command.chmod(0o755)
    server = embedded.start(path / "home")
    try:
        yield Place(path, server)
    finally:
        server.close()
        shutil.rmtree(path, ignore_errors=True)
