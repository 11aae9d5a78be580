"""A small model of what members own, written to be read: lots, holds, debts, orders, merges, with
time done to them eagerly. Nothing is shared with the product.

The shop: 1 point a yuan of what is paid, good to the end of the tenth local day after; bonus money
for twenty days, 30 fen for each full yuan topped up; money never ends. A point pays one fen, and of
stored value bonus money pays at most a half. Points of orders pend.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
GOOD_DAYS = {"points": 10, "bonus": 20, "principal": None}
REWARD, REWARD_PER = 30, 100
NEVER = datetime(9000, 1, 1, tzinfo=ZONE)


def end_of_day(at: datetime, days: int) -> datetime:
    """The end of the local day so many days after."""
    day = at.astimezone(ZONE).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), ZONE)


def good_until(unit: str, at: datetime) -> datetime | None:
    """Until when what is given now is good."""
    days = GOOD_DAYS[unit]
    return None if days is None else end_of_day(at, days)


@dataclass(eq=False)
class Lot:
    """Points that end together. ``ripens`` is when they become spendable, if they are not yet;
    ``became`` is the lot in which they are since a merge, or since one was undone where they could
    not come home."""

    left: int
    until: datetime | None
    place: int
    ripens: datetime | None = None
    expired: int = 0
    became: "Lot | None" = None

    @property
    def order(self) -> tuple[datetime, int]:
        """What ends first is spent first; the older of two."""
        return self.until or NEVER, self.place

    def is_over(self, at: datetime) -> bool:
        """Whether it has ended."""
        return self.until is not None and self.until <= at

    @property
    def line(self) -> "Iterator[Lot]":
        """The lot, what it became, and so on."""
        lot: Lot | None = self
        while lot:
            yield lot
            lot = lot.became


Slices = Sequence[tuple[Lot, int]]


@dataclass(eq=False)
class Hold:
    """Points taken from lots, in this order, until a time."""

    slices: list[tuple[Lot, int]]
    until: datetime

    @property
    def left(self) -> int:
        """What is still held."""
        return sum(points for _, points in self.slices)


@dataclass(eq=False)
class Account:
    """What one member owns and owes of one unit."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    owed: int = 0
    opened: int = 0

    def come_home(self, lot: Lot) -> None:
        """What this lot became, and is here again, goes into the lot itself, if its date allows: a
        date is never moved to an earlier one, nor for what is there with another."""
        back = lot.became
        if back is None or (back.until or NEVER) < (lot.until or NEVER):
            return
        if lot.left and lot.until != back.until:
            return
        self.lots.remove(back)
        lot.left, lot.until, lot.ripens = lot.left + back.left, back.until, back.ripens
        lot.became = None

    # --- what there is -----------------------------------------------------------------------

    @property
    def filled(self) -> list[Lot]:
        """Lots with something in them, in the order in which they are spent."""
        return sorted((lot for lot in self.lots if lot.left), key=lambda lot: lot.order)

    @property
    def spendable(self) -> list[Lot]:
        """Those of them that may be spent."""
        return [lot for lot in self.filled if not lot.ripens]

    @property
    def available(self) -> int:
        """What may be spent."""
        return sum(lot.left for lot in self.spendable)

    @property
    def figures(self) -> tuple[int, int, int, int]:
        """(available, pending, held, deficit)"""
        pending = sum(lot.left for lot in self.filled if lot.ripens)
        return self.available, pending, sum(hold.left for hold in self.holds), self.owed

    @property
    def net(self) -> int:
        """Everything, less what is owed."""
        available, pending, held, owed = self.figures
        return available + pending + held - owed

    # --- time --------------------------------------------------------------------------------

    def pass_to(self, at: datetime) -> None:
        """What time does: holds end, the first to end first; lots ripen; lots end."""
        over = [hold for hold in self.holds if hold.until <= at]
        for hold in sorted(over, key=lambda each: each.until):
            self.free(hold, hold.left, hold.until)
        for lot in self.lots:
            if lot.ripens and lot.ripens <= at:
                lot.ripens = None
            if lot.is_over(at):
                self._end(lot)

    def clear(self) -> None:
        """Every lot ends now."""
        for lot in self.lots:
            self._end(lot)

    @staticmethod
    def _end(lot: Lot) -> None:
        lot.expired += lot.left
        lot.left = 0

    # --- movements ---------------------------------------------------------------------------

    def gain(self, points: int, until: datetime | None, ripens: datetime | None = None) -> Lot:
        """A new lot, after what is owed."""
        self.opened += 1
        lot = Lot(points - self._pay(points), until, self.opened, ripens)
        self.lots.append(lot)
        return lot

    def take(self, points: int, order: Iterable[Lot]) -> list[tuple[Lot, int]]:
        """Points out of lots in this order, as far as they are there."""
        taken = []
        for lot in order:
            part = min(lot.left, points)
            if part:
                lot.left -= part
                points -= part
                taken.append((lot, part))
        return taken

    def take_exactly(self, plan: dict[Lot, int]) -> list[tuple[Lot, int]]:
        """So much of these lots, in the order in which lots are spent."""
        return [part for lot in self.filled for part in self.take(plan.get(lot, 0), [lot])]

    def spend(self, points: int) -> list[tuple[Lot, int]]:
        """Points that there are, in the order in which they are spent."""
        assert points <= self.available
        return self.take(points, self.spendable)

    def hold(self, points: int, until: datetime) -> Hold:
        """Reserve."""
        made = Hold(self.spend(points), until)
        self.holds.append(made)
        return made

    def capture(self, hold: Hold, points: int) -> list[tuple[Lot, int]]:
        """Take from the front of a hold."""
        taken, hold.slices = _cut(hold.slices, points)
        self._tidy()
        return taken

    def free(self, hold: Hold, points: int, at: datetime) -> int:
        """Return from the back of a hold; answers how many points had ended."""
        hold.slices, back = _cut(hold.slices, hold.left - points)
        self._tidy()
        return self.give_back(back[::-1], at, [])

    def give_back(self, slices: Slices, at: datetime, clawed: list[Any]) -> int:
        """Points return to their lots, after what is owed; of those that ended, answers how many.

        ``clawed`` are (lot, points, whether they pended) that refunds of the same order took from
        lots which these points would have saved, had they been there: they come first."""
        late = 0
        owed = [e for e in clawed if not e[0].is_over(at) and (e[0].left or not e[2])]
        owed.sort(key=lambda entry: entry[0].order)
        for lot, points in slices:
            if lot.is_over(at):
                late += points
                lot.expired += points
                continue
            left = points - self._pay(points)
            for entry in owed:
                moved = min(entry[1], left) if entry[0].order < lot.order else 0
                entry[0].left += moved
                entry[1] -= moved
                left -= moved
            lot.left += left
        clawed[:] = [entry for entry in owed if entry[1]]
        return late

    def lose(self, points: int, own: Sequence[Lot]) -> list[tuple[Lot, int]]:
        """Points are taken back: from an order's own lots, then from what ends last; the rest is
        owed. Answers what others lost."""
        mine = [lot for lot in self.lots if lot in own]
        others = [lot for lot in reversed(self.filled) if lot not in own]
        taken = self.take(points, [*mine, *others])
        self.owed += points - sum(part for _, part in taken)
        return [part for part in taken if part[0] not in own]

    def _pay(self, points: int) -> int:
        paid = min(self.owed, points)
        self.owed -= paid
        return paid

    def _tidy(self) -> None:
        self.holds = [hold for hold in self.holds if hold.slices]


Member = dict[str, Account]
"""A member's accounts, by unit."""


def _cut(slices: Slices, points: int) -> tuple[list[tuple[Lot, int]], list[tuple[Lot, int]]]:
    """The first points of a line, and the others."""
    first, rest = [], []
    for lot, there in slices:
        now = min(there, points)
        points -= now
        first += [(lot, now)] if now else []
        rest += [(lot, there - now)] if there > now else []
    return first, rest


def cross(slices: Slices, taker: Account) -> list[Lot]:
    """Points arrive with their dates; answers the lots."""
    return [taker.gain(points, lot.until, lot.ripens) for lot, points in slices]


@dataclass(eq=False)
class Reward:
    """What was given for something: its lots, and how much of them counts as taken back because
    it ended unspent."""

    lots: list[Lot] = field(default_factory=list)
    counted: int = 0

    @property
    def own(self) -> list[Lot]:
        """Its lots, wherever they are by now."""
        return [each for lot in self.lots for each in lot.line]

    def counts(self, points: int) -> int:
        """How much of what is taken back ended before."""
        return min(points, sum(lot.expired for lot in self.own) - self.counted)

    def take_back(self, points: int, account: Account) -> tuple[int, list[tuple[Lot, int]]]:
        """Answers what moves, and what other lots lose."""
        ended = self.counts(points)
        self.counted += ended
        return points - ended, account.lose(points - ended, self.own)


# --- orders --------------------------------------------------------------------------------------


@dataclass(eq=False)
class Sale:
    """An order. ``worth`` are its lines in fen; ``means`` is what paid besides money, in fen by
    unit, and ``paid`` from which lots."""

    who: int
    worth: list[int]
    means: dict[str, int]
    paid: dict[str, list[tuple[Lot, int]]] = field(default_factory=dict)
    reward: Reward = field(default_factory=Reward)
    refunded: set[int] = field(default_factory=set)
    back: Counter[str] = field(default_factory=Counter)
    clawed: list[Any] = field(default_factory=list)
    confirmed: bool = False

    @property
    def net(self) -> int:
        """What it costs."""
        return sum(self.worth)

    @property
    def gone(self) -> int:
        """How much of that was refunded."""
        return sum(self.worth[line] for line in self.refunded)

    @property
    def award(self) -> int:
        """The points for what is kept."""
        earns = self.net - self.means["points"] - self.means["bonus"]
        return (self.net - self.gone) * earns // (self.net * 100) if self.net else 0

    def due(self) -> dict[str, int]:
        """What of each means has come back in all: its share of what the means before it left."""
        shares, left, of = {}, self.gone, self.net
        for unit, amount in self.means.items():
            shares[unit] = amount * left // of if of else 0
            left, of = left - shares[unit], of - amount
        return shares


def refund(sale: Sale, lines: Iterable[int], buyer: Member, holder: Member, at: datetime) -> int:
    """Lines come back. ``holder`` is whose part the buyer is by now, mostly the buyer; what paid
    goes to the buyer's lots and on. Answers how many points moved."""
    before = sale.award
    sale.refunded.update(lines)
    moved = 0
    for unit, due in sale.due().items():
        now = due - sale.back[unit]
        rest, _ = _cut(sale.paid.get(unit, []), sale.means[unit] - sale.back[unit])
        _, slices = _cut(rest, sale.means[unit] - due)
        sale.back[unit] = due
        clawed = sale.clawed if unit == "points" and now and buyer is holder else []
        late = buyer[unit].give_back(slices[::-1], at, clawed)
        if buyer is not holder:
            cross(buyer[unit].spend(buyer[unit].available), holder[unit])
        moved += now - late if unit == "points" else 0
    lost = before - sale.award
    if lost:
        taken, others = sale.reward.take_back(lost, holder["points"])
        moved -= taken
        if buyer is holder:
            sale.clawed += [[lot, points, bool(lot.ripens)] for lot, points in others]
    return moved


# --- merges --------------------------------------------------------------------------------------


@dataclass(eq=False)
class Merge:
    """A merge: (what was a lot, what it became, points) of what crossed, and (points, lots that
    paid) of what was owed, by unit. ``crossed`` are the units in which something did, the last
    time. ``touched``: something that the other had done before was taken back since."""

    survivor: int
    other: int
    at: datetime
    moved: dict[str, list[tuple[Lot, Lot, int]]] = field(default_factory=dict)
    owed: dict[str, tuple[int, list[tuple[Lot, int]]]] = field(default_factory=dict)
    crossed: list[str] = field(default_factory=list)
    touched: bool = False
    undone: bool = False

    def join(self, here: Member, there: Member) -> int:
        """Everything crosses; answers how many points that are."""
        for unit, theirs in there.items():
            if theirs.owed:
                self.owed[unit] = theirs.owed, here[unit].lose(theirs.owed, ())
                theirs.owed = 0
                continue
            slices = theirs.take(sum(lot.left for lot in theirs.lots), theirs.filled)
            self.moved[unit] = [
                (was, now, points)
                for (was, points), now in zip(slices, cross(slices, here[unit]), strict=True)
            ]
            for was, now, _ in self.moved[unit]:
                was.became = now
        self.crossed = [*self.owed, *[unit for unit, lots in self.moved.items() if lots]]
        owed, _ = self.owed.get("points", (0, []))
        return sum(points for *_, points in self.moved.get("points", ())) - owed

    def part(self, here: Member, there: Member, at: datetime) -> int | None:
        """Everything goes back, less what ended since; answers how many points, or none where the
        survivor has not as many."""
        plans: dict[str, dict[Lot, int]] = {}
        for unit in self.moved:
            plan = self._plan(unit, here[unit])
            if plan is None:
                return None
            plans[unit] = plan
        moved = 0
        self.crossed = [*self.owed, *[unit for unit, plan in plans.items() if any(plan.values())]]
        for unit, plan in plans.items():
            slices = here[unit].take_exactly(plan)
            arrived = dict(zip([lot for lot, _ in slices], cross(slices, there[unit]), strict=True))
            for was, new, _ in self.moved[unit]:
                line = list(new.line)
                was.expired += sum(lot.expired for lot in line)
                was.became = arrived.get(line[-1])
                there[unit].come_home(was)
            moved -= sum(points for _, points in slices) if unit == "points" else 0
        for unit, (points, paid) in self.owed.items():
            there[unit].owed += points
            late = here[unit].give_back(paid[::-1], at, [])
            left = points - sum(part for _, part in paid)
            forgiven = min(left, here[unit].owed)
            here[unit].owed -= forgiven
            if left > forgiven:
                here[unit].gain(left - forgiven, good_until(unit, at))
            moved += points - late if unit == "points" else 0
        return moved

    def _plan(self, unit: str, account: Account) -> dict[Lot, int] | None:
        """How much of which lot goes back: of those that came, then of what is spent first."""
        wanted = {}
        for _, new, points in self.moved[unit]:
            line = list(new.line)
            wanted[line[-1]] = points - sum(lot.expired for lot in line)
        plan = {lot: min(lot.left, points) for lot, points in wanted.items()}
        missing = sum(wanted.values()) - sum(plan.values())
        for lot in account.spendable:
            part = min(missing, lot.left - plan.get(lot, 0))
            plan[lot] = plan.get(lot, 0) + part
            missing -= part
        return None if missing else plan
