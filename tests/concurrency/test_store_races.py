"""Stores opened at once: one code is one store's, and whoever reads meanwhile reads well."""

import uuid
from collections import Counter
from collections.abc import Callable

from tests.concurrency.racing import at_once, tally
from tests.world import World

from jifen.common.errors import JifenError
from jifen.faces.api.open.stores import every_store
from jifen.programmes import selectors, stores


def asking(world: World, call: Callable[[], object]) -> Callable[[], str]:
    """A call within the programme that answers the code of its refusal, or nothing."""

    def asked() -> str:
        with world.scope():
            try:
                call()
            except JifenError as error:
                return error.code
            return ""

    return asked


def test_one_code_at_once_is_one_store() -> None:
    world, other = World(), World()

    def opening(place: World, name: str) -> Callable[[], str]:
        return asking(place, lambda: stores.open_store(code="harbour", name=name))

    names = [uuid.uuid4().hex for _ in range(8)]
    calls = [opening(world, name) for name in names]
    answers = at_once([*calls, opening(other, "Theirs")])
    assert answers.pop() == ""
    assert Counter(answers) == {"": 1, "store_exists": 7}
    with world.scope():
        assert selectors.stores()["harbour"].name == names[answers.index("")]
    with other.scope():
        assert selectors.stores()["harbour"].name == "Theirs"


def test_one_code_at_once_is_one_merchant() -> None:
    world = World()
    names = [uuid.uuid4().hex for _ in range(8)]

    def admitting(name: str) -> Callable[[], str]:
        return asking(world, lambda: stores.admit_merchant(code="bakery", name=name))

    answers = at_once([admitting(name) for name in names])
    assert Counter(answers) == {"": 1, "merchant_exists": 7}
    with world.scope():
        assert selectors.merchant_names()["bakery"] == names[answers.index("")]


def test_the_list_is_whole_while_merchants_come_with_their_stores() -> None:
    """A store is never told without its merchant, although they are two questions."""
    world = World()

    def coming(code: str) -> Callable[[], str]:
        def came() -> None:
            stores.admit_merchant(code=code, name=code)
            stores.open_store(code=code, name=code, merchant=code)

        return asking(world, came)

    codes = [f"c{number}" for number in range(64)]
    reading = asking(world, every_store)
    calls = [call for code in codes for call in (coming(code), reading)]
    assert set(at_once(calls)) == {""}
    with world.scope():
        told = [(each.code, each.merchant) for each in every_store()]
    assert sorted(told[2:]) == sorted((code, code) for code in codes)


def test_orders_that_arrive_while_it_opens_are_booked_or_refused_by_name() -> None:
    world = World()
    member = world.member()
    orders = [world.purchase(member, 100, store="harbour") for _ in range(16)]
    opened = asking(world, lambda: stores.open_store(code="harbour", name="Harbour"))

    def booking(number: int) -> Callable[[], object]:
        return lambda: world.book(orders[number])[0]

    calls: list[Callable[[], object]] = [booking(number) for number in range(8)]
    told = at_once([*calls, opened, *(booking(number) for number in range(8, 16))])
    assert told.pop(8) == ""
    first = tally(told)  # type: ignore[arg-type]
    assert set(first) <= {"booked", "unknown_store"}
    again = tally([world.book(order)[0] for order in orders])
    assert again == {
        kind: count
        for kind, count in (
            ("booked", first.get("unknown_store", 0)),
            ("replayed", first.get("booked", 0)),
        )
        if count
    }
