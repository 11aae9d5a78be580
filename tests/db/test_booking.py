"""Booking through the one way in: what a batch may and may not do to its neighbours.

Each test here is a fault that was found in this code, or that another loyalty code has.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.world import OFFSET, RATE, World, codes, owner, ref, rule_set, rungs

from jifen.earning import context as contexts
from jifen.earning.rules.document import InvalidRuleSet
from jifen.earning.types import (
    Booked,
    Claim,
    Line,
    OpeningLot,
    OrderRef,
    Refund,
    RefundLine,
)
from jifen.ledger.models import Posting
from jifen.programmes import services as programmes

DAILY = {"kind": "cap", "code": "daily", "per": "day", "points": 500, "unit": "points"}
POISON = rule_set({**RATE, "points": 10**12, "per_minor": 1})
"""A rule whose points no account can hold: the database refuses them."""


# --- a batch -----------------------------------------------------------------------------------


def test_a_value_that_the_database_refuses_spoils_its_own_item_only() -> None:
    world = World(POISON)
    people = [world.member() for _ in range(3)]
    poison = world.purchase(people[1], Line("p", 1, 10**12))
    good = [world.purchase(people[0], 1), world.purchase(people[2], 1)]

    first, spoilt, last = world.book(good[0], poison, good[1])

    assert isinstance(first, Booked)
    assert isinstance(last, Booked)
    assert codes([spoilt]) == ["invalid_input"]
    assert [world.available(member) for member in people] == [10**12, 0, 10**12]
    world.verify()


@pytest.fixture
def refused_reference() -> Iterator[str]:
    """A reference that a constraint of the database refuses, for a reason without a name."""
    name = f"poison_{uuid.uuid4().hex}"
    with owner() as cursor:
        cursor.execute(
            f"ALTER TABLE activity ADD CONSTRAINT {name} CHECK (reference <> '{name}') NOT VALID"
        )
    yield name
    with owner() as cursor:
        cursor.execute(f"ALTER TABLE activity DROP CONSTRAINT {name}")


def test_an_unexpected_refusal_of_the_database_spoils_its_own_item_only(
    refused_reference: str,
) -> None:
    world = World()
    member = world.member()
    good = [world.purchase(member, 10_000) for _ in range(2)]
    bad = world.purchase(member, 10_000, reference=refused_reference)

    outcomes = world.book(good[0], bad, good[1])

    assert codes(outcomes) == ["not_booked"]
    assert world.available(member) == 200
    world.verify()


def test_a_batch_answers_in_order_whatever_is_refused() -> None:
    world = World(rule_set(offset=OFFSET))
    member = world.member(100)
    sold = world.purchase(member, 10_000)
    future = world.at + timedelta(minutes=6)
    outcomes = world.book(
        sold,
        world.purchase(uuid.uuid4(), 100),
        world.purchase(member, Line("p", 1, 100, discount_minor=101)),
        world.purchase(member, 100, occurred_at=future),
        world.purchase(member, 100, occurred_at=world.at.replace(tzinfo=None)),
        world.purchase(member, 100, store="nowhere"),
        world.purchase(member, 100_000, points_paid=201),
        world.purchase(None, 100_000, points_paid=1),
        world.behaviour(member, "juggling"),
        world.refund(sold, (1, 1)),
        world.refund(sold, (0, 2)),
        world.refund(world.purchase(member, 100)),
        world.adjustment(member, 0),
        world.adjustment(member, 5, unit="tea"),
        world.purchase(member, 5_000, points_paid=200),
    )
    assert [type(outcome) is Booked for outcome in outcomes] == [True, *[False] * 13, True]
    assert codes(outcomes) == [
        "unknown_member",
        "discount_above_amount",
        "time_in_future",
        "time_without_zone",
        "unknown_store",
        "insufficient_points",
        "offset_needs_member",
        "unknown_behaviour",
        "unknown_line",
        "refund_above_purchase",
        "unknown_order",
        "zero_points",
        "unknown_unit",
    ]
    assert world.available(member) == 48
    world.verify()


def test_a_claim_of_an_unknown_store_is_refused_alone() -> None:
    world = World()
    member = world.member()
    sold = world.purchase(None, 10_000)
    claim = world.claim(sold, member, of=OrderRef(sold.reference, store="nowhere"))
    refund = world.refund(sold, of=OrderRef(sold.reference, store="nowhere"))

    outcomes = world.book(sold, claim, refund, world.purchase(member, 10_000))

    assert codes(outcomes) == ["unknown_store", "unknown_store"]
    assert world.available(member) == 100


# --- claims ------------------------------------------------------------------------------------


def test_a_claim_in_the_batch_of_its_purchase_keeps_to_the_caps() -> None:
    world = World(rule_set(RATE, DAILY))
    member = world.member()
    world.booked(world.purchase(member, 40_000))
    sold = world.purchase(None, 40_000)

    assert not codes(world.book(sold, world.claim(sold, member)))

    assert world.available(member) == 500
    assert world.dump(member)["caps"] == {("daily", "2026-06-01"): 500}


def test_orders_of_two_stores_with_one_reference_are_both_claimed() -> None:
    world = World()
    member = world.member()
    sold = [world.purchase(None, 10_000, reference="R", store=each) for each in ("main", "other")]
    claims = [world.claim(each, member) for each in sold]

    assert not codes(world.book(*sold, *claims))

    assert world.available(member) == 200
    assert world.refused(world.claim(sold[0], member)) == "already_claimed"


def test_a_claim_counts_where_and_when_the_order_was() -> None:
    promotion = {
        "kind": "promotion",
        "code": "main-only",
        "multiplier": "2",
        "when": {"stores": ["main"]},
    }
    world = World(
        rule_set(RATE, promotion, expiry={"points": {"kind": "after", "days": 10}}),
    )
    member = world.member()
    sold = world.purchase(None, 10_000, store="other", occurred_at=world.at - timedelta(days=5))
    world.booked(sold)

    world.booked(world.claim(sold, member))

    [(points, expires_at)] = world.lots(member)
    assert points == 100
    assert expires_at == datetime(2026, 6, 6, 16, tzinfo=UTC)
    with world.scope():
        posting = Posting.objects.get(account__member_id=member)
        stores = contexts.Directory().settings.stores
    assert (posting.store_id, posting.merchant_id) == (
        stores["other"].id,
        stores["other"].merchant_id,
    )


def test_what_was_refunded_before_the_claim_earns_nothing() -> None:
    world = World()
    member = world.member()
    sold = world.purchase(None, Line("p", 4, 10_000))
    world.book(sold, world.refund(sold, (0, 1)), world.claim(sold, member))
    assert world.available(member) == 75
    world.booked(world.refund(sold, (0, 1)))
    assert world.available(member) == 50
    world.booked(world.refund(sold))
    assert world.available(member) == 0
    assert world.dump(member)["purchases_kept"] == 0
    assert world.refused(world.refund(sold)) == "nothing_kept"
    world.verify()


# --- rule sets that change ---------------------------------------------------------------------


def by_period(period: str) -> dict[str, Any]:
    return {"by": "spend_period", "period": period, "rungs": rungs(silver=10_000, gold=50_000)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, by_period("month")),
        (by_period("month"), by_period("year")),
        (by_period("month"), None),
        (by_period("year"), by_period("month")),
    ],
    ids=["none to month", "month to year", "month to none", "year to month"],
)
def test_a_refund_takes_spend_out_of_the_period_it_went_into(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    world = World(rule_set(RATE, **({"ladder": before} if before else {})))
    member = world.member()
    sold = world.purchase(member, 10_000, 20_000)
    world.booked(sold)
    world.publish(rule_set(RATE, **({"ladder": after} if after else {})))

    world.booked(world.refund(sold, (0, 1)))
    world.booked(world.refund(sold))

    dump = world.dump(member)
    assert (dump["spend_minor"], dump["periods"], dump["lots"]) == (0, {}, set())
    world.verify()


def test_a_refund_that_finds_a_tier_given_keeps_to_the_caps() -> None:
    reward = {"kind": "behaviour", "code": "up", "on": "tier_reached:gold", "points": 400}
    rules = ({**reward, "unit": "points"}, DAILY, RATE)
    high = {"by": "spend", "rungs": rungs(gold=10**9)}
    world = World(rule_set(*rules, ladder=high))
    member = world.member()
    sold = world.purchase(member, 30_000, 100)
    world.booked(sold)
    world.publish(rule_set(*rules, ladder={"by": "spend", "rungs": rungs(gold=20_000)}))

    world.booked(world.refund(sold, (1, 1)))

    assert world.tier(member) == "gold"
    assert world.available(member) == 500
    assert world.dump(member)["caps"] == {("daily", "2026-06-01"): 500}


def test_a_refund_takes_no_more_of_a_budget_than_its_order_did() -> None:
    """The order's cap left nothing for the bonus; others have used its budget up since. When the
    refund makes room under the cap, there is still no budget."""
    bonus = {"kind": "spend_threshold", "code": "over", "at_least_minor": 3_000, "points": 25}
    order = {"kind": "cap", "code": "order", "per": "order", "points": 45, "unit": "points"}
    world = World(rule_set(RATE, {**bonus, "unit": "points", "budget": 25}, order))
    member, others = world.member(), [world.member(), world.member()]
    sold = world.purchase(member, Line("p", 3, 4_500))
    assert world.booked(sold).points == {"points": 45}
    given = [world.booked(world.purchase(other, 3_000)).points["points"] for other in others]
    assert given == [45, 40]
    assert world.dump(member)["budgets"] == {"budget:over": 25}

    world.booked(world.refund(sold, (0, 1)))

    assert world.available(member) == 30
    assert world.dump(member)["budgets"] == {"budget:over": 25}


@pytest.mark.parametrize(
    "document",
    [
        {"offset": {"unit": "growth", "points": 1, "worth_minor": 1}},
        {"expiry": {"growth": {"kind": "after", "days": 1}}},
        {"ladder": {"by": "growth", "unit": "points", "rungs": rungs(gold=1)}},
    ],
    ids=["growth is spent", "growth expires", "points make tiers"],
)
def test_growth_and_spendable_points_are_kept_apart(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidRuleSet):
        World(rule_set(RATE, **document))


def test_a_unit_that_another_process_added_is_known_at_once() -> None:
    world = World()
    member = world.member(5)
    stale = contexts._settings[world.programme.id]
    with world.scope():
        programmes.add_unit(code="stars", kind="points", name_zh="星", name_en="stars")
    world.booked(world.adjustment(member, 7, unit="stars"))
    contexts._settings[world.programme.id] = stale

    world.booked(world.adjustment(member, -5))

    assert (world.available(member), world.available(member, "stars")) == (0, 7)


# --- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+14:00"])
def test_an_expiry_outside_the_calendar_is_refused(at: str) -> None:
    world = World()
    member = world.member()
    when = datetime.fromisoformat(at)
    assert world.refused(world.adjustment(member, 5, expires_at=when)) == "invalid_input"
    world.booked(world.adjustment(member, 1))
    world.booked(world.adjustment(member, -1))


def test_points_that_come_after_their_date_are_not_spendable_in_any_answer() -> None:
    world = World(rule_set(RATE, expiry={"points": {"kind": "after", "days": 3}}, offset=OFFSET))
    member = world.member()
    late = world.purchase(member, 10_000, occurred_at=world.at - timedelta(days=30))

    booked = world.booked(late)

    assert booked.points == {"points": 100}
    assert [each.available for each in booked.balances] == [0]
    assert world.available(member) == 0
    paying = world.purchase(member, 10_000, points_paid=100)
    assert world.refused(paying) == "insufficient_points"
    world.verify()


def test_what_was_refused_leaves_no_trace() -> None:
    world = World(rule_set(RATE, offset=OFFSET, expiry={"points": {"kind": "after", "days": 3}}))
    member = world.member(OpeningLot("points", 50, world.at + timedelta(days=1)), 10)
    before = world.dump(member)
    later = world.at + timedelta(days=2)
    paying = world.purchase(member, 100_000, points_paid=50)
    assert world.refused(paying, at=later) == "insufficient_points"
    assert world.dump(member) == before
    assert world.available(member, at=later) == 10


def test_a_preview_answers_what_booking_would_and_writes_nothing() -> None:
    tier = {"kind": "tier", "code": "levels", "multipliers": {"gold": "1.5"}}
    reward = {"kind": "behaviour", "code": "up", "on": "tier_reached:gold", "points": 400}
    world = World(
        rule_set(
            {**RATE, "budget": 10_000},
            tier,
            DAILY,
            {**reward, "unit": "points"},
            ladder={"by": "spend", "rungs": rungs(gold=20_000)},
            offset=OFFSET,
        )
    )
    member = world.member(300)
    first = world.purchase(member, 30_000, points_paid=100)
    acts = (
        first,
        world.purchase(member, 20_000),
        world.refund(first),
        world.behaviour(member, "check_in"),
        world.adjustment(member, -1_000),
    )
    before = world.dump(member)
    previewed = world.preview(*acts)
    assert world.dump(member) == before
    booked = world.book(*acts)
    for guess, real in zip(previewed, booked, strict=True):
        if isinstance(real, Booked):
            assert isinstance(guess, Booked)
            assert guess.award == real.award
            assert (guess.points, guess.balances, guess.tier) == (
                real.points,
                real.balances,
                real.tier,
            )
        else:
            assert codes([guess]) == codes([real])
    world.verify()


def test_another_programme_is_another_world() -> None:
    here, there = World(), World()
    stranger = there.member(100)
    sold = there.purchase(stranger, 10_000)
    there.booked(sold)
    assert here.refused(here.purchase(stranger, 10_000)) == "unknown_member"
    assert here.refused(here.behaviour(stranger, "check_in")) == "unknown_member"
    assert here.refused(here.refund(sold)) == "unknown_order"
    assert here.refused(here.claim(sold, here.member())) == "unknown_order"
    assert here.balance(stranger).available == 0
    same_key = here.purchase(here.member(), 10_000, key=sold.key, reference=sold.reference)
    here.booked(same_key)
    assert there.available(stranger) == 200


def test_refunds_and_claims_name_the_store_or_take_their_own() -> None:
    world = World()
    member = world.member()
    sold = world.purchase(member, 10_000, store="other")
    world.booked(sold)
    at: dict[str, Any] = {"key": uuid.uuid4().hex, "occurred_at": world.at}
    here = Refund(of=OrderRef(sold.reference), **at)
    assert world.refused(here) == "unknown_order"
    there = Refund(of=OrderRef(sold.reference), store="other", lines=(RefundLine(0, 1),), **at)
    world.booked(there)
    claim = Claim(of=OrderRef(sold.reference), store="other", member=ref(member),
                  key=uuid.uuid4().hex, occurred_at=world.at)  # fmt: skip
    assert world.refused(claim) == "already_claimed"
