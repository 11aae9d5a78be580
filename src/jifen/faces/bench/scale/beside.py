"""A process: one order after the other at a steady pace, and how long each took."""

from __future__ import annotations

import sys
import threading
import time
import zlib
from typing import Final

import msgspec
from msgspec import Struct

from jifen.common import clock
from jifen.common.process import settle
from jifen.common.scope import scope
from jifen.earning.types import Activity, Booked, Caller
from jifen.faces.bench.orders import orders
from jifen.faces.bench.place import CODE
from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.startup import open_database

PACE_S: Final = 0.02
"""Fifty a second: more would measure how two cores are shared."""
READY: Final = "ready\n"
"""Written once it is warm, where somebody waits for that."""
_MOST: Final = 1_000_000
_WARM_UP: Final = 20
_SEED: Final = 20_260_501
_MICRO: Final = 1_000_000
_DECODER: Final[msgspec.json.Decoder[Activity]] = msgspec.json.Decoder(Activity)


class Options(Struct, frozen=True):
    """For so many seconds; with 0 until standard input ends."""

    members: int
    run: str
    seconds: float


def book(options: Options) -> list[int]:
    """Microseconds of each order, from when it was due: who is late is late for the next too."""
    from jifen.earning import services as earning
    from jifen.programmes import selectors as programmes
    from jifen.programmes import services as programme_services

    over = threading.Event()
    if not options.seconds:
        threading.Thread(target=_wait_for_the_end, args=(over,), daemon=True).start()
    taken: list[int] = []
    # Each run meets members of its own, and so rows that the one before did not warm.
    seed = _SEED + zlib.crc32(options.run.encode())
    lines = orders(run=options.run, count=_MOST, members=options.members, seed=seed, at=clock.now())
    with scope(programmes.programme_by_code(CODE).id):
        client = programme_services.internal_client(name="scale", at=clock.now())
        caller = Caller(client.client_id, client.name)
        due = began = time.perf_counter()
        for line in lines:
            order = _DECODER.decode(line)
            [outcome] = earning.book(activities=[order], caller=caller, at=clock.now())
            if not isinstance(outcome, Booked):
                raise CommandError(f"an order was refused: {outcome.error}")
            present = time.perf_counter()
            taken.append(int((present - due) * _MICRO))
            if len(taken) <= _WARM_UP:
                # Being late in warming up is nobody's fault.
                due = began = present
            due += PACE_S
            if len(taken) == _WARM_UP and not options.seconds:
                sys.stdout.write(READY)
                sys.stdout.flush()
            time.sleep(max(due - present, 0.0))
            if over.is_set() or (options.seconds and present - began > options.seconds):
                break
    return taken[_WARM_UP:]


def _wait_for_the_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    open_database()
    settle()
    answer = book(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
