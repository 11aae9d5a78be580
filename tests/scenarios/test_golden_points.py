"""The golden scenarios of points that wait and points that move, through HTTP: L4 and R10."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from tests.api.shop import NOW, Answer, Shop, later

from jifen.common.clock import set_clock

PARALLEL = 100


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with set_clock(NOW):
        yield


def points(shop: Shop, member: str) -> tuple[int, ...]:
    """(available, pending, held, deficit)"""
    rows = shop.get(f"members/{member}/balances").json["balances"]
    found = next(row for row in rows if row["unit"] == "points")
    return tuple(found[name] for name in ("available", "pending", "held", "deficit"))


def statement(shop: Shop, member: str) -> list[tuple[str, int, str | None]]:
    """(kind, amount, expires_at) of the member's postings, the first one first."""
    rows = shop.get(f"members/{member}/statement").json["postings"]
    return [(row["kind"], row["amount"], row["expires_at"]) for row in rows][::-1]


def member(shop: Shop) -> dict[str, str]:
    return {"kind": "id", "value": shop.member()}


def earned(shop: Shop, who: dict[str, str], amount_minor: int, **changes: Any) -> None:
    answer = shop.book(shop.purchase(who["value"], amount_minor, **changes))
    assert answer.status == 201, answer.content


# --- L4: pending 7 days after purchase -----------------------------------------------------------


def test_l4_a_refund_on_day_three_removes_what_pends_and_nothing_else() -> None:
    shop = Shop("l4")
    who = member(shop)
    earned(shop, who, 5_000, at=later(days=-30))
    assert points(shop, who["value"]) == (50, 0, 0, 0)
    order = shop.book(shop.purchase(who["value"], 12_890, reference="L4"))
    assert points(shop, who["value"]) == (50, 128, 0, 0)
    told = shop.get(f"activities/{order.json['id']}/explain").json["sentences"]
    assert told[-1] == "128 points pend to the end of 2026-07-08"
    with set_clock(later(days=3)):
        refund = {"kind": "refund", "occurred_at": later(days=3).isoformat()}
        refunded = shop.book({**refund, "of": {"reference": "L4"}})
        assert refunded.status == 201
        assert points(shop, who["value"]) == (50, 0, 0, 0)
        removed = shop.get(f"activities/{refunded.json['id']}/explain").json
    assert "128 points of what was taken back were pending still" in removed["sentences"]
    with set_clock(later(days=8)):
        assert points(shop, who["value"]) == (50, 0, 0, 0)
    assert shop.post("verify").json["ok"]


def test_l4_kept_it_is_spendable_when_the_seventh_day_is_over() -> None:
    shop = Shop("l4")
    who = member(shop)
    earned(shop, who, 12_890)
    midnight = NOW + timedelta(days=7, hours=12)  # NOW is noon in Shanghai
    with set_clock(midnight - timedelta(microseconds=1)):
        assert points(shop, who["value"])[1] == 128
    with set_clock(midnight):
        assert points(shop, who["value"]) == (128, 0, 0, 0)


# --- R10: 100 from one member to another, 100 parallel calls -------------------------------------


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Make the calls in parallel; each thread gives its connection back."""

    def made(call: Callable[[], Answer]) -> Answer:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(made, calls))


def transfer(giver: dict[str, str], taker: dict[str, str], amount: int = 100) -> dict[str, Any]:
    return {
        "kind": "transfer",
        "occurred_at": NOW.isoformat(),
        "member": giver,
        "to": taker,
        "unit": "points",
        "points": amount,
    }


def two_members(shop: Shop, amount: int) -> tuple[dict[str, str], dict[str, str]]:
    """Somebody with so many points of two dates, and somebody with none."""
    giver, taker = member(shop), member(shop)
    earned(shop, giver, amount * 40, at=later(days=-60))
    earned(shop, giver, amount * 60)
    assert points(shop, giver["value"])[0] == amount
    return giver, taker


def test_r10_one_key_a_hundred_times_moves_once() -> None:
    shop = Shop("r10")
    giver, taker = two_members(shop, 1_000)
    body = transfer(giver, taker)
    answers = at_once([lambda: shop.book(body, key="same")] * PARALLEL)
    assert Counter(answer.status for answer in answers) == {201: 1, 200: PARALLEL - 1}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert points(shop, giver["value"])[0] == 900
    assert points(shop, taker["value"])[0] == 100
    other = shop.book(transfer(giver, taker, 99), key="same")
    assert (other.status, other.code) == (409, "key_conflict")
    assert shop.post("verify").json["ok"]


def test_r10_a_hundred_keys_move_what_there_is_with_its_dates() -> None:
    shop = Shop("r10")
    giver, taker = two_members(shop, 1_000)
    body = transfer(giver, taker)
    calls = [lambda: shop.book(body, key=uuid.uuid4().hex)] * PARALLEL
    answers = at_once(calls)
    assert Counter(answer.status for answer in answers) == {201: 10, 409: PARALLEL - 10}
    assert {each.code for each in answers if each.status == 409} == {"insufficient_points"}
    assert points(shop, giver["value"])[0] == 0
    assert points(shop, taker["value"])[0] == 1_000
    earnings = {(amount, ends) for kind, amount, ends in statement(shop, giver["value"])
                if kind == "earn"}  # fmt: skip
    arrived: Counter[str | None] = Counter()
    for kind, amount, ends in statement(shop, taker["value"]):
        assert kind == "transfer_in"
        arrived[ends] += amount
    assert {(amount, ends) for ends, amount in arrived.items()} == earnings
    assert shop.post("verify").json["ok"]


def test_r10_both_see_it_and_the_day_has_its_limit() -> None:
    shop = Shop("r10")
    giver, taker = two_members(shop, 30_000)
    assert shop.book(transfer(giver, taker, 20_000)).status == 201
    above = shop.book(transfer(giver, taker, 1))
    assert (above.status, above.code, above.json["left"]) == (409, "transfer_day_limit", 0)
    seen = [
        shop.get(f"members/{who['value']}/activities").json["activities"][0]
        for who in (giver, taker)
    ]
    assert [(each["kind"], each["points"]) for each in seen] == [
        ("transfer", {"points": -20_000}),
        ("transfer_in", {"points": 20_000}),
    ]
    assert seen[1]["of_id"] == seen[0]["id"]
