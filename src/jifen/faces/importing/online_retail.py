"""The *Online Retail* data set as activities. Pure: the same file is the same plan.

``docs/online-retail.md`` is the specification, written for somebody who does not read this
code. In short: a line is rejected, without a customer, not goods, without a price, or else
booked (an invoice) or taken back (a credit note); invoices and credit notes stand in order of
(earliest line, place in the file).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jifen.earning.types import MAX_MINOR, Line, MemberRef, Purchase
from jifen.faces.importing.files import BadLineError, RawLine, UnreadableFile, cells, split_header
from jifen.faces.importing.matching import Shelf, Taken
from jifen.faces.importing.plan import Bucket, Item, LeftOut, Plan

COLUMNS: Final = (
    "InvoiceNo", "StockCode", "Description", "Quantity",
    "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip
LONDON: Final = ZoneInfo("Europe/London")
NOT_GOODS: Final = frozenset(
    {
        "POST", "DOT", "D", "M", "m", "S", "C2", "PADS", "CRUK", "B",
        "BANK CHARGES", "AMAZONFEE",
    }
)  # fmt: skip
"""Postage, discounts, manual entries, samples, carriage, charity, bad debt and fees."""
_VOUCHER: Final = "gift_"
"""Gift vouchers are money for later, not goods: ``gift_0001_20``."""
_MOST_LINES: Final = 5_000
_LONGEST_CODE: Final = 120

_INVOICE: Final = re.compile(r"C?[0-9]{6}")
_INTEGER: Final = re.compile(r"-?[0-9]{1,9}")
_PRICE: Final = re.compile(r"(-?)([0-9]{1,9})(?:\.([0-9]{1,6}))?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_CUSTOMER: Final = re.compile(r"([0-9]{1,20})(?:\.0)?")
_MILLIONTHS_PER_PENNY: Final = 10_000


class _Row(NamedTuple):
    """One readable line.

    ``price`` is in millionths of a pound, so that none is rounded before it is multiplied.
    """

    number: int
    invoice: str
    product: str
    quantity: int
    at: datetime
    price: int
    customer: str

    @property
    def amount_minor(self) -> int:
        """Pence of the whole quantity, rounded half up once."""
        half = _MILLIONTHS_PER_PENNY // 2
        return (self.quantity * self.price + half) // _MILLIONTHS_PER_PENNY


@dataclass(slots=True)
class _Invoice:
    """An invoice or credit note: its lines, and the place of its first in the file."""

    number: str
    first: int
    at: datetime
    rows: list[_Row] = field(default_factory=list)
    customer: str = ""
    several_customers: bool = False

    def add(self, row: _Row) -> None:
        self.rows.append(row)
        self.at = min(self.at, row.at)
        if row.customer and self.customer and row.customer != self.customer:
            self.several_customers = True
        self.customer = self.customer or row.customer

    @property
    def is_credit_note(self) -> bool:
        return self.number.startswith("C")


def plan_online_retail(
    *,
    lines: Iterable[RawLine],
    name: str,
    store: str = "online",
    zone: ZoneInfo = LONDON,
    shift: timedelta = timedelta(),
) -> Plan:
    """Decide a whole file.

    For a demo, ``shift`` moves every time by whole days, and ``zone`` may be another one.
    Raises :class:`UnreadableFile` when the header is not the data set's.
    """
    if shift % timedelta(days=1):
        raise ValueError("a history is shifted by whole days")
    header, rest = split_header(lines, name=name)
    if tuple(header) != COLUMNS:
        raise UnreadableFile(f"{name} is not Online Retail: columns {header}", file=name)
    planner = _Planner(store=store, zone=zone, shift=shift)
    invoices = planner.group(rest)
    for invoice in sorted(invoices, key=attrgetter("at", "first")):
        planner.decide(invoice)
    return planner.plan


class _Planner:
    """Decides invoice after invoice, in order, and keeps what was bought and not returned."""

    def __init__(self, *, store: str, zone: ZoneInfo, shift: timedelta) -> None:
        self.plan = Plan()
        self._store = store
        self._zone = zone
        self._shift = shift
        self._shelf = Shelf()

    def group(self, lines: Iterable[RawLine]) -> Iterable[_Invoice]:
        """Put readable lines into their invoices; others are rejected here."""
        invoices: dict[str, _Invoice] = {}
        for line in lines:
            try:
                row = _parse(line)
            except BadLineError as error:
                self.plan.leave_out(LeftOut(line.number, "rejected", str(error)))
                continue
            invoice = invoices.get(row.invoice)
            if invoice is None:
                invoice = invoices[row.invoice] = _Invoice(row.invoice, row.number, row.at)
            invoice.add(row)
        return invoices.values()

    def decide(self, invoice: _Invoice) -> None:
        """Book an invoice, or match a credit note, after all earlier ones."""
        if invoice.several_customers:
            for row in invoice.rows:
                self._leave_out(row, "rejected", "invoice_with_two_customers")
        elif not invoice.customer:
            self._without_customer(invoice)
        else:
            rows = list(self._sellable(invoice))
            if invoice.is_credit_note:
                self._take_back(invoice, rows)
            else:
                self._sell(invoice, rows, "booked")

    def _without_customer(self, invoice: _Invoice) -> None:
        """Keep what was sold; corrections of stock, credit notes and fees are no sale."""
        sold = []
        for row in invoice.rows:
            reason = _unsellable(row)
            if reason is None:
                sold.append(row)
            else:
                self._leave_out(row, "no_customer", reason)
        self._sell(invoice, sold, "no_customer")

    def _sellable(self, invoice: _Invoice) -> Iterator[_Row]:
        """The lines of a customer's invoice that are goods with a price."""
        for row in invoice.rows:
            if not row.customer:
                self._leave_out(row, "no_customer", "other_lines_have_a_customer")
            elif not is_goods(row.product):
                self._leave_out(row, "not_goods", "not_goods")
            elif row.price <= 0:
                self._leave_out(row, "price_not_positive", "price_not_positive")
            else:
                yield row

    def _sell(self, invoice: _Invoice, rows: list[_Row], bucket: Bucket) -> None:
        if len(rows) > _MOST_LINES:
            for row in rows:
                self._leave_out(row, "rejected", "invoice_with_too_many_lines")
            return
        if not rows:
            return
        member = MemberRef("external", invoice.customer) if invoice.customer else None
        purchase = Purchase(
            key=f"invoice:{invoice.number}",
            occurred_at=self._moment(invoice),
            store=self._store,
            reference=invoice.number,
            lines=tuple(Line(row.product, row.quantity, row.amount_minor) for row in rows),
            member=member,
        )
        self.plan.items.append(Item(purchase, tuple(row.number for row in rows)))
        self.plan.buckets[bucket] += len(rows)
        if member is not None:
            for position, row in enumerate(rows):
                self._shelf.put(
                    customer=row.customer, product=row.product, order=invoice.number,
                    line=position, quantity=row.quantity,
                )  # fmt: skip

    def _take_back(self, invoice: _Invoice, rows: list[_Row]) -> None:
        taken = Taken()
        for row in rows:
            wanted = -row.quantity
            parts = self._shelf.take(customer=row.customer, product=row.product, quantity=wanted)
            taken.add(row.number, parts)
            missing = wanted - sum(part.quantity for part in parts)
            self._count_taken(row, wanted=wanted, missing=missing)
        self.plan.items += taken.refunds(
            note=invoice.number, occurred_at=self._moment(invoice), store=self._store
        )

    def _count_taken(self, row: _Row, *, wanted: int, missing: int) -> None:
        self.plan.unmatched_quantity += missing
        if missing == wanted:
            self._leave_out(row, "unmatched_refund", "no_earlier_purchase")
            return
        self.plan.buckets["refunded"] += 1
        if missing:
            self.plan.split += 1
            reason = "rest_without_purchase"
            rest = LeftOut(row.number, "refunded", reason, row.invoice, row.product, -missing)
            self.plan.left_out.append(rest)

    def _moment(self, invoice: _Invoice) -> datetime:
        return (invoice.at + self._shift).replace(tzinfo=self._zone)

    def _leave_out(self, row: _Row, bucket: Bucket, reason: str) -> None:
        entry = LeftOut(row.number, bucket, reason, row.invoice, row.product, row.quantity)
        self.plan.leave_out(entry)


def is_goods(product: str) -> bool:
    """Whether a stock code is merchandise: whatever is not on the written list."""
    return product not in NOT_GOODS and not product.startswith(_VOUCHER)


def _unsellable(row: _Row) -> str | None:
    """Why a line without a customer is no sale, or ``None`` when it is one."""
    if not is_goods(row.product):
        return "not_goods"
    if row.invoice.startswith("C"):
        return "credit_note_without_customer"
    if row.quantity < 0:
        return "stock_correction"
    return None if row.price > 0 else "price_not_positive"


def _parse(line: RawLine) -> _Row:
    """Read one line, or raise :class:`BadLineError` with the first thing that is wrong."""
    parts = cells(line.content)
    if len(parts) != len(COLUMNS):
        raise BadLineError("bad_columns")
    invoice, product, _, quantity_text, date_text, price_text, customer_text, _ = parts
    if not _INVOICE.fullmatch(invoice):
        raise BadLineError("bad_invoice_number")
    if not 1 <= len(product) <= _LONGEST_CODE or not product.isprintable():
        raise BadLineError("bad_stock_code")
    quantity = _quantity(quantity_text)
    at, price = _date(date_text), _price(price_text)
    row = _Row(line.number, invoice, product, quantity, at, price, _customer(customer_text))
    if abs(row.amount_minor) > MAX_MINOR:
        raise BadLineError("amount_too_large")
    # Without a customer, a negative quantity is how this shop corrects its stock.
    if row.customer and (quantity < 0) != invoice.startswith("C"):
        raise BadLineError("sign_contradicts_invoice")
    return row


@lru_cache(maxsize=4096)
def _quantity(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise BadLineError("quantity_not_an_integer")
    quantity = int(text)
    if quantity == 0:
        raise BadLineError("quantity_zero")
    return quantity


@lru_cache(maxsize=4096)
def _date(text: str) -> datetime:
    try:
        if _DATE.fullmatch(text) and "1900" <= text[:4] <= "2999":
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise BadLineError("bad_date")


@lru_cache(maxsize=4096)
def _price(text: str) -> int:
    found = _PRICE.fullmatch(text)
    if not found:
        raise BadLineError("bad_price")
    sign, pounds, decimals = found.groups(default="")
    millionths = int(pounds) * 1_000_000 + int(decimals.ljust(6, "0"))
    return -millionths if sign else millionths


@lru_cache(maxsize=65_536)
def _customer(text: str) -> str:
    if not text:
        return ""
    found = _CUSTOMER.fullmatch(text)
    if not found:
        raise BadLineError("bad_customer_id")
    return found.group(1)
