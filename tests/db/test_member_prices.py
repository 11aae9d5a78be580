"""Prices of tiers and member days on orders, and benefits with quotas that an order uses."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.wallets import Purse, owning, refused_with
from tests.world import RATE, rungs

from jifen.earning.types import Line

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
