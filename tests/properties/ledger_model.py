"""The same shop once more, written to be read: fractions, lists and loops, nothing shared with
the product. It answers what each act must do, and what every member holds.

The shop: 1 point a yuan of what is paid, ×3 for the category ``triple`` and nothing for ``none``;
×1.5 for silver members (50 yuan of kept spend); 50 points for the first order; 10 for a day's
check-in; at most 120 points a day; points end 10 days after the day of occurrence, and what comes
back to them later is good again for the shop's days of grace, if it has any; a point pays one fen.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAYS, DAILY, FIRST, CHECK_IN, SILVER_MINOR, CLAIM_DAYS = 10, 120, 50, 10, 5_000, 30
TIMES = {"": 1, "triple": 3, "none": 0}
DOCUMENT: dict[str, Any] = {
    "rules": [
        {"kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points"},
        {"kind": "category", "code": "cats", "multipliers": {"triple": "3", "none": "0"}},
        {"kind": "tier", "code": "levels", "multipliers": {"silver": "1.5"}},
        {"kind": "first_order", "code": "first", "points": FIRST, "unit": "points"},
        {
            "kind": "behaviour",
            "code": "daily",
            "on": "check_in",
            "points": CHECK_IN,
            "unit": "points",
        },
        {"kind": "cap", "code": "day", "per": "day", "points": DAILY, "unit": "points"},
    ],
    "ladder": {
        "by": "spend",
        "rungs": [{"code": "silver", "name": {"zh": "银", "en": "S"}, "from": SILVER_MINOR}],
    },
    "expiry": {"points": {"kind": "after", "days": DAYS}},
    "offset": {"unit": "points", "points": 1, "worth_minor": 1},
}
Taken = tuple["Lot", int, datetime | None]
Answer = str | int
"""The code of a refusal, or the points that an act moved."""


def document(grace: int) -> dict[str, Any]:
    """The shop's rules, with so many days of grace."""
    return {**DOCUMENT, "expiry": {"points": {**DOCUMENT["expiry"]["points"], "grace_days": grace}}}


@dataclass
class Lot:
    """What is left of it, until when it is good, and what of it ended and nobody asked back."""

    left: int
    until: datetime | None
    place: int
    gone: int = 0

    def end(self, points: int) -> None:
        """So many of its points are past their date."""
        self.gone += points

    def taken_back(self, points: int) -> int:
        """How many of them make up for points that should be taken back; each does it once."""
        made_up = min(self.gone, points)
        self.gone -= made_up
        return made_up

    @property
    def order(self) -> tuple[bool, datetime | int, int]:
        """Which is spent first: the one that ends first, then the older."""
        return (self.until is None, self.until or 0, self.place)


@dataclass
class Person:
    """A member."""

    lots: list[Lot] = field(default_factory=list)
    owed: int = 0
    spend_minor: int = 0
    orders: int = 0
    tier: str = ""
    used: Counter[Any] = field(default_factory=Counter)
    checked_in: set[Any] = field(default_factory=set)
    opened: int = 0

    def held(self, at: datetime) -> int:
        """What may be spent."""
        return sum(lot.left for lot in self.lots if lot.until is None or lot.until > at)

    def close(self, at: datetime) -> None:
        """Points past their date are gone."""
        for lot in self.lots:
            if lot.until is not None and lot.until <= at:
                lot.end(lot.left)
                lot.left = 0

    def gain(self, points: int, until: datetime | None) -> Lot:
        """A new lot, after what is owed."""
        paid = min(self.owed, points)
        self.owed -= paid
        self.opened += 1
        lot = Lot(points - paid, until, self.opened)
        self.lots.append(lot)
        return lot

    def lose(self, points: int, order: Sequence[Lot]) -> list[Taken]:
        """Take points from lots in this order; answers also until when they were good."""
        taken = []
        for lot in order:
            part = min(lot.left, points)
            if part:
                lot.left -= part
                points -= part
                taken.append((lot, part, lot.until))
        self.owed += points
        return taken

    def spend(self, points: int) -> list[Taken]:
        """What ends first is spent first."""
        return self.lose(points, sorted(self.lots, key=lambda lot: lot.order))


@dataclass
class Sale:
    """An order and what became of it. ``lines``: (pieces, net amount in fen, category)."""

    lines: tuple[tuple[int, int, str], ...]
    day: Any
    happened: datetime
    points: int = 0
    person: Person | None = None
    tier: str = ""
    is_first: bool = False
    room: int = 0
    given: tuple[int, int] = (0, 0)
    lots: list[Lot] = field(default_factory=list)
    paid_by: list[Taken] = field(default_factory=list)
    refunded: Counter[int] = field(default_factory=Counter)
    returned: int = 0
    clawed: list[list[Any]] = field(default_factory=list)
    spend_minor: int = 0
    grace: int = 0

    @property
    def net_minor(self) -> int:
        """What everything costs."""
        return sum(amount for _, amount, _ in self.lines)

    def kept(self) -> list[tuple[int, str]]:
        """(amount, category) of what is kept of each line."""
        return [
            (amount - amount * self.refunded[place] // pieces, category)
            for place, (pieces, amount, category) in enumerate(self.lines)
            if self.refunded[place] < pieces
        ]

    def award(self, tier: str, is_first: bool, room: int) -> tuple[int, int]:
        """Points for the kept lines, and for a first order."""
        kept = self.kept()
        counted = sum(amount for amount, _ in kept)
        share = Fraction(self.net_minor - self.points, self.net_minor) if self.net_minor else 1
        weighed = sum(Fraction(amount * TIMES[category]) for amount, category in kept)
        exact = weighed * share / 100 * (Fraction(3, 2) if tier == "silver" else 1)
        base = min(int(exact), room)
        bonus = min(FIRST, room - base) if is_first and counted * share else 0
        return base, bonus


def ends(happened: datetime, days: int = DAYS) -> datetime:
    """The end of the tenth local day after, or of another one."""
    day = happened.astimezone(ZONE).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), ZONE)


def buy(sale: Sale, person: Person, at: datetime) -> Answer:
    """An order of a member."""
    if sale.points > sale.net_minor:
        return "offset_above_share"
    if sale.points > person.held(at):
        return "insufficient_points"
    person.close(at)
    if sale.points:
        sale.paid_by = person.spend(sale.points)
    return _count(sale, person) - sale.points


def claim(sale: Sale, person: Person, at: datetime) -> Answer:
    """A member takes over an order."""
    if sale.person is not None:
        return "already_claimed"
    if at > sale.happened + timedelta(days=CLAIM_DAYS):
        return "claim_too_late"
    if not sale.kept():
        return "nothing_kept"
    person.close(at)
    return _count(sale, person)


def _count(sale: Sale, person: Person) -> int:
    """What the order earns now."""
    room = DAILY - person.used[sale.day]
    sale.person, sale.tier, sale.is_first = person, person.tier, person.orders == 0
    sale.given = sale.award(sale.tier, sale.is_first, room)
    sale.room = sum(sale.given)
    sale.lots = [person.gain(part, ends(sale.happened)) for part in sale.given if part]
    person.used[sale.day] += sale.room
    sale.spend_minor = sum(amount for amount, _ in sale.kept()) - sale.points
    person.spend_minor += sale.spend_minor
    person.orders += 1
    _level(person)
    return sale.room


def refund(sale: Sale, pieces: Counter[int], at: datetime) -> Answer:
    """Some pieces, or everything that is left (no pieces named), come back."""
    left = {place: line[0] - sale.refunded[place] for place, line in enumerate(sale.lines)}
    if not any(left.values()):
        return "nothing_kept"
    if any(pieces[place] > left[place] for place in pieces):
        return "refund_above_purchase"
    sale.refunded.update(pieces or left)
    person = sale.person
    if person is None:
        return 0
    person.close(at)
    kept_minor = sum(amount for amount, _ in sale.kept())
    gone_minor = sale.net_minor - kept_minor
    due = 0
    if sale.points:
        due = sale.points * gone_minor // sale.net_minor - sale.returned
    late = _give_back(sale, person, due, at)
    award = sale.award(sale.tier, sale.is_first, sale.room)
    clawback = sum(sale.given) - sum(award)
    others = sorted((lot for lot in person.lots if lot not in sale.lots), key=lambda lot: lot.order)
    owed = clawback
    for lot in sale.lots:
        owed -= lot.taken_back(owed)
    for lot, part, until in person.lose(owed, [*sale.lots, *reversed(others)]):
        if lot not in sale.lots:
            sale.clawed.append([lot, part, until])
    person.used[sale.day] -= clawback
    sale.given = award
    back_minor = sale.points * gone_minor // sale.net_minor if sale.points else 0
    spend_minor = kept_minor - (sale.points - back_minor)
    person.spend_minor += spend_minor - sale.spend_minor
    sale.spend_minor = spend_minor
    if not sale.kept():
        person.orders -= 1
    _level(person)
    return due - late - owed


def _give_back(sale: Sale, person: Person, due: int, at: datetime) -> int:
    """Points paid return, the lot taken last first; answers how many came too late."""
    returning = []
    skip = sale.returned
    sale.returned += due
    for lot, part, until in reversed(sale.paid_by):
        skipped = min(skip, part)
        skip -= skipped
        now = min(part - skipped, due)
        due -= now
        if now:
            returning.append((lot, now, until))
    dates = _dates(sale, returning, at)
    owed = [entry for entry in sale.clawed if not _is_over(dates[entry[0].place], at)]
    owed.sort(key=lambda entry: _order(dates, entry[0]))
    late = 0
    for lot, points, _ in returning:
        if _is_over(dates[lot.place], at):
            late += points
            lot.end(points)
            continue
        paid = min(person.owed, points)
        person.owed -= paid
        left = points - paid
        for entry in owed:
            other, taken, _ = entry
            moved = min(taken, left) if _order(dates, other) < _order(dates, lot) else 0
            entry[1] -= moved
            left -= moved
            _fill(other, moved, dates)
        _fill(lot, left, dates)
    return late


def _dates(sale: Sale, returning: Sequence[Taken], at: datetime) -> dict[int, datetime | None]:
    """Until when each lot is good that something may return to: as long as anything in it, or that
    came from it, ever was; and a lot whose points were too late has the days of grace."""
    known: dict[int, list[datetime | None]] = {}
    for lot, _, until in (*returning, *sale.clawed):
        known.setdefault(lot.place, []).append(until)
        if lot.left:
            known[lot.place].append(lot.until)
    for lot, _, until in returning:
        if sale.grace and _is_over(until, at):
            known[lot.place].append(ends(at, sale.grace))
    return {
        place: None if None in dates else max(date for date in dates if date is not None)
        for place, dates in known.items()
    }


def _fill(lot: Lot, points: int, dates: dict[int, datetime | None]) -> None:
    if points:
        lot.left += points
        lot.until = dates[lot.place]


def _order(dates: dict[int, datetime | None], lot: Lot) -> tuple[bool, datetime | int, int]:
    until = dates[lot.place]
    return (until is None, until or 0, lot.place)


def _is_over(until: datetime | None, at: datetime) -> bool:
    return until is not None and until <= at


def check_in(person: Person, day: Any, happened: datetime, at: datetime) -> Answer:
    """Once a day, as far as the day has room."""
    if day in person.checked_in:
        return "already_done"
    person.checked_in.add(day)
    points = min(CHECK_IN, DAILY - person.used[day])
    if points:
        person.close(at)
        person.used[day] += points
        person.gain(points, ends(happened))
    return points


def adjust(person: Person, points: int, until: datetime | None, at: datetime) -> Answer:
    """Staff gives or takes."""
    if points < 0 and -points > person.held(at):
        return "insufficient_points"
    person.close(at)
    if points > 0:
        person.gain(points, until)
    else:
        person.spend(-points)
    return points


def _level(person: Person) -> None:
    person.tier = "silver" if person.spend_minor >= SILVER_MINOR else ""
