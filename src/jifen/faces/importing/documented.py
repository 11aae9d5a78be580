"""Our own orders file as activities: ``docs/import.md`` describes its columns. Pure.

One row is one line of an order or of a refund. An order with one bad row is rejected whole: an
order booked in part would earn the wrong points, and its reference would be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from jifen.earning.types import (
    Line,
    MemberRef,
    OrderRef,
    Purchase,
    Refund,
    RefundLine,
)
from jifen.faces.importing.files import BadLineError, RawLine, UnreadableFile, cells, split_header
from jifen.faces.importing.plan import Item, LeftOut, Plan, key_of
from jifen.faces.importing.values import minor, moment, whole

COLUMNS: Final = (
    "kind", "order", "occurred_at", "store", "member_kind", "member", "product", "category",
    "line_kind", "quantity", "amount", "discount", "points_paid", "of", "line",
)  # fmt: skip
REQUIRED: Final = frozenset({"kind", "order", "occurred_at"})
_KINDS: Final = ("purchase", "refund")
_SHARED: Final = ("occurred_at", "member_kind", "member", "points_paid", "of")
"""What every row of one order repeats or leaves empty."""


class _Row(NamedTuple):
    number: int
    values: Mapping[str, str]


@dataclass(slots=True)
class _Document:
    """One order or refund: its rows, what they share, and what is wrong with it."""

    kind: str
    store: str
    reference: str
    first: int
    rows: list[_Row] = field(default_factory=list)
    shared: dict[str, str] = field(default_factory=dict)
    fault: tuple[int, str] | None = None
    """The number of the first bad row, and why it is bad."""
    occurred_at: datetime | None = None

    def add(self, row: _Row) -> None:
        self.rows.append(row)
        for column in _SHARED:
            value = row.values[column]
            if value and self.shared.setdefault(column, value) != value:
                self.fail(row.number, f"{column}_differs_within_the_order")

    def fail(self, number: int, reason: str) -> None:
        self.fault = self.fault or (number, reason)


def plan_documented(
    *, lines: Iterable[RawLine], name: str, zone: ZoneInfo, store: str, minor_digits: int = 2
) -> Plan:
    """Decide a whole file.

    Times without an offset are in ``zone``; rows without a store belong to ``store``; amounts
    are decimals of the main unit with at most ``minor_digits`` places.

    Raises :class:`UnreadableFile` when the header does not name known columns, once each.
    """
    header, rest = split_header(lines, name=name)
    unknown = [column for column in header if column not in COLUMNS]
    if unknown or len(set(header)) != len(header) or REQUIRED - set(header):
        raise UnreadableFile(f"{name}: the header must name columns of docs/import.md", file=name)
    plan = Plan()
    documents = _group(rest, header=header, plan=plan, store=store)
    made: list[tuple[datetime, int, Item]] = []
    for document in documents:
        item = _decide(document, zone=zone, minor_digits=minor_digits, plan=plan)
        if item is not None:
            made.append((item.activity.occurred_at, document.first, item))
    made.sort(key=lambda entry: entry[:2])
    plan.items = [item for _, _, item in made]
    for item in plan.items:
        plan.buckets[_bucket(item)] += len(item.lines)
    return plan


def _bucket(item: Item) -> Any:
    if isinstance(item.activity, Refund):
        return "refunded"
    return "booked" if item.activity.member else "no_customer"


def _group(
    lines: Iterable[RawLine], *, header: list[str], plan: Plan, store: str
) -> Iterable[_Document]:
    """Put rows into their orders. A row that does not say which order it is of stands alone."""
    documents: dict[tuple[str, str, str], _Document] = {}
    for line in lines:
        try:
            row = _Row(line.number, _values(line, header))
        except BadLineError as error:
            plan.leave_out(LeftOut(line.number, "rejected", str(error)))
            continue
        values = row.values
        kind, reference = values["kind"] or "purchase", values["order"]
        if kind not in _KINDS or not reference:
            reason = "order_missing" if kind in _KINDS else "unknown_kind"
            plan.leave_out(LeftOut(row.number, "rejected", reason, reference, values["product"]))
            continue
        name = (kind, values["store"] or store, reference)
        if name not in documents:
            documents[name] = _Document(*name, first=row.number)
        documents[name].add(row)
    return documents.values()


def _values(line: RawLine, header: list[str]) -> dict[str, str]:
    parts = cells(line.content)
    if len(parts) != len(header):
        raise BadLineError("bad_columns")
    found = dict.fromkeys(COLUMNS, "")
    found.update(zip(header, (part.strip() for part in parts), strict=True))
    return found


def _decide(document: _Document, *, zone: ZoneInfo, minor_digits: int, plan: Plan) -> Item | None:
    """The order's activity, or ``None`` after its rows were rejected."""
    numbers = tuple(row.number for row in document.rows)
    if document.fault is None:
        try:
            at = moment(document.shared.get("occurred_at", ""), zone=zone)
        except BadLineError as error:
            document.fail(document.first, str(error))
        else:
            make = _refund if document.kind == "refund" else _purchase
            fields = make(document, minor_digits)
            if document.fault is None:
                activity = _checked(document, {**fields, "occurred_at": at})
                if activity is not None:
                    return Item(activity, numbers)
    _reject(document, plan)
    return None


def _reject(document: _Document, plan: Plan) -> None:
    bad, reason = document.fault or (document.first, "invalid")
    for row in document.rows:
        why = reason if row.number == bad else "another_row_of_the_order_is_bad"
        plan.leave_out(
            LeftOut(row.number, "rejected", why, document.reference, row.values["product"])
        )


def _checked(document: _Document, fields: dict[str, Any]) -> Purchase | Refund | None:
    """The activity as the API would read it, with every bound checked."""
    kind: type[Purchase | Refund] = Refund if document.kind == "refund" else Purchase
    word = "refund" if kind is Refund else "order"
    whole_body = {
        "kind": document.kind,
        "key": key_of(word, document.store, document.reference),
        "store": document.store,
        "reference": document.reference,
        **fields,
    }
    try:
        return msgspec.convert(msgspec.to_builtins(whole_body, builtin_types=(datetime,)), kind)
    except msgspec.ValidationError as error:
        document.fail(document.first, f"invalid: {error}")
        return None


def _purchase(document: _Document, minor_digits: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "lines": _each(document, lambda values: _line(values, minor_digits)),
        "points_paid": _shared_number(document, "points_paid"),
    }
    if document.shared.get("member"):
        kind = document.shared.get("member_kind", "external")
        fields["member"] = MemberRef(kind, document.shared["member"])  # type: ignore[arg-type]
    return fields


def _line(values: Mapping[str, str], minor_digits: int) -> Line:
    amount = minor(values["amount"], digits=minor_digits)
    discount = minor(values["discount"], digits=minor_digits) if values["discount"] else 0
    if discount > amount:
        raise BadLineError("discount_exceeds_amount")
    return Line(
        product=values["product"],
        quantity=whole(values["quantity"] or "1", name="quantity"),
        amount_minor=amount,
        discount_minor=discount,
        category=values["category"],
        kind=values["line_kind"] or "goods",  # type: ignore[arg-type]
    )


def _refund(document: _Document, _minor_digits: int) -> dict[str, Any]:
    if not document.shared.get("of"):
        document.fail(document.first, "of_missing")
        return {}
    fields: dict[str, Any] = {"of": OrderRef(document.shared["of"], document.store)}
    if len(document.rows) > 1 or document.rows[0].values["line"]:
        fields["lines"] = _each(document, _refund_line)
    return fields


def _refund_line(values: Mapping[str, str]) -> RefundLine:
    number = whole(values["line"], name="line")
    if number == 0:
        raise BadLineError("line_counts_from_1")
    return RefundLine(number - 1, whole(values["quantity"], name="quantity"))


def _each(document: _Document, make: Callable[[Mapping[str, str]], Any]) -> list[Any]:
    made = []
    for row in document.rows:
        try:
            made.append(make(row.values))
        except BadLineError as error:
            document.fail(row.number, str(error))
    return made


def _shared_number(document: _Document, column: str) -> int:
    try:
        return whole(document.shared.get(column, "0"), name=column)
    except BadLineError as error:
        document.fail(document.first, str(error))
        return 0
