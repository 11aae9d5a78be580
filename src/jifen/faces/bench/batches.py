"""A light client: posts batches of 1,000 orders to ``/api/v1/activities/batch`` for a while.

A few connections, each a thread that posts one body after the other, and all orders of a member
by the same connection, which keeps them in their order (see ``lanes``). Bodies are made before
the time starts; of an answer only the number of booked items is counted.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from jifen.faces.bench.orders import lane_of

BATCH: Final = 1_000
_OK: Final = 200
_BOOKED: Final = b'"status":"booked"'


class Options(Struct, frozen=True):
    """Post the orders of ``file`` to the server at ``port`` of this machine."""

    file: str
    port: int
    key: str
    seconds: int
    connections: int


class _Member(Struct):
    value: str


class _Order(Struct):
    """As much of an order as decides who posts it."""

    member: _Member


class _Run:
    """What the connections share."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._bodies = _bodies(Path(options.file), options.connections)
        self.booked = 0
        self.refused: list[str] = []
        self._lock = threading.Lock()
        self.deadline = 0.0

    def take(self, connection: int) -> bytes:
        """A connection's next body; nothing when the time is over or all are sent."""
        bodies = self._bodies[connection]
        over = time.perf_counter() >= self.deadline or not bodies
        return b"" if over else bodies.pop(0)

    def add(self, status: int, answer: bytes) -> None:
        """Count one answer."""
        booked = answer.count(_BOOKED)
        with self._lock:
            self.booked += booked
            if status != _OK or booked != BATCH:
                self.refused.append(f"{status} {answer[:200].decode('utf-8', 'replace')}")


def post(options: Options) -> dict[str, Any]:
    """Post until the time is over; batches that have begun are finished and counted."""
    run = _Run(options)
    threads = [
        threading.Thread(target=_connection, args=(run, number))
        for number in range(options.connections)
    ]
    started = time.perf_counter()
    run.deadline = started + options.seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "orders": run.booked,
        "seconds": time.perf_counter() - started,
        "refused": len(run.refused),
        "why": run.refused[0] if run.refused else "",
    }


def _bodies(file: Path, connections: int) -> list[list[bytes]]:
    """The bodies of each connection; what fills no whole batch is left out."""
    decoder = msgspec.json.Decoder(_Order)
    waiting: list[list[bytes]] = [[] for _ in range(connections)]
    bodies: list[list[bytes]] = [[] for _ in range(connections)]
    with file.open("rb") as lines:
        for line in lines:
            lane = lane_of(decoder.decode(line).member.value, lanes=connections)
            waiting[lane].append(line)
            if len(waiting[lane]) == BATCH:
                bodies[lane].append(b'{"activities":[' + b",".join(waiting[lane]) + b"]}")
                waiting[lane] = []
    return bodies


def _connection(run: _Run, number: int) -> None:
    options = run.options
    headers = {"Authorization": f"Bearer {options.key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=60)
    try:
        while body := run.take(number):
            connection.request("POST", "/api/v1/activities/batch", body, headers)
            response = connection.getresponse()
            run.add(response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        run.add(0, repr(error).encode())
    finally:
        connection.close()


if __name__ == "__main__":
    answer = post(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
