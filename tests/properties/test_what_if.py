"""What a draft would have given, on random shops with refunds, claims, behaviours and guests.

Two things are known of it without looking inside. The rules that decided everything change nothing.
And where awards depend on nothing that other rules would have changed, a draft would have given
what a second shop gives that lives the same days under it.
"""

import uuid
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.shops import (
    BANDS,
    CATEGORY,
    DAY,
    EXCLUDE,
    FIRST,
    LINES,
    MONTH,
    OVER,
    PROMOTION,
    SHOP_NAMES,
    SHOPS,
)
from tests.world import NOON, OFFSET, RATE, World, rule_set

from jifen.earning import selectors as earning
from jifen.earning.selectors import WhatIf
from jifen.earning.types import Line, Purchase

STEP = timedelta(hours=3)
CHECK_IN = {"kind": "behaviour", "code": "in", "on": "check_in", "points": 7, "unit": "points"}
FREE = [
    (RATE, DAY, CHECK_IN),
    (RATE, DAY),
    ({**RATE, "points": 3}, FIRST, OVER, {**MONTH, "points": 70}),
    ({**RATE, "budget": 80}, CATEGORY, CHECK_IN, {**DAY, "points": 20}),
    ({**BANDS, "budget": 90}, {**RATE, "budget": 50}, EXCLUDE, {**CHECK_IN, "budget": 10}),
    ({**RATE, "per_minor": 70}, PROMOTION, {**DAY, "code": "other"}),
]
"""Rules whose awards do not depend on tiers or balances."""

DEAR = st.builds(
    Line,
    st.sampled_from(["tea", "cup"]),
    st.integers(1, 3),
    st.integers(900, 4_000),
    st.integers(0, 300),
    st.sampled_from(["", "half", "triple"]),
)
"""Lines that earn enough for bounds to bind."""
LIFE = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "buy", "pay", "guest", "refund", "part", "claim", "visit"]),
        st.integers(0, 2),
        st.sampled_from(["main", "other"]),
        st.one_of(
            st.lists(DEAR, min_size=1, max_size=2).map(tuple),
            st.lists(LINES, min_size=1, max_size=3).map(tuple),
        ),
    ),
    min_size=8,
    max_size=18,
)
Life = list[tuple[str, int, str, tuple[Line, ...]]]


class Shop:
    """Three members of a world, and the same days whenever they are lived."""

    def __init__(self, document: Any, *, paying: bool) -> None:
        self.world = World(document)
        self.members = [self.world.member() for _ in range(3)]
        self.paying = paying
        self.orders: list[Purchase] = []

    def live(self, life: Life) -> None:
        """Book what can be booked; what is refused is no part of it."""
        for number, step in enumerate(life):
            act = self._act(number, *step)
            if act is not None:
                self.world.book(act, at=NOON + number * STEP)

    def _act(self, number: int, what: str, who: int, store: str, lines: tuple[Line, ...]) -> Any:
        at, member = NOON + number * STEP, self.members[who]
        here: dict[str, Any] = {"occurred_at": at, "store": store, "key": f"{number}"}
        last = self.orders[number % len(self.orders)] if self.orders else None
        match what:
            case "buy" | "guest" | "pay":
                points = self._affordable(member, lines, at) if what == "pay" else 0
                buyer = None if what == "guest" else member
                order = self.world.purchase(
                    buyer, *lines, points_paid=points, reference=f"R{number}", **here
                )
                self.orders.append(order)
                return order
            case "refund" if last:
                return self.world.refund(last, **here)
            case "part" if last:
                return self.world.refund(last, (0, 1), **here)
            case "claim" if last:
                return self.world.claim(last, member, **here)
            case "visit":
                return self.world.behaviour(member, "check_in", **here)
        return None

    def _affordable(self, member: uuid.UUID, lines: tuple[Line, ...], at: Any) -> int:
        if not self.paying:
            return 0
        net_minor = sum(line.net_minor for line in lines)
        return min(self.world.available(member, at=at), net_minor) // 2 * 2

    def what_if(self, document: Any, **asked: Any) -> WhatIf:
        with self.world.scope():
            found = earning.what_if(
                document=document,
                stores=None,
                at=NOON + timedelta(days=5),
                progress=lambda *_: True,
                **asked,
            )
        assert found is not None
        return found


def kept(shop: Shop) -> int:
    """Points that orders and behaviours gave and that are kept: from the records, by another way
    than the replay's."""
    from jifen.earning.models import Activity
    from jifen.earning.record import RECORDS

    with shop.world.scope():
        rows = list(
            Activity.objects.filter(kind__in=["purchase", "claim", "refund", "behaviour"])
            .order_by("booked_at", "id")
            .values_list("id", "of_id", "record")
        )
    latest = {}
    for activity_id, of_id, text in rows:
        record = RECORDS.decode(text)
        award = record.family.award if record.family else record.award
        latest[of_id or activity_id] = award.points("points")
    return sum(latest.values())


@settings(max_examples=60)
@given(st.one_of(st.just("bounded"), SHOP_NAMES), LIFE)
def test_the_rules_in_force_change_nothing(name: str, life: Life) -> None:
    shop = Shop(SHOPS[name], paying=True)
    shop.live(life)
    found = shop.what_if(SHOPS[name])
    assert found.unseen == ()
    for effect in found.effects:
        assert effect.points.now == effect.points.draft
        assert (effect.gaining, effect.losing, effect.biggest) == (0, 0, ())
        assert all(
            share.now == share.draft
            for share in (*effect.by_tier, *effect.by_store, *effect.by_day)
        )
        assert effect.cost_now_minor == effect.cost_draft_minor
    given = {effect.unit: effect.points.now for effect in found.effects}
    assert given.get("points", 0) == kept(shop)


@settings(max_examples=60)
@given(st.sampled_from(FREE), st.sampled_from(FREE), LIFE)
def test_a_draft_would_have_given_what_a_shop_under_it_gives(
    now: tuple[Any, ...], draft: tuple[Any, ...], life: Life
) -> None:
    documents = [rule_set(*rules, offset=OFFSET) for rules in (now, draft)]
    ours, theirs = (Shop(document, paying=False) for document in documents)
    ours.live(life)
    theirs.live(life)
    told = ours.what_if(documents[1]).effects
    assert sum(effect.points.draft for effect in told) == kept(theirs)
    assert sum(effect.points.now for effect in told) == kept(ours)
