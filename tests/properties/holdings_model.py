"""What one member holds, once more, written to be read: everything happens at its own time.

Nothing is shared with the product, and nothing is lazy here: time passes event by event. Times
are hours since the start.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

FOREVER = 10**9


@dataclass
class Lot:
    """What was earned together. ``tag`` is where it came from."""

    number: int
    tag: str
    left: int
    ends: int = FOREVER
    pending: bool = False
    ripens: int = FOREVER


@dataclass
class Hold:
    """Reserved points: ``parts`` are (lot, points), in the order they were taken."""

    number: int
    parts: list[tuple[Lot, int]]
    ends: int = FOREVER


@dataclass
class Short:
    """A refusal: so much is there."""

    there: int


@dataclass
class Account:
    """One member's points."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    owed: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    _count: int = 0

    # --- what there is -----------------------------------------------------------------------

    @property
    def available(self) -> int:
        """What may be spent."""
        return sum(lot.left for lot in self.lots if not lot.pending)

    @property
    def pending(self) -> int:
        """What may be spent later."""
        return sum(lot.left for lot in self.lots if lot.pending)

    @property
    def held(self) -> int:
        """What is reserved."""
        return sum(points for hold in self.holds for _, points in hold.parts)

    # --- time --------------------------------------------------------------------------------

    def reach(self, now: int) -> None:
        """Everything that happens up to ``now``, in its order; at one instant holds end first,
        then lots ripen, then lots end."""
        while True:
            events: list[tuple[int, int, int, Lot | Hold]] = [
                *((hold.ends, 0, hold.number, hold) for hold in self.holds),
                *(
                    (lot.ripens, 1, lot.number, lot)
                    for lot in self.lots
                    if lot.pending and lot.left
                ),
                *((lot.ends, 2, lot.number, lot) for lot in self.lots if lot.left),
            ]
            due = min((event for event in events if event[0] <= now), default=None)
            if due is None:
                return
            when, what, _, thing = due
            if isinstance(thing, Hold):
                self._return(thing.parts[::-1], when)
                self.holds.remove(thing)
            elif what == 1:
                thing.pending = False
            else:
                self.moved["expire"] -= thing.left
                thing.left = 0

    # --- acts --------------------------------------------------------------------------------

    def open(
        self,
        kind: str,
        points: int,
        tag: str,
        ends: int = FOREVER,
        pending: bool = False,
        ripens: int = FOREVER,
    ) -> Lot:
        """Points come in; a debt is paid from them first."""
        self._count += 1
        self.moved[kind] += points
        lot = Lot(self._count, tag, points - self._pay(points), ends, pending, ripens)
        self.lots.append(lot)
        return lot

    def spend(self, kind: str, points: int) -> list[tuple[Lot, int]] | Short:
        """Points go out, those that end first first."""
        if points > self.available:
            return Short(self.available)
        self.moved[kind] -= points
        return self._take(self._in_order(), points)

    def claw_back(self, points: int, own: Lot | None) -> None:
        """What was given is taken back: from its own lot, then from those that end last."""
        self.moved["clawback"] -= points
        order = [own] if own else []
        order += [lot for lot in self._in_order(also_pending=True)[::-1] if lot is not own]
        taken = sum(points for _, points in self._take(order, points))
        self.owed += points - taken

    def give_back(self, parts: Iterable[tuple[Lot, int]], now: int) -> None:
        """Points that were spent return, those taken last first."""
        for lot, points in parts:
            self.moved["give_back"] += points
            self._return([(lot, points)], now)

    def hold(self, points: int, ends: int) -> Hold | Short:
        """Points are reserved."""
        if points > self.available:
            return Short(self.available)
        self._count += 1
        hold = Hold(self._count, self._take(self._in_order(), points), ends)
        self.holds.append(hold)
        return hold

    def capture(self, hold: Hold, points: int) -> list[tuple[Lot, int]] | Short:
        """Reserved points go out, those taken first first."""
        if points > sum(points for _, points in hold.parts):
            return Short(sum(points for _, points in hold.parts))
        self.moved["burn"] -= points
        return self._cut(hold, points, 0)

    def release(self, hold: Hold, points: int, now: int) -> Short | None:
        """Reserved points return, those taken last first."""
        if points > sum(points for _, points in hold.parts):
            return Short(sum(points for _, points in hold.parts))
        self._return(self._cut(hold, points, -1), now)
        return None

    def ripen(self, lot: Lot) -> bool:
        """An event makes a lot spendable."""
        was = lot.pending and lot.left > 0
        if was:
            lot.pending = False
        return was

    def waive(self, points: int) -> Short | None:
        """A debt is forgiven."""
        if points > self.owed:
            return Short(self.owed)
        self.moved["waive"] += points
        self.owed -= points
        return None

    def clear(self) -> None:
        """Every lot ends now."""
        for lot in self.lots:
            self.moved["expire"] -= lot.left
            lot.left = 0

    # --- how ---------------------------------------------------------------------------------

    def _in_order(self, *, also_pending: bool = False) -> list[Lot]:
        lots = [lot for lot in self.lots if lot.left and (also_pending or not lot.pending)]
        return sorted(lots, key=lambda lot: (lot.ends, lot.number))

    def _take(self, order: list[Lot], points: int) -> list[tuple[Lot, int]]:
        taken = []
        for lot in order:
            now = min(lot.left, points)
            if now:
                lot.left -= now
                points -= now
                taken.append((lot, now))
        return taken

    def _cut(self, hold: Hold, points: int, end: int) -> list[tuple[Lot, int]]:
        """Take points from the front (0) or the back (-1) of a hold."""
        out = []
        while points:
            lot, there = hold.parts.pop(end)
            now = min(there, points)
            points -= now
            out.append((lot, now))
            if there > now:
                hold.parts.insert(0 if end == 0 else len(hold.parts), (lot, there - now))
        if not hold.parts:
            self.holds.remove(hold)
        return out

    def _return(self, parts: list[tuple[Lot, int]], now: int) -> None:
        for lot, points in parts:
            if lot.ends <= now:
                self.moved["expire"] -= points
            else:
                lot.left += points - self._pay(points)

    def _pay(self, points: int) -> int:
        paid = min(self.owed, points)
        self.owed -= paid
        return paid
