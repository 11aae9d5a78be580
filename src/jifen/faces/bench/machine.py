"""On what was measured: nobody can read a figure without it."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


class Machine(Struct, frozen=True):
    """The processor and what ran on it; ``file_system`` holds the session's folder."""

    at: datetime
    processor: str
    cores: int
    python: str
    postgres: str
    file_system: str
    embedded: bool

    def line(self) -> str:
        """All of it in one line."""
        where = f"embedded, on {self.file_system}" if self.embedded else "a server"
        return (
            f"{self.at:%Y-%m-%d %H:%M} UTC, {self.processor}, {self.cores} cores,"
            f" Python {self.python}, PostgreSQL {self.postgres} ({where})"
        )

    def warnings(self) -> list[str]:
        """What makes the figures say less than they seem to."""
        if self.embedded and self.file_system in _IN_MEMORY:
            lies = f"the database lies in memory ({self.file_system}): a commit costs nothing here"
            return [f"{lies}; set TMPDIR to a folder on a disk"]
        return []


def describe(*, folder: Path, postgres: str, embedded: bool, at: datetime) -> Machine:
    """This machine, with the file system of ``folder``."""
    return Machine(
        at=at,
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        postgres=postgres.split(maxsplit=1)[0],
        file_system=_file_system(folder),
        embedded=embedded,
    )


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def _file_system(folder: Path) -> str:
    """The type of the file system with the longest mount point above the folder."""
    found, best = "unknown", -1
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return found
    for line in mounts:
        _, point, kind, *_ = line.split()
        if folder.is_relative_to(point) and len(point) > best:
            found, best = kind, len(point)
    return found
