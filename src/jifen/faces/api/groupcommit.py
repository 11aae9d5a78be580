"""Single writes that arrive together are written together, so they share one commit.

There is no writer thread. A request thread that finds nobody leading its programme's queue
leads: it takes what waits (itself first, up to ``most`` items) into one call and hands every
thread its own answer. Whoever waits after that call leads next, so nobody serves others for
longer than one call. Promises:

* items of one programme are written in the order they arrived, those of different programmes
  never together;
* every thread gets its own result or its own error; when the call itself fails, everybody in it
  gets that failure and the next ones go on;
* a wait is bounded: who was not taken in time leaves the queue, and nothing of it is written.
"""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar
from uuid import UUID

from jifen.faces.api.faults import Busy, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_ITEMS: Final = 256
"""How many items one call takes."""
PATIENCE_SECONDS: Final = 10.0
"""How long an item waits for its turn."""
IN_FLIGHT_SECONDS: Final = 60.0
"""How long an item waits for a call that has taken it, before its outcome is unknown."""


class _Ticket(Generic[Item, Result]):
    """One waiting thread. Its lock is released once: by an answer or by a turn to lead."""

    __slots__ = ("answered", "error", "item", "result", "taken", "woken")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.error: Exception | None = None
        self.answered = False
        self.taken = False
        # A bare lock is a one-shot event at a tenth of its price.
        self.woken = threading.Lock()
        self.woken.acquire()


class _Queue(Generic[Item, Result]):
    """What waits in one programme, and whether somebody leads."""

    __slots__ = ("led", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[_Ticket[Item, Result]] = deque()
        self.led = False


class GroupCommit(Generic[Item, Result]):
    """Queues in front of ``write``, which takes items and answers as many results in order."""

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        most: int = MOST_ITEMS,
        patience_seconds: float = PATIENCE_SECONDS,
        in_flight_seconds: float = IN_FLIGHT_SECONDS,
    ) -> None:
        self._write = write
        self._most = most
        self._patience_seconds = patience_seconds
        self._in_flight_seconds = in_flight_seconds
        self._lock = threading.Lock()
        self._queues: dict[UUID, _Queue[Item, Result]] = {}

    def submit(self, *, programme_id: UUID, item: Item) -> Result:
        """Write one item with those that wait beside it; answers when it is written.

        Call it inside the programme's scope: the thread may lead, and then writes for others.
        Raises :class:`Busy` when no turn came in time, :class:`Unavailable` when a call took
        the item and did not end, and whatever ``write`` raises.
        """
        ticket: _Ticket[Item, Result] = _Ticket(item)
        with self._lock:
            queue = self._queues.setdefault(programme_id, _Queue())
            queue.waiting.append(ticket)
            leads = not queue.led
            queue.led = True
        if not leads:
            leads = self._follow(queue, ticket)
        if leads:
            self._lead(programme_id, queue)
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]  # set whenever no error is

    def _follow(self, queue: _Queue[Item, Result], ticket: _Ticket[Item, Result]) -> bool:
        """Wait for an answer, or for the turn to lead, which is what True says."""
        if ticket.woken.acquire(timeout=self._patience_seconds):
            return not ticket.answered
        with self._lock:
            # The turn may have come at the last moment; whoever is made leader must lead.
            woken = ticket.woken.acquire(blocking=False)
            left = not woken and not ticket.taken
            if left:
                queue.waiting.remove(ticket)
        if left:
            raise Busy("the queue of this programme did not move in time; nothing was booked")
        if not woken and not ticket.woken.acquire(timeout=self._in_flight_seconds):
            raise Unavailable("the outcome is unknown; repeat the call with the same key")
        return not ticket.answered

    def _lead(self, programme_id: UUID, queue: _Queue[Item, Result]) -> None:
        """Write one batch, answer it, and wake the next leader, whatever happens."""
        taken: list[_Ticket[Item, Result]] = []
        try:
            with self._lock:
                while queue.waiting and len(taken) < self._most:
                    ticket = queue.waiting.popleft()
                    ticket.taken = True
                    taken.append(ticket)
            self._write_all(taken)
        finally:
            # Also when the leader is being killed: nobody may be left waiting for it.
            for ticket in taken:
                if not ticket.answered and ticket.error is None:
                    ticket.error = Unavailable("the write was interrupted; repeat it")
            self._hand_over(programme_id, queue)
            for ticket in taken:
                ticket.answered = True
                ticket.woken.release()

    def _write_all(self, taken: Sequence[_Ticket[Item, Result]]) -> None:
        try:
            results = self._write([ticket.item for ticket in taken])
            for ticket, result in zip(taken, results, strict=True):
                ticket.result = result
                ticket.answered = True
        except Exception as error:  # noqa: BLE001  # every waiting thread raises it as its own
            for ticket in taken:
                # Each thread adds its own traceback, so each needs its own exception.
                ticket.error = _own(error)

    def _hand_over(self, programme_id: UUID, queue: _Queue[Item, Result]) -> None:
        """Let the one who waits longest lead; without anybody the queue goes away."""
        with self._lock:
            if queue.waiting:
                queue.waiting[0].woken.release()
            else:
                queue.led = False
                del self._queues[programme_id]

    @property
    def waiting(self) -> int:
        """How many items wait now, in all programmes."""
        with self._lock:
            return sum(len(queue.waiting) for queue in self._queues.values())


def _own(error: Exception) -> Exception:
    try:
        own = copy.copy(error)
    except Exception:  # noqa: BLE001  # an exception that cannot be copied is shared
        return error
    own.__cause__ = error
    return own
