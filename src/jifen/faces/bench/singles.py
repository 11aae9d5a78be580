"""Single orders by wrk: 64 connections, each order with its own Idempotency-Key.

wrk is a compiled client that takes little of the two cores it shares with us. What it counted
has to be in the books: as many activities as answers, but for those that were on their way when
the time ended.
"""

from __future__ import annotations

import os
import shutil
import time
from datetime import datetime
from importlib.resources import as_file, files
from typing import Final

import msgspec
from msgspec import Struct

from jifen.faces.bench.place import Place, run
from jifen.faces.cli.errors import CommandError

CONNECTIONS: Final = 64
THREADS: Final = 2
HOW_TO_INSTALL: Final = "wrk is not installed (Debian, Ubuntu: apt-get install wrk)"
_MARK: Final = "jifen "


class Told(Struct, frozen=True):
    """What wrk counted. ``refused`` are answers that are no 2xx, ``broken`` failed calls."""

    completed: int
    microseconds: int
    refused: int
    broken: int
    p50_microseconds: int
    p99_microseconds: int


def is_there() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def post(
    place: Place,
    *,
    port: int,
    key: str,
    name: str,
    members: int,
    seed: int,
    seconds: int,
    at: datetime,
) -> Told:
    """Post single orders for ``seconds``. Raises when one was refused or is not in the books."""
    before = place.purchases()
    with as_file(files("jifen.faces.bench") / "orders.lua") as script:
        command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "15s"]
        command += ["-s", str(script), f"http://127.0.0.1:{port}/api/v1/activities", "--"]
        command += [name, key, str(members), str(int(at.timestamp())), str(seed)]
        told = _read(run(command, environment=os.environ))
    if told.refused or told.broken:
        raise CommandError(f"of {told.completed} single orders {told.refused} were refused,"
                           f" {told.broken} calls failed")  # fmt: skip
    booked = _settled(place) - before
    if not told.completed <= booked <= told.completed + CONNECTIONS:
        raise CommandError(f"{told.completed} single orders were answered, {booked} are booked")
    return told


def _read(output: str) -> Told:
    lines = [line for line in output.splitlines() if line.startswith(_MARK)]
    if not lines:
        raise CommandError("wrk told no figures")
    return msgspec.json.decode(lines[-1].removeprefix(_MARK), type=Told)


def _settled(place: Place) -> int:
    """The orders in the books once those that were on their way have ended."""
    count, later = -1, place.purchases()
    while count != later:
        time.sleep(0.5)
        count, later = later, place.purchases()
    return later
