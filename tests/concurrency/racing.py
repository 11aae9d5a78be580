"""Helpers for races: calls that really start together, and rows that somebody else holds."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

import psycopg
from django.db import connection
from tests.world import World

from jifen.common.database import connect, owner_address
from jifen.earning.types import Activity, Booked, Outcome, Refused

THREADS = 16
"""The pool of a process holds 20 connections; the test's own thread and a holder need some."""
PATIENCE_SECONDS = 20.0
T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make the calls from up to 16 threads that are connected before the first call is made;
    answers in the order of the calls, which are dealt out round by round."""
    width = min(THREADS, len(calls))
    start = threading.Barrier(width)

    def take(hand: int) -> list[T]:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE_SECONDS)
            return [call() for call in calls[hand::width]]
        finally:
            connection.close()

    with ThreadPoolExecutor(width) as pool:
        hands = list(pool.map(take, range(width)))
    return [hands[position % width][position // width] for position in range(len(calls))]


def each_alone(world: World, activities: Sequence[Activity]) -> list[Outcome]:
    """Book every activity in a call of its own, all at once."""

    def call(activity: Activity) -> Callable[[], Outcome]:
        return lambda: world.book(activity)[0]

    return at_once([call(activity) for activity in activities])


def tally(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many were booked, answered again, or refused by which code."""
    return dict(
        Counter(
            outcome.error.code
            if isinstance(outcome, Refused)
            else ("replayed" if outcome.replayed else "booked")
            for outcome in outcomes
        )
    )


def fresh(outcomes: Sequence[Outcome]) -> list[Booked]:
    """Those that were booked now, not before."""
    return [each for each in outcomes if isinstance(each, Booked) and not each.replayed]


def earned(outcomes: Sequence[Outcome], unit: str = "points") -> int:
    """What the activities booked now have moved."""
    return sum(each.points.get(unit, 0) for each in fresh(outcomes))


def in_background(call: Callable[[], T]) -> Callable[..., T]:
    """Start a call in a thread of its own; answers how to wait (so many seconds) for its result,
    which raises TimeoutError when it does not come."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:  # noqa: BLE001  # whoever waits raises it
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result(seconds: float = PATIENCE_SECONDS) -> T:
        thread.join(seconds)
        if thread.is_alive():
            raise TimeoutError("the call did not come back")
        if failed:
            raise failed[0]
        return done[0]

    return result


@contextmanager
def held(table: str, ids: Sequence[UUID]) -> Iterator[psycopg.Connection]:
    """Another connection holds these rows of ``table`` until the block ends."""
    with connect(owner_address()) as other, other.transaction(force_rollback=True):
        lock(other, table, ids)
        yield other


def lock(other: psycopg.Connection, table: str, ids: Sequence[UUID]) -> None:
    """Take rows in the open transaction of another connection, waiting for them if need be."""
    statement = f"SELECT id FROM {table} WHERE id = any(%s) ORDER BY id FOR UPDATE"
    found = other.execute(statement.encode(), [list(ids)]).fetchall()
    assert len(found) == len(set(ids))


def waiting_for(other: psycopg.Connection) -> int:
    """The process id of the backend that waits for ``other``, as soon as there is one."""
    until = time.monotonic() + PATIENCE_SECONDS
    with connect(owner_address()) as watcher:
        while time.monotonic() < until:
            row = watcher.execute(
                "SELECT pid FROM pg_stat_activity WHERE %s = any(pg_blocking_pids(pid))",
                [other.info.backend_pid],
            ).fetchone()
            if row is not None:
                return int(row[0])
            time.sleep(0.02)
    raise AssertionError("nobody waits")
