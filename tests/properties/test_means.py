"""Guarantee 6 for every means of payment: any parts of a refund end where the whole does, and a
full one where it began; and top-ups in any parts are the smaller top-up."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.properties.conftest import SEARCHING
from tests.properties.shops import HALF_OFFSET, LOTS, LotPlan, ends
from tests.wallets import COUPONS, NAME, STORED, TOP_UP, Purse, owning
from tests.world import RATE, undone

from jifen.earning.types import Booked, Line, Purchase
from jifen.ledger.models import Posting
from jifen.wallet.models import Coupon

EXAMPLES = 1_000 if SEARCHING else 60
CASH_BACK: Mapping[str, Any] = {**RATE, "code": "cash-back", "unit": "bonus", "per_minor": 9}
UNEVEN: Mapping[str, Any] = {
    "kind": "category",
    "code": "cats",
    "multipliers": {"a": "3", "b": "0"},
    "rules": ["cash-back"],
}
ODD_COUPONS: Mapping[str, Any] = {
    **COUPONS,
    "fifty": {"name": NAME, "gives": {"kind": "amount", "minor": 777}},
    "percent": {
        "name": NAME,
        "gives": {"kind": "percent", "pay": "0.8777"},
        "group": "percent",
        "categories": ["a"],
        "give_back": "its_lines",
    },
    "cup": {"name": NAME, "gives": {"kind": "goods", "pieces": 2}, "group": "cup"},
}
SMALL: Mapping[str, Any] = {**TOP_UP, "points": 30, "per_minor": 100}
"""30 for each full 100: of three small top-ups all pay for one order."""
SHOPS: Mapping[str, dict[str, Any]] = {
    "plain": owning(RATE, SMALL, offset=HALF_OFFSET, coupons=ODD_COUPONS),
    "cash back": owning(
        RATE,
        SMALL,
        CASH_BACK,
        UNEVEN,
        offset=HALF_OFFSET,
        coupons=ODD_COUPONS,
        stored_value={**STORED, "bonus_share": [3, 7], "bonus_earns": True},
    ),
    "nothing stored earns": owning(
        RATE,
        SMALL,
        CASH_BACK,
        UNEVEN,
        offset=HALF_OFFSET,
        coupons=ODD_COUPONS,
        stored_value={**STORED, "bonus_share": [1, 1], "principal_earns": False},
        expiry={"bonus": {"kind": "after", "days": 9}, "points": {"kind": "after", "days": 9}},
    ),
}
WORLDS: dict[str, Purse] = {}
LINES = st.builds(
    lambda quantity, amount, category, kind: Line(
        category or "z", quantity, amount, category=category, kind=kind
    ),
    st.integers(1, 4),
    st.one_of(st.integers(500, 3_000), st.integers(0, 9)),
    st.sampled_from(("a", "b", "")),
    st.sampled_from(("goods", "goods", "service", "shipping")),
)


class Plan(NamedTuple):
    """An order, and how much of what it may is paid by points and by stored value."""

    lines: tuple[Line, ...]
    coupons: frozenset[str]
    points_percent: int
    stored_percent: int


PLANS = st.builds(
    Plan,
    st.lists(LINES, min_size=1, max_size=4).map(tuple),
    st.frozensets(st.sampled_from(("fifty", "percent", "cup", "post"))),
    st.sampled_from((0, 31, 50, 77, 100)),
    st.sampled_from((0, 23, 50, 91, 100)),
)
MONEY = st.lists(st.integers(1, 3_000), min_size=1, max_size=4)
SPENT = st.lists(st.one_of(st.integers(1, 3_000), LOTS), max_size=3)


def world_of(shop: str) -> Purse:
    """One programme for each shop; what an example books is rolled back."""
    if shop not in WORLDS:
        WORLDS[shop] = Purse(SHOPS[shop])
    return WORLDS[shop]


def order(purse: Purse, member: UUID, plan: Plan) -> Purchase:
    """Book an order that is paid in as many ways as is planned and possible."""
    codes: list[str] = []
    for kind in sorted(plan.coupons):
        code = purse.coupon(kind, member)
        tried = purse.purchase(member, *plan.lines, coupons=(*codes, code))
        if isinstance(purse.preview(tried)[0], Booked):
            codes.append(code)
    plain = purse.purchase(member, *plan.lines, coupons=tuple(codes))
    [seen] = purse.preview(plain)
    assert isinstance(seen, Booked), seen
    left = seen.price.net_minor if seen.price else sum(line.net_minor for line in plan.lines)
    points = min(purse.available(member), left * plan.points_percent // 100)
    principal, bonus = purse.stored(member)
    stored = (left - points) * plan.stored_percent // 100
    while stored:
        sold = purse.purchase(
            member, *plan.lines, coupons=tuple(codes), points_paid=points, stored_minor=stored
        )
        if isinstance(purse.preview(sold)[0], Booked):
            break
        stored = min(stored, principal + bonus) // 2
    sold = purse.purchase(
        member, *plan.lines, coupons=tuple(codes), points_paid=points, stored_minor=stored
    )
    purse.booked(sold)
    event(f"{len(codes)} coupons, points {points > 0}, stored {stored > 0}")
    return sold


def everything(purse: Purse, member: UUID) -> dict[str, Any]:
    """What the member holds, coupons too."""
    with purse.scope():
        coupons = set(
            Coupon.objects.filter(member_id=member).values_list("code", "status", "holder_id")
        )
    return {**purse.dump(member), "coupons": coupons}


def sums(purse: Purse, member: UUID) -> dict[str, int]:
    """What was ever given back and clawed back."""
    with purse.scope():
        rows = Posting.objects.filter(
            account__member_id=member, kind__in=("give_back", "clawback")
        ).values_list("account__unit__code", "kind", "amount")
        found: dict[str, int] = {}
        for unit, kind, amount in rows:
            found[f"{unit} {kind}"] = found.get(f"{unit} {kind}", 0) + amount
    return found


def refund(purse: Purse, sold: Purchase, pieces: list[int]) -> None:
    purse.booked(purse.refund(sold, *((place, 1) for place in pieces)))


def spend(purse: Purse, member: UUID, acts: list[int | LotPlan]) -> None:
    """Other orders take what they can of stored value, and staff gives bonus money that ends."""
    for minor in acts:
        if isinstance(minor, LotPlan):
            lot = {"unit": "bonus", "expires_at": ends(minor.days)}
            purse.booked(purse.adjustment(member, minor.points, **lot))
            continue
        sold = purse.purchase(member, minor, stored_minor=minor)
        if isinstance(purse.preview(sold)[0], Booked):
            purse.booked(sold)


@settings(max_examples=EXAMPLES)
@given(
    data=st.data(),
    shop=st.sampled_from(sorted(SHOPS)),
    money=MONEY,
    points=st.integers(0, 4_000),
    plan=PLANS,
    early=st.lists(LOTS, max_size=2),
    after=SPENT,
)
def test_parts_of_a_refund_end_where_the_whole_does_for_every_means(
    data: st.DataObject,
    shop: str,
    money: list[int],
    points: int,
    plan: Plan,
    early: list[LotPlan],
    after: list[int | LotPlan],
) -> None:
    purse = world_of(shop)
    with undone():
        member = purse.member(points) if points else purse.member()
        for minor in money:
            purse.saved(member, minor)
        spend(purse, member, [*early])
        before = purse.dump(member)
        sold = order(purse, member, plan)
        spend(purse, member, after)
        pieces = [place for place, line in enumerate(plan.lines) for _ in range(line.quantity)]
        shuffled = data.draw(st.permutations(pieces), label="pieces")
        union = shuffled[: data.draw(st.integers(1, len(pieces)), label="how many")]
        cuts = data.draw(st.lists(st.integers(1, len(union)), max_size=4), label="cuts")
        with undone():
            refund(purse, sold, union)
            purse.verify()
            whole, whole_sums = everything(purse, member), sums(purse, member)
        for low, high in pairwise(sorted({0, len(union), *cuts})):
            refund(purse, sold, union[low:high])
        purse.verify()
        assert sums(purse, member) == whole_sums
        assert everything(purse, member) == whole
        if not after and len(union) == len(pieces):
            assert purse.dump(member) == before


@settings(max_examples=EXAMPLES)
@given(
    shop=st.sampled_from(sorted(SHOPS)),
    minor=st.integers(1, 60_000),
    cuts=st.lists(st.integers(1, 60_000), max_size=4),
)
def test_a_top_up_refunded_in_any_parts_is_the_smaller_top_up(
    shop: str, minor: int, cuts: list[int]
) -> None:
    purse = world_of(shop)
    with undone():
        member, other = purse.member(), purse.member()
        top_up = purse.saved(member, minor)
        edges = sorted({0, *(cut for cut in cuts if cut < minor)})
        for low, high in pairwise(edges):
            purse.booked(purse.pay_out(top_up, high - low))
        purse.saved(other, minor - edges[-1])
        assert purse.stored(member) == purse.stored(other)
        purse.booked(purse.pay_out(top_up))
        assert purse.stored(member) == (0, 0)
        purse.verify()


def test_bonus_that_comes_back_relieves_lots_that_should_not_have_paid() -> None:
    """60 of bonus that never end pay for A, which earns 60 back, and B, which earns nothing. They
    are spent, then 50 come that end soon. Refunding A first claws back more than A's bonus paid,
    from the 50 too; B's bonus then goes to the 50 first, as if both had been refunded together."""
    rule = {**CASH_BACK, "per_minor": 100}
    triple = {**UNEVEN, "multipliers": {"a": "3", "b": "0"}}
    terms = {**STORED, "bonus_share": [1, 1], "bonus_earns": True}
    purse = Purse(owning(RATE, rule, triple, stored_value=terms))
    member = purse.member()
    purse.booked(purse.adjustment(member, 60, unit="bonus"))
    lines = (Line("a", 1, 2_000, category="a"), Line("b", 1, 4_000, category="b"))
    sold = purse.order(member, *lines, stored_minor=60)
    assert purse.stored(member)[1] == 60
    spent = Line("x", 1, 60, category="b")
    purse.order(member, spent, stored_minor=60)
    purse.booked(purse.adjustment(member, 50, unit="bonus", expires_at=ends(5)))
    with undone():
        purse.booked(purse.refund(sold))
        whole = purse.lots(member, "bonus")
    refund(purse, sold, [0])
    [(left, _)] = purse.lots(member, "bonus")
    assert left < 50
    refund(purse, sold, [1])
    assert purse.lots(member, "bonus") == whole
    purse.verify()
