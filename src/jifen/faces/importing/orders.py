"""Books a plan: enrols the members it names, then its activities in order, in batches.

A batch is committed before the next one begins, and every activity has a key that comes from
the file. So whatever stops a run, the next one books what is missing and nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning import services as earning
from jifen.earning.types import Booked, Caller, Outcome, Purchase, Refund, Refused
from jifen.faces.importing.plan import Bucket, Item, LeftOut, Plan, key_of_person, line_numbers
from jifen.faces.importing.report import BATCH, OrdersReport, ordered
from jifen.members.types import IdentityValue
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services

CLIENT: Final = "import"
"""The internal client whose keys imports use, so that two runs of one file share them."""
_BUSY: Final = "member_busy"
_TRIES: Final = 10
"""Each waits up to two seconds for the member."""


def import_caller(*, at: datetime) -> Caller:
    """Who imports, in the active programme: it may book back to the opening date."""
    client = programme_services.internal_client(name=CLIENT, at=at)
    return Caller(client_id=client.client_id, name=CLIENT)


def import_orders(
    *, plan: Plan, caller: Caller, at: datetime, advance: Callable[[int], None] = lambda _: None
) -> tuple[OrdersReport, list[LeftOut]]:
    """Book a plan in the active programme; ``advance`` is told how many lines are done.

    Answers the report, and every line that is not in the books in the order of the file. What
    the books refuse is counted as rejected, with the refusal's code.
    """
    strangers = enrol_all(plan.items, caller=caller, at=at)
    tally = _Tally(strangers)
    for start in range(0, len(plan.items), BATCH):
        batch = plan.items[start : start + BATCH]
        outcomes = _book([item.activity for item in batch], caller=caller, at=at)
        for item, outcome in zip(batch, outcomes, strict=True):
            tally.add(item, outcome)
        advance(sum(len(item.lines) for item in batch))
    return tally.report(plan)


def _book(
    activities: Sequence[Purchase | Refund], *, caller: Caller, at: datetime
) -> list[Outcome]:
    """Book a batch; what a till held up for a moment is tried again."""
    outcomes = earning.book(activities=activities, caller=caller, at=at)
    for _ in range(_TRIES):
        busy = [
            position
            for position, outcome in enumerate(outcomes)
            if isinstance(outcome, Refused) and outcome.error.code == _BUSY
        ]
        if not busy:
            break
        again = earning.book(
            activities=[activities[position] for position in busy], caller=caller, at=at
        )
        for position, outcome in zip(busy, again, strict=True):
            outcomes[position] = outcome
    return outcomes


def enrol_all(
    items: Sequence[Item], *, caller: Caller, at: datetime
) -> dict[tuple[str, str], JifenError]:
    """Make sure that everybody who bought something is a member. In batches, idempotent.

    Answers why somebody could not be enrolled, by kind and value of the identity.
    """
    people: dict[tuple[str, str], None] = {}
    for item in items:
        if isinstance(item.activity, Purchase) and item.activity.member is not None:
            member = item.activity.member
            if member.kind != "id":
                people[member.kind, member.value] = None
    named = list(people)
    strangers: dict[tuple[str, str], JifenError] = {}
    for start in range(0, len(named), BATCH):
        batch = named[start : start + BATCH]
        answers = earning.enrol(
            members=[_newcomer(kind, value) for kind, value in batch], caller=caller, at=at
        )
        for name, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Refused):
                strangers[name] = answer.error
    return strangers


def _newcomer(kind: str, value: str) -> earning.NewMember:
    return earning.NewMember(
        key=key_of_person("enrol", kind, value), identities=(IdentityValue(kind, value),)
    )


class _Tally:
    """Adds up the answers."""

    def __init__(self, strangers: dict[tuple[str, str], JifenError]) -> None:
        self._strangers = strangers
        self._units = [unit.code for unit in programmes.units().values() if unit.kind == "points"]
        self._earned = self._clawed_back = self._orders = self._new = self._replayed = 0
        self._members: set[UUID] = set()
        self._booked: list[Item] = []
        self._refused: list[tuple[Item, JifenError]] = []

    def add(self, item: Item, outcome: Outcome) -> None:
        """Count one answer."""
        if isinstance(outcome, Refused):
            self._refused.append((item, outcome.error))
            return
        self._booked.append(item)
        if outcome.replayed:
            self._replayed += 1
        else:
            self._new += 1
        if isinstance(item.activity, Purchase):
            self._orders += 1
            self._earned += sum(outcome.award.points(unit) for unit in self._units)
            if outcome.member_id is not None:
                self._members.add(outcome.member_id)
        else:
            self._clawed_back -= self._moved(outcome)

    def report(self, plan: Plan) -> tuple[OrdersReport, list[LeftOut]]:
        """The plan's counts, corrected by what the books refused."""
        buckets = Counter(plan.buckets)
        left_out = list(plan.left_out)
        for entry, bucket in self._refusals():
            buckets[bucket] -= 1
            buckets[entry.bucket] += 1
            left_out.append(entry)
        report = OrdersReport(
            lines=buckets.total(),
            rejected=buckets["rejected"],
            no_customer=buckets["no_customer"],
            not_goods=buckets["not_goods"],
            price_not_positive=buckets["price_not_positive"],
            booked=buckets["booked"],
            refunded=buckets["refunded"],
            unmatched_refund=buckets["unmatched_refund"],
            split=plan.split,
            unmatched_quantity=plan.unmatched_quantity,
            points_earned=self._earned,
            points_clawed_back=self._clawed_back,
            orders=self._orders,
            members=len(self._members),
            new=self._new,
            replayed=self._replayed,
        )
        return report, ordered(left_out)

    def _moved(self, outcome: Booked) -> int:
        return sum(outcome.points.get(unit, 0) for unit in self._units)

    def _refusals(self) -> Iterator[tuple[LeftOut, Bucket]]:
        """Each line whose activities were all refused, and the bucket that the plan gave it.

        A line of a credit note may stand for several refunds; one that was booked keeps it.
        """
        done: set[int] = line_numbers(self._booked) if self._refused else set()
        for item, refusal in self._refused:
            activity, error = item.activity, refusal
            bucket: Bucket = "refunded"
            reference = activity.reference or ""
            if isinstance(activity, Purchase):
                bucket = "booked" if activity.member else "no_customer"
                if activity.member:
                    who = (activity.member.kind, activity.member.value)
                    error = self._strangers.get(who, refusal)
            for number in item.lines:
                if number not in done:
                    done.add(number)
                    yield LeftOut(number, "rejected", error.code, reference), bucket
