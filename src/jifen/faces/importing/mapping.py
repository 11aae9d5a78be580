"""Which column of somebody's file is which of ours, and the file's lines as our own format. Pure.

What is proposed comes from the headers that shops' systems write, in Chinese and English. What a
person chooses is checked by :func:`check`; :func:`mapped` then writes the lines that the readers of
``docs/import.md`` take, with the file's own line numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from jifen.faces.exporting.writing import plain
from jifen.faces.importing import documented, online_retail
from jifen.faces.importing.files import BadLineError, RawLine, cells
from jifen.faces.importing.people import IDENTITIES
from jifen.faces.importing.types import ImportKind, InvalidMapping, TargetColumn
from jifen.faces.importing.words import MEMBERS, ORDERS, VALUES

MEMBER_KINDS: Final = ("external", "phone", "email", "card", "wechat", "id")
_ADJUST: Final = "adjust"
"""The right that bringing points or tiers needs, as openings do."""
_BROUGHT: Final = ("points", "points_expire_at", "growth", "tier")
_MOST_COLUMNS: Final = 200
_LONGEST_NAME: Final = 200
_SHORTENED: Final = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
"""What Excel leaves of a long number: digits are lost."""
_AS_TEXT: Final = re.compile(r'="(.*)"')
_TIME: Final = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_AMOUNT: Final = re.compile(r"[¥￥]? ?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?元?")
_SPOILT: Final = "\x07"
"""No identity and no number has this."""
_NAMED: Final = frozenset({"external_id", "card", "wechat", "order", "of", "member"})
"""Columns in which a shortened number would be somebody else's."""


class Chosen(Struct, frozen=True):
    """``columns`` is by our column; ``fixed`` is what every line has in ours. ``synonyms`` says by
    column which words stand for which values: a store's name for its code."""

    columns: Mapping[str, str]
    fixed: Mapping[str, str] = {}
    synonyms: Mapping[str, Mapping[str, str]] = {}


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """The file's columns, each under a name of its own: an empty or repeated one gets its number.

    Raises :class:`BadLineError` for a header that no table has.
    """
    if len(header) > _MOST_COLUMNS:
        raise BadLineError("too_many_columns")
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = cell.strip()[:_LONGEST_NAME] or f"#{number}"
        names.append(f"{name} #{number}" if name in names else name)
    return tuple(names)


def targets(kind: ImportKind, *, points: Sequence[str] = ()) -> tuple[TargetColumn, ...]:
    """The columns that an import of this kind may have; ``points`` are the units of points."""
    if kind == "online_retail":
        return tuple(TargetColumn(name, required=True) for name in online_retail.COLUMNS)
    if kind == "orders":
        return tuple(
            TargetColumn(
                name,
                required=name in {"order", "occurred_at"},
                values=MEMBER_KINDS if name == "member_kind" else (),
            )
            for name in documented.COLUMNS
        )
    names = [*MEMBERS, *(f"points:{unit}" for unit in points[1:])]
    return tuple(
        TargetColumn(
            name,
            one_of="identity" if name in IDENTITIES else "",
            needs=_ADJUST if brings(name) else "",
        )
        for name in names
    )


def brings(name: str) -> bool:
    """Whether a column of members gives them something."""
    return name in _BROUGHT or name.startswith("points:")


def proposal(
    kind: ImportKind, columns: Sequence[str], *, points: Sequence[str] = ()
) -> tuple[dict[str, str], dict[str, str]]:
    """The mapping that the headers speak for, and what they say of every line."""
    words = MEMBERS if kind == "members" else ORDERS if kind == "orders" else {}
    plain = {column: _plain(column) for column in columns}
    found: dict[str, str] = {}
    for target in targets(kind, points=points):
        names = [_plain(target.name), *(_plain(word) for word in words.get(target.name, ()))]
        ranked = [(names.index(plain[c]), c) for c in columns if plain[c] in names]
        if ranked:
            column = min(ranked)[1]
            if column not in found.values():
                found[target.name] = column
    fixed: dict[str, str] = {}
    if kind == "orders" and "member" in found and "member_kind" not in found:
        fixed["member_kind"] = _kind_of(plain[found["member"]])
    return found, fixed


def _kind_of(header: str) -> str:
    """By which identity a column of members knows them."""
    for column, kind in IDENTITIES.items():
        if header in {_plain(word) for word in (column, *MEMBERS[column])}:
            return kind
    return "external"


def _plain(text: str) -> str:
    """A header without what differs between systems: case, spaces, a unit in brackets."""
    text = re.sub(r"[(（\[【].*?[)）\]】]", "", text.lower())
    return re.sub(r"[\s_\-.*:：/]+", "", text)


def check(
    kind: ImportKind,
    mapping: Chosen,
    columns: Sequence[str],
    *,
    points: Sequence[str] = (),
    stores: Iterable[str] = (),
) -> None:
    """Raise :class:`InvalidMapping` unless the file's columns give what is needed."""
    known = {target.name: target for target in targets(kind, points=points)}
    if unknown := sorted({*mapping.columns, *mapping.fixed} - known.keys()):
        raise InvalidMapping(f"no such columns: {', '.join(unknown)}", unknown=unknown)
    used = list(mapping.columns.values())
    if missing := sorted(set(used) - set(columns)):
        raise InvalidMapping(f"the file has no {', '.join(missing)}", not_in_file=missing)
    if twice := sorted({name for name in used if used.count(name) > 1}):
        raise InvalidMapping(f"used twice: {', '.join(twice)}", twice=twice)
    if missing := [name for name, t in known.items() if t.required and name not in mapping.columns]:
        raise InvalidMapping(f"these columns are needed: {', '.join(missing)}", missing=missing)
    either = [name for name, target in known.items() if target.one_of]
    if either and not any(name in mapping.columns for name in either):
        raise InvalidMapping(f"one of these is needed: {', '.join(either)}", missing=either)
    _check_fixed(mapping, stores)


def _check_fixed(mapping: Chosen, stores: Iterable[str]) -> None:
    allowed = {"member_kind": MEMBER_KINDS, "store": tuple(stores)}
    for name, value in mapping.fixed.items():
        if name in mapping.columns or value not in allowed.get(name, ()):
            raise InvalidMapping(f"{name} cannot be {value[:60]!r} for every line", fixed=name)


def mapped(lines: Iterable[RawLine], mapping: Chosen, columns: Sequence[str]) -> Iterator[RawLine]:
    """The lines below the header in our own columns, ours above them. A line that cannot be read
    stays what it is, so that whoever reads it says why."""
    names = _names(mapping)
    places = {name: columns.index(column) for name, column in mapping.columns.items()}
    yield RawLine(1, _line(names))
    for line in lines:
        try:
            row = cells(line.content)
        except BadLineError:
            yield line
            continue
        if not any(cell.strip() for cell in row):
            continue
        row = _fitted(row, len(columns))
        if len(row) != len(columns):
            # More fields than any line of ours has.
            yield RawLine(line.number, b"," * len(names) + b"\n")
            continue
        values = {name: row[place] for name, place in places.items()}
        yield RawLine(line.number, _line(_told(values, names, mapping)))


def _names(mapping: Chosen) -> list[str]:
    """Our header: with the columns that the reader of orders wants to see even when empty."""
    if mapping.columns.keys() == set(online_retail.COLUMNS):
        # Its reader knows them by their places; a mapping comes back from the database unordered.
        return list(online_retail.COLUMNS)
    names = [*mapping.columns, *mapping.fixed]
    if "order" in mapping.columns:
        names += [name for name in ("kind", "member_kind") if name not in names]
    return names


def _fitted(row: list[str], width: int) -> list[str]:
    """Rows of a sheet end with their last value; what is beyond the header is empty, or wrong."""
    while len(row) > width and not row[-1].strip():
        row.pop()
    return row + [""] * (width - len(row)) if row else row


def _told(values: Mapping[str, str], names: Sequence[str], mapping: Chosen) -> list[str]:
    """Each value as our format writes it."""
    told = dict.fromkeys(names, "")
    told |= {name: _value(name, text, mapping) for name, text in values.items()}
    told |= mapping.fixed
    for name in _NAMED & told.keys():
        if _SHORTENED.fullmatch(told[name]):
            # The line has to fail: another number that was shortened looks alike.
            told[name] = "" if name == "order" else _SPOILT
            if name == "member":
                told["member_kind"] = "number_was_shortened"
    return list(told.values())


def _value(name: str, text: str, mapping: Chosen) -> str:
    # What an export of ours had to mark.
    text = plain(text.strip())
    if quoted := _AS_TEXT.fullmatch(text):
        text = quoted[1].strip()
    synonyms = {**VALUES.get(name, {}), **mapping.synonyms.get(name, {})}
    if text in synonyms:
        return synonyms[text]
    if name in {"occurred_at", "birthday", "points_expire_at"}:
        return _moment(text, with_time=name == "occurred_at")
    if name in {"amount", "discount"} and (amount := _AMOUNT.fullmatch(text)):
        return amount[1].replace(",", "") + (amount[2] or "")
    return text


def _moment(text: str, *, with_time: bool) -> str:
    """``2026/6/1 9:05`` as ``2026-06-01 09:05``; anything else as it stands."""
    found = _TIME.fullmatch(text)
    if not found:
        return text
    year, month, day, hour, minute, second = found.groups()
    told = f"{year}-{int(month):02}-{int(day):02}"
    if not with_time:
        return told
    return f"{told} {int(hour or 0):02}:{minute or '00'}:{second or '00'}"


def _line(values: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(values)
    return written.getvalue().encode()
