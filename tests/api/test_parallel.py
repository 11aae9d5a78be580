"""Single writes that arrive together, over real connections."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from tests.api.shop import Answer, Shop

from jifen.earning import services

THREADS = 16


def together(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Make the calls in parallel; each thread gives its connection back."""

    def made(call: Callable[[], Answer]) -> Answer:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(made, calls))


def test_everybody_gets_its_own_answer_from_shared_commits(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    book_many = services.book_many

    def counted(*, items: Any, at: Any) -> Any:
        sizes.append(len(items))
        return book_many(items=items, at=at)

    monkeypatch.setattr("jifen.earning.services.book_many", counted)
    members = [shop.member() for _ in range(8)]
    second = shop.new_key()
    bodies = [
        # Every tenth has a fault of its own, every other comes from another client.
        shop.purchase(members[n % 8], n * 100, store="nowhere" if n % 10 == 9 else "main")
        for n in range(200)
    ]
    answers = together(
        [
            lambda body=body, n=n: shop.post(  # type: ignore[misc]
                "activities", body, key=second if n % 2 else None, Idempotency_Key=f"k{n}"
            )
            for n, body in enumerate(bodies)
        ]
    )
    for n, answer in enumerate(answers):
        if n % 10 == 9:
            assert answer.code == "unknown_store"
        else:
            assert (answer.status, answer.json["key"]) == (201, f"k{n}")
            assert answer.json.get("points", {}).get("points", 0) == n
    assert sum(sizes) == 200
    assert len(sizes) < 200, "at least some shared a commit"
    kept = [n for n in range(200) if n % 10 != 9]
    held = [shop.available(member) for member in members]
    assert held == [sum(n for n in kept if n % 8 == m) for m in range(8)]
    assert shop.post("verify").json["ok"]


def test_the_same_key_in_parallel_is_booked_once(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member)
    answers = together([lambda: shop.book(body, key="same")] * 100)
    assert Counter(answer.status for answer in answers) == {201: 1, 200: 99}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert shop.available(member) == 100


def test_points_are_spent_once_by_parallel_orders(shop: Shop) -> None:
    member = shop.member()
    shop.book(shop.purchase(member, 10_000))
    spend = [shop.purchase(member, 100, points_paid=100) for _ in range(20)]
    answers = together([lambda body=body: shop.book(body) for body in spend])  # type: ignore[misc]
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 19}
    assert {answer.code for answer in answers if answer.status == 409} == {"insufficient_points"}
