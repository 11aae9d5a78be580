"""Conversions and passes: one transaction over several units, used where they are good."""

from datetime import timedelta

import pytest
from tests.wallets import CONVERSIONS, Purse, owning, refused_with

from jifen.earning.types import Reversal
from jifen.ledger import selectors as ledger
from jifen.ledger.models import Posting


def test_points_become_bonus_money_and_pay_no_reward() -> None:
    purse = Purse()
    member = purse.member(1_500)
    booked = purse.booked(purse.convert(member, "money"))
    assert booked.points == {"points": -1_000, "bonus": 2_000}
    assert booked.award.parts == ()
    assert purse.stored(member) == (0, 2_000)
    with purse.scope():
        rows = Posting.objects.filter(transaction_id=booked.id).order_by("id")
        assert [(row.kind, row.contra, row.rule) for row in rows] == [
            ("burn", "redemption", ""),
            ("earn", "issuance", "money"),
        ]
    assert purse.dump(member)["spend_minor"] == 0
    purse.verify()


def test_several_times_are_one_act() -> None:
    purse = Purse()
    member = purse.member(1_000)
    assert purse.booked(purse.convert(member, "stars", 333)).points == {
        "points": -999,
        "stars": 666,
    }
    assert refused_with(purse, purse.convert(member, "stars")) == (
        "insufficient_points",
        {"short_by": 2, "available": 1},
    )


def test_points_become_a_coupon_that_the_member_may_use() -> None:
    purse = Purse()
    member = purse.member(999)
    [coupon] = purse.booked(purse.convert(member, "fifty")).coupons
    assert purse.available(member) == 499
    code, fields = refused_with(purse, purse.convert(member, "fifty"))
    assert (code, fields["short_by"]) == ("insufficient_points", 1)
    booked = purse.booked(purse.purchase(member, 10_000, coupons=(coupon.code,)))
    assert booked.price is not None
    assert booked.price.due_minor == 5_000


def test_how_often_a_member_may() -> None:
    purse = Purse()
    member, other = purse.member(9_000), purse.member(300)
    assert refused_with(purse, purse.convert(member, "wash", 3)) == (
        "conversions_used_up",
        {"conversion": "wash", "left": 2, "asked": 3},
    )
    purse.booked(purse.convert(member, "wash", 2))
    assert purse.refused(purse.convert(member, "wash")) == "conversions_used_up"
    purse.booked(purse.convert(other, "wash"))
    tomorrow = purse.at + timedelta(days=1)
    purse.booked(purse.convert(member, "wash", occurred_at=tomorrow), at=tomorrow)
    again = purse.convert(member, "wash", occurred_at=tomorrow)
    assert purse.refused(again, tomorrow) == "conversions_used_up"
    assert purse.balance(member, "wash").available == 3


def test_a_batch_of_conversions_counts_together() -> None:
    purse = Purse()
    member = purse.member(9_000)
    outcomes = purse.book(*[purse.convert(member, "wash") for _ in range(4)])
    assert [type(each).__name__ for each in outcomes] == ["Booked", "Booked", "Refused", "Refused"]
    purse.verify()


def test_unknown_conversions() -> None:
    purse = Purse()
    member = purse.member(1_000)
    assert purse.refused(purse.convert(member, "gold-bar")) == "unknown_conversion"


def test_what_is_given_expires_as_its_unit_does() -> None:
    purse = Purse(owning(expiry={"wash": {"kind": "after", "days": 30}}))
    member = purse.member(300)
    purse.booked(purse.convert(member, "wash"))
    late = purse.at + timedelta(days=31)
    use = purse.use_pass(member, occurred_at=late)
    assert purse.refused(use, late) == "insufficient_points"
    purse.booked(purse.use_pass(member))
    purse.verify()


def test_a_pass_is_used_at_its_merchant_and_nowhere_else() -> None:
    purse = Purse()
    member = purse.member(600)
    purse.booked(purse.convert(member, "wash", 2))
    assert refused_with(purse, purse.use_pass(member, store="main")) == (
        "pass_not_for_store",
        {"store": "main", "merchants": ["other"]},
    )
    assert purse.booked(purse.use_pass(member)).points == {"wash": -1}
    assert refused_with(purse, purse.use_pass(member, 2))[1]["short_by"] == 1
    purse.booked(purse.use_pass(member))
    assert purse.refused(purse.use_pass(member)) == "insufficient_points"
    assert purse.refused(purse.use_pass(member, unit="points")) == "unknown_pass"
    assert purse.refused(purse.use_pass(member, unit="nothing")) == "unknown_unit"
    purse.verify()


def test_a_use_is_undone_once_and_comes_back_to_its_lot() -> None:
    purse = Purse(owning(expiry={"wash": {"kind": "after", "days": 30}}))
    member = purse.member(300)
    purse.booked(purse.convert(member, "wash"))
    before = purse.dump(member)
    used = purse.booked(purse.use_pass(member))
    undo = Reversal(key="undo", occurred_at=purse.at, of=used.id, reason="wrong car", actor="staff")
    assert purse.booked(undo).points == {"wash": 1}
    assert purse.dump(member) == before
    twice = Reversal(key="twice", occurred_at=purse.at, of=used.id, reason="x", actor="staff")
    assert purse.refused(twice) == "already_done"


def test_a_use_names_its_receipt_once() -> None:
    purse = Purse()
    member = purse.member(600)
    purse.booked(purse.convert(member, "wash", 2))
    purse.booked(purse.use_pass(member, reference="W1"))
    assert purse.refused(purse.use_pass(member, reference="W1")) == "duplicate_reference"


@pytest.mark.parametrize("used", [1, 2])
def test_a_use_tells_whose_points_paid_for_it(used: int) -> None:
    """400 points of the main merchant and 200 of the other bought two car washes."""
    purse = Purse()
    member = purse.member()
    purse.order(member, 40_000)
    purse.order(member, 20_000, store="other")
    purse.booked(purse.convert(member, "wash", 2))
    booked = purse.booked(purse.use_pass(member, used))
    with purse.scope():
        found = ledger.paid_by(booked.id)
    parts = [(part.merchant, part.unit, part.points) for part in found]
    expected = {1: [("main", "points", 200), ("other", "points", 100)],
                2: [("main", "points", 400), ("other", "points", 200)]}  # fmt: skip
    assert parts == expected[used]


def test_each_use_is_paid_by_its_own_part_whenever_it_is_asked() -> None:
    """401 and 199 points bought two: the odd ones belong to the second use."""
    purse = Purse()
    member = purse.member()
    purse.order(member, 40_100)
    purse.order(member, 19_900, store="other")
    purse.booked(purse.convert(member, "wash", 2))
    uses = [purse.booked(purse.use_pass(member)).id for _ in range(2)]
    with purse.scope():
        found = [[(part.merchant, part.points) for part in ledger.paid_by(use)] for use in uses]
    assert found == [[("main", 200), ("other", 99)], [("main", 201), ("other", 100)]]


def test_what_an_order_earned_was_not_bought_with_the_points_that_paid_for_it() -> None:
    """Points of the other merchant pay for an order of the main one, whose own points pay next."""
    purse = Purse()
    member = purse.member()
    purse.order(member, 10_000, store="other")
    purse.order(member, 20_000, points_paid=100)
    booked = purse.booked(purse.purchase(member, 20_000, points_paid=100))
    with purse.scope():
        found = ledger.paid_by(booked.id)
    assert [(part.merchant, part.unit, part.points) for part in found] == [("main", "points", 100)]


def test_a_conversion_that_may_not_be_does_nothing() -> None:
    purse = Purse(owning(conversions={**CONVERSIONS, "all": {
        "points": 1, "unit": "points", "to": {"kind": "coupon", "coupon": "post", "count": 100},
    }}))  # fmt: skip
    member = purse.member(100)
    before = purse.dump(member)
    assert purse.refused(purse.convert(member, "money")) == "insufficient_points"
    assert purse.dump(member) == before
    assert len(purse.booked(purse.convert(member, "all")).coupons) == 100
