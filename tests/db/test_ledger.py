"""Guarantee 1: one function proves that nothing was lost, and names the first row that is wrong."""

import ast
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from msgspec.structs import replace
from tests.world import OFFSET, RATE, World, owner, rule_set

import jifen
from jifen.earning.types import OpeningLot
from jifen.ledger import selectors as ledger
from jifen.ledger import services
from jifen.ledger.models import Account, DrawDown, Hold, Lot, Posting
from jifen.ledger.types import Verdict
from jifen.members import services as members


def lived_in() -> World:
    """A programme in which every movement has happened, at two merchants."""
    world = World(rule_set(RATE, offset=OFFSET, expiry={"points": {"kind": "after", "days": 9}}))
    rich = world.member(100, OpeningLot("points", 40, world.at + timedelta(days=2)))
    poor = world.member()
    sold = world.purchase(rich, 10_000, 5_000, points_paid=130, store="other")
    lost = world.purchase(poor, 3_000)
    world.book(
        sold,
        lost,
        world.adjustment(poor, -30),
        world.refund(lost),
        world.refund(sold, (1, 1)),
        world.adjustment(rich, 5),
        world.adjustment(rich, 7, unit="growth"),
    )
    world.at += timedelta(days=3)
    world.book(world.refund(sold), world.purchase(rich, 2_000), world.adjustment(rich, -1))
    kinds = {"earn", "burn", "give_back", "clawback", "expire", "adjust_up", "adjust_down"}
    with world.scope():
        assert set(Posting.objects.values_list("kind", flat=True)) == kinds
        assert Account.objects.filter(deficit__gt=0).exists()
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return lived_in()


def verdict(world: World) -> Verdict:
    with world.scope():
        return services.verify()


def test_the_terms_add_up_for_every_unit(world: World) -> None:
    with world.scope():
        for unit, terms in ledger.totals().items():
            held = Account.objects.filter(unit__code=unit).aggregate(
                *(Sum(name) for name in ("available", "pending", "held", "deficit"))
            )
            assert sum(terms.values()) == (
                held["available__sum"]
                + held["pending__sum"]
                + held["held__sum"]
                - held["deficit__sum"]
            )
            assert (terms.get("earn", 0) >= 0, terms.get("expire", 0) <= 0) == (True, True)


def test_the_terms_add_up_for_every_merchant(world: World) -> None:
    """What a merchant's lots opened with, less what was drawn from them, is what they hold."""
    with world.scope():
        opened = Posting.objects.filter(kind__in=["earn", "adjust_up"])
        merchants = set(opened.values_list("merchant_id", flat=True))
        assert len(merchants) == 2
        for merchant in merchants:
            lots = set(opened.filter(merchant_id=merchant).values_list("id", flat=True))
            given = opened.filter(id__in=lots).aggregate(sum=Sum("amount"))["sum"]
            drawn = DrawDown.objects.filter(lot_id__in=lots).aggregate(sum=Sum("amount"))["sum"]
            left = Lot.objects.filter(id__in=lots).aggregate(sum=Sum("remaining"))["sum"]
            assert given - (drawn or 0) == (left or 0)


def test_it_says_how_much_it_checked(world: World) -> None:
    found = verdict(world)
    assert found.ok
    with world.scope():
        assert found.checked == {
            "postings": Posting.objects.count(),
            "accounts": Account.objects.count(),
            "lots": Lot.objects.count(),
            "holds": Hold.objects.count(),
            "draw_downs": DrawDown.objects.count(),
        }


KEYS = {"draw_down": ("posting_id", "rank")}
"""Of tables whose rows have no id of their own."""


def one(world: World, table: str, where: str) -> tuple[Any, ...]:
    """The key of the last row of the programme for which this holds."""
    names = ", ".join(KEYS.get(table, ("id",)))
    with owner() as cursor:
        cursor.execute(
            f"SELECT {names} FROM {table} WHERE programme_id = %s AND {where}"
            f" ORDER BY ({names}) DESC LIMIT 1",
            [world.programme.id],
        )
        [found] = cursor.fetchall()
    return tuple(found)


@contextmanager
def tampered(world: World, table: str, where: str, **columns: str) -> Iterator[uuid.UUID]:
    """Somebody with the owner's rights changes a row by hand, and changes it back."""
    row = one(world, table, where)
    key = [world.programme.id, *row]
    here = " AND ".join(f"{name} = %s" for name in ("programme_id", *KEYS.get(table, ("id",))))
    names = ", ".join(columns)
    with owner() as cursor:
        cursor.execute(f"SELECT {names} FROM {table} WHERE {here}", key)
        [before] = cursor.fetchall()
        sets = ", ".join(f"{name} = {value}" for name, value in columns.items())
        cursor.execute(f"UPDATE {table} SET {sets} WHERE {here}", key)
    try:
        yield uuid.UUID(str(row[0]))
    finally:
        marks = ", ".join(f"{name} = %s" for name in columns)
        with owner() as cursor:
            cursor.execute(f"UPDATE {table} SET {marks} WHERE {here}", [*before, *key])


TAMPERED: list[tuple[str, str, dict[str, str], str]] = [
    ("posting", "kind = 'earn'", {"amount": "amount + 1"}, "postings"),
    ("posting", "kind = 'burn'", {"amount": "amount - 1"}, "postings"),
    ("posting", "kind = 'earn'", {"balance_after": "balance_after + 1"}, "postings"),
    ("posting", "kind = 'adjust_down'", {"seq": "seq + 100"}, "postings"),
    ("posting", "deficit_after > 0", {"deficit_after": "deficit_after + 1"}, "draws"),
    ("account", "available > 0", {"available": "available + 1"}, "accounts"),
    ("account", "deficit > 0", {"deficit": "deficit + 1"}, "accounts"),
    ("account", "seq > 0", {"seq": "seq + 1"}, "accounts"),
    ("account", "available > 0", {"available": "available - 1", "held": "1"}, "holdings"),
    ("account", "available > 0", {"available": "available - 1", "pending": "1"}, "holdings"),
    ("lot", "remaining > 1", {"remaining": "remaining - 1"}, "lots"),
    ("lot", "expires_at IS NULL", {"expires_at": "'2030-01-01Z'"}, "lots"),
    ("lot", "expires_at IS NOT NULL", {"expires_at": "NULL"}, "lots"),
    ("lot", "expires_at IS NOT NULL", {"seq": "seq + 1"}, "lots"),
    ("draw_down", "amount > 0", {"amount": "amount + 1"}, "draws"),
    ("draw_down", "amount < 0", {"amount": "amount - 1"}, "draws"),
]


@pytest.mark.parametrize(
    ("table", "where", "columns", "check"),
    TAMPERED,
    ids=[f"{table}.{next(iter(columns))} where {where}" for table, where, columns, _ in TAMPERED],
)
def test_a_row_changed_by_hand_is_named(
    world: World, table: str, where: str, columns: dict[str, str], check: str
) -> None:
    with tampered(world, table, where, **columns) as row:
        found = verdict(world)
    assert not found.ok
    faults = [fault for fault in found.faults if fault.check == check]
    assert faults, found.faults
    named = {fault.id for fault in found.faults}
    assert str(row) in named or table == "draw_down"
    assert verdict(world).ok


@pytest.mark.parametrize(
    ("columns", "differ"),
    [
        ({"available": "available + 3"}, lambda row: (row.available - 3, row.available)),
        ({"seq": "seq + 4"}, lambda row: (row.seq - 4, row.seq)),
        (
            {"deficit": "deficit + 5", "available": "0", "held": "held + available + 5"},
            lambda row: (row.deficit - 5, row.deficit),
        ),
    ],
    ids=["the sum of its postings", "their number", "what it owes"],
)
def test_the_two_numbers_that_are_told_of_an_account_are_those_that_differ(
    world: World,
    columns: dict[str, str],
    differ: Callable[[Account], tuple[int, int]],
) -> None:
    with tampered(world, "account", "available > 0", **columns) as row, world.scope():
        [fault] = [each for each in verdict(world).faults if each.check == "accounts"]
        expected, found = differ(Account.objects.get(id=row))
    assert (fault.id, fault.expected, fault.found) == (str(row), expected, found)


def test_a_lot_that_is_gone_or_too_many_is_named(world: World) -> None:
    with world.scope():
        lot = Lot.objects.filter(remaining__gt=0).first()
        assert lot is not None
        Lot.objects.filter(id=lot.id).delete()
    found = verdict(world)
    assert {(fault.check, fault.id) for fault in found.faults} == {
        ("lots", str(lot.id)),
        ("holdings", str(lot.account_id)),
    }
    with world.scope():
        lot.save(force_insert=True)
    assert verdict(world).ok


def test_a_lot_fuller_than_it_was_opened_is_named() -> None:
    """ERPNext's fault: a spent lot looks fuller, and later the spent points come back. Every
    other row agrees with it here."""
    world = World(rule_set(offset=OFFSET))
    member = world.member(100)
    sold = world.purchase(member, 30, points_paid=30)
    world.book(sold, world.refund(sold))
    assert verdict(world).ok
    grow = {"amount": "amount + 10", "balance_after": "balance_after + 10"}
    with (
        tampered(world, "posting", "kind = 'give_back'", **grow),
        tampered(world, "draw_down", "amount < 0", amount="amount - 10"),
        tampered(world, "account", "available > 0", available="available + 10"),
        tampered(world, "lot", "remaining > 0", remaining="remaining + 10") as lot,
    ):
        found = verdict(world)
    assert [(fault.check, fault.id) for fault in found.faults] == [("lots", str(lot))]


def test_it_runs_beside_bookings_in_one_snapshot(world: World) -> None:
    with world.scope(), transaction.atomic():
        assert services.verify().ok
        assert connection.in_atomic_block


# --- what the database itself refuses -----------------------------------------------------------


IMPOSSIBLE: list[tuple[str, Any]] = [
    ("available below zero", {"available": -1}),
    ("deficit below zero", {"deficit": -1}),
    ("a deficit beside points", {"available": 1, "deficit": 1}),
    ("pending below zero", {"pending": -1}),
    ("held below zero", {"held": -1}),
]


@pytest.mark.parametrize(("case", "values"), IMPOSSIBLE, ids=[case for case, _ in IMPOSSIBLE])
def test_the_database_refuses_an_impossible_account(
    world: World, case: str, values: dict[str, int]
) -> None:
    with world.scope(), pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(available__gte=0).update(**{"available": 0, "deficit": 0, **values})


@pytest.mark.parametrize(
    ("kind", "contra", "amount"),
    [
        ("earn", "issuance", -1),
        ("earn", "redemption", 1),
        ("burn", "redemption", 1),
        ("clawback", "issuance", 1),
        ("expire", "breakage", 1),
        ("give_back", "redemption", -1),
        ("adjust_up", "adjustment", -1),
        ("adjust_down", "adjustment", 1),
        ("gift", "issuance", 1),
        ("earn", "issuance", 0),
    ],
)
def test_the_database_refuses_a_posting_with_the_wrong_sign_or_contra(
    world: World, kind: str, contra: str, amount: int
) -> None:
    with world.scope():
        like = Posting.objects.latest("seq")
        wrong = Posting(
            transaction_id=like.transaction_id,
            account_id=like.account_id,
            seq=like.seq + 1,
            kind=kind,
            contra=contra,
            amount=amount,
            balance_after=like.balance_after + amount,
            deficit_after=like.deficit_after,
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save(force_insert=True)


def test_the_database_refuses_two_postings_with_one_number(world: World) -> None:
    with world.scope():
        like = Posting.objects.latest("seq")
        like.pk = (like.programme_id, uuid.uuid4())
        with pytest.raises(IntegrityError), transaction.atomic():
            like.save(force_insert=True)


def test_the_database_refuses_an_empty_lot_and_a_draw_of_nothing(world: World) -> None:
    with world.scope():
        with pytest.raises(IntegrityError), transaction.atomic():
            Lot.objects.update(remaining=0)
        posting = Posting.objects.filter(kind="earn").latest("seq")
        with pytest.raises(IntegrityError), transaction.atomic():
            DrawDown.objects.create(posting_id=posting.id, lot_id=posting.id, rank=99, amount=0)


def test_whoever_writes_without_the_lock_is_stopped() -> None:
    """Two writers that read the same state: the second finds the account posted to."""
    world = World()
    member = world.member(100)
    with world.scope():
        with transaction.atomic():
            members.lock([member])
            loaded = services.load(members=[member], debited=[member], at=world.at)
        [account] = [each for each in loaded if each.available]
        world.booked(world.adjustment(member, -60))
        state, movement = services.burn(account, points=60, transaction_id=uuid.uuid4())
        changes = services.Changes([], [movement], {account.id: account}, [state])
        with (
            pytest.raises(RuntimeError, match="update_accounts touched 0 rows"),
            transaction.atomic(),
        ):
            services.write(changes, booked_at=world.at)
        gone = replace(account.lots[0], id=uuid.uuid4())
        before = replace(account, seq=account.seq + 1, lots=(gone,))
        after = replace(before, seq=before.seq + 1, lots=())
        changes = services.Changes([], [], {account.id: before}, [after])
        with pytest.raises(RuntimeError, match="lots"), transaction.atomic():
            services.write(changes, booked_at=world.at)
    assert world.available(member) == 40
    world.verify()


# --- guarantee 5 --------------------------------------------------------------------------------


def test_no_float_is_near_a_balance() -> None:
    """The code of the rooms that count points and money has no float and no true division; what
    is left measures waiting, and joins paths."""
    root = Path(jifen.__file__).parent
    waiting = {"earning/context.py", "earning/services.py"}
    for room in ("ledger", "earning", "tiers", "members", "programmes"):
        for path in (root / room).rglob("*.py"):
            if path.relative_to(root).as_posix() in waiting:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
                assert not (isinstance(node, ast.Name) and node.id in {"float", "Decimal"}), path
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                    joins = isinstance(node.right, ast.JoinedStr) or (
                        isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
                    )
                    assert joins, f"{path}:{node.lineno}"
