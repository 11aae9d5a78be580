"""Properties of every checkout and of every refund of it: exact sums, nothing below nothing."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jifen.common.errors import JifenError
from jifen.earning.types import Line
from jifen.wallet.rules.checkout import most_stored, price
from jifen.wallet.rules.sharing import share_out
from jifen.wallet.rules.undoing import less, undo
from jifen.wallet.types import (
    Cart,
    ChosenCoupon,
    CouponTerms,
    Discount,
    Means,
    StoredPayment,
)

PRODUCTS = ("a", "b", "c")
LINES = st.builds(
    Line,
    st.sampled_from(PRODUCTS),
    st.integers(1, 5),
    st.integers(0, 5_000),
    category=st.sampled_from(("x", "y", "")),
    kind=st.sampled_from(("goods", "goods", "service", "shipping", "gift_card", "fee")),
)
FRACTIONS = st.integers(1, 12).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
DISCOUNTS = st.builds(
    lambda step, pay, positions, pieces: Discount(
        code=step, step=step, pay=pay, positions=tuple(sorted(positions)), pieces=pieces
    ),
    st.sampled_from(("tier_price", "member_day")),
    FRACTIONS,
    st.sets(st.integers(0, 3)),
    st.one_of(st.none(), st.integers(1, 4)),
)
TERMS = st.builds(
    CouponTerms,
    code=st.sampled_from(("k1", "k2")),
    kind=st.sampled_from(("goods", "percent", "amount", "free_delivery")),
    worth_minor=st.integers(1, 6_000),
    pay=FRACTIONS,
    pieces=st.integers(1, 3),
    up_to_minor=st.one_of(st.none(), st.integers(0, 1_000)),
    products=st.frozensets(st.sampled_from(PRODUCTS), max_size=1),
    per_order=st.just(9),
)


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    """A cart with anything in it that may be in it."""
    lines = tuple(draw(st.lists(LINES, min_size=4, max_size=6)))
    coupons = [
        ChosenCoupon(f"c{place}", terms)
        for place, terms in enumerate(draw(st.lists(TERMS, max_size=3)))
    ]
    cart = Cart(lines=lines, discounts=tuple(draw(st.lists(DISCOUNTS, max_size=4))))
    kept: list[ChosenCoupon] = []
    for coupon in coupons:
        try:
            price(Cart(lines=lines, discounts=cart.discounts, coupons=(*kept, coupon)))
        except JifenError:
            continue
        kept.append(coupon)
    net_minor = price(Cart(lines=lines, discounts=cart.discounts, coupons=tuple(kept))).net_minor
    points = draw(st.integers(0, net_minor))
    return Cart(
        lines=lines,
        discounts=cart.discounts,
        coupons=tuple(kept),
        points=points,
        worth=lambda points, _: points,
        stored=StoredPayment(
            amount_minor=draw(st.integers(0, net_minor - points)),
            share=draw(FRACTIONS),
            bonus_available=draw(st.integers(0, 3_000)),
        ),
    )


@given(carts())
def test_prices_are_exact_and_never_below_nothing(cart: Cart) -> None:
    found = price(cart)
    assert min(found.lines) >= 0
    assert min(found.due_minor, found.bonus_minor, found.principal_minor) >= 0
    assert all(net <= line.net_minor for net, line in zip(found.lines, cart.lines, strict=True))
    assert sum(found.lines) == found.net_minor
    paid = found.offset_minor + found.bonus_minor + found.principal_minor
    assert paid + found.due_minor == found.net_minor
    assert cart.stored is not None
    assert found.bonus_minor + found.principal_minor == cart.stored.amount_minor
    before = found.listed_minor
    for step in found.steps:
        assert step.before_minor == before
        assert step.before_minor - step.off_minor == step.after_minor
        assert step.off_minor >= 0
        assert not step.lines or (sum(step.lines) == step.off_minor and min(step.lines) >= 0)
        before = step.after_minor
    assert before == found.due_minor
    assert price(Cart(lines=cart.lines)).due_minor >= found.due_minor


@given(carts(), st.randoms())
def test_the_order_in_which_coupons_are_named_does_not_matter(cart: Cart, random: object) -> None:
    coupons = list(cart.coupons)
    random.shuffle(coupons)  # type: ignore[attr-defined]
    again = Cart(lines=cart.lines, discounts=cart.discounts, coupons=tuple(coupons))
    assert price(again).lines == price(cart).lines


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8), st.data())
def test_shares_add_up_and_differ_from_exact_by_less_than_one(
    weights: list[int], data: st.DataObject
) -> None:
    total = sum(weights)
    amount = data.draw(st.integers(0, total))
    parts = share_out(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert 0 <= part <= weight
        assert not total or abs(part - Fraction(amount * weight, total)) < 1


MEANS = st.builds(
    Means,
    points=st.integers(0, 10_000),
    offset_minor=st.integers(0, 300),
    bonus_minor=st.integers(0, 300),
    principal_minor=st.integers(0, 300),
    money_minor=st.integers(0, 300),
)


def amounts(means: Means) -> tuple[int, ...]:
    return (
        means.points,
        means.offset_minor,
        means.bonus_minor,
        means.principal_minor,
        means.money_minor,
    )


@given(MEANS, st.data())
def test_any_parts_of_a_refund_give_back_what_the_whole_does(
    paid: Means, data: st.DataObject
) -> None:
    net_minor = sum(amounts(paid)[1:])
    edges = sorted(data.draw(st.lists(st.integers(0, net_minor), max_size=6)))
    given: tuple[int, ...] = (0,) * 5
    for low, high in pairwise([0, *edges, net_minor]):
        now = less(undo(paid, high, net_minor), undo(paid, low, net_minor))
        assert min(amounts(now)) >= 0
        assert sum(amounts(now)[1:]) == high - low
        given = tuple(a + b for a, b in zip(given, amounts(now), strict=True))
    # An order of nothing had nothing to give back but never points without worth.
    assert given == (amounts(paid) if net_minor else (0,) * 5)


@given(MEANS, st.data())
def test_no_means_gives_back_more_than_its_part(paid: Means, data: st.DataObject) -> None:
    net_minor = sum(amounts(paid)[1:])
    refunded = data.draw(st.integers(0, net_minor))
    back = undo(paid, refunded, net_minor)
    for part, whole in zip(amounts(back), amounts(paid), strict=True):
        assert 0 <= part <= whole
        if net_minor:
            assert abs(part - Fraction(whole * refunded, net_minor)) < 3


@given(st.integers(0, 2_000), st.integers(0, 2_000), FRACTIONS)
def test_the_most_that_stored_value_pays_can_be_paid_and_no_more(
    principal: int, bonus: int, share: tuple[int, int]
) -> None:
    def fits(amount: int) -> bool:
        return amount - min(bonus, amount * share[0] // share[1]) <= principal

    most = most_stored(principal=principal, bonus=bonus, share=share)
    assert fits(most)
    assert not fits(most + 1)
