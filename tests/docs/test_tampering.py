"""``docs/ledger.md`` says which check names which tampering; here each one is done."""

from collections.abc import Callable

import pytest
from django.db import connection
from tests.docs.pages import DOCS, under
from tests.world import World, undone

from jifen.ledger import services as ledger
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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["tampering"])
def test_the_checks_on_the_page_and_no_others_name_the_tampering(row: dict[str, str]) -> None:
    world = World()
    world.booked(world.purchase(world.member(), 10_000))
    with world.scope():
        assert (Posting.objects.count(), Lot.objects.count()) == (1, 1)
        with undone():
            TAMPERING[row["tampering"]](world)
            failed = {fault.check for fault in ledger.verify().faults}
    assert failed == {check.strip(" `") for check in row["checks that fail"].split(",")}
    world.verify()
