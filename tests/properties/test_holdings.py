"""Everything that may happen to what members hold, in any order, on real rows, against a small
model of it; after each step every balance is read, and ``verify`` looks at the whole ledger.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.books import Books
from tests.properties.conftest import SEARCHING
from tests.properties.holdings_model import FOREVER, Account, Hold, Lot, Short

from jifen.common.errors import JifenError
from jifen.earning.exports import balance_rows
from jifen.ledger import selectors
from jifen.ledger import services as ledger
from jifen.ledger.types import HoldState, LotState, TakenLot
from jifen.members.models import Identity

MEMBERS = 2
WHO = st.integers(0, MEMBERS - 1)
POINTS = st.integers(1, 40)
WHICH = st.integers(0, 10**6)
HOURS = st.integers(1, 60)
SELDOM = 100
"""Hours between two clears at least; otherwise there would be nothing to hold most of the time."""
MAYBE_HOURS = st.one_of(st.none(), st.integers(-3, 60))
Paid = tuple[int, list[TakenLot], list[tuple[Lot, int]]]


class Holdings(RuleBasedStateMachine):
    """Two members of one programme, and their points."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.start = self.books.world.at
        self.now = 0
        self.ids: list[UUID] = []
        self.model: list[Account] = []
        self.lots: list[dict[UUID, Lot]] = []
        self.holds: list[dict[UUID, Hold]] = []
        self.paid: list[Paid] = []
        self.undone: set[UUID] = set()
        self.cleared = 0

    @property
    def at(self) -> datetime:
        """The instant at which things happen now."""
        return self.when(self.now)

    def when(self, hours: int) -> datetime:
        """The instant so many hours after the start."""
        return self.start + timedelta(hours=hours)

    @initialize()
    def enrol(self) -> None:
        """Members who have something to begin with, or most acts would be refused."""
        for who in range(MEMBERS):
            self.ids.append(self.books.member())
            self.model.append(Account())
            self.lots.append({})
            self.holds.append({})
            for points, ends in ((40, None), (30, 50), (20, 20)):
                self.earn(who, points, ends, pending=False, ripens=None)

    # --- acts --------------------------------------------------------------------------------

    @rule(who=WHO, points=POINTS, ends=MAYBE_HOURS, pending=st.booleans(), ripens=MAYBE_HOURS)
    def earn(
        self, who: int, points: int, ends: int | None, pending: bool, ripens: int | None
    ) -> None:
        """Points come in, also some that came too late; they may be pending."""
        end = FOREVER if ends is None else self.now + ends
        ripe = FOREVER if ripens is None or not pending else self.now + ripens
        tag = f"rule-{points % 3}"
        lot = self.books.earn(
            self.ids[who],
            points,
            at=self.at,
            rule=tag,
            expires_at=None if ends is None else self.when(end),
            is_pending=pending,
            ripens_at=None if ripe == FOREVER else self.when(ripe),
        )
        self.lots[who][lot] = self.model[who].open("earn", points, tag, end, pending, ripe)
        self.compare()

    @rule(who=WHO, points=POINTS)
    def earn_plainly(self, who: int, points: int) -> None:
        """Points come in to stay."""
        self.earn(who, points, None, pending=False, ripens=None)

    @rule(who=WHO, points=POINTS)
    def burn(self, who: int, points: int) -> None:
        """Points are spent, or refused."""
        expected = self.model[who].spend("burn", points)
        took: list[TakenLot] = []
        if self.refuses(
            expected, lambda: took.extend(self.books.burn(self.ids[who], points, at=self.at))
        ):
            return
        assert not isinstance(expected, Short)
        assert [(self.lots[who][each.id], each.amount) for each in took] == expected
        self.paid.append((who, took, expected))
        self.compare()

    @precondition(lambda self: self.paid)
    @rule(which=WHICH, points=POINTS)
    def give_back(self, which: int, points: int) -> None:
        """The end of what was paid comes back."""
        who, taken, parts = self.paid.pop(which % len(self.paid))
        points = min(points, sum(part.amount for part in taken))
        back: list[tuple[Lot, int]] = []
        for lot, there in parts[::-1]:
            now = min(there, points - sum(points for _, points in back))
            if now:
                back.append((lot, now))
        slices = ledger.give_back_slices(taken, 0, points)
        self.books.give_back(self.ids[who], slices, at=self.at)
        self.model[who].give_back(back, self.now)
        self.compare()

    @rule(who=WHO, points=POINTS, which=WHICH)
    def claw_back(self, who: int, points: int, which: int) -> None:
        """Points are taken back, beginning with some lot that once was."""
        known = list(self.lots[who].items())
        own, lot = known[which % len(known)] if known else (None, None)
        self.books.claw_back(self.ids[who], points, *([own] if own else []), at=self.at)
        self.model[who].claw_back(points, lot)
        self.compare()

    @rule(who=WHO, points=POINTS, ends=st.one_of(st.none(), HOURS))
    def hold(self, who: int, points: int, ends: int | None) -> None:
        """Points are reserved, or refused."""
        end = FOREVER if ends is None else self.now + ends
        expires_at = None if ends is None else self.when(end)
        expected = self.model[who].hold(points, end)
        made: list[UUID] = []
        if self.refuses(
            expected,
            lambda: made.append(self.books.hold(self.ids[who], points, expires_at, at=self.at)),
        ):
            return
        assert isinstance(expected, Hold)
        self.holds[who][made[0]] = expected
        self.compare()

    @precondition(lambda self: any(self.holds))
    @rule(which=WHICH, points=POINTS, whole=st.booleans())
    def capture(self, which: int, points: int, whole: bool) -> None:
        """Reserved points are taken, also from a hold that has ended."""
        who, hold_id, hold = self._some_hold(which)
        if hold not in self.model[who].holds:
            self._ended(who, lambda: self.books.capture(self.ids[who], hold_id, 1, at=self.at))
            return
        points = sum(points for _, points in hold.parts) if whole else points
        expected = self.model[who].capture(hold, points)
        took: list[TakenLot] = []
        if self.refuses(
            expected,
            lambda: took.extend(self.books.capture(self.ids[who], hold_id, points, at=self.at)),
        ):
            return
        assert not isinstance(expected, Short)
        assert [(self.lots[who][each.id], each.amount) for each in took] == expected
        self.paid.append((who, took, expected))
        self.compare()

    @precondition(lambda self: any(self.holds))
    @rule(which=WHICH, points=POINTS, whole=st.booleans())
    def release(self, which: int, points: int, whole: bool) -> None:
        """Reserved points return, also from a hold that has ended."""
        who, hold_id, hold = self._some_hold(which)
        if hold not in self.model[who].holds:
            self._ended(who, lambda: self.books.release(self.ids[who], hold_id, at=self.at))
            return
        left = sum(points for _, points in hold.parts)
        expected = self.model[who].release(hold, left if whole else points, self.now)
        if not self.refuses(
            expected,
            lambda: self.books.release(
                self.ids[who], hold_id, None if whole else points, at=self.at
            ),
        ):
            self.compare()

    @rule(who=WHO, which=WHICH)
    def ripen(self, who: int, which: int) -> None:
        """An event comes for some lot that once was."""
        known = list(self.lots[who].items())
        if known:
            lot_id, lot = known[which % len(known)]
            found = self.books.ripen(self.ids[who], lot_id, at=self.at)
            assert (found is not None) == self.model[who].ripen(lot)
            self.compare()

    @rule(giver=WHO, points=st.one_of(st.none(), POINTS))
    def transfer(self, giver: int, points: int | None) -> None:
        """Some points cross to the other member, or all that there are."""
        taker = 1 - giver
        account = self.model[giver]
        if points is None:
            pending = [lot for lot in account.lots if lot.left and lot.pending]
            flags = {lot.number for lot in pending}
            for lot in pending:
                lot.pending = False
            expected = account.spend("transfer_out", account.available)
            for lot in pending:
                lot.pending = True
        else:
            flags = set()
            expected = account.spend("transfer_out", points)
        arrived: list[Any] = []

        def call() -> None:
            arrived.extend(
                self.books.transfer(self.ids[giver], self.ids[taker], points, at=self.at)
            )

        if self.refuses(expected, call):
            return
        assert not isinstance(expected, Short)
        for (lot, amount), movement in zip(expected, arrived, strict=True):
            opened = self.model[taker].open(
                "transfer_in", amount, lot.tag, lot.ends, lot.number in flags, lot.ripens
            )
            self.lots[taker][movement.id] = opened
        self.compare()

    @precondition(lambda self: any(account.owed for account in self.model))
    @rule(who=WHO, points=POINTS)
    def waive(self, who: int, points: int) -> None:
        """A debt is forgiven in part, or that much is not owed."""
        expected = self.model[who].waive(points)
        if not self.refuses(expected, lambda: self.books.waive(self.ids[who], points, at=self.at)):
            self.compare()

    @precondition(lambda self: any(account.moved["expire"] for account in self.model))
    @rule(ends=st.one_of(st.none(), HOURS))
    def undo_expiry(self, ends: int | None) -> None:
        """The last expiry on the books that was not undone yet is undone."""
        for who in range(MEMBERS):
            for transaction_id in self._expiries(who):
                if transaction_id not in self.undone:
                    self.undone.add(transaction_id)
                    self._undo(who, transaction_id, ends)
                    return

    def _undo(self, who: int, transaction_id: UUID, ends: int | None) -> None:
        with self.books.world.scope():
            [gone] = selectors.expired(transaction_id)
        end = FOREVER if ends is None else self.now + ends
        opened = self.books.undo_expiry(
            self.ids[who],
            gone.portions,
            None if ends is None else self.when(end),
            transaction_id,
            at=self.at,
        )
        for portion, movement in zip(gone.portions, opened, strict=True):
            lot = self.model[who].open("undo_expiry", portion.points, portion.origin.rule, end)
            self.lots[who][movement.id] = lot
        self.compare()

    @rule(limit=st.integers(1, 3))
    def job(self, limit: int) -> None:
        """The job closes what is due, and nobody can tell."""
        self._close(limit, None)
        self.compare()

    @precondition(lambda self: self.now >= self.cleared + SELDOM)
    @rule()
    def clear(self) -> None:
        """Every lot of the unit ends."""
        self.cleared = self.now
        self._close(1, self.books.unit_id)
        for account in self.model:
            account.clear()
        self.compare()

    @rule(hours=HOURS)
    def later(self, hours: int) -> None:
        """Time passes."""
        self.now += hours
        self.compare()

    # --- how ---------------------------------------------------------------------------------

    def refuses(self, expected: object, call: Callable[[], Any]) -> bool:
        """Whether the model refuses; the product then refuses with the same facts."""
        if not isinstance(expected, Short):
            call()
            return False
        with pytest.raises(JifenError) as caught:
            call()
        facts = caught.value.fields
        there = [facts[name] for name in ("available", "left", "deficit") if name in facts]
        assert there == [expected.there]
        self.compare()
        return True

    def _some_hold(self, which: int) -> tuple[int, UUID, Hold]:
        known = [
            (who, hold_id, hold)
            for who, holds in enumerate(self.holds)
            for hold_id, hold in holds.items()
        ]
        return known[which % len(known)]

    def _ended(self, who: int, call: Callable[[], Any]) -> None:
        with pytest.raises(JifenError) as caught:
            call()
        assert caught.value.code == "unknown_hold"

    def _expiries(self, who: int) -> list[UUID]:
        with self.books.world.scope():
            rows = selectors.statement(
                member_id=self.ids[who], unit="points", before=None, limit=1_000
            )
        return list(dict.fromkeys(row.transaction_id for row in rows if row.kind == "expire"))

    def _close(self, limit: int, unit_id: UUID | None) -> None:
        after = None
        with self.books.world.scope():
            while True:
                done = ledger.close_lots(at=self.at, limit=limit, after=after, unit_id=unit_id)
                after = done.after
                if after is None:
                    return

    def compare(self) -> None:
        """Everything that can be read is what the model holds, and the ledger adds up."""
        world = self.books.world
        world.at = self.at
        for account in self.model:
            account.reach(self.now)
        with world.scope():
            exported = {
                row.member: row[2:6] for row in balance_rows(at=self.at) if row.unit == "points"
            }
            loaded = {
                each.member_id: each
                for each in ledger.load(members=self.ids, debited=self.ids, at=self.at)
                if each.unit_id == self.books.unit_id
            }
            identities = _external(self.ids)
        for who, (member, account) in enumerate(zip(self.ids, self.model, strict=True)):
            expected = (account.available, account.pending, account.held, account.owed)
            found = world.balance(member)
            assert (found.available, found.pending, found.held, found.deficit) == expected
            assert exported[identities[member]] == expected
            assert ledger.read(loaded[member], at=self.at) == expected
            settled, _, _ = ledger.settle(loaded[member], at=self.at)
            self._same_lots(who, settled.lots)
            self._same_holds(who, settled.holds)
        world.verify()

    def _same_lots(self, who: int, found: tuple[LotState, ...]) -> None:
        expected = {
            (lot_id, lot.left, lot.ends, lot.pending)
            for lot_id, lot in self.lots[who].items()
            if lot.left
        }
        assert {
            (lot.id, lot.remaining, self._hours(lot.expires_at), lot.is_pending) for lot in found
        } == expected

    def _same_holds(self, who: int, found: tuple[HoldState, ...]) -> None:
        ids = {lot.number: lot_id for lot_id, lot in self.lots[who].items()}
        known = {hold.number: hold_id for hold_id, hold in self.holds[who].items()}
        assert {
            (hold.id, self._hours(hold.expires_at), tuple((p.id, p.amount) for p in hold.slices))
            for hold in found
        } == {
            (
                known[hold.number],
                hold.ends,
                tuple((ids[lot.number], points) for lot, points in hold.parts),
            )
            for hold in self.model[who].holds
        }

    def _hours(self, at: datetime | None) -> int:
        return FOREVER if at is None else (at - self.start) // timedelta(hours=1)

    def teardown(self) -> None:
        """What moved, kind by kind, is what moved in the model."""
        if not self.ids:
            return
        for member in self.ids:
            self.books.act([member], lambda _: None, at=self.at)
        expected: Counter[str] = Counter()
        for account in self.model:
            expected.update(account.moved)
        with self.books.world.scope():
            totals = selectors.totals().get("points", {})
        assert {kind: points for kind, points in totals.items() if points} == {
            kind: points for kind, points in expected.items() if points
        }
        self.books.world.verify()


def _external(ids: list[UUID]) -> dict[UUID, str]:
    rows = Identity.objects.filter(member_id__in=ids, kind="external")
    return {row.member_id: row.value for row in rows}


Holdings.TestCase.settings = settings(
    max_examples=250 if SEARCHING else 40, stateful_step_count=80 if SEARCHING else 40
)
TestHoldings: Any = Holdings.TestCase
