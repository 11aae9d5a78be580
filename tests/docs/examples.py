"""Worked examples of the pages: a rule set, a table of acts, and what it must come to.

An example is a ``toml`` block, which is the rule set, with the tables below it in the same
section. Each row of the first table is one act of one member, booked through
``earning.services.book``; each further column is compared with what the books say right after.
A table with a column ``posting`` is compared with the member's postings at the end. One with a
column ``line`` or ``rule`` is prose and is left alone.

Acts: ``opening of 100 to 2026-06-09 + 50``, ``order A of 60.00 + 40.00``, ``order A of 3 pieces
for 100.00``, either ``…, paying 80 points``; ``gold given until 2027-01-31``, ``use of delivery
for A``, ``the job`` (which books ends of tiers); ``refund of A`` (all that is kept), ``refund of A:
line 2``, ``refund of A: 1 piece``; ``adjustment of −50``, ``check-in``, ``quote for 35.50``,
``nothing``. ``when`` is local time; without it all happens at one noon.
"""

import re
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.docs.pages import Block, Row, Table, sections
from tests.world import World, ref

from jifen.earning import selectors
from jifen.earning import services as earning
from jifen.earning.rules.offset import OffsetQuote
from jifen.earning.types import (
    Activity,
    BenefitUse,
    Booked,
    Line,
    Opening,
    OpeningLot,
    Outcome,
    Purchase,
    TierGrant,
)
from jifen.ledger import selectors as ledger
from jifen.ledger.models import DrawDown, Lot, Posting
from jifen.tiers import selectors as tiers
from jifen.tiers.rules.stages import until as until_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUS = "−"
LEFT_ALONE = {"line", "rule", "check"}


@dataclass
class Example:
    """One example of a page."""

    page: str
    heading: str
    rules: str
    tables: list[Table] = field(default_factory=list)


def examples(page: Path) -> list[Example]:
    """The examples of a page."""
    found: list[Example] = []
    for section in sections(page):
        rules: Example | None = None
        for part in section.parts:
            if isinstance(part, Block):
                if part.language == "toml":
                    rules = Example(page.name, section.heading, part.text)
                    found.append(rules)
            elif rules is not None and not LEFT_ALONE & set(part[0]):
                rules.tables.append(part)
    return found


def number(text: str) -> int:
    """``+1,000`` and ``−34``."""
    return int(text.replace(",", "").replace(MINUS, "-"))


def minor(text: str) -> int:
    """``1,028.90`` in minor units."""
    return int(text.replace(",", "").replace(".", ""))


class Player:
    """One member in a programme with the example's rules."""

    def __init__(self, rules: str) -> None:
        self.world = World(tomllib.loads(rules))
        self.member = self.world.member()
        self.orders: dict[str, Purchase] = {}
        self.at = self.world.at

    def play(self, row: Row) -> None:
        """Do what the row says and compare the rest of it."""
        if row.get("when"):
            self.at = local(row["when"])
        quoted = re.fullmatch(r"quote for (.+)", row["act"])
        result: Outcome | OffsetQuote | None
        if quoted:
            result = self._quote(quoted[1])
        elif row["act"] in {"nothing", "the job"}:
            if row["act"] == "the job":
                self._end_periods()
            result = None
        else:
            [result] = self.world.book(self._activity(row["act"]), at=self.at)
        for column, expected in row.items():
            if column not in {"when", "act", "why"} and expected:
                found = COLUMNS[column](self, result)
                assert found == expected.replace("**", ""), f"{row['act']}: {column} is {found}"

    def postings(self) -> Table:
        """The member's postings of points, as a table of a page may show them."""
        with self.world.scope():
            account = {"account__member_id": self.member, "account__unit__code": "points"}
            rows = list(Posting.objects.filter(**account).order_by("seq"))
            seqs = {row.id: row.seq for row in rows}
            draws = DrawDown.objects.filter(posting_id__in=list(seqs)).order_by("rank")
            by_posting: dict[uuid.UUID, list[str]] = {}
            for draw in draws:
                told = f"lot {seqs[draw.lot_id]}: {signed(draw.amount)}"
                by_posting.setdefault(draw.posting_id, []).append(told)
        return [
            {
                "posting": str(row.seq),
                "kind": row.kind,
                "contra account": row.contra,
                "amount": signed(row.amount),
                "balance after": told_number(row.balance_after),
                "deficit after": told_number(row.deficit_after),
                "draw-downs": ", ".join(by_posting.get(row.id, [])) or "none",
            }
            for row in rows
        ]

    # --- acts --------------------------------------------------------------------------------

    def _activity(self, act: str) -> Activity:
        for pattern, make in ACTS:
            match = re.fullmatch(pattern, act)
            if match:
                return make(self, **match.groupdict())
        raise AssertionError(f"no act reads {act!r}")

    def _opening(self, lots: str) -> Activity:
        brought = []
        for lot in lots.split(" + "):
            points, _, last_day = lot.partition(" to ")
            ends = end_of(last_day) if last_day else None
            brought.append(OpeningLot("points", number(points), ends))
        return Opening(
            key=uuid.uuid4().hex, occurred_at=self.at, member=ref(self.member), lots=tuple(brought)
        )

    def _order(self, name: str, lines: str, paid: str | None) -> Activity:
        order = self.world.purchase(
            self.member,
            *[_line(position, text) for position, text in enumerate(lines.split(" + "))],
            occurred_at=self.at,
            points_paid=number(paid or "0"),
        )
        self.orders[name] = order
        return order

    def _refund(self, name: str, pieces: str | None, line: str | None) -> Activity:
        order = self.orders[name]
        if not pieces and not line:
            return self.world.refund(order, occurred_at=self.at)
        position = int(line or 1) - 1
        quantity = int(pieces) if pieces else order.lines[position].quantity
        return self.world.refund(order, (position, quantity), occurred_at=self.at)

    def _adjustment(self, points: str) -> Activity:
        return self.world.adjustment(self.member, number(points), occurred_at=self.at)

    def _check_in(self) -> Activity:
        return self.world.behaviour(self.member, "check_in", occurred_at=self.at)

    def _tier_grant(self, tier: str, until: str | None) -> Activity:
        return TierGrant(
            key=uuid.uuid4().hex,
            occurred_at=self.at,
            member=ref(self.member),
            tier=tier,
            reason="a friend of the house",
            actor="owner",
            until=end_of(until) if until else None,
        )

    def _use(self, benefit: str, name: str | None) -> Activity:
        return BenefitUse(
            key=uuid.uuid4().hex,
            occurred_at=self.at,
            member=ref(self.member),
            benefit=benefit,
            reference=self.orders[name].reference if name else None,
        )

    def _end_periods(self) -> None:
        with self.world.scope():
            earning.end_periods(at=self.at)

    def tier_until(self) -> str:
        """The last local day of the tier in force, if nothing else happens."""
        with self.world.scope():
            until = until_of(tiers.standing(self.member), self.at)
        if until is None:
            return "for ever"
        return f"{(until - timedelta(microseconds=1)).astimezone(SHANGHAI).date()}"

    def ends_told(self) -> str:
        """The ends of tiers that the timeline shows."""
        with self.world.scope():
            rows = selectors.activities(member_id=self.member, before=None, limit=100)
        told = [row.kind for row in rows[::-1] if row.kind in {"tier_kept", "tier_lowered"}]
        return ", ".join(told) or "none"

    def _quote(self, lines: str) -> OffsetQuote:
        asked = [_line(position, text) for position, text in enumerate(lines.split(" + "))]
        with self.world.scope():
            return earning.quote_offset(member=ref(self.member), lines=asked, at=self.at)

    # --- columns -----------------------------------------------------------------------------

    def moved(self, result: Outcome | OffsetQuote | None, kind: str) -> str:
        """The points of one movement in the activity's own transaction."""
        if not isinstance(result, Booked):
            return refusal(result)
        with self.world.scope():
            rows = ledger.postings_of([result.id])
        points = [row.amount for row in rows if row.unit == "points" and row.kind == kind]
        return signed(sum(points))

    def open_lots(self) -> str:
        """``40 to 2026-06-09, 50``, in the order in which they were opened."""
        with self.world.scope():
            lots = Lot.objects.filter(account__member_id=self.member, account__unit__code="points")
            rows = list(lots.order_by("seq").values_list("remaining", "expires_at"))
        told = [f"{remaining:,}{_until(expires_at)}" for remaining, expires_at in rows]
        return ", ".join(told) or "none"


def _line(position: int, text: str) -> Line:
    pieces, _, amount = text.rpartition(" pieces for ")
    quantity = int(pieces) if pieces else 1
    return Line(f"p{position}", quantity, minor(amount))


def _until(expires_at: datetime | None) -> str:
    if expires_at is None:
        return ""
    return f" to {expires_at.astimezone(SHANGHAI).date() - timedelta(days=1)}"


def end_of(day: str) -> datetime:
    """The instant at which a local day is over."""
    return datetime.combine(datetime.fromisoformat(day) + timedelta(days=1), time.min, SHANGHAI)


def local(when: str) -> datetime:
    """``2026-06-05`` is its noon."""
    at = datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)
    return at if " " in when else at + timedelta(hours=12)


def told_number(value: int) -> str:
    """As a page writes it."""
    return f"{value:,}".replace("-", MINUS)


def signed(value: int) -> str:
    """With its sign, but for 0."""
    return f"{value:+,}".replace("-", MINUS) if value else "0"


def refusal(result: Outcome | OffsetQuote | None) -> str:
    """The code of what was refused."""
    assert result is not None
    assert not isinstance(result, Booked | OffsetQuote), result
    return f"`{result.error.code}`"


def points_of(player: Player, result: Outcome | OffsetQuote | None) -> str:
    """What moved in all, or what may be paid, or why nothing did."""
    if isinstance(result, OffsetQuote):
        return told_number(result.points)
    if isinstance(result, Booked):
        return signed(result.points.get("points", 0))
    return refusal(result)


def _worth(result: Outcome | OffsetQuote | None) -> str:
    assert isinstance(result, OffsetQuote)
    return f"{result.worth_minor // 100:,}.{result.worth_minor % 100:02}"


def _reason(result: Outcome | OffsetQuote | None) -> str:
    assert isinstance(result, OffsetQuote)
    return f"`{result.refusal}`" if result.refusal else "none"


def _balance(name: str, unit: str = "points") -> Callable[[Player, Any], str]:
    def read(player: Player, _: Any) -> str:
        balance = player.world.balance(player.member, unit, player.at)
        return told_number(getattr(balance, name))

    return read


def _movement(kind: str) -> Callable[[Player, Any], str]:
    return lambda player, result: player.moved(result, kind)


_PAYING = r"(?:, paying (?P<paid>[0-9,]+) points)?"
_PIECES = r"(?:: (?:(?P<pieces>\d+) pieces?)?(?: of )?(?:line (?P<line>\d+))?)?"
ACTS: list[tuple[str, Callable[..., Activity]]] = [
    (r"opening of (?P<lots>.+)", Player._opening),
    (rf"order (?P<name>\w+) of (?P<lines>.+?){_PAYING}", Player._order),
    (rf"refund of (?P<name>\w+){_PIECES}", Player._refund),
    (r"adjustment of (?P<points>[+−][0-9,]+)", Player._adjustment),
    (r"check-in", Player._check_in),
    (r"(?P<tier>\w+) given(?: until (?P<until>[0-9-]+))?", Player._tier_grant),
    (r"use of (?P<benefit>[\w-]+)(?: for (?P<name>\w+))?", Player._use),
]
COLUMNS: dict[str, Callable[[Player, Any], str]] = {
    "points": points_of,
    "earned": _movement("earn"),
    "paid": _movement("burn"),
    "given back": _movement("give_back"),
    "clawed back": _movement("clawback"),
    "expired": _movement("expire"),
    "available": _balance("available"),
    "deficit": _balance("deficit"),
    "growth": _balance("available", "growth"),
    "open lots": lambda player, _: player.open_lots(),
    "tier": lambda player, _: player.world.tier(player.member, player.at) or "none",
    "until": lambda player, _: player.tier_until(),
    "ends told": lambda player, _: player.ends_told(),
    "result": lambda _, result: "booked" if isinstance(result, Booked) else refusal(result),
    "worth": lambda _, result: _worth(result),
    "refusal": lambda _, result: _reason(result),
}
