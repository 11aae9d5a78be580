"""A hundred members with real histories, and their rows as text that can be multiplied.

Nothing here knows a table's columns. The services book the histories; what they wrote is read
back row by row, and wherever a row names one of these members, their keys or the ids of what they
own, a mark takes its place. A clone of a row is its text with the marks filled in: other ids,
other names, the same arithmetic, and so as right as what the services wrote.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg import sql

from jifen.common.tables import DISTRIBUTED
from jifen.earning import services as earning
from jifen.earning.types import (
    Activity,
    Adjustment,
    Booked,
    Caller,
    Line,
    MemberRef,
    Purchase,
)
from jifen.faces.bench.orders import CATEGORIES, PRODUCTS
from jifen.faces.cli.errors import CommandError
from jifen.members import services as members
from jifen.members.types import Changes, IdentityValue

MEMBERS: Final = 100
"""Members of the template; a clone is a hundred members too."""
FROZEN: Final = 4
"""Members beside them who do nothing any more."""
TAGS: Final = {"regular": 20, "press": 1}
"""How many members of a hundred have each tag."""
SPAN: Final = timedelta(days=300)
_SEED: Final = 20_260_301
# As the template's own rows have them, and as bytes that no text holds.
_NAME: Final = "~C~"
_PHONE: Final = "139999999"
ID_MARK: Final = b"\x01"
NUMBER_MARK: Final = b"\x02"
PHONE_MARK: Final = b"\x03"
DIGEST_MARK: Final = b"\x04"
JOINED_MARK: Final = b"\x05"
_JOINED_MS: Final = 1_704_067_200_000
"""A millisecond after the one before it for each clone: when its members joined."""
_DIGEST: Final = re.compile(rb"\\\\x([0-9a-f]{64})(?=[\t\n])")
_UUID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Row(Struct, frozen=True):
    """A row of COPY text with marks. ``digested`` is what its digest is of, if it has one."""

    text: bytes
    digested: bytes = b""


class Table(Struct, frozen=True):
    """The template's rows of one table, in the order they were written."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def book(*, postings: int, caller: Caller, at: datetime) -> dict[bytes, bytes]:
    """Enrol the template's members and give each so many postings, in the time before ``at``.

    The last is an adjustment, which takes from lots; the others are orders. Answers by digest
    what was digested: requests as they came, which their rows do not hold in full.
    """
    draw = random.Random(_SEED)
    began = at - SPAN
    people = [_person(number) for number in range(MEMBERS)]
    people += [_gone(number) for number in range(FROZEN)]
    ids = []
    for answer in earning.enrol(members=people, caller=caller, at=began):
        if not isinstance(answer, earning.Enrolled):
            raise CommandError(f"a member was refused: {answer.error}")
        ids.append(answer.member_id)
    _mark_out(ids, at=began)
    sent: list[earning.NewMember | Activity] = [*people]
    for turn in range(1, postings + 1):
        booked_at = began + SPAN * turn / (postings + 1)
        make = _adjustment if turn == postings and turn > 1 else _order
        acts = [make(number, turn, booked_at, draw) for number in range(MEMBERS)]
        sent += acts
        for outcome in earning.book(activities=acts, caller=caller, at=booked_at):
            if not isinstance(outcome, Booked) or not any(outcome.points.values()):
                raise CommandError(f"an activity of the template moved nothing: {outcome}")
    encoded = [msgspec.json.encode(each) for each in sent]
    return {hashlib.sha256(text).digest(): text for text in encoded}


def filled(connection: psycopg.Connection[Any]) -> set[str]:
    """The distributed tables that hold any row."""
    names = set()
    for name in DISTRIBUTED:
        some = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name))
        row = connection.execute(some).fetchone()
        if row is not None and row[0]:
            names.add(name)
    return names


def read(
    connection: psycopg.Connection[Any], *, tables: set[str], digested: Mapping[bytes, bytes]
) -> list[Table]:
    """The template's rows: everything in ``tables``, which held nothing before it was booked."""
    texts = {name: _texts(connection, name) for name in sorted(tables)}
    prefixes = _prefixes(connection, sorted(tables))
    return [
        Table(name, columns, tuple(_marked(row, prefixes, digested) for row in rows))
        for name, (columns, rows) in texts.items()
    ]


def _mark_out(ids: Sequence[UUID], *, at: datetime) -> None:
    """Tags for some of the members, spread among them; the last ones are frozen."""
    for tag, count in TAGS.items():
        for number in range(0, MEMBERS, MEMBERS // count):
            tagged = Changes(add_tags=(tag,))
            members.change(member_id=ids[number], changes=tagged, actor="bench", at=at)
    for member_id in ids[MEMBERS:]:
        members.freeze(member_id=member_id, reason="left the town", actor="bench", at=at)


def _person(number: int) -> earning.NewMember:
    name = f"m{_NAME}{number:02d}"
    identities = (
        IdentityValue("external", name),
        IdentityValue("phone", f"{_PHONE}{number:02d}"),
    )
    return earning.NewMember(key=name, identities=identities, name=f"会员{_NAME}")


def _gone(number: int) -> earning.NewMember:
    name = f"f{_NAME}{number:02d}"
    return earning.NewMember(key=name, identities=(IdentityValue("external", name),), name=name)


def _order(number: int, turn: int, at: datetime, draw: random.Random) -> Activity:
    product = draw.randrange(PRODUCTS)
    line = Line(
        product=f"sku-{product:03d}",
        quantity=draw.randrange(1, 4),
        amount_minor=draw.randrange(10_000, 40_000),
        category=CATEGORIES[product % len(CATEGORIES)],
    )
    name = f"h{_NAME}{number:02d}-{turn}"
    return Purchase(
        key=name, reference=name, occurred_at=at, store="main", member=_ref(number), lines=(line,)
    )


def _adjustment(number: int, turn: int, at: datetime, draw: random.Random) -> Activity:
    return Adjustment(
        key=f"h{_NAME}{number:02d}-{turn}",
        occurred_at=at,
        member=_ref(number),
        unit="points",
        points=-draw.randrange(50, 100),
        reason="goods at the counter",
        actor="bench",
    )


def _ref(number: int) -> MemberRef:
    return MemberRef("external", f"m{_NAME}{number:02d}")


def _texts(connection: psycopg.Connection[Any], name: str) -> tuple[tuple[str, ...], list[bytes]]:
    """A table's columns and its rows as COPY spells them, in the order in which they were made."""
    found = connection.execute(
        sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(name))
    ).description
    columns = tuple(column.name for column in found or ())
    order = next(name for name in ("id", "posting_id", "member_id") if name in columns)
    copy = sql.SQL("COPY (SELECT * FROM {} ORDER BY {}) TO STDOUT").format(
        sql.Identifier(name), sql.Identifier(order)
    )
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        rows = b"".join(bytes(piece) for piece in stream).splitlines(keepends=True)
    return columns, rows


def _prefixes(connection: psycopg.Connection[Any], tables: list[str]) -> dict[bytes, bytes]:
    """For each of the template's own ids, what all of its clones begin with.

    A clone's id keeps the time in the first 48 bits and ends with the clone's number in the last
    48; between them stands which of the template's ids it is. So the ids of a table come in the
    order of time, as the application's own do. The members of a clone joined together, after those
    of the clone before it, so their ids begin with that time.
    """
    ids: set[bytes] = set()
    for name in tables:
        columns = connection.execute(
            sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(name))
        ).description
        if any(column.name == "id" for column in columns or ()):
            rows = connection.execute(
                sql.SQL("SELECT id::text FROM {}").format(sql.Identifier(name))
            )
            ids.update(text.encode() for (text,) in rows)
    joined = {
        text.encode() for (text,) in connection.execute("SELECT id::text FROM member").fetchall()
    }
    return {
        old: (JOINED_MARK + b"-" if old in joined else old[:14])
        + b"7%03x-%04x-" % (place >> 14 & 0xFFF, 0x8000 | place & 0x3FFF)
        for place, old in enumerate(sorted(ids))
    }


def _marked(row: bytes, prefixes: Mapping[bytes, bytes], digested: Mapping[bytes, bytes]) -> Row:
    source = b""
    for hexed in _DIGEST.findall(row):
        known = digested.get(bytes.fromhex(hexed.decode()))
        if known is None:
            raise CommandError("a digest of the template is of nothing that was sent")
        row, source = row.replace(hexed, DIGEST_MARK), known
    return Row(_mark(row, prefixes), _mark(source, prefixes))


def _mark(text: bytes, prefixes: Mapping[bytes, bytes]) -> bytes:
    def renamed(found: re.Match[bytes]) -> bytes:
        prefix = prefixes.get(found[0])
        return found[0] if prefix is None else prefix + ID_MARK

    text = _UUID.sub(renamed, text)
    text = text.replace(_NAME.encode(), NUMBER_MARK)
    return text.replace(_PHONE.encode(), b"139" + PHONE_MARK)


def clone_of(number: int) -> Iterator[tuple[bytes, bytes]]:
    """What stands for each mark in the clone with this number, from 0."""
    yield ID_MARK, b"%012x" % number
    yield NUMBER_MARK, b"%04d" % number
    yield PHONE_MARK, b"%06d" % number
    joined = b"%012x" % (_JOINED_MS + number)
    yield JOINED_MARK, joined[:8] + b"-" + joined[8:]
