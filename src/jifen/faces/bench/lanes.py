"""A process that books a file of orders in batches of 1,000, as a large import would.

Measured is everything from the line of a file to the commit: reading, decoding item by item
into the structs of ``earning.types``, ``earning.services.book``. Making the file is not.

Several lanes are processes with a connection each, fed by the one that reads the file: deciding is
work for a processor, and an interpreter uses one at a time. All orders of a member go to the same
lane: that keeps them in their order. It also keeps lanes from waiting for each other; without it
they would be as right, since a batch locks its members, in the order of their ids, but two batches
of 1,000 among 100,000 members share about ten, so the second would wait for the first.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from jifen.common import clock
from jifen.common.process import settle
from jifen.common.scope import scope
from jifen.earning.types import Activity, Booked, Caller, Refused
from jifen.faces.bench.orders import lane_of
from jifen.faces.bench.place import CODE
from jifen.faces.cli.startup import open_database

BATCH: Final = 1_000
_AHEAD: Final = 2
"""Batches that a lane has at a time: one to book, and the next one."""


class Options(Struct, frozen=True):
    """Book the orders of ``file`` for ``seconds`` in so many lanes."""

    file: str
    seconds: int
    lanes: int


class Done(Struct, frozen=True):
    """What a lane did with a batch, the first of the refusals, and the most memory it held so far.
    Short, whatever was refused: nobody reads it before the next batch is sent."""

    booked: int = 0
    refused: int = 0
    why: str = ""
    peak_kib: int = 0


class _Owner(Struct, frozen=True):
    value: str


class _Owned(Struct, frozen=True):
    """As much of an order as its lane needs."""

    member: _Owner


_MEMBERS: Final = msgspec.json.Decoder(_Owned)


def book(options: Options) -> dict[str, Any]:
    """Book until the time is over; batches that have begun are finished and counted."""
    start = multiprocessing.get_context("spawn")
    pipes = [start.Pipe() for _ in range(options.lanes)]
    lanes = [start.Process(target=_lane, args=(theirs,), daemon=True) for _, theirs in pipes]
    for lane, (_, theirs) in zip(lanes, pipes, strict=True):
        lane.start()
        theirs.close()
    ours = [mine for mine, _ in pipes]
    for mine in ours:
        mine.recv_bytes()
    started = time.perf_counter()
    with Path(options.file).open("rb") as file:
        done = list(_fed(ours, _batches(file, options.lanes), until=started + options.seconds))
    seconds = time.perf_counter() - started
    for mine in ours:
        mine.close()
    for lane in lanes:
        lane.join()
    peaks = [max((d.peak_kib for lane, d in done if lane is mine), default=0) for mine in ours]
    return {
        "orders": sum(each.booked for _, each in done),
        "seconds": seconds,
        "refused": sum(each.refused for _, each in done),
        "why": next((each.why for _, each in done if each.why), ""),
        "peak_kib": peak_kib() + sum(peaks),
    }


def peak_kib() -> int:
    """The most memory this process ever held, in KiB: VmHWM of the kernel."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _batches(lines: Iterable[bytes], lanes: int) -> Iterator[tuple[int, bytes]]:
    """(lane, lines of a batch) in the order in which they are full; what is left comes last."""
    waiting: list[list[bytes]] = [[] for _ in range(lanes)]
    for line in lines:
        lane = lane_of(_MEMBERS.decode(line).member.value, lanes=lanes)
        waiting[lane].append(line)
        if len(waiting[lane]) == BATCH:
            yield lane, b"".join(waiting[lane])
            waiting[lane] = []
    for lane, rest in enumerate(waiting):
        if rest:
            yield lane, b"".join(rest)


def _fed(
    ours: list[Connection], batches: Iterator[tuple[int, bytes]], *, until: float
) -> Iterator[tuple[Connection, Done]]:
    """Keep every lane busy until the time or the orders are over; what each answers."""
    asked = dict.fromkeys(ours, 0)
    for lane, batch in batches:
        while asked[ours[lane]] == _AHEAD:
            yield from _answered(asked)
        if time.perf_counter() >= until:
            break
        ours[lane].send_bytes(batch)
        asked[ours[lane]] += 1
    while any(asked.values()):
        yield from _answered(asked)


def _answered(asked: dict[Connection, int]) -> Iterator[tuple[Connection, Done]]:
    for ready in wait([each for each, count in asked.items() if count]):
        if isinstance(ready, Connection):
            asked[ready] -= 1
            yield ready, msgspec.json.decode(ready.recv_bytes(), type=Done)


def _lane(pipe: Connection) -> None:
    """A process: book what comes until nothing comes any more."""
    open_database()
    from jifen.earning import services as earning
    from jifen.programmes import selectors as programmes
    from jifen.programmes import services as programme_services

    settle()
    decoder: msgspec.json.Decoder[Activity] = msgspec.json.Decoder(Activity)
    with scope(programmes.programme_by_code(CODE).id):
        client = programme_services.internal_client(name="bench import", at=clock.now())
        caller = Caller(client.client_id, client.name)
        # Also compiles the rule set.
        earning.preview(activities=(), caller=caller, at=clock.now())
        pipe.send_bytes(b"ready")
        while True:
            try:
                lines = pipe.recv_bytes()
            except EOFError:
                return
            activities = [decoder.decode(line) for line in lines.splitlines()]
            outcomes = earning.book(activities=activities, caller=caller, at=clock.now())
            refused = [str(one.error) for one in outcomes if isinstance(one, Refused)]
            done = Done(
                booked=sum(isinstance(one, Booked) and not one.replayed for one in outcomes),
                refused=len(refused),
                why=refused[0] if refused else "",
                peak_kib=peak_kib(),
            )
            pipe.send_bytes(msgspec.json.encode(done))


if __name__ == "__main__":
    answer = book(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
