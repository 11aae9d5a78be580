"""A small model of what members own, written to be read: lots, holds, offers and debts, with time
done to them eagerly. Nothing is shared with the product.

The shop: 1 point a yuan, good to the end of the tenth local day after; points of orders pend for
``pending_days``, or with ``confirms`` until the delivery is confirmed, at the latest so long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
GOOD_DAYS = 10
NEVER = datetime(9000, 1, 1, tzinfo=ZONE)


def end_of_day(at: datetime, days: int) -> datetime:
    """The end of the local day so many days after."""
    day = at.astimezone(ZONE).date() + timedelta(days=days + 1)
    return datetime.combine(day, time(), ZONE)


@dataclass(eq=False)
class Lot:
    """Points that end together. ``ripens`` is when they become spendable, if they are not yet."""

    left: int
    until: datetime | None
    place: int
    ripens: datetime | None = None
    expired: int = 0
    counted: int = 0

    @property
    def order(self) -> tuple[datetime, int]:
        """What ends first is spent first; the older of two."""
        return self.until or NEVER, self.place


@dataclass(eq=False)
class Hold:
    """Points taken from lots, in this order, until a time."""

    slices: list[list[Any]]
    until: datetime

    @property
    def left(self) -> int:
        return sum(points for _, points in self.slices)


@dataclass(eq=False)
class Person:
    """What one member owns and owes."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    owed: int = 0
    opened: int = 0

    # --- what there is -----------------------------------------------------------------------

    @property
    def spendable(self) -> list[Lot]:
        """Lots that may be spent, in that order."""
        return sorted((lot for lot in self.lots if lot.left and not lot.ripens),
                      key=lambda lot: lot.order)  # fmt: skip

    @property
    def figures(self) -> tuple[int, int, int, int]:
        """(available, pending, held, deficit)"""
        return (
            sum(lot.left for lot in self.spendable),
            sum(lot.left for lot in self.lots if lot.ripens),
            sum(hold.left for hold in self.holds),
            self.owed,
        )

    # --- time --------------------------------------------------------------------------------

    def pass_to(self, at: datetime) -> None:
        """What time does: holds end, the first to end first; lots ripen; lots end."""
        over = [hold for hold in self.holds if hold.until <= at]
        for hold in sorted(over, key=lambda each: each.until):
            self.free(hold, hold.left, hold.until)
        for lot in self.lots:
            if lot.ripens and lot.ripens <= at:
                lot.ripens = None
            if lot.until and lot.until <= at:
                lot.expired += lot.left
                lot.left = 0

    # --- movements ---------------------------------------------------------------------------

    def gain(self, points: int, until: datetime | None, ripens: datetime | None = None) -> Lot:
        """A new lot, after what is owed."""
        paid = min(self.owed, points)
        self.owed -= paid
        self.opened += 1
        lot = Lot(points - paid, until, self.opened, ripens)
        self.lots.append(lot)
        return lot

    def take(self, points: int, order: Iterable[Lot]) -> list[list[Any]]:
        """Points out of lots in this order."""
        taken = []
        for lot in order:
            part = min(lot.left, points)
            if part:
                lot.left -= part
                points -= part
                taken.append([lot, part])
        assert not points
        return taken

    def hold(self, points: int, until: datetime) -> Hold:
        """Reserve."""
        made = Hold(self.take(points, self.spendable), until)
        self.holds.append(made)
        return made

    def capture(self, hold: Hold, points: int) -> None:
        """Take from the front of a hold."""
        for part in hold.slices:
            now = min(part[1], points)
            part[1] -= now
            points -= now
        self._tidy()

    def free(self, hold: Hold, points: int, at: datetime) -> int:
        """Return from the back of a hold; answers how many points had ended."""
        late = 0
        for part in reversed(hold.slices):
            lot, now = part[0], min(part[1], points)
            part[1] -= now
            points -= now
            if lot.until and lot.until <= at:
                late += now
                lot.expired += now
                continue
            paid = min(self.owed, now)
            self.owed -= paid
            lot.left += now - paid
        self._tidy()
        return late

    def lose(self, points: int, own: Sequence[Lot]) -> int:
        """What an order gave is taken back: what of it had ended counts, then its own lots pay,
        then what ends last; the rest is owed. Answers what moved."""
        for lot in own:
            counts = min(points, lot.expired - lot.counted)
            lot.counted += counts
            points -= counts
        moved = points
        others = sorted((lot for lot in self.lots if lot not in own), key=lambda lot: lot.order)
        for lot in [*own, *reversed(others)]:
            part = min(lot.left, points)
            lot.left -= part
            points -= part
        self.owed += points
        return moved

    def _tidy(self) -> None:
        for hold in self.holds:
            hold.slices = [part for part in hold.slices if part[1]]
        self.holds = [hold for hold in self.holds if hold.slices]


def cross(giver_slices: Iterable[Sequence[Any]], taker: Person) -> None:
    """Points arrive with their dates."""
    for lot, points in giver_slices:
        taker.gain(points, lot.until)
