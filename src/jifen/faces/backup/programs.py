"""PostgreSQL's own programs: the package's, or the machine's where the server is newer.

A program reads servers and dumps up to its own major version. The package brings version 18, so
for most servers nothing has to be installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from psycopg.conninfo import make_conninfo

from jifen.common.database import Address
from jifen.common.home import wheel_programs
from jifen.faces.backup.errors import ProgramMissing

_ERROR: Final = re.compile(r"\b(?:ERROR|FATAL|error):\s+(.+)")
_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")


def find(name: str, *, major: int) -> tuple[Path, int]:
    """The program ``name`` of at least this major version, and which version it is.

    Raises :class:`ProgramMissing`, which says what was found instead.
    """
    found: list[str] = []
    for path in _candidates(name):
        version = _version(path)
        if version is not None and version >= major:
            return path, version
        found.append(f"{path} is version {version}" if version else f"{path} does not run")
    told = "; ".join(found) or "there is none"
    raise ProgramMissing(
        f"{name} of PostgreSQL {major} or newer is needed ({told}): install the client programs of"
        f" PostgreSQL {major} so that they come first in PATH",
        program=name,
        major=major,
    )


def connected(program: Path, address: Address, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """A command line on this database, and its environment.

    The password goes by the environment: everybody can read a command line.
    """
    parameters = address.parameters()
    environment = {**os.environ, "LC_ALL": "C"}
    password = parameters.pop("password", None)
    if password:
        environment["PGPASSWORD"] = password
    target = f"--dbname={make_conninfo(**parameters)}"
    return [str(program), "--no-password", *arguments, target], environment


def reason(told: str) -> str:
    """The line of a program's complaint that says most: its first error, else its last line."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    errors = [found[1] for line in lines if (found := _ERROR.search(line))]
    return (errors or lines[-1:] or ["no reason was given"])[0]


def _candidates(name: str) -> Iterator[Path]:
    package = wheel_programs()
    if package is not None and (package / name).exists():
        yield package / name
    installed = shutil.which(name)
    if installed is not None:
        yield Path(installed)


def _version(path: Path) -> int | None:
    try:
        done = subprocess.run([str(path), "--version"], check=False, capture_output=True, text=True)
    except OSError:
        return None
    told = _VERSION.search(done.stdout)
    return int(told[1]) if done.returncode == 0 and told else None
