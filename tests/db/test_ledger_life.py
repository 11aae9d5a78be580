"""Pending, holds, transfers, waived deficits, expiries undone: each movement on real rows.

Every test ends in ``verify``; balances are read from the database at a time, with no job.
"""

import uuid
from datetime import datetime, timedelta

import pytest
from tests.books import Books

from jifen.common.errors import JifenError
from jifen.ledger import selectors
from jifen.ledger.types import (
    HoldTooSmall,
    InsufficientPoints,
    NotOwed,
    Origin,
    Portion,
    PostingInfo,
    UnknownHold,
)

Balance = tuple[int, int, int, int]
DAY = timedelta(days=1)


@pytest.fixture
def books() -> Books:
    return Books()


def balance(books: Books, member: uuid.UUID, at: datetime | None = None) -> Balance:
    """(available, pending, held, deficit) as anybody would read it."""
    found = books.world.balance(member, at=at)
    return found.available, found.pending, found.held, found.deficit


def lots(books: Books, member: uuid.UUID) -> list[int]:
    """What is left of the open lots, in the order they were opened."""
    return [left for left, _ in books.world.lots(member)]


def statement(books: Books, member: uuid.UUID) -> list[PostingInfo]:
    """The member's postings, the first one first."""
    with books.world.scope():
        rows = selectors.statement(member_id=member, unit="points", before=None, limit=100)
    return list(rows[::-1])


def kinds(books: Books, member: uuid.UUID) -> list[tuple[str, int]]:
    """(kind, amount) of the member's postings."""
    return [(row.kind, row.amount) for row in statement(books, member)]


def refused(call: object, error: type[JifenError]) -> dict[str, object]:
    """The facts of a refusal."""
    with pytest.raises(error) as caught:
        call()  # type: ignore[operator]
    return dict(caught.value.fields)


# --- pending ------------------------------------------------------------------------------------


def test_pending_points_become_spendable_at_their_time_without_any_job(books: Books) -> None:
    member, at = books.member(), books.world.at
    books.earn(member, 30, is_pending=True, ripens_at=at + 7 * DAY)
    books.earn(member, 5)
    assert balance(books, member) == (5, 30, 0, 0)
    just_before = at + 7 * DAY - timedelta(microseconds=1)
    assert balance(books, member, just_before) == (5, 30, 0, 0)
    assert balance(books, member, at + 7 * DAY) == (35, 0, 0, 0)
    assert refused(lambda: books.burn(member, 6), InsufficientPoints)["short_by"] == 1
    books.burn(member, 35, at=at + 7 * DAY)
    assert balance(books, member, at + 7 * DAY) == (0, 0, 0, 0)
    assert kinds(books, member) == [("earn", 30), ("earn", 5), ("ripen", 0), ("burn", -35)]
    books.world.verify()


def test_pending_points_wait_for_an_event(books: Books) -> None:
    member = books.member()
    lot = books.earn(member, 30, is_pending=True)
    other = books.earn(member, 7, is_pending=True)
    assert balance(books, member, books.world.at + 999 * DAY) == (0, 37, 0, 0)
    assert books.ripen(member, lot) is not None
    assert balance(books, member) == (30, 7, 0, 0)
    assert books.ripen(member, lot) is None, "once"
    books.burn(member, 30)
    assert books.ripen(member, lot) is None, "used up"
    assert books.ripen(member, other, uuid.uuid4()) is not None
    assert balance(books, member) == (7, 0, 0, 0)
    books.world.verify()


def test_what_is_spent_is_never_pending_however_soon_it_ends(books: Books) -> None:
    member, at = books.member(), books.world.at
    soon = books.earn(member, 30, is_pending=True, expires_at=at + DAY)
    never = books.earn(member, 30)
    assert [(part.id, part.amount) for part in books.burn(member, 10)] == [(never, 10)]
    hold = books.hold(member, 10)
    assert [part.id for part in books.capture(member, hold, 10)] == [never]
    books.transfer(member, books.member(), 10)
    assert lots(books, member) == [30]
    assert balance(books, member) == (0, 30, 0, 0)
    books.claw_back(member, 1, never)
    assert books.ripen(member, soon) is not None
    assert balance(books, member) == (29, 0, 0, 0)
    books.world.verify()


def test_an_event_may_come_before_the_time(books: Books) -> None:
    member, at = books.member(), books.world.at
    lot = books.earn(member, 30, is_pending=True, ripens_at=at + 7 * DAY)
    books.ripen(member, lot)
    books.burn(member, 10)
    assert balance(books, member, at + 7 * DAY) == (20, 0, 0, 0)
    books.burn(member, 1, at=at + 8 * DAY)
    assert [kind for kind, _ in kinds(books, member)].count("ripen") == 1
    books.world.verify()


def test_a_lot_that_ripened_and_was_used_up_comes_back_as_what_it_is(books: Books) -> None:
    """Found by random histories: the lot opens again without the time that it waited for."""
    member, at = books.member(), books.world.at
    books.earn(member, 30, is_pending=True, ripens_at=at + DAY)
    hold = books.hold(member, 30, at=at + DAY)
    books.release(member, hold, at=at + DAY)
    assert balance(books, member, at + DAY) == (30, 0, 0, 0)
    paid = books.burn(member, 30, at=at + DAY)
    books.world.verify()
    books.give_back(member, paid, at=at + DAY)
    assert balance(books, member, at + DAY) == (30, 0, 0, 0)
    books.world.verify()


def test_pending_points_vanish_with_their_order_and_nothing_else_is_taken(books: Books) -> None:
    """L4."""
    member, at = books.member(), books.world.at
    books.earn(member, 100)
    lot = books.earn(member, 30, is_pending=True, ripens_at=at + 7 * DAY)
    books.claw_back(member, 30, lot, at=at + 3 * DAY)
    assert balance(books, member, at + 30 * DAY) == (100, 0, 0, 0)
    assert lots(books, member) == [100]
    books.world.verify()


def test_a_clawback_takes_pending_points_before_it_leaves_a_deficit(books: Books) -> None:
    member, at = books.member(), books.world.at
    spent = books.earn(member, 50)
    books.burn(member, 50)
    books.earn(member, 30, is_pending=True, ripens_at=at + DAY)
    books.claw_back(member, 20, spent)
    assert balance(books, member) == (0, 10, 0, 0)
    books.claw_back(member, 15, spent)
    assert balance(books, member) == (0, 0, 0, 5)
    books.earn(member, 8, is_pending=True, ripens_at=at + DAY)
    assert balance(books, member) == (0, 3, 0, 0), "a pending earn pays a deficit as any does"
    books.world.verify()


def test_pending_points_expire_at_their_date_like_others(books: Books) -> None:
    member, at = books.member(), books.world.at
    books.earn(member, 30, is_pending=True, ripens_at=at + 5 * DAY, expires_at=at + 3 * DAY)
    books.earn(member, 20, is_pending=True, ripens_at=at + 3 * DAY, expires_at=at + 5 * DAY)
    assert balance(books, member, at + 3 * DAY) == (20, 0, 0, 0)
    assert balance(books, member, at + 5 * DAY) == (0, 0, 0, 0)
    books.earn(member, 1, at=at + 6 * DAY)
    assert kinds(books, member) == [
        ("earn", 30),
        ("earn", 20),
        ("expire", -50),
        ("earn", 1),
    ], "what is past its date never ripens"
    books.world.verify()


# --- holds --------------------------------------------------------------------------------------


def test_a_hold_is_captured_in_parts_and_the_rest_goes_back_to_its_lots(books: Books) -> None:
    member, at = books.member(), books.world.at
    never = books.earn(member, 50)
    june = books.earn(member, 100, expires_at=at + 10 * DAY)
    hold = books.hold(member, 120, at + DAY)
    assert balance(books, member) == (30, 0, 120, 0)
    assert lots(books, member) == [30]
    first = books.capture(member, hold, 60)
    assert [(part.id, part.amount) for part in first] == [(june, 60)]
    second = books.capture(member, hold, 45)
    assert [(part.id, part.amount) for part in second] == [(june, 40), (never, 5)]
    assert balance(books, member) == (30, 0, 15, 0)
    books.release(member, hold)
    assert balance(books, member) == (45, 0, 0, 0)
    assert lots(books, member) == [45]
    assert refused(lambda: books.release(member, hold), UnknownHold)["id"] == str(hold)
    books.world.verify()
    assert kinds(books, member)[2:] == [("hold", 0), ("burn", -60), ("burn", -45), ("release", 0)]


def test_a_release_in_parts_returns_to_the_lot_taken_last_first(books: Books) -> None:
    member, at = books.member(), books.world.at
    books.earn(member, 50)
    books.earn(member, 100, expires_at=at + 10 * DAY)
    hold = books.hold(member, 130, at + DAY)
    books.release(member, hold, 40)
    assert books.world.lots(member) == [(50, None), (10, at + 10 * DAY)]
    assert balance(books, member) == (60, 0, 90, 0)
    assert refused(lambda: books.capture(member, hold, 91), HoldTooSmall)["left"] == 90
    assert refused(lambda: books.release(member, hold, 91), HoldTooSmall)["left"] == 90
    books.capture(member, hold, 90)
    assert balance(books, member) == (60, 0, 0, 0)
    books.world.verify()


def test_a_hold_ends_by_itself(books: Books) -> None:
    member, at = books.member(), books.world.at
    books.earn(member, 50, expires_at=at + 2 * DAY)
    books.earn(member, 50)
    hold = books.hold(member, 70, at + DAY)
    just_before = at + DAY - timedelta(microseconds=1)
    assert balance(books, member, just_before) == (30, 0, 70, 0)
    assert balance(books, member, at + DAY) == (100, 0, 0, 0)
    assert balance(books, member, at + 2 * DAY) == (50, 0, 0, 0)
    assert refused(lambda: books.capture(member, hold, 1, at=at + DAY), UnknownHold)
    books.burn(member, 1, at=at + 2 * DAY)
    assert balance(books, member, at + 2 * DAY) == (49, 0, 0, 0)
    assert kinds(books, member)[3:] == [("release", 0), ("expire", -50), ("burn", -1)]
    books.world.verify()


def test_a_lot_past_its_date_stays_in_a_hold_and_may_be_captured(books: Books) -> None:
    member, at = books.member(), books.world.at
    lot = books.earn(member, 50, expires_at=at + DAY)
    hold = books.hold(member, 50, at + 9 * DAY)
    assert balance(books, member, at + 2 * DAY) == (0, 0, 50, 0)
    taken = books.capture(member, hold, 20, at=at + 2 * DAY)
    assert [(part.id, part.amount) for part in taken] == [(lot, 20)]
    released = books.release(member, hold, at=at + 2 * DAY)
    assert [(m.kind, m.amount) for m in released] == [("release", 0), ("expire", -30)]
    assert balance(books, member, at + 2 * DAY) == (0, 0, 0, 0)
    books.world.verify()


def test_what_a_hold_returns_pays_a_deficit_first(books: Books) -> None:
    member, at = books.member(), books.world.at
    lot = books.earn(member, 50)
    hold = books.hold(member, 50, at + DAY)
    books.claw_back(member, 30, lot)
    assert balance(books, member) == (0, 0, 50, 30)
    assert balance(books, member, at + DAY) == (20, 0, 0, 0)
    books.release(member, hold, 10)
    assert balance(books, member) == (0, 0, 40, 20)
    assert balance(books, member, at + DAY) == (20, 0, 0, 0)
    books.release(member, hold)
    assert balance(books, member) == (20, 0, 0, 0)
    books.world.verify()


def test_a_deficit_was_paid_when_the_hold_ended_whenever_somebody_looks(books: Books) -> None:
    """The lot lived at the hold's end and is past its date by now: it has paid all the same."""
    member, at = books.member(), books.world.at
    lot = books.earn(member, 50, expires_at=at + 2 * DAY)
    late = books.earn(member, 9, expires_at=at + DAY)
    hold = books.hold(member, 59, at + DAY)
    books.claw_back(member, 30, lot, late)
    assert balance(books, member, at + DAY) == (20, 0, 0, 0)
    assert balance(books, member, at + 3 * DAY) == (0, 0, 0, 0)
    books.earn(member, 1, at=at + 3 * DAY)
    assert balance(books, member, at + 3 * DAY) == (1, 0, 0, 0)
    assert refused(lambda: books.capture(member, hold, 1, at=at + 3 * DAY), UnknownHold)
    books.world.verify()


def test_several_holds_end_in_their_order(books: Books) -> None:
    member, at = books.member(), books.world.at
    lot = books.earn(member, 30, expires_at=at + 5 * DAY)
    books.earn(member, 30)
    books.hold(member, 40, at + 3 * DAY)
    books.hold(member, 20, at + 2 * DAY)
    books.claw_back(member, 25, lot)
    assert balance(books, member, at + 2 * DAY) == (0, 0, 40, 5)
    assert balance(books, member, at + 3 * DAY) == (35, 0, 0, 0)
    assert balance(books, member, at + 5 * DAY) == (5, 0, 0, 0)
    books.earn(member, 1, at=at + 5 * DAY)
    assert balance(books, member, at + 5 * DAY) == (6, 0, 0, 0)
    books.world.verify()


def test_a_hold_takes_no_pending_points_and_not_more_than_there_is(books: Books) -> None:
    member, at = books.member(), books.world.at
    books.earn(member, 10)
    books.earn(member, 99, is_pending=True, ripens_at=at + DAY)
    assert refused(lambda: books.hold(member, 11), InsufficientPoints)["short_by"] == 1
    hold = books.hold(member, 10)
    assert refused(lambda: books.hold(member, 1), InsufficientPoints)["short_by"] == 1
    assert refused(lambda: books.burn(member, 1), InsufficientPoints)["short_by"] == 1
    assert balance(books, member, at + 999 * DAY) == (99, 0, 10, 0), "no end: until decided"
    stranger = books.member()
    assert refused(lambda: books.capture(stranger, hold, 1), UnknownHold)
    books.world.verify()


def test_two_holds_share_a_lot(books: Books) -> None:
    member = books.member()
    books.earn(member, 100)
    first, second = books.hold(member, 30), books.hold(member, 30)
    books.release(member, first)
    books.capture(member, second, 30)
    assert balance(books, member) == (70, 0, 0, 0)
    assert lots(books, member) == [70]
    books.world.verify()


# --- transfers ----------------------------------------------------------------------------------


def test_a_transfer_keeps_origin_date_and_sum(books: Books) -> None:
    """R10."""
    giver, taker, at = books.member(), books.member(), books.world.at
    store, merchant = uuid.uuid4(), uuid.uuid4()
    books.earn(giver, 40, rule="spend", store_id=store, merchant_id=merchant)
    books.earn(giver, 60, rule="share", expires_at=at + 5 * DAY)
    books.transfer(giver, taker, 70)
    assert balance(books, giver) == (30, 0, 0, 0)
    assert balance(books, taker) == (70, 0, 0, 0)
    assert books.world.lots(taker) == [(60, at + 5 * DAY), (10, None)]
    assert [(row.kind, row.amount, row.rule) for row in statement(books, taker)] == [
        ("transfer_in", 60, "share"),
        ("transfer_in", 10, "spend"),
    ]
    assert balance(books, taker, at + 5 * DAY) == (10, 0, 0, 0)
    assert refused(lambda: books.transfer(giver, taker, 31), InsufficientPoints)
    books.transfer(taker, giver, 70)
    assert balance(books, giver) == (100, 0, 0, 0)
    books.world.verify()


def test_a_transfer_pays_the_deficit_of_whoever_gets_it(books: Books) -> None:
    giver, taker = books.member(), books.member()
    books.earn(giver, 40)
    books.claw_back(taker, 25)
    books.transfer(giver, taker, 30)
    assert balance(books, taker) == (5, 0, 0, 0)
    assert balance(books, giver) == (10, 0, 0, 0)
    books.world.verify()


def test_everything_crosses_with_what_is_pending_and_without_what_is_held(books: Books) -> None:
    giver, taker, at = books.member(), books.member(), books.world.at
    books.earn(giver, 40)
    books.earn(giver, 30, is_pending=True, ripens_at=at + DAY)
    ripe = books.earn(giver, 9, is_pending=True, ripens_at=at + 3 * DAY)
    books.ripen(giver, ripe)
    books.hold(giver, 15)
    books.transfer(giver, taker, None)
    assert balance(books, giver) == (0, 0, 15, 0)
    assert balance(books, taker) == (34, 30, 0, 0)
    assert balance(books, taker, at + DAY) == (64, 0, 0, 0)
    books.transfer(giver, taker, None)
    books.world.verify()


# --- deficits and expiries ----------------------------------------------------------------------


def test_a_deficit_is_waived_in_parts_and_never_more_than_is_owed(books: Books) -> None:
    member = books.member()
    books.claw_back(member, 25)
    books.waive(member, 10)
    assert balance(books, member) == (0, 0, 0, 15)
    assert refused(lambda: books.waive(member, 16), NotOwed)["deficit"] == 15
    books.waive(member, 15)
    assert refused(lambda: books.waive(member, 1), NotOwed)["deficit"] == 0
    assert balance(books, member) == (0, 0, 0, 0)
    assert kinds(books, member) == [("clawback", -25), ("waive", 10), ("waive", 15)]
    books.world.verify()


def test_an_expiry_is_undone_with_a_new_date_and_the_old_origin(books: Books) -> None:
    member, at = books.member(), books.world.at
    books.earn(member, 40, rule="spend", expires_at=at + DAY)
    books.earn(member, 1, at=at + 2 * DAY)
    expired = statement(books, member)[1]
    assert (expired.kind, expired.amount) == ("expire", -40)
    origin = Origin("spend", expires_at=at + DAY)
    books.undo_expiry(
        member,
        [Portion(origin, 40)],
        at + 30 * DAY,
        expired.transaction_id,
        at=at + 3 * DAY,
    )
    assert books.world.lots(member) == [(1, None), (40, at + 30 * DAY)]
    assert statement(books, member)[-1].rule == "spend"
    assert balance(books, member, at + 30 * DAY) == (1, 0, 0, 0)
    books.world.verify()
