"""What a basket costs a member: one pure function, in a written order.

The shop's lines → tier prices → member-day prices → coupons → points → stored value (bonus money,
then principal) → money. Every step keeps what it started from, what it took off and what it
left. What a step takes off is worked out once for the order, rounded down, and shared out over
its lines by largest remainders (:mod:`jifen.wallet.rules.sharing`), so lines and sums agree.

The page with worked examples is ``docs/checkout.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal

from jifen.wallet.rules.sharing import share_out
from jifen.wallet.types import (
    BasketLine,
    Cart,
    ChosenCoupon,
    CouponBelowThreshold,
    CouponsDoNotStack,
    CouponTakesNothing,
    CouponTerms,
    CouponTwice,
    CouponWithoutLine,
    Discount,
    Fraction,
    Price,
    Step,
    StepKind,
    StoredAbovePrice,
    StoredPayment,
)

COUPON_ORDER: Final = ("goods", "percent", "amount", "free_delivery")
"""In which order kinds of coupon work, whatever order they are named in."""
_PRICES: Final[tuple[Literal["tier_price", "member_day"], ...]] = ("tier_price", "member_day")
_FOR_GOODS: Final = frozenset({"goods", "service"})
_COMMON: Final = 10**12
"""Prices of pieces are compared in this part of a minor unit."""


def price(cart: Cart) -> Price:
    """What ``cart`` costs, or the named reason why it cannot be bought so."""
    till = _Till(cart.lines)
    listed_minor = till.total
    for step in _PRICES:
        till.take_prices(step, [each for each in cart.discounts if each.step == step])
    for coupon in in_order(cart.coupons):
        till.take_coupon(coupon)
    net_minor = till.total
    offset_minor = _pay_points(till, cart)
    bonus_minor, principal_minor = _pay_stored(till, cart.stored)
    return Price(
        listed_minor=listed_minor,
        steps=tuple(till.steps),
        lines=tuple(till.nets),
        net_minor=net_minor,
        due_minor=till.total,
        points=cart.points,
        offset_minor=offset_minor,
        bonus_minor=bonus_minor,
        principal_minor=principal_minor,
    )


def in_order(coupons: Sequence[ChosenCoupon]) -> list[ChosenCoupon]:
    """The coupons in the order in which they work; refuses two of a kind that do not stack."""
    if len({coupon.code for coupon in coupons}) < len(coupons):
        raise CouponTwice("a coupon is used once: name it once")
    grouped = Counter(coupon.terms.group for coupon in coupons)
    for coupon in coupons:
        terms = coupon.terms
        if grouped[terms.group] > terms.per_order:
            raise CouponsDoNotStack(
                f"at most {terms.per_order} coupons of group {terms.group!r} go on one order",
                group=terms.group,
                per_order=terms.per_order,
                named=grouped[terms.group],
            )
    return sorted(
        coupons, key=lambda each: (COUPON_ORDER.index(each.terms.kind), each.terms.code, each.code)
    )


def split_stored(payment: StoredPayment) -> tuple[int, int]:
    """Of a payment from stored value, what bonus money pays and what the principal."""
    numerator, denominator = payment.share
    bonus_minor = min(payment.bonus_available, payment.amount_minor * numerator // denominator)
    return bonus_minor, payment.amount_minor - bonus_minor


def most_stored(*, principal: int, bonus: int, share: tuple[int, int]) -> int:
    """The largest payment that stored value can make: all of the principal, and the bonus money
    that may go with it."""
    numerator, denominator = share
    both = principal + bonus
    if numerator == denominator:
        return both
    return min(both, principal * denominator // (denominator - numerator))


class _Till:
    """The basket being priced: what each line costs now, and what is left to pay."""

    def __init__(self, lines: Sequence[BasketLine]) -> None:
        self._lines = lines
        self.nets = [line.net_minor for line in lines]
        self.total = sum(self.nets)
        self.steps: list[Step] = []
        self._priced: list[int] | None = None
        self._free = [0] * len(lines)
        """Pieces that coupons have made free, by line."""

    def take_prices(self, step: StepKind, discounts: Sequence[Discount]) -> None:
        """Take member prices of one kind off: of those that work on a piece, the best one does.

        A price for some pieces only takes those for which it is better, the dearest first.
        """
        best: dict[int, Fraction] = {}
        for discount in discounts:
            for line in discount.positions if discount.pieces is None else ():
                if _is_better(discount.pay, best.get(line)):
                    best[line] = discount.pay
        nets, taken = list(self.nets), [0] * len(self.nets)
        for discount in [each for each in discounts if each.pieces is not None]:
            weights = self._pieces_at(discount, best, nets, taken)
            self._take_price(step, discount, weights)
        for discount in [each for each in discounts if each.pieces is None]:
            weights = [0] * len(nets)
            for line in discount.positions:
                if best.get(line) == discount.pay:
                    del best[line]
                    quantity = self._lines[line].quantity
                    weights[line] = nets[line] - nets[line] * taken[line] // quantity
            self._take_price(step, discount, weights)

    def take_coupon(self, coupon: ChosenCoupon) -> None:
        """Take a coupon off the lines that it is for."""
        if self._priced is None:
            self._priced = list(self.nets)
        terms = coupon.terms
        positions = [place for place, line in enumerate(self._lines) if is_for(terms, line)]
        if not positions:
            raise CouponWithoutLine(
                "the order has nothing that this coupon is for", coupon=terms.code
            )
        asked_minor = sum(
            self._priced[place]
            for place in (positions if terms.kind != "free_delivery" else self._goods())
        )
        if asked_minor < terms.threshold_minor:
            raise CouponBelowThreshold(
                f"the coupon asks for {terms.threshold_minor} minor units",
                coupon=terms.code,
                short_by_minor=terms.threshold_minor - asked_minor,
            )
        pieces = terms.pieces if terms.kind == "goods" else None
        weights = [0] * len(self.nets)
        for place, weight in self._weights(positions, pieces):
            weights[place] = weight
        worth_minor = _worth(terms, sum(weights))
        off_minor = min(worth_minor, sum(weights))
        if not off_minor:
            raise CouponTakesNothing(
                "nothing is left that this coupon could take off", coupon=terms.code
            )
        self._take(
            "coupon",
            terms.code,
            share_out(off_minor, weights),
            coupon=coupon.code,
            worth_minor=worth_minor if worth_minor > off_minor else 0,
        )

    def _pieces_at(
        self,
        discount: Discount,
        best: Mapping[int, Fraction],
        nets: Sequence[int],
        taken: list[int],
    ) -> list[int]:
        """What of each line a price for some pieces works on; ``taken`` counts these pieces."""
        weights = [0] * len(nets)
        left = discount.pieces or 0
        for line in sorted(discount.positions, key=lambda each: (-self._piece(each, nets), each)):
            quantity = self._lines[line].quantity
            if _is_better(discount.pay, best.get(line)):
                begin, end = taken[line], min(taken[line] + left, quantity)
                weights[line] = nets[line] * end // quantity - nets[line] * begin // quantity
                taken[line] = end
                left -= end - begin
        return weights

    def _take_price(self, step: StepKind, discount: Discount, weights: Sequence[int]) -> None:
        numerator, denominator = discount.pay
        off_minor = sum(weights) * (denominator - numerator) // denominator
        if off_minor:
            self._take(step, discount.code, share_out(off_minor, weights))

    def pay(self, step: StepKind, amount_minor: int, points: int = 0) -> None:
        """Pay some of what is left."""
        before = self.total
        self.total -= amount_minor
        self.steps.append(Step(step, "", before, amount_minor, self.total, points=points))

    def _take(
        self,
        step: StepKind,
        code: str,
        off: tuple[int, ...],
        *,
        coupon: str = "",
        worth_minor: int = 0,
    ) -> None:
        before = self.total
        self.nets = [net - part for net, part in zip(self.nets, off, strict=True)]
        self.total = sum(self.nets)
        self.steps.append(
            Step(
                step,
                code,
                before,
                before - self.total,
                self.total,
                off,
                worth_minor,
                coupon=coupon,
            )
        )

    def _goods(self) -> Iterator[int]:
        return (place for place, line in enumerate(self._lines) if line.kind in _FOR_GOODS)

    def _weights(self, positions: Sequence[int], pieces: int | None) -> Iterator[tuple[int, int]]:
        """(line, the part of its price that a coupon works on): all of it, or that of so many
        pieces, the dearest first, of two alike the earlier line. These become free."""
        nets = self.nets
        if pieces is None:
            yield from ((place, nets[place]) for place in positions)
            return
        left = pieces
        for place in sorted(positions, key=lambda each: (-self._piece(each, nets), each)):
            paying = self._lines[place].quantity - self._free[place]
            counted = min(left, paying)
            if counted:
                yield place, nets[place] * counted // paying
            left -= counted
            self._free[place] += counted

    def _piece(self, place: int, nets: Sequence[int]) -> int:
        """The price of a piece, fine enough to order by; nothing where all of them are free."""
        paying = self._lines[place].quantity - self._free[place]
        return nets[place] * _COMMON // paying if paying else 0


def _is_better(pay: Fraction, than: Fraction | None) -> bool:
    """Whether less is left to pay."""
    return than is None or pay[0] * than[1] < than[0] * pay[1]


def is_for(terms: CouponTerms, line: BasketLine) -> bool:
    """Whether a coupon works on a line."""
    if terms.kind == "free_delivery":
        return line.kind == "shipping"
    return chooses(terms.products, terms.categories, line)


def chooses(products: Collection[str], categories: Collection[str], line: BasketLine) -> bool:
    """Whether a line is one of goods or services, and among these; of all, where none are named."""
    if line.kind not in _FOR_GOODS:
        return False
    return not (products or categories) or line.product in products or line.category in categories


def _worth(terms: CouponTerms, counted_minor: int) -> int:
    """What a coupon takes off lines that cost so much; an amount may be worth more than them."""
    if terms.kind == "amount":
        return terms.worth_minor
    numerator, denominator = terms.pay
    worth_minor = counted_minor * (denominator - numerator) // denominator
    return worth_minor if terms.up_to_minor is None else min(worth_minor, terms.up_to_minor)


def _pay_points(till: _Till, cart: Cart) -> int:
    if not cart.points:
        return 0
    if cart.worth is None:
        raise RuntimeError("points are paid, and nobody said what they are worth")
    offset_minor = cart.worth(cart.points, till.total)
    till.pay("points", offset_minor, cart.points)
    return offset_minor


def _pay_stored(till: _Till, payment: StoredPayment | None) -> tuple[int, int]:
    if payment is None or not payment.amount_minor:
        return 0, 0
    if payment.amount_minor > till.total:
        raise StoredAbovePrice(
            f"{till.total} minor units are left to pay",
            left_minor=till.total,
            stored_minor=payment.amount_minor,
        )
    bonus_minor, principal_minor = split_stored(payment)
    parts: tuple[tuple[Literal["bonus", "principal"], int], ...] = (
        ("bonus", bonus_minor),
        ("principal", principal_minor),
    )
    for step, amount_minor in parts:
        if amount_minor:
            till.pay(step, amount_minor)
    return bonus_minor, principal_minor
