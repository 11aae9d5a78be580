"""Reports of stored value, coupons and passes against what plain statements say of the activities,
on random shops: top-ups refunded in parts, orders paid at once and later, refunds, uses undone; two
stores, days in the programme's own zone, and another programme beside it.
"""

import uuid
from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.test_report_figures import STEP, ZONES, plain, settling
from tests.wallets import Purse
from tests.world import NOON

from jifen.earning.types import Booked, Line, Reversal
from jifen.insight import selectors, services
from jifen.insight.types import Period

WHOLE = Period(date(2026, 5, 25), date(2026, 8, 1))
KINDS = ("fifty", "never", "other", "cup")
CUPS = Line("cup", 2, 8_000)

TOP_UPS = """
SELECT (a.occurred_at AT TIME ZONE %(zone)s)::date, s.code,
  count(*) FILTER (WHERE a.kind = 'top_up'),
  sum((a.body::json ->> 'paid_minor')::bigint),
  count(*) FILTER (WHERE a.kind = 'top_up_refund'),
  -sum((a.record::json -> 'points' ->> 'principal')::bigint)
    FILTER (WHERE a.kind = 'top_up_refund'),
  sum((a.record::json -> 'points' ->> 'bonus')::bigint)
FROM activity a, store s
WHERE a.programme_id = %(programme)s AND s.id = a.store_id
  AND a.kind IN ('top_up', 'top_up_refund') GROUP BY 1, 2"""
USES = """
SELECT (a.occurred_at AT TIME ZONE %(zone)s)::date, s.code,
  -sum((a.record::json -> 'points' ->> 'principal')::bigint),
  -sum((a.record::json -> 'points' ->> 'bonus')::bigint),
  -sum((a.record::json -> 'points' ->> 'wash')::bigint)
FROM activity a, store s
WHERE a.programme_id = %(programme)s AND s.id = a.store_id
  AND a.kind IN ('purchase', 'refund', 'pass_use', 'reversal') GROUP BY 1, 2"""
STILL_USED = """
SELECT count(*) FROM coupon c WHERE c.programme_id = %(programme)s AND c.status = 'used'"""

acts = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("top_up", "top_up", "pay_out", "part_out", "pay", "later"),
                *("coupon", "refund", "part", "give", "use", "undo"),
            ]
        ),
        st.integers(0, 2),
        st.sampled_from(["main", "other"]),
        st.integers(1, 60),
    ),
    min_size=4,
    max_size=16,
)
Place = tuple[date, str]
BEGUN = [
    ("top_up", 0, "main", 50),
    ("pay", 0, "other", 20),
    ("coupon", 1, "main", 4),
    ("refund", 1, "other", 1),
    ("refund", 0, "main", 2),
    ("give", 2, "main", 9),
    ("use", 2, "other", 2),
    ("use", 2, "other", 1),
    ("undo", 2, "main", 2),
]
"""What happens in every shop: an order and a coupon that are given back, a use that is undone."""


class Played:
    """What can be booked of a history, and where coupons were used and made good again."""

    def __init__(self, purse: Purse, history: list[tuple[str, int, str, int]]) -> None:
        self.purse = purse
        self.members = [purse.member() for _ in range(3)]
        self.top_ups: list[Any] = []
        self.orders: list[Any] = []
        self.uses: list[uuid.UUID] = []
        self.coupons: Counter[Place] = Counter()
        for number, (what, who, store, size) in enumerate([*BEGUN, *history]):
            self.step(what, self.members[who], store, size, NOON + number * STEP)

    def step(self, what: str, member: uuid.UUID, store: str, size: int, at: datetime) -> None:
        used = self.used()
        here: dict[str, Any] = {"occurred_at": at, "store": store}
        act = (
            self.of_top_ups(what, member, size, here)
            or self.of_orders(what, member, size, here)
            or self.of_passes(what, member, size, here)
        )
        if act is None:
            return
        [outcome] = self.purse.book(act, at=at)
        if what == "use" and isinstance(outcome, Booked):
            self.uses.append(outcome.id)
        zone = ZoneInfo(self.purse.programme.time_zone)
        self.coupons[at.astimezone(zone).date(), store] += len(self.used()) - len(used)

    def of_top_ups(self, what: str, member: uuid.UUID, size: int, here: dict[str, Any]) -> Any:
        """Money comes, and goes back."""
        if what == "top_up":
            self.top_ups.append(self.purse.top_up(member, size * 1_000, **here))
            return self.top_ups[-1]
        if what not in {"pay_out", "part_out"} or not self.top_ups:
            return None
        minor = size * 100 if what == "part_out" else None
        return self.purse.pay_out(self.top_ups[size % len(self.top_ups)], minor, **here)

    def of_orders(self, what: str, member: uuid.UUID, size: int, here: dict[str, Any]) -> Any:
        """Orders paid by stored value, at once or later, or by a coupon; and refunds."""
        purse, lines = self.purse, (size * 100, size * 50)
        stored = {"stored_minor": min(sum(purse.stored(member)), size * 100)}
        match what:
            case "pay":
                self.orders.append(purse.purchase(member, *lines, **stored, **here))
                return self.orders[-1]
            case "later":
                checkout = purse.checkout(member, *lines, **stored, **here)
                [held] = purse.book(checkout, at=here["occurred_at"])
                return purse.paid(held.id, **here) if isinstance(held, Booked) else None
            case "coupon":
                code = purse.coupon(KINDS[size % len(KINDS)], member)
                order = purse.purchase(member, CUPS, 11_000, coupons=(code,), **here)
                self.orders.append(order)
                return order
            case "refund" | "part" if self.orders:
                pieces = () if what == "refund" else ((0, 1),)
                return purse.refund(self.orders[size % len(self.orders)], *pieces, **here)
        return None

    def of_passes(self, what: str, member: uuid.UUID, size: int, here: dict[str, Any]) -> Any:
        """Services are given, used, and a use is undone."""
        if what == "give":
            return self.purse.adjustment(member, size, unit="wash", **here)
        if what == "use":
            return self.purse.use_pass(member, 1 + size % 3, **here)
        if what != "undo" or not self.uses:
            return None
        of = self.uses[size % len(self.uses)]
        return Reversal(key=uuid.uuid4().hex, of=of, reason="test", actor="tester", **here)

    def used(self) -> set[str]:
        """The coupons that are used now."""
        codes = (code for order in self.orders for code in order.coupons)
        return {code for code in codes if self.purse.coupon_status(code) == "used"}


def by_place(rows: Any) -> dict[Place, tuple[int, ...]]:
    found = {
        (day, store): tuple(int(value or 0) for value in values) for day, store, *values in rows
    }
    return {place: values for place, values in found.items() if any(values)}


def check(played: Played) -> None:
    with played.purse.scope():
        top_ups = selectors.top_ups(period=WHOLE, store=None)
        uses = selectors.uses(period=WHOLE, store=None)
        parts = [
            (
                selectors.top_ups(period=WHOLE, store=store),
                selectors.uses(period=WHOLE, store=store),
            )
            for store in ("main", "other")
        ]
    names = ("top_ups", "paid_minor", "refunds", "refunded_minor", "bonus_minor")
    assert {
        (row.day, row.store): tuple(getattr(row, name) for name in names) for row in top_ups.days
    } == by_place(plain(TOP_UPS, played.purse))
    for name in names:
        total = sum(getattr(row, name) for row in top_ups.days)
        assert getattr(top_ups.total, name) == total
        assert sum(getattr(of_store.total, name) for of_store, _ in parts) == total
    money = by_place(plain(USES, played.purse))
    places = {*money, *(place for place, count in played.coupons.items() if count)}
    assert {
        (row.day, row.store): (row.principal_minor, row.bonus_minor, row.passes, row.coupons)
        for row in uses.days
    } == {place: (*money.get(place, (0, 0, 0)), played.coupons[place]) for place in places}
    [(still_used,)] = plain(STILL_USED, played.purse)
    assert uses.total.coupons == still_used
    for name in ("principal_minor", "bonus_minor", "passes", "coupons"):
        total = sum(getattr(row, name) for row in uses.days)
        assert getattr(uses.total, name) == total
        assert sum(getattr(of_store.total, name) for _, of_store in parts) == total


@settings(max_examples=15)
@given(acts, acts, st.sampled_from(ZONES), st.integers(1, 9))
def test_money_is_what_plain_statements_say(
    history: list[tuple[str, int, str, int]],
    elsewhere: list[tuple[str, int, str, int]],
    zone: str,
    size: int,
) -> None:
    purse, beside = Purse(zone=zone), Purse()
    Played(beside, elsewhere)
    played = Played(purse, history)
    check(played)
    with purse.scope():
        services.refresh(at=settling(), size=size)
    check(played)
    with purse.scope():
        while services.refresh(at=settling(), size=size):
            pass
    check(played)
