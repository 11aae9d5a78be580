"""A process that books a file of orders in batches of 1,000, as an import does.

Measured is everything from the line of a file to the commit: reading, decoding item by item
into the structs of ``earning.types``, ``earning.services.book``. Making the file is not.

Several lanes are threads with a connection each, so one decides while PostgreSQL writes for
another. All orders of a member go to the same lane: that keeps them in their order. It also
keeps lanes from waiting for each other; without it they would be as right, since a batch locks
its members, in the order of their ids, but two batches of 1,000 among 100,000 members share
about ten, so the second would wait for the first.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from jifen.common import clock
from jifen.common.process import settle
from jifen.common.scope import scope
from jifen.earning.types import Activity, Booked, Caller, Purchase, Refused
from jifen.faces.bench.orders import lane_of
from jifen.faces.bench.place import CODE
from jifen.faces.cli.startup import open_database

BATCH: Final = 1_000
# Made while there is one thread: msgspec crashes when two threads look into a type at once.
_DECODER: Final[msgspec.json.Decoder[Activity]] = msgspec.json.Decoder(Activity)


class Options(Struct, frozen=True):
    """Book the orders of ``file`` for ``seconds`` in so many lanes."""

    file: str
    seconds: int
    lanes: int


class _Run:
    """What the lanes share."""

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self.booked = 0
        self.refused: list[str] = []
        self._file = file
        self._waiting: list[list[Activity]] = [[] for _ in range(options.lanes)]
        self._lock = threading.Lock()
        self._deadline = time.perf_counter() + options.seconds

    def take(self, lane: int) -> list[Activity]:
        """The next batch of a lane; nothing when the time is over or the file has ended.

        Who finds too few reads on, and puts what is another's into that lane's list.
        """
        with self._lock:
            if time.perf_counter() >= self._deadline:
                return []
            while len(self._waiting[lane]) < BATCH and (line := self._file.readline()):
                activity = _DECODER.decode(line)
                self._waiting[self._lane(activity)].append(activity)
            batch = self._waiting[lane][:BATCH]
            del self._waiting[lane][:BATCH]
            return batch

    def add(self, booked: int, refused: Sequence[str]) -> None:
        """Count one batch."""
        with self._lock:
            self.booked += booked
            self.refused += refused

    def _lane(self, activity: Activity) -> int:
        member = activity.member if isinstance(activity, Purchase) else None
        return lane_of(member.value, lanes=len(self._waiting)) if member else 0


def book(options: Options) -> dict[str, Any]:
    """Book until the time is over; batches that have begun are finished and counted."""
    from jifen.earning import services as earning
    from jifen.programmes import selectors as programmes
    from jifen.programmes import services as programme_services

    programme_id = programmes.programme_by_code(CODE).id
    with scope(programme_id):
        client = programme_services.internal_client(name="bench import", at=clock.now())
        caller = Caller(client.client_id, client.name)
        # Also compiles the rule set, in the only thread.
        earning.preview(activities=(), caller=caller, at=clock.now())
    with Path(options.file).open("rb") as file:
        started = time.perf_counter()
        run = _Run(file, options)
        threads = [
            threading.Thread(target=_lane, args=(run, lane, programme_id, caller))
            for lane in range(options.lanes)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
    return {
        "orders": run.booked,
        "seconds": seconds,
        "refused": len(run.refused),
        "why": run.refused[0] if run.refused else "",
        "peak_kib": peak_kib(),
    }


def peak_kib() -> int:
    """The most memory this process ever held, in KiB: VmHWM of the kernel."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _lane(run: _Run, lane: int, programme_id: UUID, caller: Caller) -> None:
    from django.db import connection

    from jifen.earning import services as earning

    try:
        with scope(programme_id):
            while activities := run.take(lane):
                outcomes = earning.book(activities=activities, caller=caller, at=clock.now())
                refused = [str(one.error) for one in outcomes if isinstance(one, Refused)]
                booked = sum(isinstance(one, Booked) and not one.replayed for one in outcomes)
                run.add(booked, refused)
    except Exception as error:  # noqa: BLE001 (a thread's end has to reach the report)
        run.add(0, [f"{type(error).__name__}: {error}"])
    finally:
        connection.close()


if __name__ == "__main__":
    open_database()
    settle()
    answer = book(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
