"""The outbox: with its transaction or not at all, at least once, in the order of each key."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from tests.world import NOON, World

from jifen.common.database import connect, owner_address
from jifen.common.outbox import services as outbox
from jifen.common.outbox.models import Delivery, Event
from jifen.common.outbox.types import EventInfo, NewEvent, Undeliverable
from jifen.common.scope import ScopeError

MINUTE = timedelta(minutes=1)


class Recorder:
    """A reader that keeps what it gets, and does what it is told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.topics = frozenset({name})
        self.got: list[bytes] = []
        self.written: list[tuple[bytes, Any]] = []
        self.lost: list[tuple[bytes, str]] = []
        self.raises: dict[bytes, Exception] = {}
        self.while_delivering: Any = None

    def deliver(self, event: EventInfo, *, at: datetime) -> Any:
        assert not connection.in_atomic_block
        self.got.append(event.payload)
        if self.while_delivering:
            self.while_delivering()
        if event.payload in self.raises:
            raise self.raises[event.payload]
        return f"answer {event.payload.decode()}"

    def delivered(self, event: EventInfo, answer: Any, *, at: datetime) -> None:
        assert connection.in_atomic_block
        self.written.append((event.payload, answer))

    def gave_up(self, event: EventInfo, reason: str, *, at: datetime) -> None:
        assert connection.in_atomic_block
        self.lost.append((event.payload, reason))


@pytest.fixture
def reader() -> Iterator[Recorder]:
    made = Recorder(f"reader-{uuid.uuid4().hex[:8]}")
    outbox.register(made)
    yield made
    outbox._readers.pop(made.name)


@pytest.fixture
def world() -> World:
    return World()


def write(world: World, reader: Recorder, *payloads: str, key: uuid.UUID | None = None) -> None:
    topic = next(iter(reader.topics))
    with world.scope(), transaction.atomic():
        outbox.write(
            [NewEvent(topic, key or uuid.uuid4(), each.encode()) for each in payloads], at=NOON
        )


def deliver(world: World, reader: Recorder, at: datetime = NOON, **given: Any) -> outbox.Delivered:
    with world.scope():
        return outbox.deliver(reader=reader.name, clock=lambda: at, **given)


def states(world: World, reader: Recorder) -> list[str]:
    with world.scope():
        rows = Delivery.objects.filter(reader=reader.name).order_by("event_id")
        return list(rows.values_list("state", flat=True))


def test_an_event_is_there_only_with_its_transaction(world: World, reader: Recorder) -> None:
    topic = next(iter(reader.topics))
    with world.scope():
        with pytest.raises(ScopeError):
            outbox.write([NewEvent(topic, uuid.uuid4(), b"{}")], at=NOON)
        with transaction.atomic():
            outbox.write([NewEvent(topic, uuid.uuid4(), b"{}")], at=NOON)
            transaction.set_rollback(True)
        assert not Event.objects.exists()
    assert deliver(world, reader) == outbox.Delivered()


def test_what_no_reader_wants_is_not_kept(world: World) -> None:
    with world.scope(), transaction.atomic():
        outbox.write([NewEvent("nobody", uuid.uuid4(), b"{}")], at=NOON)
        assert not Event.objects.exists()


def test_each_event_is_delivered_once_and_recorded(world: World, reader: Recorder) -> None:
    write(world, reader, *"abc")
    assert deliver(world, reader) == outbox.Delivered(delivered=3)
    assert reader.got == [b"a", b"b", b"c"]
    assert reader.written == [(each, f"answer {each.decode()}") for each in reader.got]
    assert states(world, reader) == ["delivered"] * 3
    assert deliver(world, reader) == outbox.Delivered()


def test_two_readers_of_a_topic_have_a_record_each(world: World, reader: Recorder) -> None:
    other = Recorder(f"{reader.name}-other")
    other.topics = reader.topics
    outbox.register(other)
    write(world, reader, "a")
    assert deliver(world, other).delivered == 1
    assert states(world, reader) == ["waiting"]
    assert deliver(world, reader).delivered == 1
    assert (reader.got, other.got) == ([b"a"], [b"a"])
    outbox._readers.pop(other.name)


def test_what_fails_waits_longer_each_time_and_holds_back_its_key_only(
    world: World, reader: Recorder
) -> None:
    key = uuid.uuid4()
    write(world, reader, "a", "b", key=key)
    write(world, reader, "c")
    reader.raises[b"a"] = OSError("the line is dead")
    assert deliver(world, reader) == outbox.Delivered(delivered=1, again=1)
    assert reader.got == [b"a", b"c"]
    waits = []
    at = NOON
    for _ in range(3):
        before = len(reader.got)
        while len(reader.got) == before:
            at += timedelta(seconds=30)
            deliver(world, reader, at)
        waits.append((at - NOON) / MINUTE)
    assert waits == [1, 5, 21]
    del reader.raises[b"a"]
    assert deliver(world, reader, at + timedelta(hours=6)).delivered == 2
    assert reader.got[-2:] == [b"a", b"b"]


def test_what_cannot_be_delivered_is_given_up_and_the_next_goes_on(
    world: World, reader: Recorder
) -> None:
    key = uuid.uuid4()
    write(world, reader, "a", "b", key=key)
    reader.raises[b"a"] = Undeliverable("nobody_there")
    assert deliver(world, reader) == outbox.Delivered(delivered=1, given_up=1)
    assert reader.lost == [(b"a", "nobody_there")]
    assert states(world, reader) == ["given_up", "delivered"]


def test_what_fails_for_ever_is_given_up(world: World, reader: Recorder) -> None:
    write(world, reader, "a")
    reader.raises[b"a"] = OSError()
    at = NOON
    while not reader.lost:
        deliver(world, reader, at)
        at += timedelta(hours=6)
    assert len(reader.got) == outbox.TRIES
    assert reader.lost == [(b"a", "OSError")]


def test_a_worker_that_is_killed_loses_nothing(world: World, reader: Recorder) -> None:
    """It had taken the event and never wrote a result: after the lease it is anybody's again."""
    write(world, reader, "a")

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    reader.while_delivering = kill
    with pytest.raises(Killed):
        deliver(world, reader)
    reader.while_delivering = None
    assert deliver(world, reader, NOON + outbox.LEASE - MINUTE).tried == 0
    assert deliver(world, reader, NOON + outbox.LEASE).delivered == 1


def test_an_event_that_kills_its_workers_is_given_up(world: World, reader: Recorder) -> None:
    write(world, reader, "a")

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    reader.while_delivering = kill
    at = NOON
    for _ in range(outbox.TRIES):
        with pytest.raises(Killed):
            deliver(world, reader, at)
        at += outbox.LEASE
    assert deliver(world, reader, at).given_up == 1
    assert reader.lost == [(b"a", "never_came_back")]


def test_a_worker_whose_lease_is_over_writes_no_result(world: World, reader: Recorder) -> None:
    """Another one has taken the event meanwhile, and its result counts."""
    write(world, reader, "a")

    def overtaken() -> None:
        reader.while_delivering = None
        assert deliver(world, reader, NOON + outbox.LEASE).delivered == 1

    reader.while_delivering = overtaken
    assert deliver(world, reader).tried == 0
    assert reader.got == [b"a", b"a"]
    assert len(reader.written) == 1
    assert states(world, reader) == ["delivered"]


def test_a_worker_stops_when_its_lease_is_over(world: World, reader: Recorder) -> None:
    """Each event takes three minutes: what is left after ten is another's by then."""
    write(world, reader, *"abcdef")
    now = [NOON]

    def slow() -> None:
        now[0] += 3 * MINUTE

    reader.while_delivering = slow
    with world.scope():
        first = outbox.deliver(reader=reader.name, clock=lambda: now[0], limit=6)
    assert first.delivered == 6
    assert reader.got == [b"a", b"b", b"c", b"d", b"e", b"f"]
    with world.scope():
        tries = dict(Delivery.objects.filter(reader=reader.name).values_list("event_id", "tries"))
    assert sorted(tries.values()) == [1, 1, 1, 1, 1, 1], "what was not tried does not count"


def test_what_a_slow_worker_did_not_come_to_is_anothers_at_once(
    world: World, reader: Recorder
) -> None:
    write(world, reader, *"abc")
    other: list[int] = []

    def slow() -> None:
        reader.while_delivering = None
        now[0] += outbox.LEASE
        other.append(deliver(world, reader, now[0]).delivered)

    now = [NOON]
    reader.while_delivering = slow
    with world.scope():
        done = outbox.deliver(reader=reader.name, clock=lambda: now[0])
    assert (other, done.tried) == ([3], 0)
    assert reader.got == [b"a", b"a", b"b", b"c"]
    assert states(world, reader) == ["delivered"] * 3


def test_what_follows_is_written_with_the_record_or_not_at_all(
    world: World, reader: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(world, reader, "a")

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reader, "delivered", fail)
    assert deliver(world, reader) == outbox.Delivered(again=1)
    assert states(world, reader) == ["waiting"]


def test_the_record_waits_for_whoever_holds_what_it_writes(
    world: World, reader: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was delivered is not delivered again because somebody was in the way for a moment."""
    write(world, reader, "a")
    held: list[int] = []

    def busy(*_: Any, **__: Any) -> None:
        held.append(1)
        if len(held) < 3:
            raise OperationalError

    monkeypatch.setattr(reader, "delivered", busy)
    assert deliver(world, reader).delivered == 1
    assert reader.got == [b"a"]


def test_old_events_are_cleaned_away_once_all_readers_are_done(
    world: World, reader: Recorder
) -> None:
    write(world, reader, "a", "b", "c")
    reader.raises[b"b"] = OSError()
    reader.raises[b"c"] = Undeliverable("x")
    deliver(world, reader)
    with world.scope():
        assert outbox.clean(at=NOON + outbox.KEPT) == 0
        assert outbox.clean(at=NOON + outbox.KEPT + MINUTE) == 2
        assert list(Event.objects.values_list("payload", flat=True)) == ["b"]
        assert Delivery.objects.count() == 1


def test_another_programme_has_its_own(world: World, reader: Recorder) -> None:
    other = World()
    write(world, reader, "a")
    assert deliver(other, reader).tried == 0
    assert deliver(world, reader).delivered == 1


def test_two_workers_take_different_events_and_keep_the_order_of_a_key(
    world: World, reader: Recorder
) -> None:
    """One holds the first event of a key in an open transaction: the other passes it over, and
    takes none of that key."""
    key = uuid.uuid4()
    write(world, reader, "a", "b", key=key)
    write(world, reader, "c")
    with connect(owner_address()) as other, other.transaction(force_rollback=True):
        other.execute(
            "SELECT event_id FROM outbox_delivery WHERE reader = %s ORDER BY event_id LIMIT 1"
            " FOR UPDATE",
            [reader.name],
        )
        assert deliver(world, reader).delivered == 1
    assert reader.got == [b"c"]
    assert deliver(world, reader).delivered == 2
    assert reader.got == [b"c", b"a", b"b"]
