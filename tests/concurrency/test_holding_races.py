"""Holds, transfers and the expiry job, when everybody comes at the same moment."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.books import Books
from tests.concurrency.racing import at_once

from jifen.common.errors import JifenError
from jifen.ledger import services as ledger
from jifen.ledger.models import Lot

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def attempt(call: Callable[[], Any]) -> Callable[[], str]:
    """The call as one that answers ``done``, or the code of its refusal."""

    def tried() -> str:
        try:
            call()
        except JifenError as error:
            return error.code
        return "done"

    return tried


def test_one_balance_is_held_once() -> None:
    books = Books()
    member = books.member()
    books.earn(member, 100)
    answers = at_once([attempt(lambda: books.hold(member, 100)) for _ in range(100)])
    assert Counter(answers) == {"done": 1, "insufficient_points": 99}
    found = books.world.balance(member)
    assert (found.available, found.held) == (0, 100)
    books.world.verify()


def test_one_hold_is_captured_once() -> None:
    books = Books()
    member = books.member()
    books.earn(member, 100)
    hold = books.hold(member, 100)
    calls = [attempt(lambda: books.capture(member, hold, 40)) for _ in range(50)]
    calls += [attempt(lambda: books.release(member, hold, 40)) for _ in range(50)]
    answers = Counter(at_once(calls))
    assert answers == {"done": 2, "hold_too_small": 98}
    found = books.world.balance(member)
    assert found.held == 20
    books.world.verify()


def test_a_hold_that_ends_is_captured_or_released_and_never_both() -> None:
    """At its last moment somebody captures it; a moment later somebody else spends what it gave
    back. Whoever is locked first is right, and the other one is refused."""
    books = Books()
    won: Counter[str] = Counter()
    end = books.world.at + DAY

    def late_capture(member: uuid.UUID, hold: uuid.UUID) -> Callable[[], str]:
        return attempt(lambda: books.capture(member, hold, 100, at=end - MOMENT))

    def spend(member: uuid.UUID) -> Callable[[], str]:
        return attempt(lambda: books.burn(member, 100, at=end))

    for _ in range(12):
        member = books.member()
        books.earn(member, 100)
        hold = books.hold(member, 100, end)
        answers = at_once([late_capture(member, hold), spend(member)] * 4)
        captured, spent = Counter(answers[::2]), Counter(answers[1::2])
        assert captured["done"] + spent["done"] == 1, answers
        assert set(captured) | set(spent) <= {"done", "unknown_hold", "insufficient_points"}
        won["capture" if captured["done"] else "burn"] += 1
        found = books.world.balance(member, at=end)
        assert (found.available, found.held) == (0, 0)
    assert sum(won.values()) == 12
    books.world.verify()


def test_transfers_both_ways_conserve_the_sum_and_nobody_waits_in_a_ring() -> None:
    """R10."""
    books = Books()
    one, two, at = books.member(), books.member(), books.world.at
    books.earn(one, 300, expires_at=at + 5 * DAY)
    books.earn(two, 300)
    calls = [attempt(lambda: books.transfer(one, two, 7)) for _ in range(100)]
    calls += [attempt(lambda: books.transfer(two, one, 7)) for _ in range(100)]
    answers = Counter(at_once(calls))
    assert set(answers) <= {"done", "insufficient_points"}
    assert answers["done"] > 0
    both = [books.world.available(member) for member in (one, two)]
    assert sum(both) == 600
    later = [books.world.available(member, at=at + 5 * DAY) for member in (one, two)]
    assert sum(later) == 300, "dates cross with their points"
    books.world.verify()


def test_the_job_runs_beside_live_spending() -> None:
    """Nobody is refused for the job's sake, nothing is spent that is past its date, and in the end
    nothing that is due is left."""
    books = Books()
    members = [books.member() for _ in range(12)]
    at = books.world.at
    for member in members:
        for _ in range(5):
            books.earn(member, 10, expires_at=at + DAY)
        books.earn(member, 30)
    now = at + 2 * DAY

    def run() -> str:
        after: uuid.UUID | None = None
        with books.world.scope():
            while True:
                done = ledger.close_lots(at=now, limit=2, after=after)
                after = done.after
                if after is None:
                    return "done"

    def spend(member: uuid.UUID) -> Callable[[], str]:
        return attempt(lambda: books.burn(member, 10, at=now))

    calls = [call for member in members for call in (spend(member), spend(member), run)]
    calls += [spend(member) for member in members for _ in range(3)]
    answers = Counter(at_once(calls))
    assert answers == {"done": 12 * 3 + 12, "insufficient_points": 12 * 2}
    run()
    with books.world.scope():
        assert Lot.objects.count() == 0
    assert [books.world.available(member, at=now) for member in members] == [0] * 12
    books.world.verify()
