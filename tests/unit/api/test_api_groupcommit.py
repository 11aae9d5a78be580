"""Writes that arrive together share one call; nobody is stranded."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import pytest

from jifen.common.errors import Conflict
from jifen.common.ids import new_id
from jifen.faces.api.faults import Busy, Unavailable
from jifen.faces.api.groupcommit import GroupCommit

SHOP = new_id()
OTHER = new_id()


class Writer:
    """Doubles what it is given; the first call waits until it is let go."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.entered = threading.Event()
        self.go = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.calls.append(list(items))
        self.entered.set()
        assert self.go.wait(5)
        return [item * 2 for item in items]


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.005)
    pytest.fail("it did not happen in time")


def queue_up(
    pool: ThreadPoolExecutor, group: GroupCommit[int, int], items: Sequence[int], shop: UUID = SHOP
) -> list[Future[int]]:
    futures = []
    for item in items:
        before = group.waiting
        futures.append(pool.submit(group.submit, programme_id=shop, item=item))
        until(lambda before=before: group.waiting == before + 1)  # type: ignore[misc]
    return futures


def test_a_lone_item_is_written_at_once() -> None:
    writer = Writer()
    writer.go.set()
    group = GroupCommit(writer)
    assert group.submit(programme_id=SHOP, item=21) == 42
    assert writer.calls == [[21]]
    assert group.waiting == 0


def test_what_waits_is_written_in_one_call_in_its_order() -> None:
    writer = Writer()
    group = GroupCommit(writer)
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(group.submit, programme_id=SHOP, item=1)
        assert writer.entered.wait(5)
        rest = queue_up(pool, group, [2, 3, 4, 5])
        writer.go.set()
        assert [future.result(5) for future in (first, *rest)] == [2, 4, 6, 8, 10]
    assert writer.calls == [[1], [2, 3, 4, 5]]


def test_one_call_takes_no_more_than_most() -> None:
    writer = Writer()
    group = GroupCommit(writer, most=2)
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(group.submit, programme_id=SHOP, item=0)
        assert writer.entered.wait(5)
        rest = queue_up(pool, group, [1, 2, 3, 4, 5])
        writer.go.set()
        assert [future.result(5) for future in (first, *rest)] == [0, 2, 4, 6, 8, 10]
    assert writer.calls == [[0], [1, 2], [3, 4], [5]]


def test_programmes_do_not_wait_for_each_other() -> None:
    started = threading.Barrier(2, timeout=5)

    def write(items: Sequence[int]) -> Sequence[int]:
        started.wait()  # passes only while the other programme writes too
        return items

    group = GroupCommit(write)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(group.submit, programme_id=shop, item=1) for shop in (SHOP, OTHER)]
        assert [future.result(5) for future in futures] == [1, 1]


def test_a_failing_call_fails_its_own_items_only() -> None:
    entered, go = threading.Event(), threading.Event()

    def write(items: Sequence[int]) -> Sequence[int]:
        entered.set()
        assert go.wait(5)
        if 2 in items:
            raise Conflict("two is refused", item=2)
        return items

    group = GroupCommit(write, most=3)
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(group.submit, programme_id=SHOP, item=1)
        assert entered.wait(5)
        rest = queue_up(pool, group, [2, 3, 4, 5, 6])
        go.set()
        errors = [future.exception(5) for future in rest[:3]]
        assert [future.result(5) for future in (first, *rest[3:])] == [1, 5, 6]
    assert [type(error) for error in errors] == [Conflict] * 3
    assert len({id(error) for error in errors}) == 3, "each thread raises its own exception"
    assert isinstance(errors[0], Conflict)
    assert errors[0].fields == {"item": 2}


def test_a_leader_that_is_killed_strands_nobody() -> None:
    entered, go = threading.Event(), threading.Event()

    def write(items: Sequence[int]) -> Sequence[int]:
        entered.set()
        assert go.wait(5)
        if 2 in items:
            raise SystemExit
        return items

    group = GroupCommit(write, most=2)
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(group.submit, programme_id=SHOP, item=1)
        assert entered.wait(5)
        killed, beside, after = queue_up(pool, group, [2, 3, 4])
        go.set()
        assert isinstance(killed.exception(5), SystemExit)
        assert isinstance(beside.exception(5), Unavailable)
        assert (first.result(5), after.result(5)) == (1, 4)


def test_too_few_results_are_everybodys_error() -> None:
    group: GroupCommit[int, int] = GroupCommit(lambda items: items[1:])
    with pytest.raises(ValueError, match="shorter"):
        group.submit(programme_id=SHOP, item=1)


def test_who_is_not_taken_in_time_leaves_the_queue() -> None:
    writer = Writer()
    group = GroupCommit(writer, patience_seconds=0.05)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(group.submit, programme_id=SHOP, item=1)
        assert writer.entered.wait(5)
        with pytest.raises(Busy):
            group.submit(programme_id=SHOP, item=2)
        writer.go.set()
        assert first.result(5) == 2
    assert writer.calls == [[1]]
    assert group.submit(programme_id=SHOP, item=3) == 6


def test_who_is_taken_waits_for_the_outcome_but_not_for_ever() -> None:
    entered, go = [threading.Event(), threading.Event()], threading.Event()

    def write(items: Sequence[int]) -> Sequence[int]:
        entered[0 if items[0] == 1 else 1].set()
        assert go.wait(5) if items[0] != 1 else entered[1].wait(0.3) is False
        return items

    group = GroupCommit(write, patience_seconds=1.0, in_flight_seconds=0.05)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(group.submit, programme_id=SHOP, item=1)
        assert entered[0].wait(5)
        leads, follows = queue_up(pool, group, [2, 3])
        assert first.result(5) == 1
        assert isinstance(follows.exception(5), Unavailable)
        go.set()
        assert leads.result(5) == 2


def test_a_thousand_items_from_many_threads_each_get_their_own() -> None:
    calls: list[int] = []

    def write(items: Sequence[int]) -> Sequence[int]:
        calls.append(len(items))
        time.sleep(0.001)
        return [item + 1 for item in items]

    group = GroupCommit(write)
    with ThreadPoolExecutor(32) as pool:
        futures = [pool.submit(group.submit, programme_id=SHOP, item=i) for i in range(1000)]
        assert [future.result(10) for future in futures] == list(range(1, 1001))
    assert sum(calls) == 1000
    assert len(calls) < 1000
