"""Orders that are paid later, when everybody comes at the same moment: what is held is paid once or
goes back once, and a hold that is over for one clock and not for another is never both.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.concurrency.racing import at_once, each_alone, held, in_background, tally, waiting_for
from tests.db.test_member_prices import POST, RULES, golden, left
from tests.wallets import Purse

from jifen.earning.types import Activity, Booked, Checkout, Line, Outcome, Refused
from jifen.wallet.models import Coupon

TEA = Line("tea", 2, 10_000)
MEANS: dict[str, Any] = {"points_paid": 500, "stored_minor": 3_300}
MOMENT = timedelta(microseconds=1)
HALF_AN_HOUR = timedelta(minutes=30)


def checked_out(purse: Purse) -> tuple[UUID, str, Checkout, Booked]:
    """A member whose points, stored value and coupon a checkout holds."""
    member = purse.member(800)
    purse.saved(member, 10_000)
    code = purse.coupon("fifty", member)
    checkout = purse.checkout(member, TEA, coupons=(code,), **MEANS)
    return member, code, checkout, purse.booked(checkout)


def at(purse: Purse, activity: Activity, when: datetime) -> Callable[[], Outcome]:
    """Book an activity at a time of its own, as another process does whose clock says so."""
    return lambda: purse.book(activity, at=when)[0]


def test_many_captures_at_once_book_the_order_once() -> None:
    purse = Purse()
    member, code, _, booked = checked_out(purse)
    outcomes = each_alone(purse, [purse.paid(booked.id) for _ in range(32)])
    assert tally(outcomes) == {"booked": 1, "hold_ended": 31}
    assert purse.available(member) == 300 + 42
    assert purse.stored(member) == (7_000, 700)
    assert purse.balance(member).held == 0
    assert purse.coupon_status(code) == "used"
    purse.verify()


def test_of_captures_and_releases_at_once_one_is_booked() -> None:
    purse = Purse()
    won: Counter[str] = Counter()
    for _ in range(8):
        member, code, _, booked = checked_out(purse)
        acts = [
            purse.paid(booked.id) if turn % 2 else purse.dropped(booked.id) for turn in range(8)
        ]
        outcomes = each_alone(purse, acts)
        assert tally(outcomes) == {"booked": 1, "hold_ended": 7}
        [done] = [each for each in outcomes if isinstance(each, Booked)]
        won[done.kind] += 1
        paid = done.kind == "purchase"
        assert purse.coupon_status(code) == ("used" if paid else "issued")
        assert purse.available(member) == (342 if paid else 800)
        assert purse.stored(member) == ((7_000, 700) if paid else (10_000, 1_000))
        assert purse.balance(member).held == 0
    assert sum(won.values()) == 8
    purse.verify()


def test_a_capture_at_the_last_moment_and_whoever_comes_after_it() -> None:
    """Whoever is locked first is right, and the other one is refused."""
    purse = Purse()
    end = purse.at + HALF_AN_HOUR
    for _ in range(8):
        member, code, _, booked = checked_out(purse)
        capture = purse.paid(booked.id)
        order = purse.purchase(member, TEA, coupons=(code,), points_paid=700, occurred_at=end)
        paid, other = at_once([at(purse, capture, end - MOMENT), at(purse, order, end)])
        assert isinstance(paid, Booked) != isinstance(other, Booked)
        if isinstance(paid, Refused):
            assert paid.error.code == "hold_ran_out"
        else:
            assert isinstance(other, Refused)
            assert other.error.code in {"insufficient_points", "coupon_used"}
        with purse.scope():
            holder = Coupon.objects.get(code=code).holder_id
        assert holder == (paid if isinstance(paid, Booked) else other).id  # type: ignore[union-attr]
    purse.verify()


@pytest.mark.parametrize("kind", ["paid", "dropped"])
def test_a_capture_that_waited_while_another_used_the_coupon(kind: str) -> None:
    """It came in time and waited for its member. Meanwhile the hold ended, and a stranger used the
    coupon, which is nobody's. Everything else of the batch is booked."""
    purse = Purse()
    member, stranger = purse.member(), purse.member()
    code = purse.coupon("never")
    booked = purse.booked(purse.checkout(member, 1_000, coupons=(code,)))
    end = purse.at + HALF_AN_HOUR
    act = getattr(purse, kind)(booked.id)
    order = purse.purchase(stranger, 1_000, coupons=(code,), occurred_at=end)
    beside = purse.purchase(stranger, 2_000)
    with held("member", [member]) as other:
        late = in_background(lambda: purse.book(act, beside, at=end - MOMENT))
        waiting_for(other)
        assert isinstance(purse.book(order, at=end)[0], Booked)
    refused, done = late()
    assert isinstance(refused, Refused)
    assert refused.error.code == "hold_ran_out"
    assert isinstance(done, Booked)
    with purse.scope():
        assert Coupon.objects.get(code=code).status == "used"
    purse.verify()


@pytest.mark.parametrize("kind", ["paid", "dropped"])
def test_a_capture_that_waited_while_the_points_went_back(kind: str) -> None:
    """The same with points: another act of the member, at a later time, has ended the hold."""
    purse = Purse()
    member = purse.member(500)
    booked = purse.booked(purse.checkout(member, 1_000, points_paid=500))
    end = purse.at + HALF_AN_HOUR
    spent = purse.purchase(member, 1_000, points_paid=500, occurred_at=end)
    assert isinstance(purse.book(spent, at=end)[0], Booked)
    assert purse.refused(getattr(purse, kind)(booked.id), end - MOMENT) == "hold_ran_out"
    assert purse.balance(member, at=end).held == 0
    purse.verify()


def test_one_purse_is_held_by_one_checkout() -> None:
    purse = Purse()
    member = purse.member(800)
    code = purse.coupon("fifty")
    checkouts = [purse.checkout(member, TEA, coupons=(code,), points_paid=500) for _ in range(24)]
    outcomes = each_alone(purse, checkouts)
    assert tally(outcomes) == {"booked": 1, "coupon_held": 23}
    assert purse.balance(member).held == 500
    purse.verify()


def test_a_capture_and_refunds_at_once_take_and_give_back_once() -> None:
    """A refund that comes before the capture knows no such order."""
    purse = Purse()
    member, code, checkout, booked = checked_out(purse)
    before = purse.at
    order = purse.purchase(member, TEA, reference=checkout.reference)
    acts: list[Activity] = [purse.paid(booked.id) for _ in range(4)]
    acts += [purse.refund(order, (0, 1), occurred_at=before) for _ in range(8)]
    counts = tally(each_alone(purse, acts))
    refunded = counts["booked"] - 1
    assert 0 <= refunded <= 2
    assert set(counts) <= {"booked", "hold_ended", "unknown_order", "nothing_kept"}
    if refunded < 2:
        purse.booked(purse.refund(order))
    assert purse.coupon_status(code) == "issued"
    assert purse.available(member) == 800
    assert purse.stored(member) == (10_000, 1_000)
    purse.verify()


def test_a_benefit_of_one_a_month_is_held_or_used_once() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    acts: list[Activity] = [purse.checkout(member, POST, benefits=("delivery",)) for _ in range(10)]
    outcomes = each_alone(purse, acts)
    assert tally(outcomes) == {"booked": 1, "benefit_used_up": 9}
    [booked] = [each for each in outcomes if isinstance(each, Booked)]
    acts = [purse.purchase(member, POST, benefits=("delivery",)) for _ in range(7)]
    acts += [purse.dropped(booked.id) if turn % 2 else purse.paid(booked.id) for turn in range(7)]
    counts = tally(each_alone(purse, acts))
    assert counts["hold_ended"] == 6
    assert set(counts) <= {"booked", "hold_ended", "benefit_used_up"}
    assert counts["booked"] <= 2
    if counts["booked"] == 1 and left(purse, member, "delivery") == 1:
        purse.order(member, POST, benefits=("delivery",))
    assert left(purse, member, "delivery") == 0
    purse.verify()
