"""What somebody with the owner's rights could do to pending lots, holds, transfers and undone
expiries behind Jifen's back: the check that is there for it names it.
"""

import uuid
from datetime import timedelta

import pytest
from tests.books import Books
from tests.db.test_ledger import tampered, verdict
from tests.world import World

from jifen.ledger import selectors
from jifen.ledger.models import Hold, Posting

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def world() -> World:
    """Lots pending and ripe, a hold captured and released in part, a transfer, an expiry undone."""
    books = Books()
    member, other, at = books.member(), books.member(), books.world.at
    books.earn(member, 60, rule="a", expires_at=at + 9 * DAY)
    books.earn(member, 70, rule="b", expires_at=at + 20 * DAY)
    books.earn(member, 80, rule="c", is_pending=True, ripens_at=at + 7 * DAY)
    ripe = books.earn(member, 90, rule="d", is_pending=True)
    books.ripen(member, ripe)
    hold = books.hold(member, 110, at + 30 * DAY)
    books.capture(member, hold, 20)
    books.release(member, hold, 30)
    books.transfer(member, other, 15)
    books.earn(other, 12, expires_at=at + DAY)
    books.earn(other, 1, at=at + DAY)
    with books.world.scope():
        expiry = Posting.objects.get(kind="expire")
        [gone] = selectors.expired(expiry.transaction_id)
    books.undo_expiry(other, gone.portions, None, expiry.transaction_id, at=at + DAY)
    books.burn(other, 2, at=at + DAY)
    books.claw_back(books.member(), 5)
    kinds = {
        *("earn", "ripen", "hold", "burn", "release", "transfer_out", "transfer_in"),
        *("expire", "undo_expiry", "clawback"),
    }
    with books.world.scope():
        assert set(Posting.objects.values_list("kind", flat=True)) == kinds
    assert verdict(books.world).ok
    return books.world


STRANGER = f"'{uuid.uuid4()}'"
TAMPERED: list[tuple[str, str, dict[str, str], str]] = [
    (
        "account",
        "pending > 0",
        {"pending": "pending - 1", "available": "available + 1"},
        "accounts",
    ),
    ("account", "held > 0", {"held": "held - 1", "available": "available + 1"}, "accounts"),
    ("account", "held > 0", {"held": "held - 1", "available": "available + 1"}, "holdings"),
    ("account", "pending > 0", {"pending": "pending + 1"}, "holdings"),
    ("posting", "kind = 'ripen'", {"pending_after": "pending_after + 1"}, "pending"),
    ("posting", "is_pending AND rule = 'd'", {"is_pending": "FALSE"}, "pending"),
    ("posting", "is_pending AND rule = 'c'", {"is_pending": "FALSE"}, "lots"),
    ("posting", "kind = 'earn' AND NOT is_pending", {"is_pending": "TRUE"}, "pending"),
    ("posting", "ripens_at IS NOT NULL", {"ripens_at": "NULL"}, "lots"),
    ("posting", "kind = 'hold'", {"held_after": "held_after - 1"}, "draws"),
    ("posting", "kind = 'hold'", {"held_after": "held_after - 1"}, "holds"),
    ("posting", "kind = 'hold'", {"expires_at": "NULL"}, "holds"),
    ("posting", "kind = 'release'", {"hold_id": STRANGER}, "holds"),
    ("posting", "kind = 'release'", {"hold_id": STRANGER}, "slices"),
    ("posting", "hold_id IS NOT NULL AND kind = 'burn'", {"hold_id": "NULL"}, "holds"),
    ("posting", "hold_id IS NULL AND kind = 'burn'", {"hold_id": STRANGER}, "holds"),
    ("posting", "kind = 'transfer_in'", {"rule": "'z'"}, "transfers"),
    ("posting", "kind = 'transfer_in'", {"expires_at": "NULL"}, "transfers"),
    ("posting", "kind = 'transfer_in'", {"amount": "amount + 1"}, "transfers"),
    ("posting", "kind = 'undo_expiry'", {"amount": "amount + 1"}, "undone"),
    ("posting", "kind = 'expire'", {"amount": "amount + 1"}, "undone"),
    ("lot", "is_pending", {"is_pending": "FALSE"}, "lots"),
    ("lot", "is_pending", {"is_pending": "FALSE"}, "holdings"),
    ("lot", "is_pending", {"ripens_at": "NULL"}, "lots"),
    ("lot", "NOT is_pending", {"is_pending": "TRUE"}, "lots"),
    ("hold", "TRUE", {"remaining": "remaining + 1"}, "holds"),
    ("hold", "TRUE", {"remaining": "remaining + 1"}, "holdings"),
    ("hold", "TRUE", {"captured": "captured + 1"}, "holds"),
    ("hold", "TRUE", {"expires_at": "NULL"}, "holds"),
    ("hold", "TRUE", {"seq": "seq + 1"}, "holds"),
]


@pytest.mark.parametrize(
    ("table", "where", "columns", "check"),
    TAMPERED,
    ids=[
        f"{check}: {table}.{next(iter(columns))}, {where}"
        for table, where, columns, check in TAMPERED
    ],
)
def test_a_row_changed_by_hand_is_named(
    world: World, table: str, where: str, columns: dict[str, str], check: str
) -> None:
    with tampered(world, table, where, **columns):
        found = verdict(world)
    assert check in {fault.check for fault in found.faults}, found.faults
    assert verdict(world).ok


def test_a_capture_from_the_wrong_lot_is_named(world: World) -> None:
    """All sums agree: only the order in which a hold's lots are captured does not."""
    with world.scope():
        burn = Posting.objects.get(kind="burn", hold_id__isnull=False)
        draws = list(
            Posting.objects.filter(kind="earn", rule__in=["a", "b"]).values_list("id", flat=True)
        )
    first, second = draws
    where = f"posting_id = '{burn.id}' AND lot_id = '{first}'"
    with (
        tampered(world, "draw_down", f"{where} AND amount < 0", lot_id=f"'{second}'"),
        tampered(world, "draw_down", f"{where} AND amount > 0", lot_id=f"'{second}'"),
    ):
        found = verdict(world)
    assert {fault.check for fault in found.faults} == {"slices"}


def test_a_hold_that_is_gone_is_named(world: World) -> None:
    with world.scope():
        hold = Hold.objects.get()
        Hold.objects.filter(id=hold.id).delete()
    found = verdict(world)
    assert {(fault.check, fault.id) for fault in found.faults} == {
        ("holds", str(hold.id)),
        ("holdings", str(hold.account_id)),
    }
    with world.scope():
        hold.save(force_insert=True)
    assert verdict(world).ok
