"""What stands in each kind of file: its columns, and its rows page by page.

``docs/export.md`` describes the columns. A file of members has those of ``docs/import.md``, so it
can be imported as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from jifen.common.days import last_day
from jifen.faces.exporting.types import ExportKind
from jifen.faces.exporting.writing import Cell, Row
from jifen.insight import exports
from jifen.insight.exports import Choice
from jifen.ledger import selectors as ledger
from jifen.ledger.types import BalanceInfo
from jifen.members import selectors as members
from jifen.members.types import MemberInfo
from jifen.programmes import selectors as programmes
from jifen.programmes.types import UnitInfo
from jifen.tiers import selectors as tiers

PAGE: Final = 2_000
_HOLDINGS: Final = ("available", "pending", "held", "deficit")
_COUNTRY: Final = "+86"
# Seen by msgspec now, in one thread: two that look into a type for the first time can crash.
_POINTS: Final = msgspec.json.Decoder(dict[str, int])


class Table(Struct, frozen=True):
    """A table that is being read: its columns, how many rows it has, and these by the page."""

    head: tuple[str, ...]
    total: int
    pages: Iterator[Sequence[Row]]


class _Place(Struct, frozen=True):
    """What the rows of a programme are told with."""

    zone: ZoneInfo
    units: tuple[UnitInfo, ...]
    stores: Mapping[UUID, str]
    at: datetime

    def of_kind(self, kind: str) -> list[str]:
        """The codes of its units of a kind, in the order they were made."""
        return [unit.code for unit in self.units if unit.kind == kind]

    def local(self, at: datetime | None) -> datetime | None:
        """A time as the clocks of the programme show it, to the second."""
        return at and at.astimezone(self.zone).replace(tzinfo=None, microsecond=0)


def table(kind: ExportKind, choice: Choice, *, whole_phones: bool = False) -> Table:
    """The table of a kind, read in the open snapshot. Times are local ones of the programme."""
    place = _Place(
        ZoneInfo(programmes.programme().time_zone),
        tuple(programmes.units().values()),
        {store.id: store.code for store in programmes.stores().values()},
        choice.at,
    )
    if kind == "members":
        head = _member_head(place, whole_phones=whole_phones)
        rows = _members(place, whole_phones=whole_phones)
    elif kind == "activities":
        head, rows = _activity_head(place), _activities(place)
    else:
        head, told = _PLAIN[kind]
        rows = _each(lambda row: told(place, row))
    pages = exports.pages(kind, choice, size=PAGE)
    return Table(head, exports.count(kind, choice), (rows(page) for page in pages))


_Page = list[tuple[Any, ...]]


def _each(told: Callable[[tuple[Any, ...]], Row]) -> Callable[[_Page], Sequence[Row]]:
    return lambda page: [told(row) for row in page]


# --- members --------------------------------------------------------------------------------------


def _member_head(place: _Place, *, whole_phones: bool) -> tuple[str, ...]:
    masked = "" if whole_phones else "_masked"
    first, *others = [*place.of_kind("points"), ""]
    return (
        "member_id",
        "external_id",
        # Under a name that no import takes: nobody is to be enrolled as 138****2186.
        f"phone{masked}",
        f"email{masked}",
        "card",
        "wechat",
        "more_identities",
        "name",
        "birthday",
        "store",
        "status",
        "enrolled_at",
        "tags",
        "tier",
        "growth",
        *(("points",) if first else ()),
        *(f"points:{unit}" for unit in others if unit),
        *(f"{what}:{unit.code}" for unit in place.units for what in _HOLDINGS),
    )


def _members(place: _Place, *, whole_phones: bool) -> Callable[[_Page], Sequence[Row]]:
    def rows(page: _Page) -> Sequence[Row]:
        ids = [member_id for (member_id,) in page]
        balances = ledger.balances_of(ids, at=place.at)
        lots = ledger.lots_by_end(ids, at=place.at)
        tier_of = tiers.tiers(ids, at=place.at)
        return [
            (
                *_person(place, member, whole_phones=whole_phones),
                tier_of.get(member.id, ""),
                *_owns(place, balances.get(member.id, ()), lots.get(member.id, {})),
            )
            for member in members.members_by_id(ids)
        ]

    return rows


def _person(place: _Place, member: MemberInfo, *, whole_phones: bool) -> Iterator[Cell]:
    kinds = ("external", "phone", "email", "card", "wechat")
    told = member.identities if whole_phones else tuple(map(members.masked, member.identities))
    known: dict[str, list[str]] = {kind: [] for kind in kinds}
    for identity in told:
        known[identity.kind].append(_dialled(identity.value) if whole_phones else identity.value)
    more = [f"{kind}:{value}" for kind in kinds for value in known[kind][1:]]
    yield str(member.id)
    yield from (next(iter(known[kind]), "") for kind in kinds)
    yield " ".join(more)
    yield member.name
    yield member.birthday_on
    yield place.stores.get(member.store_id, "") if member.store_id else ""
    yield member.status
    yield place.local(member.enrolled_at)
    yield ";".join(member.tags)


def _dialled(value: str) -> str:
    """A phone as it is dialled at home, or from abroad with 00: a plus begins a formula."""
    if not value.startswith("+"):
        return value
    return value.removeprefix(_COUNTRY) if value.startswith(_COUNTRY) else f"00{value[1:]}"


def _owns(
    place: _Place,
    balances: Sequence[BalanceInfo],
    lots: Mapping[str, Sequence[tuple[datetime | None, int]]],
) -> Iterator[Cell]:
    held = {balance.unit: balance for balance in balances}
    growth = next(iter(place.of_kind("growth")), "")
    yield held[growth].available if growth in held else None
    for unit in place.of_kind("points"):
        yield ";".join(_lot(place, *lot) for lot in lots.get(unit, ()))
    for each in place.units:
        balance = held.get(each.code)
        yield from (getattr(balance, what) if balance else 0 for what in _HOLDINGS)


def _lot(place: _Place, ends_at: datetime | None, points: int) -> str:
    """Points with their last day, as an import reads them."""
    return f"{points}@{last_day(ends_at, place.zone)}" if ends_at else str(points)


# --- what happened --------------------------------------------------------------------------------


def _activity_head(place: _Place) -> tuple[str, ...]:
    return (
        "activity_id",
        "kind",
        "occurred_at",
        "booked_at",
        "store",
        "reference",
        "member_id",
        "of_activity_id",
        "paid",
        *(f"moved:{unit.code}" for unit in place.units),
        "tier",
        "rule_set_version",
        "actor",
        "reason",
    )


def _activities(place: _Place) -> Callable[[_Page], Sequence[Row]]:
    units = [unit.code for unit in place.units]

    def told(row: tuple[Any, ...]) -> Row:
        (activity_id, kind, occurred_at, booked_at, store, reference, member_id, of_id) = row[:8]
        spend_minor, points, tier, version, actor, reason = row[8:]
        moved = _POINTS.decode(points) if points else {}
        return (
            str(activity_id),
            kind,
            place.local(occurred_at),
            place.local(booked_at),
            store,
            reference,
            _id(member_id),
            _id(of_id),
            _main(spend_minor),
            *(moved.get(unit) for unit in units),
            tier,
            version,
            actor,
            reason,
        )

    return _each(told)


def _id(found: UUID | None) -> str:
    return str(found) if found else ""


def _main(minor: int | None) -> Decimal | None:
    """Money in the main unit, with its two decimals."""
    return None if minor is None else Decimal(minor).scaleb(-2)


def _posting(place: _Place, row: tuple[Any, ...]) -> Row:
    posting_id, booked_at, occurred_at, transaction_id, act, member_id, *middle = row[:16]
    expires_at, actor, reason = row[16:]
    return (
        str(posting_id),
        place.local(booked_at),
        place.local(occurred_at),
        str(transaction_id),
        act,
        str(member_id),
        *middle,
        place.local(expires_at),
        actor,
        reason,
    )


def _open_lot(place: _Place, row: tuple[Any, ...]) -> Row:
    lot_id, member_id, unit, remaining, opened, occurred_at, ends_at, is_pending, ripens_at = row[
        :9
    ]
    rule, store, merchant, transaction_id = row[9:]
    return (
        str(lot_id),
        str(member_id),
        unit,
        remaining,
        opened,
        place.local(occurred_at),
        place.local(ends_at),
        is_pending,
        place.local(ripens_at),
        rule,
        store,
        merchant,
        str(transaction_id),
    )


def _coupon(place: _Place, row: tuple[Any, ...]) -> Row:
    coupon_id, code, kind, status, member_id, valid_from, valid_until, issued_at = row[:8]
    store, issued_by, holder = row[8:]
    return (
        str(coupon_id),
        code,
        kind,
        status,
        _id(member_id),
        place.local(valid_from),
        place.local(valid_until),
        place.local(issued_at),
        store,
        str(issued_by),
        _id(holder),
    )


_PLAIN: Final[
    Mapping[str, tuple[tuple[str, ...], Callable[[_Place, tuple[Any, ...]], Row]]]
] = {
    "postings": (
        (
            "posting_id", "booked_at", "occurred_at", "activity_id", "act", "member_id", "unit",
            "kind", "contra", "amount", "balance_after", "pending_after", "held_after",
            "deficit_after", "rule", "store", "expires_at", "actor", "reason",
        ),
        _posting,
    ),
    "lots": (
        (
            "lot_id", "member_id", "unit", "remaining", "opened_with", "occurred_at", "ends_at",
            "is_pending", "ripens_at", "rule", "store", "merchant", "activity_id",
        ),
        _open_lot,
    ),
    "coupons": (
        (
            "coupon_id", "code", "kind", "status", "member_id", "valid_from", "valid_until",
            "issued_at", "store", "issued_by", "used_or_held_by",
        ),
        _coupon,
    ),
}  # fmt: skip
"""Tables whose columns are the same everywhere."""
