"""Guarantees 1, 2, 6, 7, 8 and 14 in one: random histories of a shop against a small model of it.

Acts collect until some step books them, so batches have any size and hold whatever came together:
an order, its claim and its refund, a repeat, a refusal among others.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.properties import ledger_model as model
from tests.properties.conftest import SEARCHING
from tests.world import World

from jifen.earning.types import Activity, Booked, Line, Purchase, Refused

MEMBERS = 3
WORLDS: dict[int, World] = {}
LINES = st.lists(
    st.builds(
        Line,
        product=st.just("p"),
        quantity=st.integers(1, 3),
        amount_minor=st.sampled_from([0, 1, 99, 100, 777, 2_500, 4_999, 9_001]),
        discount_minor=st.sampled_from([0, 0, 50]),
        category=st.sampled_from(list(model.TIMES)),
    ),
    min_size=1,
    max_size=3,
).map(
    lambda lines: (
        [line for line in lines if line.discount_minor <= line.amount_minor] or [Line("p", 1, 100)]
    )
)
WHO = st.integers(0, MEMBERS - 1)
DAYS_AGO = st.integers(0, 2)


class Histories(RuleBasedStateMachine):
    """One shop, three members, and everything that can happen to them."""

    grace = 0

    def __init__(self) -> None:
        super().__init__()
        if self.grace not in WORLDS:
            rules = model.document(self.grace)
            WORLDS[self.grace] = World(rules, claim_days=model.CLAIM_DAYS)
        self.world = WORLDS[self.grace]
        self.at = self.world.at
        self.ids: list[UUID] = []
        self.people: list[model.Person] = []
        self.sold: list[tuple[Purchase, model.Sale]] = []
        self.booked: set[int] = set()
        self.waiting: list[tuple[Activity, Callable[[], model.Answer]]] = []
        self.answers: list[tuple[Activity, Booked]] = []

    @initialize(openings=st.lists(st.integers(0, 90), min_size=MEMBERS, max_size=MEMBERS))
    def enrol(self, openings: list[int]) -> None:
        """Three members, with what they bring: it never ends."""
        self.world.at = self.at
        for points in openings:
            person = model.Person()
            if points:
                person.gain(points, None)
            self.ids.append(self.world.member(*([points] if points else [])))
            self.people.append(person)

    def wait(self, activity: Activity, expected: Callable[[], model.Answer]) -> None:
        self.waiting.append((activity, expected))

    @rule(who=WHO, lines=LINES, share=st.sampled_from([0, 0, 20, 60, 100, 130]), ago=DAYS_AGO)
    def buy(self, who: int, lines: list[Line], share: int, ago: int) -> None:
        """An order that pays some per cent of its price with points, held or not."""
        net_minor = sum(line.net_minor for line in lines)
        points = min(net_minor * share // 100, 60)
        happened = self.at - timedelta(days=ago)
        sold = self.world.purchase(self.ids[who], *lines, points_paid=points, occurred_at=happened)
        sale = self._sale(sold, points)
        number = len(self.sold)
        self.sold.append((sold, sale))

        def expected() -> model.Answer:
            answer = model.buy(sale, self.people[who], self.at)
            if isinstance(answer, int):
                self.booked.add(number)
            return answer

        self.wait(sold, expected)

    @rule(lines=LINES, ago=DAYS_AGO)
    def buy_as_nobody(self, lines: list[Line], ago: int) -> None:
        """An order without a member."""
        sold = self.world.purchase(None, *lines, occurred_at=self.at - timedelta(days=ago))
        number = len(self.sold)
        self.sold.append((sold, self._sale(sold, 0)))

        def expected() -> model.Answer:
            self.booked.add(number)
            return 0

        self.wait(sold, expected)

    def _sale(self, sold: Purchase, points: int) -> model.Sale:
        happened = sold.occurred_at
        day = happened.astimezone(model.ZONE).date()
        lines = tuple((line.quantity, line.net_minor, line.category) for line in sold.lines)
        return model.Sale(lines, day, happened, points, grace=self.grace)

    @precondition(lambda self: self.sold)
    @rule(who=WHO, which=st.integers(0, 10**6))
    def claim(self, who: int, which: int) -> None:
        """A member claims any order, most likely one of the last."""
        number = max(len(self.sold) - 1 - which % 5, 0)
        sold, sale = self.sold[number]
        self.wait(
            self.world.claim(sold, self.ids[who], occurred_at=self.at),
            lambda: (
                model.claim(sale, self.people[who], self.at)
                if number in self.booked
                else "unknown_order"
            ),
        )

    @precondition(lambda self: self.sold)
    @rule(which=st.integers(0, 10**6), pieces=st.lists(st.integers(0, 2), max_size=4))
    def refund(self, which: int, pieces: list[int]) -> None:
        """Some pieces of any order, or all that is left of it."""
        number = max(len(self.sold) - 1 - which % 7, 0)
        sold, sale = self.sold[number]
        named = Counter(place for place in pieces if place < len(sold.lines))
        self.wait(
            self.world.refund(sold, *named.items(), occurred_at=self.at),
            lambda: (
                model.refund(sale, named, self.at) if number in self.booked else "unknown_order"
            ),
        )

    @rule(who=WHO, ago=DAYS_AGO)
    def check_in(self, who: int, ago: int) -> None:
        """A check-in, also one that is told late."""
        happened = self.at - timedelta(days=ago)
        day = happened.astimezone(model.ZONE).date()
        self.wait(
            self.world.behaviour(self.ids[who], "check_in", occurred_at=happened),
            lambda: model.check_in(self.people[who], day, happened, self.at),
        )

    @rule(who=WHO, points=st.integers(-80, 80).filter(bool),
          days=st.one_of(st.none(), st.integers(1, 14)))  # fmt: skip
    def adjust(self, who: int, points: int, days: int | None) -> None:
        """Staff gives points to some day, or takes points."""
        until = self.at + timedelta(days=days) if days else model.ends(self.at)
        self.wait(
            self.world.adjustment(
                self.ids[who],
                points,
                occurred_at=self.at,
                expires_at=until if points > 0 else None,
            ),
            lambda: model.adjust(self.people[who], points, until, self.at),
        )

    @precondition(lambda self: self.answers)
    @rule(which=st.integers(0, 10**6))
    def repeat(self, which: int) -> None:
        """Something that was booked before comes once more."""
        activity, first = self.answers[which % len(self.answers)]
        self.book()
        [again] = self.world.book(activity)
        assert isinstance(again, Booked)
        assert again.replayed
        assert (again.id, again.points, again.balances) == (
            first.id,
            first.points,
            first.balances,
        )

    @rule(hours=st.sampled_from([1, 13, 24, 75, 240, 800]))
    def later(self, hours: int) -> None:
        """Time passes, and points with it."""
        self.book()
        self.at += timedelta(hours=hours)
        self.world.at = self.at

    @precondition(lambda self: self.waiting)
    @rule()
    def book(self) -> None:
        """Whatever came together is booked together."""
        batch, self.waiting = self.waiting, []
        if not batch:
            return
        outcomes = self.world.book(*[activity for activity, _ in batch], at=self.at)
        for (activity, expected), outcome in zip(batch, outcomes, strict=True):
            found: model.Answer
            if isinstance(outcome, Refused):
                found = outcome.error.code
            else:
                found = outcome.points.get("points", 0)
                self.answers.append((activity, outcome))
            assert found == expected(), activity
        self._compare()

    def _compare(self) -> None:
        for member, person in zip(self.ids, self.people, strict=True):
            held = self.world.balance(member, at=self.at)
            assert (held.available, held.deficit) == (person.held(self.at), person.owed)
            lots = [
                (left, until)
                for left, until in self.world.lots(member)
                if until is None or until > self.at
            ]
            assert lots == [
                (lot.left, lot.until and lot.until.astimezone(UTC))
                for lot in person.lots
                if lot.left and (lot.until is None or lot.until > self.at)
            ]
            dump = self.world.dump(member)
            assert (dump["tier"], dump["spend_minor"], dump["purchases_kept"]) == (
                person.tier,
                person.spend_minor,
                person.orders,
            )
            assert dump["caps"] == {
                ("day", day.isoformat()): used for day, used in person.used.items() if used
            }

    def teardown(self) -> None:
        """At the end everything is booked, and the ledger's own check agrees."""
        if self.ids:
            self.book()
            self.world.verify()
        self.world.at = datetime(2026, 6, 1, 4, tzinfo=UTC)


class HistoriesWithGrace(Histories):
    """The same where points that come back late are good again for some days."""

    grace = 4


for histories in (Histories, HistoriesWithGrace):
    histories.TestCase.settings = settings(
        max_examples=600 if SEARCHING else 60, stateful_step_count=60 if SEARCHING else 40
    )
TestHistories: Any = Histories.TestCase
TestHistoriesWithGrace: Any = HistoriesWithGrace.TestCase
