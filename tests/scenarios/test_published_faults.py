"""Faults that were read, or run and seen, in published loyalty code. None of them is here.

Each test names where the fault was. Those that need many tills at once are in
``tests/concurrency``; ``docs/guarantees.md`` lists all of them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from tests.world import OFFSET, RATE, World, codes, rule_set, rungs

from jifen.earning.models import Activity
from jifen.earning.types import Booked, Line, OpeningLot
from jifen.ledger import selectors as ledger
from jifen.ledger.models import Account, DrawDown, Posting, Transaction

CHECK_IN = {"kind": "behaviour", "code": "c", "on": "check_in", "points": 10, "unit": "points"}


def postings(world: World, kind: str | None = None) -> list[int]:
    """The amounts that were posted, in order."""
    with world.scope():
        rows = Posting.objects.order_by("account_id", "seq")
        if kind:
            rows = rows.filter(kind=kind)
        return list(rows.values_list("amount", flat=True))


def test_a_debit_that_cannot_be_paid_leaves_no_discount() -> None:
    """ruoyi-vue-pro ``createPointRecord``, fuint ``addPoint``: logged and dropped, while the order
    kept its discount."""
    world = World(rule_set(offset=OFFSET))
    member = world.member(50)
    order = world.purchase(member, 10_000, points_paid=51)

    assert world.refused(order) == "insufficient_points"

    assert (postings(world), world.available(member)) == ([50], 50)
    with world.scope():
        assert not Activity.objects.filter(kind="purchase").exists()
    world.booked(world.purchase(member, 10_000, key=order.key, reference=order.reference))


def test_the_clawback_takes_what_was_earned_not_what_was_paid() -> None:
    """fuint ``RefundServiceImpl``: takes the order's first points row, which is the deduction."""
    world = World(rule_set(offset=OFFSET))
    member = world.member(3_000)
    sold = world.purchase(member, 10_000, points_paid=3_000)
    assert world.booked(sold).points == {"points": 70 - 3_000}

    world.booked(world.refund(sold))

    assert postings(world, "clawback") == [-70]
    assert postings(world, "give_back") == [3_000]
    assert world.available(member) == 3_000


@pytest.mark.parametrize("parts", [2, 3, 7, 100])
def test_an_order_split_in_parts_never_earns_more(parts: int) -> None:
    """fuint ``OrderServiceImpl``: every fraction rounded up, so split orders earn more."""
    world = World()
    whole, split = world.member(), world.member()
    total_minor = 12_890
    pieces = [total_minor // parts] * (parts - 1)
    pieces.append(total_minor - sum(pieces))

    world.book(
        world.purchase(whole, total_minor), *(world.purchase(split, each) for each in pieces)
    )

    assert world.available(whole) == 128
    assert world.available(split) <= 128


def test_a_clawback_beyond_what_is_held_is_owed_and_the_ledger_knows() -> None:
    """CRMEB ``regressionIntegral``, likeshop ``IntegralLogic``: the balance is set to 0 and the
    full amount logged, so ledger and balance differ for ever."""
    world = World()
    member = world.member()
    sold = world.purchase(member, 10_000)
    world.book(sold, world.adjustment(member, -70), world.refund(sold))

    balance = world.balance(member)

    assert (balance.available, balance.deficit) == (0, 70)
    assert sum(postings(world)) == -70
    world.verify()
    world.booked(world.purchase(member, 10_000))
    assert (world.balance(member).available, world.balance(member).deficit) == (30, 0)


def test_a_refund_again_is_refused_whatever_its_key() -> None:
    """CRMEB, same file: the guard against a repeat looks for a type that is never written."""
    world = World()
    member = world.member()
    sold = world.purchase(member, Line("p", 2, 10_000))
    world.booked(sold)
    first = world.refund(sold, (0, 1))
    world.book(first, first)
    assert world.booked(first).replayed
    assert world.available(member) == 50
    world.booked(world.refund(sold))
    assert world.refused(world.refund(sold)) == "nothing_kept"
    assert world.refused(world.refund(sold, (0, 1))) == "nothing_kept"
    assert world.available(member) == 0


def test_a_second_check_in_of_a_day_is_refused_also_in_one_batch() -> None:
    """ruoyi-vue-pro ``MemberSignInRecordServiceImpl``: reads the last record, then inserts."""
    world = World(rule_set(CHECK_IN))
    member = world.member()
    outcomes = world.book(*(world.behaviour(member, "check_in") for _ in range(3)))
    assert codes(outcomes) == ["already_done"] * 2
    assert world.available(member) == 10


def test_without_an_offset_orders_still_earn() -> None:
    """ruoyi-vue-pro ``TradePointGiveCalculator``: no deduction, no earning either."""
    world = World(rule_set())
    member = world.member(500)
    assert world.refused(world.purchase(member, 1_000, points_paid=100)) == "offset_not_allowed"
    assert world.booked(world.purchase(member, 1_000)).points == {"points": 10}


def test_no_amount_is_ever_a_float() -> None:
    """odoo/odoo#111670, #153541: −1e-14 points made a coupon invalid; 268.28000000000003."""
    tier = {"kind": "tier", "code": "t", "multipliers": {"gold": "1.1"}}
    world = World(rule_set({**RATE, "per_minor": 3}, tier, offset=OFFSET,
                           ladder={"by": "spend", "rungs": rungs(gold=0)}))  # fmt: skip
    member = world.member()
    for amount in (26_828, 10, 20, 30, 7):
        world.booked(world.purchase(member, amount))
    for line in (0, 0):
        sold = world.purchase(member, Line("p", 3, 26_829))
        world.booked(sold)
        world.booked(world.refund(sold, (line, 1)))
        world.booked(world.refund(sold))
    # ⌊amount ÷ 3 × 1.1⌋ of each order that is kept.
    assert world.available(member) == 9_836 + 3 + 7 + 11 + 2
    amounts = postings(world)
    assert all(type(amount) is int for amount in amounts)
    assert sum(amounts) == world.available(member)


def test_an_order_sent_again_after_a_bad_connection_earns_once() -> None:
    """odoo/odoo#222372, OCA/pos#185: confirmed twice, earned twice."""
    world = World()
    member = world.member()
    order = world.purchase(member, 10_000)
    answers = [world.booked(order, at=world.at + timedelta(minutes=n)) for n in range(3)]
    assert [answer.replayed for answer in answers] == [False, True, True]
    assert len({(answer.id, answer.balances) for answer in answers}) == 1
    assert world.available(member) == 100


def test_a_refund_returns_points_as_points_and_money_as_money() -> None:
    """odoo/odoo#212922: the refund charges the spent points again. mollie/magento2#951: a partial
    refund pays points out in cash."""
    world = World(rule_set(offset=OFFSET))
    member = world.member(5_000)
    sold = world.purchase(member, Line("p", 2, 10_000), points_paid=5_000)
    world.booked(sold)
    assert world.dump(member)["spend_minor"] == 5_000

    world.booked(world.refund(sold, (0, 1)))

    # Of 50.00 for the piece, half was paid in points and half in money.
    assert world.dump(member)["spend_minor"] == 2_500
    assert postings(world, "give_back") == [2_500]
    assert world.available(member) == 2_500 + 25
    world.booked(world.refund(sold))
    assert (world.available(member), world.dump(member)["spend_minor"]) == (5_000, 0)


def test_partial_refunds_revoke_what_was_earned_and_no_more() -> None:
    """Computed as increments instead of absolutely: two partial refunds revoke too much."""
    world = World(rule_set(RATE, rounding={"mode": "half_up", "per": "order"}))
    member = world.member()
    sold = world.purchase(member, Line("p", 3, 500))
    assert world.booked(sold).points == {"points": 5}
    taken = [world.booked(world.refund(sold, (0, 1))).points["points"] for _ in range(3)]
    assert sum(taken) == -5
    assert world.balance(member).deficit == 0
    world.verify()


def test_points_overdue_are_gone_without_any_run_and_closed_in_one_posting() -> None:
    """damoang/angple#1900: expiry never ran, 836 million points overdue; one call would have been
    6,022 transactions."""
    world = World()
    soon = world.at + timedelta(days=1)
    member = world.member(*[OpeningLot("points", 3, soon)] * 300, 7)
    world.at = soon
    assert world.available(member) == 7
    with world.scope():
        before = Posting.objects.count()
    world.booked(world.adjustment(member, -7))
    assert postings(world, "expire") == [-900]
    with world.scope():
        assert Posting.objects.count() == before + 2
    world.verify()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "UTC"])
def test_points_end_at_midnight_of_the_shop_and_of_nobody_else(zone: str) -> None:
    """odoo/odoo#222428: judged in the visitor's time zone, then in UTC."""
    local = ZoneInfo(zone)
    world = World(
        rule_set(RATE, expiry={"points": {"kind": "after", "days": 1}}),
        at=datetime(2026, 3, 7, 23, 30, tzinfo=local),
        zone=zone,
    )
    member = world.member()
    world.booked(world.purchase(member, 10_000))
    midnight = datetime(2026, 3, 9, 0, 0, tzinfo=local).astimezone(UTC)
    assert world.available(member, at=midnight - timedelta(microseconds=1)) == 100
    for visitor in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
        assert world.available(member, at=midnight.astimezone(ZoneInfo(visitor))) == 0


@pytest.mark.parametrize(
    "ladder",
    [
        {"by": "growth", "unit": "growth", "rungs": rungs(gold=3_000)},
        {"by": "spend", "rungs": rungs(gold=300_000)},
    ],
    ids=["by growth", "by spend"],
)
def test_spending_points_never_demotes(ladder: dict[str, Any]) -> None:
    """DivanteLtd/open-loyalty#131: the tier is taken from the spendable balance."""
    grow = {**RATE, "code": "grow", "unit": "growth"}
    world = World(rule_set(RATE, grow, ladder=ladder, offset=OFFSET))
    member = world.member()
    world.booked(world.purchase(member, 300_000))
    assert world.tier(member) == "gold"
    small = world.purchase(member, 2_900, points_paid=2_900)
    world.book(small, world.adjustment(member, -50))
    assert world.tier(member) == "gold"
    # A refund lowers by what is no longer kept, never by what was spent.
    world.booked(world.refund(small))
    assert world.tier(member) == "gold"


def test_whatever_gives_a_discount_debits_it() -> None:
    """frappe/erpnext#59050: on another document type the discount is given and nothing debited,
    endlessly."""
    world = World(rule_set(offset=OFFSET))
    member = world.member(1_000)
    nobody = world.purchase(None, 10_000, points_paid=100)
    assert world.refused(nobody) == "offset_needs_member"
    assert world.refused(world.purchase(member, 100, points_paid=101)) == "offset_above_share"
    for _ in range(3):
        world.booked(world.purchase(member, 10_000, points_paid=300))
    assert postings(world, "burn") == [-300] * 3
    with world.scope():
        spent = Activity.objects.filter(kind="purchase").count()
        assert Transaction.objects.filter(kind="purchase").count() == spent == 3


def test_a_preview_uses_the_tier_that_the_grant_uses() -> None:
    """janavipandole/Cara#6033: the preview ignores the tier multiplier."""
    tier = {"kind": "tier", "code": "levels", "multipliers": {"gold": "1.5"}}
    world = World(rule_set(RATE, tier, ladder={"by": "spend", "rungs": rungs(gold=1)}))
    member = world.member()
    world.booked(world.purchase(member, 100))
    order = world.purchase(member, 19_999)
    [guess] = world.preview(order)
    assert isinstance(guess, Booked)
    assert guess.points == {"points": 299}
    assert world.booked(order).award == guess.award


def test_a_spent_lot_never_looks_fuller_and_its_points_do_not_come_back() -> None:
    """ERPNext 15 (run and seen): a spent lot looks fuller; when it expires, spent points return."""
    world = World(rule_set({**RATE, "per_minor": 10**9}, offset=OFFSET))
    soon = world.at + timedelta(days=1)
    member = world.member(OpeningLot("points", 100, soon), 100)
    world.booked(world.purchase(member, 100, points_paid=100))
    assert world.lots(member) == [(100, None)]
    world.at = soon + timedelta(days=1)
    assert world.available(member) == 100
    world.booked(world.adjustment(member, -100))
    assert (world.available(member), postings(world, "expire")) == (0, [])
    world.verify()


def test_a_balance_is_read_without_summing_history() -> None:
    """ERPNext, Medusa loyalty plugin, django-hordak (run and seen): reading slows down as history
    grows, since it sums."""
    world = World()
    member = world.member(5)
    for _ in range(3):
        world.book(*(world.adjustment(member, 1) for _ in range(50)))
        with world.scope(), transaction.atomic():
            before = scans()
            ledger.balances(member_id=member, at=world.at)
            after = scans()
        asked = {table for table in after if after[table] > before.get(table, 0)}
        assert asked == {"account", "unit", "lot"}


def scans() -> dict[str, int]:
    """How often each table was read by this connection so far, counting the transaction at hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, seq_scan + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def test_cancelling_adds_to_history_and_takes_nothing_from_it() -> None:
    """Odoo 18, ERPNext 15: cancelling deletes the points' history instead of reversing it."""
    world = World(rule_set(offset=OFFSET))
    member = world.member(100)
    sold = world.purchase(member, 10_000, points_paid=100)
    world.booked(sold)
    tables: tuple[Any, ...] = (Activity, Transaction, Posting, DrawDown)
    with world.scope():
        before = [set(table.objects.values_list()) for table in tables]
    world.booked(world.refund(sold))
    with world.scope():
        after = [set(table.objects.values_list()) for table in tables]
        assert Account.objects.filter(available=100).count() == 1
    for old, new in zip(before, after, strict=True):
        assert old < new
