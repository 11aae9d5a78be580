"""The job that closes lots: slices, what it leaves alone, clearing a unit, and undoing it."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.books import Books
from tests.concurrency.racing import held
from tests.world import World

from jifen.common.database import connect, owner_address
from jifen.ledger import selectors
from jifen.ledger import services as ledger
from jifen.ledger.expiring import Closed, Slice
from jifen.ledger.models import Account, DrawDown, Lot, Posting, Transaction

DAY = timedelta(days=1)


@pytest.fixture
def books() -> Books:
    return Books()


def run(books: Books, *, days: int, **given: Any) -> list[Slice]:
    """The whole job, slice after slice."""
    slices: list[Slice] = []
    after = None
    while not slices or after is not None:
        with books.world.scope():
            done = ledger.close_lots(
                at=books.world.at + days * DAY, after=after, **{"limit": 200, **given}
            )
        slices.append(done)
        after = done.after
        assert len(slices) < 50, "the job never ends"
    return slices


def closed(slices: Collection[Slice]) -> Closed:
    """Everything that was closed of the unit."""
    found = [each.closed["points"] for each in slices if each.closed]
    return Closed(
        sum(each.accounts for each in found),
        sum(each.lots for each in found),
        sum(each.points for each in found),
    )


def full(books: Books) -> uuid.UUID:
    """A member with lots of every sort."""
    member, at = books.member(), books.world.at
    books.earn(member, 10, expires_at=at + DAY)
    books.earn(member, 20, expires_at=at + 2 * DAY)
    books.earn(member, 30, expires_at=at + DAY, is_pending=True)
    books.earn(member, 40)
    books.burn(member, 3)
    return member


def rows(books: Books, member: uuid.UUID) -> list[Any]:
    """Everything the ledger holds of a member, but for ids."""
    with books.world.scope():
        postings = Posting.objects.filter(account__member_id=member).order_by("seq")
        numbers = {row.id: row.seq for row in postings}
        draws = DrawDown.objects.filter(posting_id__in=list(numbers)).order_by("rank")
        return [
            [
                (
                    *(row.seq, row.kind, row.contra, row.amount, row.balance_after),
                    *(row.deficit_after, row.pending_after, row.held_after, row.rule),
                    *(row.store_id, row.merchant_id, row.expires_at, row.is_pending),
                    *(row.ripens_at, row.hold_id),
                    [
                        (each.rank, numbers[each.lot_id], each.amount)
                        for each in draws
                        if each.posting_id == row.id
                    ],
                )
                for row in postings
            ],
            list(
                Transaction.objects.filter(
                    id__in=postings.values_list("transaction_id", flat=True), kind="expire"
                ).values_list("kind", "actor", "reason", "reverses_id", "occurred_at")
            ),
            list(
                Lot.objects.filter(account__member_id=member)
                .order_by("seq")
                .values_list("seq", "remaining", "expires_at", "is_pending")
            ),
        ]


def test_it_closes_as_the_next_act_would_have(books: Books) -> None:
    lazily, by_job = full(books), full(books)
    books.act([lazily], lambda _: None, at=books.world.at + DAY)
    assert closed(run(books, days=1)) == Closed(1, 2, 37)
    assert rows(books, by_job) == rows(books, lazily)
    books.world.verify()


def test_it_changes_no_balance_that_anybody_reads(books: Books) -> None:
    members = [full(books) for _ in range(5)]
    at = books.world.at + 2 * DAY
    before = [books.world.balance(member, at=at) for member in members]
    slices = run(books, days=2, limit=2)
    assert [len(each.passed_over) for each in slices] == [0, 0, 0]
    assert closed(slices) == Closed(5, 15, 5 * 57)
    assert [books.world.balance(member, at=at) for member in members] == before
    assert closed(run(books, days=2)) == Closed(0, 0, 0), "again closes nothing"
    with books.world.scope():
        ids = list(Transaction.objects.values_list("id", flat=True))
        ids += Posting.objects.values_list("id", flat=True)
    assert {each.version for each in ids} == {7}
    books.world.verify()


def test_what_is_held_is_left_alone_and_expires_when_it_comes_back(books: Books) -> None:
    member, at = books.member(), books.world.at
    books.earn(member, 50, expires_at=at + DAY)
    hold = books.hold(member, 30, at + 9 * DAY)
    assert closed(run(books, days=5)) == Closed(1, 1, 20)
    found = books.world.balance(member, at=at + 5 * DAY)
    assert (found.available, found.held) == (0, 30)
    books.capture(member, hold, 12, at=at + 6 * DAY)
    books.release(member, hold, at=at + 6 * DAY)
    found = books.world.balance(member, at=at + 6 * DAY)
    assert (found.available, found.held) == (0, 0)
    books.world.verify()


def test_holds_that_have_ended_are_released_and_pay_what_is_owed_first(books: Books) -> None:
    member, at = books.member(), books.world.at
    lot = books.earn(member, 50, expires_at=at + DAY)
    books.hold(member, 50, at + DAY - timedelta(hours=1))
    books.claw_back(member, 20, lot)
    other = full(books)
    slices = run(books, days=1, limit=1)
    with books.world.scope():
        assert Posting.objects.filter(kind="release").count() == 1
    assert closed(slices) == Closed(2, 3, 30 + 37)
    with books.world.scope():
        account = Account.objects.get(member_id=member, unit_id=books.unit_id)
    assert (account.available, account.held, account.deficit) == (0, 0, 0)
    assert books.world.available(other, at=at + DAY) == 60
    books.world.verify()


def test_it_passes_over_members_whom_somebody_holds(books: Books) -> None:
    members = [full(books) for _ in range(3)]
    with held("member", [members[1]]):
        slices = run(books, days=1, limit=1)
    assert closed(slices).accounts == 2
    passed_over = [account for each in slices for account in each.passed_over]
    with books.world.scope():
        [account] = {lot.account_id for lot in Lot.objects.filter(account__member_id=members[1])}
    assert passed_over == [account]
    assert closed(run(books, days=1)).accounts == 1
    books.world.verify()


def test_a_slice_that_is_killed_leaves_nothing_and_the_job_begins_again(books: Books) -> None:
    """The connection is cut in the middle of a slice's transaction."""
    members = [full(books) for _ in range(4)]
    at = books.world.at + DAY

    def cut(_: Collection[uuid.UUID]) -> Collection[uuid.UUID]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [(pid,)] = cursor.fetchall()
        with connect(owner_address()) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        return ()

    with books.world.scope():
        first = ledger.close_lots(at=at, limit=2)
        with pytest.raises(Exception, match=r"terminating|closed|lost"):
            ledger.close_lots(at=at, limit=2, after=first.after, spare=cut)
    connection.close()
    books.world.verify()
    assert closed(run(books, days=1, limit=2)) == Closed(2, 4, 2 * 37)
    assert [len(books.world.lots(member)) for member in members] == [2] * 4
    books.world.verify()


def test_lots_that_are_spared_stay(books: Books) -> None:
    members = [full(books) for _ in range(2)]
    asked: list[Collection[uuid.UUID]] = []

    def spare(accounts: Collection[uuid.UUID]) -> list[uuid.UUID]:
        asked.append(accounts)
        lots = Lot.objects.filter(account_id__in=accounts, account__member_id=members[0])
        return [lot.id for lot in lots.order_by("seq")[:1]]

    assert closed(run(books, days=1, spare=spare)) == Closed(2, 3, 30 + 37)
    assert [left for left, _ in books.world.lots(members[0])] == [7, 20, 40]
    assert len(asked[0]) == 2
    books.world.verify()


def test_a_unit_is_cleared_whatever_the_dates(books: Books) -> None:
    """L3, the ledger's part."""
    member, other, at = full(books), books.member(), books.world.at
    books.hold(member, 5)
    ended = books.member()
    books.earn(ended, 8)
    books.hold(ended, 8, at)
    with books.world.scope():
        done = ledger.close_lots(at=at, unit_id=books.unit_id, reason="1 May", limit=1)
        assert done.closed == {"points": Closed(1, 4, 92)}
        rest = ledger.close_lots(
            at=at, unit_id=books.unit_id, reason="1 May", after=done.after, limit=9
        )
        assert rest.closed == {"points": Closed(1, 1, 8)}
        last = Transaction.objects.latest("id")
        assert (last.kind, last.actor, last.reason) == ("clear", "jifen", "1 May")
    assert closed(run(books, days=0, unit_id=books.unit_id)) == Closed(0, 0, 0)
    found = books.world.balance(member)
    assert (found.available, found.pending, found.held) == (0, 0, 5)
    assert books.world.available(other) == 0
    books.world.verify()


def test_clearing_leaves_other_units_alone() -> None:
    world = World()
    books, member = Books(world), world.member(30)
    world.booked(world.adjustment(member, 7, unit="growth"))
    run(books, days=0, unit_id=books.unit_id)
    assert (world.available(member), world.available(member, "growth")) == (0, 7)
    world.verify()


def test_a_preview_counts_by_unit_and_store() -> None:
    world = World()
    books, at = Books(world), world.at
    first, second = world.member(), world.member()
    one, two = uuid.UUID(int=1), uuid.UUID(int=2)
    books.earn(first, 10, expires_at=at + DAY, store_id=one)
    books.earn(first, 5, expires_at=at + DAY, store_id=one)
    books.earn(first, 1, expires_at=at + DAY, store_id=two)
    books.earn(second, 7, expires_at=at + DAY, store_id=one)
    books.earn(second, 100, store_id=one)
    with world.scope():
        due = ledger.preview_closing(at=at + DAY)
        assert [(row.unit, row.store_id, row.lots, row.members, row.points) for row in due] == [
            ("points", one, 3, 2, 22),
            ("points", two, 1, 1, 1),
        ]
        assert ledger.preview_closing(at=at) == ()
    assert closed(run(books, days=1)).points == 23


def test_an_expiry_is_undone_from_what_it_says_itself(books: Books) -> None:
    member, at = full(books), books.world.at
    run(books, days=2)
    with books.world.scope():
        expiry = Posting.objects.get(account__member_id=member, kind="expire")
        [lots] = selectors.expired(expiry.transaction_id)
    assert (lots.member_id, lots.unit, lots.points) == (member, "points", 57)
    opened = books.undo_expiry(
        member, lots.portions, at + 90 * DAY, expiry.transaction_id, at=at + 3 * DAY
    )
    assert [movement.amount for movement in opened] == [7, 30, 20]
    found = books.world.balance(member, at=at + 3 * DAY)
    assert (found.available, found.pending) == (97, 0)
    books.world.verify()
    books.undo_expiry(member, lots.portions, None, expiry.transaction_id)
    with books.world.scope():
        verdict = ledger.verify()
    assert [(f.check, f.expected, f.found) for f in verdict.faults] == [("undone", 57, 114)]
