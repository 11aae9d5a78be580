"""A real shop's orders, computed twice: by the import, and here from docs/online-retail.md alone.

Everything above the line of dashes is the second computation. It reads the file itself and
calls nothing of Jifen.
"""

import csv
import datetime as dt
import gzip
import io
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jifen.common.scope import scope
from jifen.earning.exports import balance_rows
from jifen.faces.importing.exporting import write_balances
from jifen.faces.importing.files import read_lines
from jifen.faces.importing.online_retail import plan_online_retail
from jifen.faces.importing.orders import import_caller, import_orders
from jifen.faces.importing.report import OrdersReport
from jifen.faces.presets import apply_preset
from jifen.ledger.services import verify

SLICE = Path(__file__).parents[2] / "src/jifen/data/online_retail_slice.csv.gz"
LADDER = ((1_000_000, "platinum", 3), (200_000, "gold", 3), (50_000, "silver", 2), (0, "bronze", 2))
NOT_GOODS = {"POST", "DOT", "D", "M", "m", "S", "C2", "PADS", "CRUK", "B"}
NOT_GOODS |= {"BANK CHARGES", "AMAZONFEE"}


SHAPES = {
    0: "C?[0-9]{6}",
    3: "-?0*[1-9][0-9]*",
    4: "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    5: r"-?[0-9]{1,9}([.][0-9]{1,6})?",
    6: "([0-9]+([.]0)?)?",
}


def rejected_by_itself(row: list[str]) -> bool:
    """Section 1, the part that needs only the line."""
    if len(row) != 8 or not all(re.fullmatch(shape, row[at]) for at, shape in SHAPES.items()):
        return True
    number, code, _, quantity, date, price, customer, _ = row
    try:
        dt.datetime.fromisoformat(date)
    except ValueError:
        return True
    too_much = abs(int(quantity) * Decimal(price) * 100) > 10**12 or len(quantity) > 10
    wrong_sign = bool(customer) and (int(quantity) < 0) != number.startswith("C")
    return too_much or wrong_sign or not (0 < len(code) <= 120 and code.isprintable())


def invoices_of(path: Path, buckets: Counter[str]) -> list[list[list[str]]]:
    """Section 2: lists of readable rows, in the order of events."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    found: dict[str, list[list[str]]] = {}
    for line in filter(bytes.strip, content.split(b"\n")[1:]):
        try:
            row = next(csv.reader([line.decode().rstrip("\r")], strict=True))
        except (UnicodeDecodeError, csv.Error):
            row = []
        if rejected_by_itself(row):
            buckets["rejected"] += 1
        else:
            found.setdefault(row[0], []).append(row)
    # sorted() keeps the order of the file for equal times
    return sorted(found.values(), key=lambda rows: min(row[4] for row in rows))


class Order:
    """One booked order: [code, quantity, amount, taken back] for each line."""

    def __init__(self, rows: list[list[str]], multiplier: int) -> None:
        self.multiplier = multiplier
        self.lines: list[list[Any]] = [[row[1], int(row[3]), pence(row), 0] for row in rows]

    def kept(self) -> int:
        return sum(
            int(amount - amount * back // quantity) for _, quantity, amount, back in self.lines
        )

    def points(self) -> int:
        return self.kept() * self.multiplier // 2 // 100


def pence(row: list[str]) -> int:
    exact = int(row[3]) * Decimal(row[5]) * 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def tier_of(orders: list[Order]) -> tuple[str, int]:
    """Section 4: the tier's name and twice its multiplier."""
    spend = sum(order.kept() for order in orders)
    return next((name, multiplier) for start, name, multiplier in LADDER if spend >= start)


def sellable(rows: list[list[str]], buckets: Counter[str]) -> Iterator[list[str]]:
    for row in rows:
        if not row[6]:
            buckets["no_customer"] += 1
        elif row[1] in NOT_GOODS or row[1].startswith("gift_"):
            buckets["not_goods"] += 1
        elif Decimal(row[5]) <= 0:
            buckets["price_not_positive"] += 1
        else:
            yield row


def take_back(row: list[str], orders: list[Order], buckets: Counter[str]) -> None:
    """Section 5, one line of a credit note."""
    missing = wanted = -int(row[3])
    for order in reversed(orders):
        for line in reversed(order.lines):
            if line[0] == row[1]:
                taken = min(line[1] - line[3], missing)
                line[3] += taken
                missing -= taken
    buckets["unmatched_refund" if missing == wanted else "refunded"] += 1
    buckets["split"] += 0 < missing < wanted
    buckets["unmatched_quantity"] += missing


def compute(path: Path) -> tuple[dict[str, list[Order]], Counter[str]]:
    """Every customer's orders as kept in the end, and the report's counts."""
    buckets: Counter[str] = Counter()
    shop: dict[str, list[Order]] = defaultdict(list)
    for rows in invoices_of(path, buckets):
        customers = {row[6] for row in rows} - {""}
        if len(customers) > 1:
            buckets["rejected"] += len(rows)
            continue
        booked = list(sellable(rows, buckets))
        if not booked:
            continue
        orders = shop[customers.pop().removesuffix(".0")]
        if not rows[0][0].startswith("C"):
            orders.append(Order(booked, tier_of(orders)[1]))
            buckets["booked"] += len(booked)
            buckets["points_earned"] += orders[-1].points()
            continue
        before = sum(order.points() for order in orders)
        for row in booked:
            take_back(row, orders, buckets)
        buckets["points_clawed_back"] += before - sum(order.points() for order in orders)
    return {customer: orders for customer, orders in shop.items() if orders}, buckets


def expected_balances(path: Path) -> tuple[dict[str, tuple[int, int, str]], Counter[str]]:
    """Section 6: available, deficit and tier by customer."""
    shop, buckets = compute(path)
    return {
        customer: (sum(order.points() for order in orders), 0, tier_of(orders)[0])
        for customer, orders in shop.items()
    }, buckets


# --- the import, compared --------------------------------------------------------------------

AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def import_into(code: str, path: Path) -> tuple[OrdersReport, dict[str, tuple[int, int, str]]]:
    """Import a file by the preset; answers the report and the exported balances."""
    programme = apply_preset(name="online-retail", code=code, at=AT).programme
    with scope(programme.id):
        plan = plan_online_retail(lines=read_lines(path), name=path.name)
        report, _ = import_orders(plan=plan, caller=import_caller(at=AT), at=AT)
        text = io.StringIO()
        write_balances(balance_rows(at=AT), into=text)
        assert verify().ok
    exported = csv.DictReader(io.StringIO(text.getvalue()))
    balances = {
        row["member"]: (int(row["available"]), int(row["deficit"]), row["tier"]) for row in exported
    }
    return report, balances


def assert_same(path: Path) -> OrdersReport:
    """The import and the computation above agree on every member and every count; importing
    again books nothing and answers the same."""
    code = f"shop-{uuid4()}"
    balances, counts = expected_balances(path)
    report, imported = import_into(code, path)
    assert imported == balances
    for name in ("lines", "orders", "members", "new", "replayed"):
        counts.pop(name, None)
    assert {name: getattr(report, name) for name in counts} == dict(counts)
    assert report.members == len(balances)
    again, unchanged = import_into(code, path)
    assert unchanged == balances
    assert (again.new, again.replayed) == (0, report.new)
    assert {name: getattr(again, name) for name in counts} == dict(counts)
    return report


def test_the_slice_is_booked_as_the_docs_say() -> None:
    report = assert_same(SLICE)
    assert report.lines == 3_018
    assert report.split == 2


def spoil(line: bytes, chance: random.Random) -> bytes:
    """One line as a careless hand might leave it; most stay as they are."""
    parts = line.split(b",")
    column = chance.randrange(len(parts))
    values = [
        b"", b"0", b"-1", b"7", b"1.115", b"0.005", b"x\xff", b"12346.0", b"12431.0",
        b"536365", b"C536365", b"2010-12-02 10:00:00", b'"', b"POST", b"22423", b"1e9",
    ]  # fmt: skip
    match chance.randrange(12):
        case 0:
            parts[column] = chance.choice(values)
        case 1:
            parts.pop(column)
        case 2:
            parts[3], parts[5] = parts[3] + b"0", b"0.333"
    return b",".join(parts)


@pytest.mark.parametrize("seed", range(3))
def test_a_spoilt_file_is_booked_as_the_docs_say(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    header, *lines = gzip.decompress(SLICE.read_bytes()).rstrip(b"\n").split(b"\n")
    spoilt = [spoil(line.rstrip(b"\r"), chance) for line in lines]
    chance.shuffle(spoilt)
    path = tmp_path / "spoilt.csv"
    path.write_bytes(b"\r\n".join([header.rstrip(b"\r"), *spoilt, b""]))
    report = assert_same(path)
    assert report.rejected > 50


@pytest.mark.skipif("JIFEN_REAL_DATA" not in os.environ, reason="JIFEN_REAL_DATA names no file")
def test_the_whole_file_is_booked_as_the_docs_say() -> None:
    report = assert_same(Path(os.environ["JIFEN_REAL_DATA"]))
    assert report.lines == 105_335
    assert (report.no_customer, report.rejected) == (36_210, 0)
