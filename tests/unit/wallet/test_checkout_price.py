"""The checkout as a rulebook: (cart, what it costs), step by step."""

from typing import Any

import pytest

from jifen.common.errors import JifenError
from jifen.earning.types import Line
from jifen.wallet.rules.checkout import most_stored, price
from jifen.wallet.types import (
    Cart,
    ChosenCoupon,
    CouponTerms,
    Discount,
    Price,
    StoredPayment,
)

TEA = Line("tea", 2, 12_000, category="drinks")
CUP = Line("cup", 1, 8_000, category="ware")
POST = Line("post", 1, 1_000, kind="shipping")
CARD = Line("card", 1, 5_000, kind="gift_card")


def tier(pay: tuple[int, int], *positions: int, **more: Any) -> Discount:
    return Discount(code="gold", step="tier_price", pay=pay, positions=positions, **more)


def day(pay: tuple[int, int], *positions: int, **more: Any) -> Discount:
    return Discount(code="friday", step="member_day", pay=pay, positions=positions, **more)


def coupon(kind: str, code: str = "", **terms: Any) -> ChosenCoupon:
    named = CouponTerms(code=code or kind, kind=kind, **terms)  # type: ignore[arg-type]
    return ChosenCoupon(f"{code or kind}-1", named)


def stored(amount_minor: int, *, bonus: int, share: tuple[int, int] = (1, 1)) -> StoredPayment:
    return StoredPayment(amount_minor=amount_minor, share=share, bonus_available=bonus)


def cost(*lines: Line, **cart: Any) -> Price:
    return price(Cart(lines=lines, **cart))


def offs(found: Price) -> list[tuple[str, str, int, tuple[int, ...]]]:
    return [(step.step, step.code, step.off_minor, step.lines) for step in found.steps]


def test_without_anything_lines_cost_what_they_cost() -> None:
    found = cost(TEA, CUP)
    assert (found.listed_minor, found.net_minor, found.due_minor) == (20_000, 20_000, 20_000)
    assert (found.steps, found.lines) == ((), (12_000, 8_000))


def test_every_step_follows_the_one_before() -> None:
    found = cost(
        TEA,
        CUP,
        POST,
        discounts=(tier((9, 10), 0, 1), day((8, 10), 1)),
        coupons=(coupon("amount", worth_minor=1_000), coupon("free_delivery", group="post")),
        points=500,
        worth=lambda points, net_minor: points // 100 * 100,
        stored=stored(3_000, bonus=400, share=(1, 10)),
    )
    assert offs(found) == [
        ("tier_price", "gold", 2_000, (1_200, 800, 0)),
        ("member_day", "friday", 1_440, (0, 1_440, 0)),
        ("coupon", "amount", 1_000, (652, 348, 0)),
        ("coupon", "free_delivery", 1_000, (0, 0, 1_000)),
        ("points", "", 500, ()),
        ("bonus", "", 300, ()),
        ("principal", "", 2_700, ()),
    ]
    assert found.lines == (10_148, 5_412, 0)
    assert (found.net_minor, found.due_minor) == (15_560, 12_060)
    for earlier, later in zip(found.steps, found.steps[1:], strict=False):
        assert earlier.after_minor == later.before_minor


def test_of_several_prices_of_one_step_the_best_works_on_each_line() -> None:
    found = cost(TEA, CUP, discounts=(tier((9, 10), 0, 1), tier((8, 10), 1), tier((19, 20), 0)))
    assert offs(found) == [
        ("tier_price", "gold", 1_200, (1_200, 0)),
        ("tier_price", "gold", 1_600, (0, 1_600)),
    ]


@pytest.mark.parametrize(
    ("pieces", "off"),
    [(1, (0, 1_600)), (2, (1_200, 1_600)), (3, (2_400, 1_600)), (9, (2_400, 1_600))],
)
def test_a_price_for_some_pieces_works_on_the_dearest(pieces: int, off: tuple[int, ...]) -> None:
    found = cost(TEA, CUP, discounts=(day((8, 10), 0, 1, pieces=pieces),))
    assert found.steps[0].lines == off


def test_a_price_for_one_piece_leaves_the_others_their_own() -> None:
    """Three new cups: one at 8折, the others at the tier's 86折; the tea has that anyway."""
    cups = Line("cup", 3, 10_001)
    new = tier((8, 10), 1, pieces=1)
    found = cost(TEA, cups, discounts=(tier((86, 100), 0, 1), new))
    assert offs(found) == [
        ("tier_price", "gold", 666, (0, 666)),
        ("tier_price", "gold", 2_613, (1_680, 933)),
    ]
    worse = cost(TEA, cups, discounts=(tier((7, 10), 0, 1), new))
    assert [step.off_minor for step in worse.steps] == [6_600]


@pytest.mark.parametrize(
    ("chosen", "off"),
    [
        pytest.param(coupon("amount", worth_minor=1_000), (600, 400, 0, 0), id="amount"),
        pytest.param(
            coupon("amount", worth_minor=1_000, products=frozenset({"cup"})),
            (0, 1_000, 0, 0),
            id="amount-of-a-product",
        ),
        pytest.param(
            coupon("amount", worth_minor=900, categories=frozenset({"drinks"})),
            (900, 0, 0, 0),
            id="amount-of-a-category",
        ),
        pytest.param(coupon("percent", pay=(88, 100)), (1_440, 960, 0, 0), id="percent"),
        pytest.param(
            coupon("percent", pay=(88, 100), up_to_minor=1_500),
            (900, 600, 0, 0),
            id="percent-up-to",
        ),
        pytest.param(coupon("goods"), (0, 8_000, 0, 0), id="goods-dearest"),
        pytest.param(coupon("goods", pieces=2), (6_000, 8_000, 0, 0), id="goods-two"),
        pytest.param(
            coupon("goods", products=frozenset({"tea"})), (6_000, 0, 0, 0), id="goods-of-a-product"
        ),
        pytest.param(coupon("free_delivery"), (0, 0, 1_000, 0), id="delivery"),
        pytest.param(coupon("free_delivery", up_to_minor=600), (0, 0, 600, 0), id="delivery-up-to"),
    ],
)
def test_a_coupon_takes_off(chosen: ChosenCoupon, off: tuple[int, ...]) -> None:
    assert cost(TEA, CUP, POST, CARD, coupons=(chosen,)).steps[0].lines == off


def test_two_free_pieces_of_one_line_are_two_pieces() -> None:
    both = (
        ChosenCoupon("a", CouponTerms(code="cup", kind="goods", per_order=2)),
        ChosenCoupon("b", CouponTerms(code="cup", kind="goods", per_order=2)),
    )
    assert cost(Line("cup", 3, 100), coupons=both).lines == (34,)


def test_a_coupon_worth_more_than_the_order_says_so() -> None:
    found = cost(CUP, coupons=(coupon("amount", worth_minor=10_000),))
    assert (found.due_minor, found.steps[0].off_minor, found.steps[0].worth_minor) == (
        0,
        8_000,
        10_000,
    )


def test_coupons_work_in_one_order_however_they_are_named() -> None:
    chosen = (
        coupon("free_delivery", group="d"),
        coupon("amount", group="c", worth_minor=999),
        coupon("percent", group="b", pay=(9, 10)),
        coupon("goods", group="a"),
    )
    found = cost(TEA, CUP, POST, coupons=chosen)
    assert [step.code for step in found.steps] == ["goods", "percent", "amount", "free_delivery"]
    assert found == cost(TEA, CUP, POST, coupons=chosen[::-1])


def test_a_threshold_is_asked_after_prices_and_before_coupons() -> None:
    fifty = coupon("amount", code="fifty", worth_minor=5_000, threshold_minor=18_000, group="a")
    percent = coupon("percent", pay=(5, 10), group="b")
    assert cost(TEA, CUP, coupons=(percent, fifty), discounts=(tier((9, 10), 0, 1),)).due_minor == (
        4_000
    )


@pytest.mark.parametrize(
    ("cart", "code", "fields"),
    [
        pytest.param(
            {"coupons": (coupon("amount", worth_minor=1, threshold_minor=20_001),)},
            "coupon_below_threshold",
            {"coupon": "amount", "short_by_minor": 1},
            id="below-threshold",
        ),
        pytest.param(
            {"coupons": (coupon("free_delivery", threshold_minor=20_001),)},
            "coupon_below_threshold",
            {"coupon": "free_delivery", "short_by_minor": 1},
            id="shipping-does-not-count-for-its-own-threshold",
        ),
        pytest.param(
            {"coupons": (coupon("goods", products=frozenset({"pot"})),)},
            "coupon_without_line",
            {"coupon": "goods"},
            id="nothing-of-it",
        ),
        pytest.param(
            {
                "coupons": (
                    coupon("goods", group="a", pieces=9),
                    coupon("amount", group="b", worth_minor=1),
                )
            },
            "coupon_takes_nothing",
            {"coupon": "amount"},
            id="for-nothing",
        ),
        pytest.param(
            {"coupons": (coupon("goods"), coupon("percent", pay=(9, 10)))},
            "coupons_do_not_stack",
            {"group": "", "per_order": 1, "named": 2},
            id="two-of-a-group",
        ),
        pytest.param(
            {"coupons": (coupon("goods", per_order=2), coupon("goods", per_order=2))},
            "coupon_named_twice",
            {},
            id="one-twice",
        ),
        pytest.param(
            {"stored": stored(21_001, bonus=0)},
            "stored_value_above_price",
            {"left_minor": 21_000, "stored_minor": 21_001},
            id="stored-above",
        ),
    ],
)
def test_what_is_refused(cart: dict[str, Any], code: str, fields: dict[str, Any]) -> None:
    with pytest.raises(JifenError) as refused:
        cost(TEA, CUP, POST, **cart)
    assert (refused.value.code, refused.value.fields) == (code, fields)


@pytest.mark.parametrize(
    ("principal", "bonus", "share", "most"),
    [
        (1_000, 100, (1, 1), 1_100),
        (1_000, 100, (1, 11), 1_100),
        (1_000, 100, (1, 10), 1_100),
        (1_000, 500, (1, 10), 1_111),
        (0, 500, (1, 10), 0),
        (0, 500, (1, 1), 500),
        (999, 1, (1, 3), 1_000),
    ],
)
def test_the_most_that_stored_value_pays(
    principal: int, bonus: int, share: tuple[int, int], most: int
) -> None:
    assert most_stored(principal=principal, bonus=bonus, share=share) == most
    for amount, fits in ((most, True), (most + 1, False)):
        bonus_part = min(bonus, amount * share[0] // share[1])
        assert (amount - bonus_part <= principal) is fits
