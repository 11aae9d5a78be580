"""Reports against statements that somebody else wrote, on random shops: plain sums over plain
joins, with no sums kept, no slices and no watermark.

Each shop has refunds, claims, expiry, transfers, adjustments and members who owe; two stores; days
in the programme's own zone; and another programme beside it.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world import NOON, OFFSET, World, ref, rule_set

from jifen.earning.types import Transfer
from jifen.insight import selectors, services
from jifen.insight.rules.bands import ORDERS_FROM, RECENCY_DAYS
from jifen.insight.types import Period
from jifen.programmes import selectors as programmes

ZONES = ("Asia/Shanghai", "America/St_Johns", "Pacific/Auckland")
STEP = timedelta(hours=7)
WHOLE = Period(date(2026, 5, 25), date(2026, 8, 1))
RULES = rule_set(
    offset={**OFFSET, "points": 1, "worth_minor": 1},
    expiry={"points": {"kind": "after", "days": 6}},
    transfers={"points": {}},
)

POINTS = """
SELECT (t.occurred_at AT TIME ZONE %(zone)s)::date, sum(p.amount) FILTER (WHERE p.kind IN
    ('earn', 'clawback', 'adjust_up', 'adjust_down', 'waive')),
  -sum(p.amount) FILTER (WHERE p.kind IN ('burn', 'give_back')),
  -sum(p.amount) FILTER (WHERE p.kind IN ('expire', 'undo_expiry'))
FROM posting p, ledger_transaction t, account a, unit u
WHERE p.programme_id = %(programme)s AND t.id = p.transaction_id AND a.id = p.account_id
  AND u.id = a.unit_id AND u.code = 'points' GROUP BY 1"""
EXPIRED_AT = """
SELECT s.code, sum(d.amount) FROM posting p, draw_down d, posting o, store s
WHERE p.programme_id = %(programme)s AND p.kind = 'expire' AND d.posting_id = p.id
  AND o.id = d.lot_id AND s.id = o.store_id GROUP BY 1"""
HELD = """
SELECT coalesce(sum(a.available + a.pending + a.held), 0) FROM account a, unit u
WHERE a.programme_id = %(programme)s AND u.id = a.unit_id AND u.code = 'points'"""
SOLD = """
SELECT coalesce(sum((a.record::json ->> 'spend_minor')::bigint) FILTER
    (WHERE a.member_id IS NOT NULL), 0),
  coalesce(sum((a.record::json ->> 'spend_minor')::bigint), 0)
  - coalesce(sum((a.record::json ->> 'spend_minor')::bigint) FILTER (WHERE a.kind = 'claim'), 0)
FROM activity a
WHERE a.programme_id = %(programme)s AND a.kind IN ('purchase', 'refund', 'claim')"""
ORDERS_BY_DAY = """
SELECT (o.occurred_at AT TIME ZONE %(zone)s)::date, count(*) FROM activity o
WHERE o.programme_id = %(programme)s AND o.kind = 'purchase' GROUP BY 1"""
ACTIVE = """
SELECT (a.occurred_at AT TIME ZONE %(zone)s)::date, count(DISTINCT a.member_id) FROM activity a
WHERE a.programme_id = %(programme)s AND a.kind IN ('purchase', 'claim', 'behaviour')
  AND a.member_id IS NOT NULL GROUP BY 1"""
KEPT = """
SELECT f.member_id, f.store_id, f.day, f.minor FROM (
  SELECT o.id, coalesce(o.member_id, c.member_id) AS member_id, o.store_id,
    (o.occurred_at AT TIME ZONE %(zone)s)::date AS day,
    (SELECT sum((r.record::json ->> 'purchases_kept')::int) FROM activity r
     WHERE r.of_id = o.id AND r.kind = 'refund') AS undone,
    (SELECT sum((r.record::json ->> 'spend_minor')::bigint) FROM activity r
     WHERE r.member_id IS NOT NULL AND (r.of_id = o.id OR r.id = o.id)
     AND r.kind IN ('purchase', 'refund', 'claim')) AS minor
  FROM activity o LEFT JOIN activity c ON c.of_id = o.id AND c.kind = 'claim'
  WHERE o.programme_id = %(programme)s AND o.kind = 'purchase') f
WHERE f.member_id IS NOT NULL AND coalesce(f.undone, 0) = 0"""

acts = st.lists(
    st.tuples(
        st.sampled_from(
            ["buy", "pay", "guest", "refund", "part", "claim", "adjust", "take", "give", "visit"]
        ),
        st.integers(0, 2),
        st.sampled_from(["main", "other"]),
        st.integers(1, 60),
    ),
    min_size=4,
    max_size=16,
)


def play(world: World, history: list[tuple[str, int, str, int]]) -> None:
    """Book what can be booked of a history; what is refused is no part of it."""
    members = [world.member() for _ in range(3)]
    orders: list[Any] = []
    for number, (what, who, store, size) in enumerate(history):
        at = NOON + number * STEP
        here: dict[str, Any] = {"occurred_at": at, "store": store}
        member, last = members[who], orders[size % len(orders)] if orders else None
        act: Any = None
        match what:
            case "buy" | "guest" | "pay":
                buyer = None if what == "guest" else member
                paid = min(world.available(member, at=at), size) if what == "pay" else 0
                lines = (size * 100, size * 50)
                act = world.purchase(buyer, *lines, points_paid=paid, **here)
                orders.append(act)
            case "refund" if last:
                act = world.refund(last, **here)
            case "part" if last:
                act = world.refund(last, (0, 1), **here)
            case "claim" if last:
                act = world.claim(last, member, **here)
            case "adjust" | "take":
                points = size if what == "adjust" else -size
                act = world.adjustment(member, points, **here)
            case "give":
                act = Transfer(
                    key=uuid.uuid4().hex,
                    member=ref(member),
                    to=ref(members[who - 1]),
                    unit="points",
                    points=size,
                    **here,
                )
            case "visit":
                act = world.behaviour(member, "visit", **here)
        if act is not None:
            world.book(act, at=at)


def plain(statement: str, world: World) -> list[tuple[Any, ...]]:
    """The rows of a statement, outside of every scope."""
    values: dict[str, Any] = {"programme": world.programme.id, "zone": world.programme.time_zone}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def non_zero(rows: Any) -> dict[Any, tuple[int, ...]]:
    found = {key: tuple(int(value or 0) for value in values) for key, *values in rows}
    return {key: values for key, values in found.items() if any(values)}


@settings(max_examples=15)
@given(acts, acts, st.sampled_from(ZONES), st.integers(1, 9))
def test_reports_are_what_plain_statements_say(
    history: list[tuple[str, int, str, int]],
    elsewhere: list[tuple[str, int, str, int]],
    zone: str,
    size: int,
) -> None:
    world, beside = World(RULES, zone=zone), World(RULES)
    play(world, history)
    play(beside, elsewhere)
    check(world)
    with world.scope():
        services.refresh(at=settling(), size=size)
    check(world)
    with world.scope():
        while services.refresh(at=settling(), size=size):
            pass
    play(world, elsewhere)
    check(world)
    check_counted(world)


def settling() -> datetime:
    """When all that was booked until now is settled, and nothing that comes."""
    return datetime.now(UTC) + services.SETTLING


def check(world: World) -> None:
    """What is by period."""
    with world.scope():
        points = selectors.points(period=WHOLE, unit=None, store=None)
        flows = selectors.flows(period=WHOLE, unit=None, store=None)
        liability = selectors.liability(period=WHOLE, unit=None, at=world.at)
        sales = selectors.sales(period=WHOLE, store=None)
        members = selectors.members(period=WHOLE, store=None)
        parts = {
            store: selectors.points(period=WHOLE, unit=None, store=store).total
            for store in ("main", "other")
        }
    assert non_zero((d.day, d.issued, d.burned, d.expired) for d in points.days) == non_zero(
        plain(POINTS, world)
    )
    for name in ("issued", "burned", "expired"):
        total = getattr(points.total, name)
        assert sum(getattr(day, name) for day in points.days) == total
        assert sum(getattr(part, name) for part in parts.values()) == total
    assert {(store, part.expired) for store, part in parts.items() if part.expired} == {
        (store, amount) for store, amount in plain(EXPIRED_AT, world) if amount
    }
    assert sum(flow.points for flow in flows.sources) == points.total.issued
    assert sum(flow.points for flow in flows.uses) == points.total.burned + points.total.expired
    [(held,)] = plain(HELD, world)
    assert liability.days[-1].outstanding == held
    [(of_members, of_all)] = plain(SOLD, world)
    told = sales.total
    assert told.paid_minor - told.refunded_minor == of_members
    assert (
        told.paid_minor + told.guest_paid_minor - told.refunded_minor - told.guest_refunded_minor
        == of_all
    )
    assert {
        day.day: day.orders + day.guest_orders
        for day in sales.days
        if day.orders + day.guest_orders
    } == dict(plain(ORDERS_BY_DAY, world))
    assert {day.day: day.active for day in members.days if day.active} == dict(plain(ACTIVE, world))


def check_counted(world: World) -> None:
    """What is counted once a day, as of the last day of the period."""
    at = NOON + timedelta(days=40)
    with world.scope():
        services.start_again()
        while services.refresh(at=at):
            pass
        reports = {
            store: (selectors.cohorts(store=store), selectors.rfm(store=store))
            for store in (None, "main", "other")
        }
        stores = {store.code: store.id for store in programmes.stores().values()}
    kept = plain(KEPT, world)
    counted_on = (at.astimezone(ZoneInfo(world.programme.time_zone))).date() - timedelta(days=1)
    for store, (cohorts, rfm) in reports.items():
        assert cohorts.counted_on == rfm.counted_on == counted_on
        mine = [row for row in kept if store is None or row[1] == stores[store]]
        months: dict[Any, set[str]] = {}
        for member, _, day, _ in mine:
            months.setdefault(member, set()).add(f"{day:%Y-%m}")
        firsts = [min(each) for each in months.values()]
        assert {cohort.first_month: cohort.members[0] for cohort in cohorts.cohorts} == {
            first: firsts.count(first) for first in firsts
        }
        assert sum(sum(cohort.members) for cohort in cohorts.cohorts) == sum(
            len(each) for each in months.values()
        )
        cells: dict[tuple[int, int], list[int]] = {}
        for member in months:
            rows = [(day, minor) for who, _, day, minor in mine if who == member]
            ago = (counted_on - max(day for day, _ in rows)).days
            recency = sum(ago >= edge for edge in RECENCY_DAYS)
            frequency = sum(len(rows) >= edge for edge in ORDERS_FROM) - 1
            cell = cells.setdefault((recency, frequency), [0, 0])
            cell[0] += 1
            cell[1] += int(sum(minor for _, minor in rows))
        assert {
            (cell.recency, cell.frequency): [cell.members, cell.paid_minor] for cell in rfm.cells
        } == cells
