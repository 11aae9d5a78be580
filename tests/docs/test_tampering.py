"""``docs/ledger.md`` says which check names which tampering; here each one is done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from tests.docs.pages import DOCS, under
from tests.people import merge
from tests.tiered import DELIVERY
from tests.wallets import Purse, owning
from tests.world import RATE, World, rungs, undone

from jifen.earning import services as earning
from jifen.earning.types import Line
from jifen.ledger.models import Hold, Lot, Posting

ROWS = next(
    table
    for table in under(DOCS / "ledger.md", "What verify proves").tables
    if "tampering" in table[0]
)


def _execute(sql: str, world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"programme": world.programme.id})


def _statement(sql: str, *, touched: bool = False) -> Callable[[World], None]:
    """``touched``: only the account that was posted to; the member has one of growth too."""
    where = "programme_id = %(programme)s" + (" AND seq > 0" if touched else "")
    return lambda world: _execute(f"{sql} WHERE {where}", world)


def _open_a_lot(world: World, balance_after: int) -> None:
    last = Posting.objects.get()
    Posting.objects.create(
        transaction_id=last.transaction_id,
        account_id=last.account_id,
        seq=last.seq + 1,
        kind="earn",
        contra="issuance",
        amount=10,
        balance_after=balance_after,
        deficit_after=0,
    )


def _open_a_hold(world: World) -> None:
    last = Posting.objects.get()
    Hold.objects.create(account_id=last.account_id, seq=2, captured=0, remaining=10)


def _draw_down(world: World) -> None:
    _execute(
        "INSERT INTO draw_down (programme_id, posting_id, lot_id, rank, amount)"
        " SELECT programme_id, id, id, 0, 10 FROM posting"
        " WHERE programme_id = %(programme)s",
        world,
    )


TAMPERING: dict[str, Callable[[World], None]] = {
    "an account's `available` is raised by 10": _statement(
        "UPDATE account SET available = available + 10", touched=True
    ),
    "an account's `deficit` and `held` are both raised by 10": _statement(
        "UPDATE account SET available = 0, deficit = deficit + 10, held = available + 10",
        touched=True,
    ),
    "10 of an account's `available` become `pending`": _statement(
        "UPDATE account SET available = available - 10, pending = pending + 10", touched=True
    ),
    "an open lot is deleted": _statement("DELETE FROM lot"),
    "an open lot gets a later expiry": _statement("UPDATE lot SET expires_at = '2100-01-01Z'"),
    "an open lot becomes pending": _statement("UPDATE lot SET is_pending = TRUE"),
    "a hold of 10 is opened by hand": _open_a_hold,
    "a posting that opens a lot of 10 is inserted, with a right balance after": (
        lambda world: _open_a_lot(world, 110)
    ),
    "the same posting, with a wrong balance after": lambda world: _open_a_lot(world, 100),
    "a draw-down of 10 is inserted": _draw_down,
}


def _coupon(change: str, status: str) -> Callable[[World], None]:
    where = f"programme_id = %(programme)s AND status = '{status}'"
    return lambda world: _execute(f"UPDATE coupon SET {change} WHERE {where}", world)


GOOD_AGAIN = "status = 'issued', holder_id = NULL, held_until = NULL"
BELONGINGS: dict[str, Callable[[World], None]] = {
    "a coupon is deleted": lambda world: _execute(
        "DELETE FROM coupon WHERE programme_id = %(programme)s AND status = 'issued'", world
    ),
    "a coupon of another kind is made of one": _coupon("kind = 'fifty'", "issued"),
    "a used coupon is good again": _coupon(GOOD_AGAIN, "used"),
    "a used coupon is used by another order": _coupon("holder_id = gen_random_uuid()", "used"),
    "a void coupon is good again": _coupon(GOOD_AGAIN, "void"),
    "a coupon is made void": _coupon("status = 'void', holder_id = gen_random_uuid()", "issued"),
    "a held coupon is free": _coupon(GOOD_AGAIN, "held"),
    "a held coupon is held for longer": _coupon("held_until = '2100-01-01Z'", "held"),
    "a use of a benefit is not counted": _statement("UPDATE benefit_usage SET used = used - 1"),
    "a held use of a benefit is free": _statement(
        "UPDATE benefit_usage SET held = 0, holders = ''"
    ),
    "a merged member gets 10 points": lambda world: _execute(
        "UPDATE account SET available = available + 10 FROM member, unit"
        " WHERE account.programme_id = %(programme)s AND member.id = account.member_id"
        " AND unit.id = account.unit_id AND unit.code = 'points' AND member.status = 'merged'",
        world,
    ),
}


def _ledger() -> World:
    """One posting, one lot."""
    world = World()
    world.booked(world.purchase(world.member(), 10_000))
    with world.scope():
        assert (Posting.objects.count(), Lot.objects.count()) == (1, 1)
    return world


def _belongings() -> World:
    """A coupon of each status, a use of a benefit and one that is held, a merged member."""
    terms = {**DELIVERY, "quota": {"uses": 2, "per": "month"}}
    ladder = {"by": "spend", "rungs": rungs(gold=1_000)}
    purse = Purse(owning(RATE, ladder=ladder, benefits=[terms]))
    member = purse.member()
    purse.coupon("never")
    purse.order(member, 2_000, coupons=(purse.coupon("never"),))
    purse.booked(purse.void(purse.coupon("never")))
    post = Line("post", 1, 900, kind="shipping")
    purse.order(member, post, benefits=("delivery",))
    held = {"coupons": (purse.coupon("never"),), "benefits": ("delivery",)}
    purse.booked(purse.checkout(member, 1_000, post, **held))
    purse.booked(merge(purse, member, purse.member(10)))
    purse.at += timedelta(minutes=1)
    return purse


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["tampering"])
def test_the_checks_on_the_page_and_no_others_name_the_tampering(row: dict[str, str]) -> None:
    tampering = row["tampering"]
    world = _ledger() if tampering in TAMPERING else _belongings()
    with world.scope(), undone():
        {**TAMPERING, **BELONGINGS}[tampering](world)
        failed = {fault.check for fault in earning.verify().faults}
    assert failed == {check.strip(" `") for check in row["checks that fail"].split(",")}
    world.verify()


def test_the_page_has_every_tampering() -> None:
    assert [row["tampering"] for row in ROWS] == [*TAMPERING, *BELONGINGS]
