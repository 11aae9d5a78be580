"""Guarantee 11: every posting says which version, which inputs, which arithmetic, who and why;
and every order that earned nothing says why not."""

import random
from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.json import encode
from tests.properties.shops import SHOPS
from tests.world import OFFSET, RATE, World, ok, rule_set

from jifen.earning import context
from jifen.earning import selectors as earning
from jifen.earning.types import Award, Explanation, Line, OpeningLot
from jifen.ledger.models import DrawDown, Posting, Transaction

CHECK_IN = {"kind": "behaviour", "code": "c", "on": "check_in", "points": 10, "unit": "points"}


def busy(shop: str) -> World:
    """A month of a shop with orders, refunds, gifts and expiry."""
    chance = random.Random(shop)
    world = World({**SHOPS[shop], "rules": [*SHOPS[shop]["rules"], CHECK_IN]})
    ends = world.at + timedelta(days=4)
    members = [world.member(30, OpeningLot("points", 20, ends)) for _ in range(2)]
    for _ in range(6):
        for member in members:
            lines = [
                Line(
                    chance.choice(["tea", "cup", "voucher"]),
                    chance.randrange(1, 4),
                    chance.randrange(5_000),
                    category=chance.choice(["", "none", "triple"]),
                    kind=chance.choice(["goods", "goods", "gift_card"]),
                )
                for _ in range(chance.randrange(1, 4))
            ]
            sold = world.purchase(member, *lines)
            world.book(
                sold,
                world.behaviour(member, "check_in"),
                world.adjustment(member, chance.choice([-7, 9])),
                world.refund(sold, (0, 1)),
            )
        world.at += timedelta(days=1)
    return world


@pytest.mark.parametrize("shop", sorted(SHOPS))
def test_every_posting_is_explained(shop: str) -> None:
    world = busy(shop)
    with world.scope():
        transactions = {row.id: row for row in Transaction.objects.all()}
        postings: dict[UUID, list[Posting]] = defaultdict(list)
        for posting in Posting.objects.all():
            postings[posting.transaction_id].append(posting)
        assert set(postings) == set(transactions)
        for transaction_id, rows in postings.items():
            who = transactions[transaction_id]
            assert who.actor
            if who.kind == "expire":
                assert {row.kind for row in rows} == {"expire"}
                assert all(why_expired(row, who) for row in rows)
                continue
            explained = earning.explain(transaction_id, language="en")
            assert {posting.id for posting in explained.postings} == {row.id for row in rows}
            assert explained.activity.rule_set_version == 1
            assert explained.sentences
            assert earning.explain(transaction_id, language="zh").sentences
            for row in rows:
                why(explained, row, who)


def why_expired(row: Posting, who: Transaction) -> bool:
    """Each lot that an expiry closed was past its date."""
    lots = DrawDown.objects.filter(posting_id=row.id).values_list(
        "lot_posting__expires_at", flat=True
    )
    return bool(lots) and all(date is not None and date <= who.booked_at for date in lots)


def why(explained: Explanation, row: Posting, who: Transaction) -> None:
    """The award, or the words of whoever moved it by hand."""
    activity = explained.activity
    if row.kind == "earn":
        assert explained.facts is not None
        parts = [part for part in activity.award.parts if part.rule == row.rule]
        assert row.amount in {part.points for part in parts}
        for part in parts:
            if part.exact is not None:
                arithmetic(activity.award)
    elif row.kind in {"adjust_up", "adjust_down"}:
        assert who.reason
    else:
        assert activity.kind in {"refund", "purchase", "tier_lost"}
        assert activity.of_id is not None or row.kind == "burn"


def arithmetic(award: Award) -> None:
    """A base part can be computed again from what it tells: lines, factors, rate, bounds."""
    for part in award.parts:
        if part.exact is None or part.rate is None:
            continue
        assert part.rounded is not None
        factors = Fraction(1)
        for _, factor in part.factors:
            factors *= Fraction(factor)
        if part.bands:
            total = sum((Fraction(n, d) for n, d, _ in part.bands), Fraction(0))
            weighed = sum(
                (Fraction(n, d) * Fraction(times) for n, d, times in part.bands), Fraction(0)
            )
            factors *= weighed / total
        exact = Fraction(0)
        for _, basis, own in part.lines:
            weight = Fraction(basis)
            for _, factor in own:
                weight *= Fraction(factor)
            exact += weight
        exact *= factors * Fraction(*part.rate)
        assert exact == Fraction(*part.exact)
        if part.rounding.endswith("/order"):
            assert abs(exact - part.rounded) < 1
        assert part.points == part.rounded - sum(part.bounded.values())


NOTHING: list[tuple[str, dict[str, Any], tuple[Line, ...], str]] = [
    ("gift cards", rule_set(), (Line("g", 1, 9_900, kind="gift_card"),), "line_excluded"),
    ("excluded", rule_set(RATE, {"kind": "exclude", "code": "x", "products": ["p"]}),
     (Line("p", 1, 9_900),), "line_excluded"),
    ("too little", rule_set(), (Line("p", 1, 99),), "rounded_to_zero"),
    ("free", rule_set(), (Line("p", 1, 0),), "nothing_counts"),
    ("no rule", rule_set(CHECK_IN), (Line("p", 1, 9_900),), "no_rule_applies"),
    ("the cap", rule_set(RATE, {"kind": "cap", "code": "d", "per": "day", "points": 1,
     "unit": "points"}), (Line("p", 1, 9_900),), "cap_took"),
    ("the budget", rule_set({**RATE, "budget": 1}), (Line("p", 1, 9_900),), "budget_took"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "document", "lines", "code"), NOTHING, ids=[case for case, *_ in NOTHING]
)
def test_an_order_that_earned_nothing_says_why(
    case: str, document: dict[str, Any], lines: tuple[Line, ...], code: str
) -> None:
    world = World(document)
    member = world.member()
    if code.endswith("_took"):
        world.booked(world.purchase(member, 9_900))
    booked = world.booked(world.purchase(member, *lines))
    assert booked.points == {}
    assert code in {refusal.code for refusal in booked.award.refusals}
    with world.scope():
        for language in ("en", "zh"):
            explained = earning.explain(booked.id, language=language)
            assert explained.sentences
            assert encode(explained.activity.award) == encode(booked.award)


def test_an_order_of_nobody_says_why_it_earned_nothing() -> None:
    world = World()
    [booked] = ok(world.book(world.purchase(None, 9_900)))
    assert [refusal.code for refusal in booked.award.refusals] == ["no_member"]


def test_an_order_paid_in_points_alone_says_that_nothing_counts() -> None:
    world = World(rule_set(offset=OFFSET))
    member = world.member(100)
    booked = world.booked(world.purchase(member, 100, points_paid=100))
    assert "nothing_counts" in {refusal.code for refusal in booked.award.refusals}


def test_an_award_is_bound_to_the_version_that_gave_it() -> None:
    """Guarantee 14: a refund asks the version that the award recorded, whatever is in force."""
    world = World()
    member = world.member()
    sold = world.purchase(member, Line("p", 2, 10_000))
    first = world.booked(sold)
    assert world.publish(rule_set({**RATE, "points": 9}, offset=OFFSET)) == 2

    refunded = world.booked(world.refund(sold, (0, 1)))

    assert world.available(member) == 50
    second = world.booked(world.purchase(member, 1_000))
    with world.scope():
        versions = [
            earning.activity(booked.id).rule_set_version for booked in (first, refunded, second)
        ]
    assert versions == [1, 1, 2]


@pytest.mark.parametrize(("rewarded", "rows"), [(True, 1), (False, 0)])
def test_an_order_that_lifts_the_member_says_so(*, rewarded: bool, rows: int) -> None:
    """A tier reached is an activity of its own only where a rule rewards it."""
    rungs = [{"code": "gold", "name": {"zh": "金卡", "en": "Gold"}, "from": 10_000}]
    reward = {"kind": "behaviour", "code": "up", "on": "tier_reached:gold", "points": 400}
    rules = (RATE, {**reward, "unit": "points"}) if rewarded else (RATE,)
    world = World(rule_set(*rules, ladder={"by": "spend", "rungs": rungs}))
    sold = world.purchase(world.member(), 10_000)
    lifted = world.booked(sold)
    lowered = world.booked(world.refund(sold))
    with world.scope():
        up, down = (earning.explain(one.id, language="en") for one in (lifted, lowered))
        down_zh = earning.explain(lowered.id, language="zh")
    assert up.sentences[-1] == "tier Gold reached"
    assert down.sentences[-1] == "no tier now"
    assert down_zh.sentences[-1] == "不再有等级"
    assert [info.kind for info in up.related].count("tier_reached") == rows
    assert [info.kind for info in down.related].count("tier_lost") == rows


def test_what_names_units_and_stores_is_read_once_for_an_explanation() -> None:
    world = World(rule_set(offset=OFFSET))
    member = world.member(100)
    booked = world.booked(world.purchase(member, 10_000, points_paid=100))
    context._settings.clear()
    with world.scope(), CaptureQueriesContext(connection) as asked:
        earning.explain(booked.id, language="en")
    for table in ("programme", "store", "unit"):
        found = [each["sql"] for each in asked if f'FROM "{table}"' in each["sql"]]
        assert len(found) <= 1, found
