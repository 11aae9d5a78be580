"""Prices of tiers and member days on orders, and benefits with quotas that an order uses."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from tests.people import merge
from tests.wallets import Purse, owning, refused_with
from tests.world import RATE, rungs

from jifen.earning.models import Activity
from jifen.earning.standing import tier_of
from jifen.earning.types import Line
from jifen.tiers.models import BenefitUsage

NAME = {"zh": "权益", "en": "Benefit"}
BENEFITS: list[dict[str, Any]] = [
    {"kind": "discount", "code": "price", "name": NAME, "rates": {"silver": "0.95", "gold": "0.9"}},
    {
        "kind": "member_day_price",
        "code": "monday",
        "name": NAME,
        "rates": {"gold": "0.8"},
        "weekdays": [1],
        "categories": ["ware"],
    },
    {
        "kind": "free_delivery",
        "code": "delivery",
        "name": NAME,
        "tiers": ["gold"],
        "quota": {"uses": 1, "per": "month"},
    },
    {
        "kind": "product_discount",
        "code": "new",
        "name": NAME,
        "tiers": ["gold"],
        "rate": "0.8",
        "categories": ["new"],
        "quota": {"uses": 1, "per": "week"},
    },
    {"kind": "priority_access", "code": "first", "name": NAME, "tiers": ["gold"]},
]
RULES = owning(
    RATE,
    ladder={"by": "spend", "rungs": rungs(silver=1, gold=100_000)},
    benefits=BENEFITS,
)
TEA = Line("tea", 1, 10_000)
CUP = Line("cup", 1, 8_000, category="ware")
NEW = Line("pot", 3, 9_000, category="new")
POST = Line("post", 1, 1_000, kind="shipping")


def golden(purse: Purse) -> UUID:
    member = purse.member()
    purse.order(member, 100_000)
    assert purse.tier(member) == "gold"
    return member


def due(purse: Purse, member: UUID | None, *lines: Line, **means: Any) -> int:
    booked = purse.booked(purse.purchase(member, *lines, **means))
    return booked.price.due_minor if booked.price else sum(line.net_minor for line in lines)


def test_the_tier_and_the_member_day_give_their_prices() -> None:
    purse = Purse(RULES)
    member, newcomer = golden(purse), purse.member()
    # 1 June 2026 is a Monday: 100.00 × 0.9, and 80.00 × 0.9 × 0.8.
    assert due(purse, member, TEA, CUP, member_prices=True) == 9_000 + 5_760
    tomorrow = purse.at + timedelta(days=1)
    later = purse.purchase(member, TEA, CUP, member_prices=True, occurred_at=tomorrow)
    booked = purse.booked(later, at=tomorrow)
    assert booked.price is not None
    assert booked.price.due_minor == 9_000 + 7_200
    assert due(purse, member, TEA, CUP) == 18_000
    assert due(purse, newcomer, TEA, member_prices=True) == 10_000
    assert due(purse, newcomer, TEA, member_prices=True) == 9_500
    assert due(purse, None, TEA, member_prices=True) == 10_000


def test_discounted_prices_earn_what_was_paid_and_a_refund_takes_that_back() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    before = purse.dump(member)
    order = purse.order(member, TEA, CUP, member_prices=True)
    assert purse.available(member) == 1_000 + 147
    purse.booked(purse.refund(order, (1, 1)))
    assert purse.available(member) == 1_000 + 90
    purse.booked(purse.refund(order))
    assert purse.dump(member) == before


def test_a_benefit_with_a_quota_is_used_by_the_order_that_names_it() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    first = purse.purchase(member, TEA, NEW, POST, member_prices=True, benefits=("delivery", "new"))
    booked = purse.booked(first)
    assert booked.price is not None
    # 100.00 × 0.9 + 30.00 × 0.8 + 60.00 × 0.9, and no shipping.
    assert booked.price.due_minor == 9_000 + 2_400 + 5_400
    code, fields = refused_with(purse, purse.purchase(member, TEA, POST, benefits=("delivery",)))
    assert (code, fields["next_on"]) == ("benefit_used_up", "2026-07-01")
    assert purse.refused(purse.purchase(member, NEW, benefits=("new",))) == "benefit_used_up"
    purse.booked(purse.refund(first, (0, 1)))
    assert purse.refused(purse.purchase(member, TEA, POST, benefits=("delivery",))) == (
        "benefit_used_up"
    )
    purse.booked(purse.refund(first))
    assert due(purse, member, TEA, POST, benefits=("delivery",)) == 10_000
    assert due(purse, member, NEW, benefits=("new",)) == 8_400


def test_a_benefit_that_takes_nothing_is_not_spent() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    before = purse.dump(member)
    assert refused_with(purse, purse.purchase(member, TEA, benefits=("delivery",))) == (
        "benefit_takes_nothing",
        {"benefit": "delivery"},
    )
    assert purse.refused(purse.purchase(member, TEA, benefits=("first",))) == (
        "benefit_takes_nothing"
    )
    assert purse.refused(purse.purchase(member, POST, benefits=("delivery", "delivery"))) == (
        "benefit_named_twice"
    )
    assert purse.refused(purse.purchase(member, TEA, benefits=("nothing",))) == "unknown_benefit"
    assert purse.refused(purse.purchase(purse.member(), POST, benefits=("delivery",))) == (
        "benefit_not_held"
    )
    assert purse.refused(purse.purchase(None, POST, benefits=("delivery",))) == "benefit_not_held"
    assert purse.dump(member) == before


def test_two_orders_of_one_batch_share_the_quota() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    orders = [purse.purchase(member, POST, benefits=("delivery",)) for _ in range(2)]
    assert [type(each).__name__ for each in purse.book(*orders)] == ["Booked", "Refused"]


def test_everything_at_once_and_all_of_it_back() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    purse.saved(member, 10_000)
    code = purse.coupon("fifty", member)
    before = purse.dump(member)
    order = purse.purchase(
        member,
        TEA,
        CUP,
        POST,
        member_prices=True,
        benefits=("delivery",),
        coupons=(code,),
        points_paid=500,
        stored_minor=4_000,
        due_minor=5_260,
    )
    booked = purse.booked(order)
    assert booked.price is not None
    assert [(step.step, step.off_minor) for step in booked.price.steps] == [
        ("tier_price", 1_800),
        ("tier_price", 1_000),
        ("member_day", 1_440),
        ("coupon", 5_000),
        ("points", 500),
        ("principal", 4_000),
    ]
    purse.booked(purse.refund(order, (0, 1)))
    purse.booked(purse.refund(order))
    assert purse.dump(member) == before
    assert purse.coupon_status(code) == "issued"
    purse.verify()


def left(purse: Purse, member: UUID, code: str, **time: Any) -> int | None:
    """How often the member may still use a benefit."""
    with purse.scope():
        found = tier_of(member_id=member, at=time.get("at", purse.at)).benefits
    return next(each.left for each in found if each.code == code)


def test_a_checkout_holds_the_benefit_that_it_names() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    names: dict[str, Any] = {"member_prices": True, "benefits": ("delivery", "new")}
    booked = purse.booked(purse.checkout(member, TEA, NEW, POST, **names))
    assert booked.price is not None
    assert booked.price.due_minor == 9_000 + 2_400 + 5_400
    assert (left(purse, member, "delivery"), left(purse, member, "new")) == (0, 0)
    assert purse.refused(purse.checkout(member, POST, benefits=("delivery",))) == "benefit_used_up"
    assert purse.refused(purse.purchase(member, NEW, benefits=("new",))) == "benefit_used_up"
    paid = purse.booked(purse.paid(booked.id))
    assert paid.price == booked.price
    assert (left(purse, member, "delivery"), left(purse, member, "new")) == (0, 0)
    order = purse.purchase(member, TEA, reference=reference_of(purse, paid.id))
    purse.booked(purse.refund(order, (0, 1)))
    assert left(purse, member, "delivery") == 0
    purse.booked(purse.refund(order))
    assert (left(purse, member, "delivery"), left(purse, member, "new")) == (1, 1)
    purse.verify()


def reference_of(purse: Purse, activity: UUID) -> str:
    with purse.scope():
        return str(Activity.objects.get(id=activity).reference)


def test_a_release_and_time_give_a_held_benefit_back() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    booked = purse.booked(purse.checkout(member, POST, benefits=("delivery",)))
    purse.booked(purse.dropped(booked.id))
    assert left(purse, member, "delivery") == 1
    second = purse.booked(purse.checkout(member, POST, benefits=("delivery",)))
    end = purse.at + timedelta(minutes=30)
    assert left(purse, member, "delivery", at=end - timedelta(microseconds=1)) == 0
    assert left(purse, member, "delivery", at=end) == 1
    order = purse.purchase(member, POST, benefits=("delivery",), occurred_at=end)
    assert type(purse.book(order, at=end)[0]).__name__ == "Booked"
    # It came in time by its own clock, and another order has seen the end of the hold already.
    assert purse.refused(purse.paid(second.id)) == "hold_ran_out"
    assert purse.refused(purse.dropped(second.id)) == "hold_ran_out"
    assert left(purse, member, "delivery", at=end) == 0
    purse.verify()


def test_a_use_counts_in_the_period_of_its_checkout() -> None:
    purse = Purse(RULES, at=datetime(2026, 6, 30, 15, 50, tzinfo=UTC))
    member = golden(purse)
    booked = purse.booked(purse.checkout(member, POST, benefits=("delivery",)))
    july = purse.at + timedelta(minutes=20)
    paid = purse.paid(booked.id, occurred_at=july)
    assert type(purse.book(paid, at=july)[0]).__name__ == "Booked"
    assert (left(purse, member, "delivery"), left(purse, member, "delivery", at=july)) == (0, 1)


def test_a_checkout_that_cannot_have_its_benefit_holds_nothing() -> None:
    purse = Purse(RULES)
    member = golden(purse)
    before = purse.dump(member)
    for lines, names, code in (
        ((TEA,), ("delivery",), "benefit_takes_nothing"),
        ((POST,), ("delivery", "delivery"), "benefit_named_twice"),
        ((POST,), ("nothing",), "unknown_benefit"),
    ):
        checkout = purse.checkout(member, *lines, benefits=names, points_paid=100)
        assert purse.refused(checkout) == code
    assert purse.dump(member) == before
    assert left(purse, member, "delivery") == 1


def test_nobody_is_merged_while_a_checkout_holds_a_benefit() -> None:
    purse = Purse(RULES)
    one, two = golden(purse), golden(purse)
    booked = purse.booked(purse.checkout(two, POST, benefits=("delivery",)))
    assert purse.refused(merge(purse, one, two)) == "holds_open"
    mine = purse.booked(purse.checkout(one, POST, benefits=("delivery",)))
    purse.booked(purse.paid(booked.id))
    purse.booked(merge(purse, one, two))
    purse.booked(purse.paid(mine.id))
    purse.verify()


@pytest.mark.parametrize("columns", [{"held": 1}, {"used": 2}, {"held": -1}])
def test_the_database_keeps_a_quota_too(columns: dict[str, int]) -> None:
    purse = Purse(RULES)
    member = golden(purse)
    purse.order(member, POST, benefits=("delivery",))
    with purse.scope():
        used = BenefitUsage.objects.filter(member_id=member, benefit="delivery")
        assert used.update(held=0) == 1
        with pytest.raises(IntegrityError, match="benefit_usage_within_quota"):
            used.update(**columns)
