"""One lock order: what a batch holds while it waits, and batches that share what they book."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial

from django.db import DatabaseError, connections, transaction
from tests.world import World, codes, ok, together

from jifen.earning.types import Activity


def is_held(member: uuid.UUID) -> bool:
    """Whether anybody holds this member now."""
    try:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM member WHERE id = %s FOR UPDATE NOWAIT", [member])
    except DatabaseError:
        return True
    return False


def somebody_waits() -> bool:
    """Whether a statement on members waits for a lock."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE NOT l.granted AND a.query LIKE %s",
            ["%FROM member%"],
        )
        return bool(cursor.fetchall())


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, at most two seconds."""
    for _ in range(200):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


def hold(member: uuid.UUID, release: threading.Event) -> None:
    """Hold a member from another connection."""
    try:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM member WHERE id = %s FOR UPDATE", [member])
            release.wait(timeout=20)
    finally:
        connections["owner"].close()


def test_members_are_locked_in_the_order_of_their_ids() -> None:
    """A batch that waits for a member holds those before it and none after it, in whatever order
    its items come: so two batches never wait for each other in a ring."""
    world = World()
    low, high = sorted(world.member() for _ in range(2))
    for stopped, other, is_locked in ((high, low, True), (low, high, False)):
        for order in ((low, high), (high, low)):
            batch: list[Activity] = [world.purchase(member, 100) for member in order]
            release = threading.Event()
            holder = threading.Thread(target=partial(hold, stopped, release))
            booking = threading.Thread(target=partial(together, [partial(world.book, *batch)]))
            holder.start()
            until(partial(is_held, stopped))
            booking.start()
            until(somebody_waits)
            if is_locked:
                # Who has waited too long lets go and begins again.
                until(partial(is_held, other))
            seen = is_held(other)
            release.set()
            holder.join()
            booking.join()
            assert seen is is_locked
    assert world.available(low) == world.available(high) == 4


def test_batches_that_share_keys_book_each_once() -> None:
    world = World()
    members = [world.member() for _ in range(5)]
    acts: list[Activity] = [world.purchase(members[n % 5], 10_000) for n in range(40)]
    acts += [world.purchase(None, 100) for _ in range(10)]
    shuffled = [random.Random(seed).sample(acts, len(acts)) for seed in range(8)]

    answers = together([partial(world.book, *batch) for batch in shuffled])

    assert not [code for answer in answers for code in codes(answer)]
    assert len({outcome.id for answer in answers for outcome in ok(answer)}) == 50
    assert [world.available(member) for member in members] == [800] * 5
    world.verify()
