"""Our members file as people to enrol: ``docs/import.md`` describes its columns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from jifen.common.errors import JifenError
from jifen.earning.services import NewMember
from jifen.earning.types import MAX_POINTS, OpeningLot
from jifen.faces.importing.files import (
    BadLineError,
    RawLine,
    UnreadableFile,
    cells,
    split_header,
)
from jifen.faces.importing.plan import key_of_person
from jifen.faces.importing.values import day, whole
from jifen.members.selectors import check_birthday, normalise
from jifen.members.types import IdentityValue

IDENTITIES: Final = {
    "external_id": "external",
    "phone": "phone",
    "email": "email",
    "card": "card",
    "wechat": "wechat",
}
_OTHERS: Final = ("name", "birthday", "store", "points", "points_expire_at", "growth", "tier")
_PER_UNIT: Final = "points:"
_LONGEST_NAME: Final = 120


class Known(Struct, frozen=True):
    """What the programme has, so that a line is refused before anything of it is booked.

    ``points`` and ``growth`` are unit codes, the first of each being the columns' own.
    """

    zone: ZoneInfo
    at: datetime
    stores: frozenset[str]
    points: tuple[str, ...]
    growth: tuple[str, ...]
    tiers: frozenset[str]


class Person(Struct, frozen=True):
    """One good line."""

    number: int
    member: NewMember


class BadPerson(Struct, frozen=True):
    """One rejected line, and why."""

    number: int
    reason: str


def read_people(
    *, lines: Iterable[RawLine], name: str, known: Known
) -> Iterator[Person | BadPerson]:
    """Each line as somebody to enrol, or as rejected, in the order of the file, one at a time.

    Raises :class:`UnreadableFile` when the header does not name known columns, once each, and
    at least one identity.
    """
    header, rest = split_header(lines, name=name)
    unknown = [column for column in header if not _is_column(column, known)]
    if unknown:
        raise UnreadableFile(f"{name}: unknown columns {', '.join(unknown)}", file=name)
    if len(set(header)) != len(header) or not IDENTITIES.keys() & set(header):
        raise UnreadableFile(f"{name}: columns once each, one of them an identity", file=name)
    return _people(header, rest, known)


def _people(
    header: list[str], lines: Iterable[RawLine], known: Known
) -> Iterator[Person | BadPerson]:
    seen: dict[IdentityValue, int] = {}
    for line in lines:
        try:
            member = _member(_values(line, header), known)
            _refuse_repeats(member, line.number, seen)
        except BadLineError as error:
            yield BadPerson(line.number, str(error))
        except JifenError as error:
            yield BadPerson(line.number, error.code)
        else:
            yield Person(line.number, member)


def _values(line: RawLine, header: list[str]) -> dict[str, str]:
    parts = cells(line.content)
    if len(parts) != len(header):
        raise BadLineError("bad_columns")
    return dict(zip(header, (part.strip() for part in parts), strict=True))


def _is_column(column: str, known: Known) -> bool:
    if column.startswith(_PER_UNIT):
        return column.removeprefix(_PER_UNIT) in known.points
    return column in IDENTITIES or column in _OTHERS


def _member(values: Mapping[str, str], known: Known) -> NewMember:
    identities = tuple(
        normalise(IdentityValue(kind, values[column]))
        for column, kind in IDENTITIES.items()
        if values.get(column)
    )
    if not identities:
        raise BadLineError("no_identity")
    name, store, tier = (values.get(column, "") for column in ("name", "store", "tier"))
    if len(name) > _LONGEST_NAME or not (name or "-").isprintable():
        raise BadLineError("bad_name")
    if store and store not in known.stores:
        raise BadLineError("unknown_store")
    if tier and tier not in known.tiers:
        raise BadLineError("unknown_tier")
    born = values.get("birthday", "")
    return NewMember(
        key=key_of_person("member", identities[0].kind, identities[0].value),
        identities=identities,
        name=name,
        birthday_on=_birthday(born, known) if born else None,
        store=store or None,
        lots=tuple(_lots(values, known)),
        tier=tier or None,
    )


def _birthday(text: str, known: Known) -> date:
    born = day(text, name="birthday")
    check_birthday(born, known.at.astimezone(known.zone).date())
    return born


def _lots(values: Mapping[str, str], known: Known) -> Iterator[OpeningLot]:
    """The lots of every points column, then growth; a lot of no points is left out."""
    for column, text in values.items():
        if column == "points" and text:
            if not known.points:
                raise BadLineError("no_points_unit")
            yield from _unit_lots(text, known.points[0], values, known)
        elif column.startswith(_PER_UNIT) and text:
            yield from _unit_lots(text, column.removeprefix(_PER_UNIT), values, known)
    growth = values.get("growth", "")
    if growth:
        if not known.growth:
            raise BadLineError("no_growth_unit")
        if points := _points(growth, "growth"):
            yield OpeningLot(known.growth[0], points)


def _unit_lots(
    text: str, unit: str, values: Mapping[str, str], known: Known
) -> Iterator[OpeningLot]:
    """``100@2027-01-01;50``: 100 to the end of that local day, and 50."""
    default = values.get("points_expire_at", "")
    for part in text.split(";"):
        amount, _, until = part.strip().partition("@")
        expires_at = _end_of_day(until or default, known) if until or default else None
        if points := _points(amount, "points"):
            yield OpeningLot(unit, points, expires_at)


def _points(text: str, name: str) -> int:
    points = whole(text, name=name)
    if points > MAX_POINTS:
        raise BadLineError(f"{name}_too_many")
    return points


def _end_of_day(text: str, known: Known) -> datetime:
    last = day(text, name="points_expire_at")
    ends = datetime.combine(last + timedelta(days=1), time.min, known.zone)
    if ends <= known.at:
        raise BadLineError("points_expired_already")
    return ends


def _refuse_repeats(member: NewMember, number: int, seen: dict[IdentityValue, int]) -> None:
    for identity in member.identities:
        if identity in seen:
            raise BadLineError(f"{identity.kind}_is_in_line_{seen[identity]}")
    seen.update(dict.fromkeys(member.identities, number))
