"""The ledger's movements alone: whatever happens in whatever order, nothing is lost."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.conftest import SEARCHING

from jifen.common.ids import new_id
from jifen.ledger.rules.ends import is_due
from jifen.ledger.rules.movements import burn, claw_back, expire_due, give_back, open_lot
from jifen.ledger.rules.orders import burn_order, clawback_order, give_back_slices
from jifen.ledger.types import (
    AccountState,
    InsufficientPoints,
    LotState,
    Movement,
    Origin,
    TakenLot,
)

START = datetime(2026, 6, 1, tzinfo=UTC)
DATES = st.one_of(st.none(), st.integers(0, 6).map(lambda day: START + timedelta(days=day)))
POINTS = st.integers(1, 50)
DAYS = st.integers(0, 6)
GRACE = st.sampled_from([None, 0, 1, 3])
TAKEN = st.lists(
    st.builds(
        lambda seq, expires_at, amount: TakenLot(UUID(int=seq), seq, expires_at, amount),
        st.integers(1, 50),
        DATES,
        POINTS,
    ),
    unique_by=lambda lot: lot.seq,
    max_size=5,
)
EXAMPLES = 2_000 if SEARCHING else 150


class Book:
    """One account and everything that was posted to it."""

    def __init__(self) -> None:
        self.account = AccountState(new_id(), new_id(), new_id())
        self.opened: dict[UUID, int] = {}
        self.drawn: Counter[UUID] = Counter()
        self.burnt: list[TakenLot] = []
        self.moved = 0
        self.ends: dict[UUID, datetime | None] = {}
        """Until when each lot is good: as it was opened, or as a give back said since."""

    def post(self, state: AccountState, *movements: Movement) -> None:
        """Every promise that a movement makes, checked against the account before it."""
        before = self.account
        balance, deficit, seq = before.net, before.deficit, before.seq
        for movement in movements:
            balance += movement.amount
            self.moved += movement.amount
            seq += 1
            assert (movement.seq, movement.balance_after) == (seq, balance)
            opens = movement.kind in {"earn", "adjust_up"}
            if opens:
                self.opened[movement.id] = movement.amount
                self.ends[movement.id] = movement.origin.expires_at
            assert movement.amount == (
                (movement.amount if opens else 0)
                - sum(draw.amount for draw in movement.draws)
                - (movement.deficit_after - deficit)
            )
            deficit = movement.deficit_after
            for draw in movement.draws:
                assert draw.amount
                self.drawn[draw.lot_id] += draw.amount
        assert (state.net, state.deficit, state.seq) == (balance, deficit, seq)
        self.account = state
        self.check()

    def check(self) -> None:
        """Lots are what was opened less what was drawn; what is not owed is in lots."""
        account = self.account
        lots = {lot.id: lot.remaining for lot in account.lots}
        rebuilt = {lot: points - self.drawn[lot] for lot, points in self.opened.items()}
        assert lots == {lot: left for lot, left in rebuilt.items() if left}
        for lot, left in rebuilt.items():
            assert 0 <= left <= self.opened[lot]
        assert all(lot.expires_at == self.ends[lot.id] for lot in account.lots)
        assert account.available == sum(lots.values()) >= 0
        assert account.deficit >= 0
        assert not (account.available and account.deficit)

    def give(self, points: int, expires_at: datetime | None) -> None:
        self.post(
            *open_lot(
                self.account,
                points=points,
                origin=Origin(expires_at=expires_at),
                transaction_id=new_id(),
            )
        )

    def spend(self, points: int) -> None:
        before = self.account
        if points > before.available:
            with pytest.raises(InsufficientPoints) as caught:
                burn(before, points=points, transaction_id=new_id())
            assert caught.value.fields["short_by"] == points - before.available
            return
        state, movement = burn(before, points=points, transaction_id=new_id())
        lots = {lot.id: lot for lot in before.lots}
        order = [lots[draw.lot_id] for draw in movement.draws]
        assert order == burn_order(before.lots)[: len(order)]
        assert all(d.amount == lots[d.lot_id].remaining for d in movement.draws[:-1])
        self.burnt = [
            TakenLot(lot.id, lot.seq, lot.expires_at, draw.amount)
            for lot, draw in zip(order, movement.draws, strict=True)
        ]
        self.post(state, movement)

    def give_back(self, points: int, grace: int | None, at: datetime) -> None:
        points = min(points, sum(lot.amount for lot in self.burnt))
        if not points:
            return
        slices = give_back_slices(self.burnt, 0, points)
        until = None if grace is None else at + timedelta(days=grace)
        open_until = {lot.id: lot.expires_at for lot in self.account.lots}
        state, movements, _ = give_back(
            self.account, slices=slices, at=at, transaction_id=new_id(), until=until
        )
        assert {each.transaction_id for each in movements} == {movements[0].transaction_id}
        late = [
            part.amount
            for part in slices
            if is_due(self.account, part.expires_at, at)
            and is_due(self.account, open_until.get(part.id, part.expires_at), at)
            and not grace
        ]
        assert sum(each.amount for each in movements if each.kind == "give_back") == points
        assert -sum(each.amount for each in movements if each.kind == "expire") == sum(late)
        for movement in movements:
            if movement.origin.expires_at is not None:
                assert movement.origin.expires_at == until
                self.ends.update({draw.lot_id: until for draw in movement.draws})
        self.burnt = []
        self.post(state, *movements)

    def claw_back(self, points: int, number: int) -> None:
        before = self.account
        ids = list(self.opened)
        own = {ids[number % len(ids)]} if ids else set()
        state, movement = claw_back(before, points=points, own=own, transaction_id=new_id())
        order = clawback_order(before.lots, own)
        assert [draw.lot_id for draw in movement.draws] == [
            lot.id for lot in order[: len(movement.draws)]
        ]
        assert state.deficit - before.deficit == max(points - before.available, 0)
        self.post(state, movement)

    def expire(self, at: datetime) -> None:
        before = self.account
        due = [lot for lot in before.lots if is_due(before, lot.expires_at, at)]
        step = expire_due(before, at=at, transaction_id=new_id())
        if not due:
            assert step is None
            return
        assert step is not None
        self.post(*step)
        assert self.account.lots == tuple(lot for lot in before.lots if lot not in due)


ACTS = st.one_of(
    st.tuples(st.just("give"), POINTS, DATES),
    st.tuples(st.just("spend"), st.integers(1, 90)),
    st.tuples(st.just("give_back"), POINTS, GRACE, DAYS),
    st.tuples(st.just("claw_back"), st.integers(1, 90), st.integers(0, 9)),
    st.tuples(st.just("expire"), DAYS),
)


@settings(max_examples=EXAMPLES)
@given(st.lists(ACTS, max_size=25))
def test_any_movements_in_any_order_keep_the_account(acts: list[tuple[object, ...]]) -> None:
    book = Book()
    for name, *values in acts:
        if name in {"give_back", "expire"}:
            values[-1] = START + timedelta(days=int(str(values[-1])))
        getattr(book, str(name))(*values)
    assert book.account.net == book.moved
    assert book.account.available == sum(book.opened.values()) - book.drawn.total()


@settings(max_examples=EXAMPLES)
@given(
    st.lists(st.tuples(POINTS, DATES), min_size=1, max_size=4),
    st.lists(st.tuples(POINTS, GRACE, DAYS), min_size=1, max_size=3),
)
def test_what_was_spent_comes_back_in_time_or_late_and_is_spent_again(
    lots: list[tuple[int, datetime | None]], backs: list[tuple[int, int | None, int]]
) -> None:
    """The same lots again and again, some of them past their date, with and without grace."""
    book = Book()
    for points, expires_at in lots:
        book.give(points, expires_at)
    for points, grace, day in sorted(backs, key=lambda back: back[-1]):
        at = START + timedelta(days=day)
        if book.account.available:
            book.spend(book.account.available)
        book.give_back(points, grace, at)
        book.expire(at)
        assert not any(is_due(book.account, lot.expires_at, at) for lot in book.account.lots)
    assert book.account.net == book.moved


@settings(max_examples=EXAMPLES)
@given(TAKEN, st.lists(st.integers(0, 40), max_size=6))
def test_slices_of_a_burn_add_up_however_they_are_cut(
    taken: list[TakenLot], steps: list[int]
) -> None:
    total = sum(lot.amount for lot in taken)
    edges = [0]
    for step in steps:
        edges.append(min(edges[-1] + step, total))
    parts: list[TakenLot] = []
    for low, high in pairwise(edges):
        cut = give_back_slices(taken, low, high - low)
        assert sum(part.amount for part in cut) == high - low
        parts += cut
    whole = give_back_slices(taken, 0, edges[-1])
    by_lot: Counter[UUID] = Counter()
    for part in parts:
        by_lot[part.id] += part.amount
    assert by_lot == Counter({part.id: part.amount for part in whole})
    assert [part.id for part in whole] == [lot.id for lot in reversed(taken)][: len(whole)]


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(POINTS, DATES), max_size=6), st.integers(0, 6))
def test_orders_are_total_and_opposite(lots: list[tuple[int, datetime | None]], own: int) -> None:
    open_lots = [LotState(UUID(int=n), n, points, at) for n, (points, at) in enumerate(lots)]
    never = datetime.max.replace(tzinfo=UTC)
    order = burn_order(reversed(open_lots))
    assert order == burn_order(open_lots)
    assert [(lot.expires_at or never, lot.seq) for lot in order] == sorted(
        (lot.expires_at or never, lot.seq) for lot in open_lots
    )
    mine = {UUID(int=own)}
    back = clawback_order(open_lots, mine)
    assert [lot for lot in back if lot.id not in mine] == [
        lot for lot in reversed(order) if lot.id not in mine
    ]
    assert all(lot.id in mine for lot in back[: sum(lot.id in mine for lot in open_lots)])


@settings(max_examples=EXAMPLES)
@given(
    st.lists(st.tuples(POINTS, DATES), min_size=1, max_size=4),
    st.lists(st.tuples(POINTS, DATES), max_size=3),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5),
    st.integers(-1, 7),
    st.sampled_from([None, 0, 2]),
)
def test_giving_back_and_clawing_back_in_parts_ends_where_the_whole_does(
    paying: list[tuple[int, datetime | None]],
    others: list[tuple[int, datetime | None]],
    parts: list[tuple[int, int]],
    day: int,
    grace: int | None,
) -> None:
    """All that is held pays; other lots come; then, when some are past their date, parts (points
    given back, clawed back), with or without days of grace."""
    book = Book()
    for points, expires_at in paying:
        book.give(points, expires_at)
    book.spend(book.account.available)
    burnt, paid = book.burnt, sum(points for points, _ in paying)
    for points, expires_at in others:
        book.give(points, expires_at)
    at = START + timedelta(days=day)
    book.expire(at)
    start = book.account
    until = None if grace is None else at + timedelta(days=grace)

    def play(steps: list[tuple[int, int]]) -> AccountState:
        account, back, clawed = start, 0, tuple[TakenLot, ...]()
        for given_back, clawed_back in steps:
            now = min(given_back, paid - back)
            if now:
                slices = give_back_slices(burnt, back, now)
                account, _, clawed = give_back(
                    account,
                    slices=slices,
                    clawed=clawed,
                    at=at,
                    until=until,
                    transaction_id=new_id(),
                )
                back += now
            if clawed_back:
                before = {lot.id: lot for lot in account.lots}
                account, movement = claw_back(
                    account, points=clawed_back, own=(), transaction_id=new_id()
                )
                clawed += tuple(
                    TakenLot(d.lot_id, before[d.lot_id].seq, before[d.lot_id].expires_at, d.amount)
                    for d in movement.draws
                )
        return account

    whole = play([(sum(given for given, _ in parts), sum(clawed for _, clawed in parts))])
    step = play(parts)
    assert (step.available, step.deficit) == (whole.available, whole.deficit)
    assert {(lot.id, lot.remaining, lot.expires_at) for lot in step.lots} == {
        (lot.id, lot.remaining, lot.expires_at) for lot in whole.lots
    }


def test_a_lot_that_a_clawback_emptied_between_two_parts_keeps_its_later_date() -> None:
    """30 points were taken from a lot when it was good to the 3rd; by now it holds 10, and lives to
    the 5th by the grace of another refund. Two parts, the first clawback empties it."""
    sooner, later = START + timedelta(days=3), START + timedelta(days=5)
    lot = LotState(UUID(int=1), 1, 10, later)
    start = AccountState(new_id(), new_id(), new_id(), available=10, seq=9, lots=(lot,))
    taken = [TakenLot(lot.id, lot.seq, sooner, 30)]

    def part(
        account: AccountState, back: int, now: int, clawback: int, clawed: tuple[TakenLot, ...]
    ) -> tuple[AccountState, tuple[TakenLot, ...]]:
        slices = give_back_slices(taken, back, now)
        account, _, clawed = give_back(
            account, slices=slices, at=START, clawed=clawed, transaction_id=new_id()
        )
        before = {lot.id: lot for lot in account.lots}
        account, posting = claw_back(account, points=clawback, own=(), transaction_id=new_id())
        return account, (
            *clawed,
            *(
                TakenLot(draw.lot_id, lot.seq, before[draw.lot_id].expires_at, draw.amount)
                for draw in posting.draws
            ),
        )

    whole, _ = part(start, 0, 20, 25, ())
    first, clawed = part(start, 0, 10, 20, ())
    assert first.lots == ()
    second, _ = part(first, 10, 10, 5, clawed)
    assert [(each.remaining, each.expires_at) for each in whole.lots] == [(5, later)]
    assert [(each.remaining, each.expires_at) for each in second.lots] == [(5, later)]
