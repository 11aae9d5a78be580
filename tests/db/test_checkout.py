"""Orders paid later: held at a price, then captured or released, by hand or by time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.wallets import COUPONS, NAME, Purse, refused_with
from tests.world import RATE, rule_set

from jifen.earning.types import Booked, Checkout, Line
from jifen.ledger.models import Posting

TEA = Line("tea", 2, 10_000)
MEANS: dict[str, Any] = {"points_paid": 500, "stored_minor": 3_300}


def with_means(purse: Purse) -> tuple[UUID, str]:
    """A member with points, stored value and a coupon."""
    member = purse.member(800)
    purse.saved(member, 10_000)
    return member, purse.coupon("fifty", member)


def held(purse: Purse, member: UUID, code: str, **changes: Any) -> tuple[Checkout, Booked]:
    checkout = purse.checkout(member, TEA, 4_000, coupons=(code,), **{**MEANS, **changes})
    return checkout, purse.booked(checkout)


def test_a_checkout_holds_and_its_capture_books_the_order() -> None:
    purse = Purse()
    member, code = with_means(purse)
    checkout, booked = held(purse, member, code)
    assert booked.price is not None
    assert booked.price.due_minor == 14_000 - 5_000 - 500 - 3_300
    assert booked.points == {}
    assert purse.balance(member).held == 500
    assert purse.balance(member, "principal").held == 3_000
    assert purse.balance(member, "bonus").held == 300
    assert (purse.available(member), purse.stored(member)) == (300, (7_000, 700))
    assert purse.coupon_status(code) == "held"
    purse.verify()
    paid = purse.booked(purse.paid(booked.id))
    assert paid.kind == "purchase"
    assert paid.price == booked.price
    assert paid.points == {"points": 82 - 500, "principal": -3_000, "bonus": -300}
    assert purse.balance(member).held == 0
    assert purse.coupon_status(code) == "used"
    assert purse.dump(member)["spend_minor"] == 8_200
    purse.verify()
    assert purse.refused(purse.purchase(member, 1, reference=checkout.reference)) == (
        "duplicate_reference"
    )


def test_what_is_captured_is_refunded_like_every_order() -> None:
    purse = Purse()
    member, code = with_means(purse)
    before = purse.dump(member)
    checkout, booked = held(purse, member, code)
    purse.booked(purse.paid(booked.id))
    order = purse.purchase(member, TEA, reference=checkout.reference)
    purse.booked(purse.refund(order, (0, 1)))
    purse.booked(purse.refund(order))
    assert purse.dump(member) == before
    assert purse.coupon_status(code) == "issued"
    purse.verify()


def test_it_costs_the_same_as_an_order_that_is_paid_at_once() -> None:
    purse = Purse()
    one, other = with_means(purse), with_means(purse)
    _, booked = held(purse, *one)
    purse.booked(purse.paid(booked.id))
    order = purse.purchase(other[0], TEA, 4_000, coupons=(other[1],), **MEANS)
    assert purse.booked(order).price.due_minor == booked.price.due_minor  # type: ignore[union-attr]
    assert purse.available(one[0]) == purse.available(other[0])
    assert purse.stored(one[0]) == purse.stored(other[0])
    assert purse.dump(one[0])["spend_minor"] == purse.dump(other[0])["spend_minor"]


def test_a_release_gives_everything_back() -> None:
    purse = Purse()
    member, code = with_means(purse)
    before = purse.dump(member)
    checkout, booked = held(purse, member, code)
    purse.booked(purse.dropped(booked.id))
    assert purse.dump(member) == before
    assert purse.coupon_status(code) == "issued"
    assert purse.refused(purse.paid(booked.id)) == "hold_ended"
    assert purse.refused(purse.dropped(booked.id)) == "hold_ended"
    purse.order(member, TEA, reference=checkout.reference)
    purse.verify()


def test_time_releases_it_with_no_job() -> None:
    purse = Purse()
    member, code = with_means(purse)
    _, booked = held(purse, member, code)
    last = purse.at + timedelta(minutes=30) - timedelta(microseconds=1)
    over = purse.at + timedelta(minutes=30)
    assert purse.available(member, at=last) == 300
    assert purse.available(member, at=over) == 800
    assert purse.available(member, "principal", over) == 10_000
    assert purse.coupon_info(code, at=last).status == "held"
    assert purse.coupon_info(code, at=over).status == "issued"
    late = purse.paid(booked.id, occurred_at=over)
    assert purse.refused(late, over) == "hold_ran_out"
    assert purse.refused(purse.dropped(booked.id, occurred_at=over), over) == "hold_ran_out"
    order = purse.purchase(member, TEA, coupons=(code,), occurred_at=over, **MEANS)
    assert isinstance(purse.book(order, at=over)[0], Booked)
    purse.verify()


@pytest.mark.parametrize("kind", ["paid", "dropped"])
@pytest.mark.parametrize("with_coupon", [True, False])
def test_one_that_holds_nothing_of_the_ledger_ends_too(kind: str, with_coupon: bool) -> None:
    purse = Purse()
    member = purse.member()
    coupons = (purse.coupon("never"),) if with_coupon else ()
    booked = purse.booked(purse.checkout(member, 5_000, coupons=coupons))
    over = purse.at + timedelta(minutes=30)
    act = getattr(purse, kind)(booked.id, occurred_at=over)
    assert purse.refused(act, over) == "hold_ran_out"


def test_until_then_nobody_else_has_what_is_held() -> None:
    purse = Purse()
    member, code = with_means(purse)
    held(purse, member, code)
    assert refused_with(purse, purse.purchase(member, 900, points_paid=400)) == (
        "insufficient_points",
        {"short_by": 100, "available": 300},
    )
    assert purse.refused(purse.purchase(member, TEA, stored_minor=7_701)) == (
        "insufficient_stored_value"
    )
    code_refused, fields = refused_with(purse, purse.purchase(member, TEA, coupons=(code,)))
    assert (code_refused, fields["held_until"][:16]) == ("coupon_held", "2026-06-01T04:30")
    assert purse.refused(purse.void(code)) == "coupon_held"


def test_the_price_and_the_terms_are_those_of_the_checkout() -> None:
    purse = Purse()
    member, code = with_means(purse)
    _, booked = held(purse, member, code)
    cheaper = {**COUPONS, "fifty": {"name": NAME, "gives": {"kind": "amount", "minor": 1}}}
    purse.publish(rule_set(RATE, coupons=cheaper))
    paid = purse.booked(purse.paid(booked.id))
    assert paid.price == booked.price
    with purse.scope():
        kinds = Posting.objects.filter(transaction_id=paid.id).values_list("kind", flat=True)
        assert sorted(kinds) == ["burn", "burn", "burn", "earn"]
    purse.verify()


def test_a_batch_holds_captures_and_releases_in_order() -> None:
    purse = Purse()
    member, code = with_means(purse)
    _, booked = held(purse, member, code)
    outcomes = purse.book(purse.paid(booked.id), purse.dropped(booked.id), purse.paid(booked.id))
    assert [getattr(each, "error", each).__class__.__name__ for each in outcomes] == [
        "Booked",
        "HoldEnded",
        "HoldEnded",
    ]


def test_repeats_are_answered_again() -> None:
    purse = Purse()
    member, code = with_means(purse)
    checkout, booked = held(purse, member, code)
    assert purse.booked(checkout).replayed
    capture = purse.paid(booked.id)
    first = purse.booked(capture)
    again = purse.booked(capture)
    assert (again.replayed, again.id, again.kind) == (True, first.id, "purchase")


def test_a_checkout_of_money_alone() -> None:
    purse = Purse()
    member = purse.member()
    booked = purse.booked(purse.checkout(member, 5_000))
    assert booked.price is not None
    assert booked.price.due_minor == 5_000
    assert purse.booked(purse.paid(booked.id)).points == {"points": 50}
    purse.verify()


@pytest.mark.parametrize("kind", ["paid", "dropped"])
def test_what_is_no_checkout(kind: str) -> None:
    purse = Purse()
    member = purse.member(100)
    adjusted = purse.booked(purse.adjustment(member, 5))
    act = getattr(purse, kind)
    assert purse.refused(act(adjusted.id)) == "unknown_checkout"
    assert purse.refused(act(UUID(int=7))) == "unknown_activity"
    elsewhere = Purse()
    stranger = elsewhere.member()
    foreign = elsewhere.booked(elsewhere.checkout(stranger, 100))
    assert purse.refused(act(foreign.id)) == "unknown_activity"


def test_a_reference_is_one_order_whether_held_or_booked() -> None:
    purse = Purse()
    member = purse.member()
    order = purse.order(member, 100)
    assert purse.refused(purse.checkout(member, 100, reference=order.reference)) == (
        "duplicate_reference"
    )
    checkout = purse.checkout(member, 100)
    booked = purse.booked(checkout)
    assert purse.refused(purse.checkout(member, 100, reference=checkout.reference)) == (
        "duplicate_reference"
    )
    purse.order(member, 100, reference=checkout.reference)
    assert purse.refused(purse.paid(booked.id)) == "duplicate_reference"
    purse.booked(purse.dropped(booked.id))
    purse.verify()


def test_what_cannot_be_paid_is_not_held() -> None:
    purse = Purse()
    member, code = with_means(purse)
    before = purse.dump(member)
    for changes in ({"points_paid": 900}, {"stored_minor": 11_001}, {"due_minor": 1}):
        checkout = purse.checkout(member, TEA, 9_000, coupons=(code,), **changes)
        assert purse.refused(checkout) in {
            "insufficient_points",
            "insufficient_stored_value",
            "price_changed",
        }
    assert purse.dump(member) == before
    assert purse.coupon_status(code) == "issued"
