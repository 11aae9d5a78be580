"""What histories of the whole life of what members own have in common: the shop, who is whose part,
what must be after each step, and time."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from tests.properties import points_model as model
from tests.properties.conftest import SEARCHING
from tests.properties.shops import HALF_OFFSET
from tests.wallets import STORED, TOP_UP, Purse, owning
from tests.world import NOON, RATE

from jifen.earning.types import Activity, Booked, OpeningLot, Refused
from jifen.ledger import selectors
from jifen.ledger import services as ledger
from jifen.programmes import selectors as programmes

MEMBERS = 4
UNITS = ("points", "bonus", "principal")
PENDING_DAYS = {False: 3, True: 6}
OFFER_DAYS = 2
EVERY = 1 if SEARCHING else 10
"""After how many steps the whole ledger is verified."""
WORLDS: dict[bool, Purse] = {}
Touched = tuple[int, str]
"""A member, and a unit."""
T = TypeVar("T")


class Life:
    """One shop, its members and their model. What may happen to them is in the classes below it."""

    confirms = False

    def __init__(self) -> None:
        if self.confirms not in WORLDS:
            WORLDS[self.confirms] = Purse(self._rules())
        self.world = WORLDS[self.confirms]
        self.world.at = NOON
        self.ids: list[UUID] = []
        self.people: list[model.Member] = []
        self.merges: list[tuple[UUID, model.Merge]] = []
        self.answered: set[UUID] = set()
        self.done: Counter[str] = Counter()
        self.steps = 0

    def _rules(self) -> dict[str, Any]:
        pending: dict[str, Any] = {"kind": "days", "days": PENDING_DAYS[False]}
        transfers: dict[str, Any] = {}
        if self.confirms:
            pending = {"kind": "confirmed", "days": PENDING_DAYS[True]}
            transfers = {"confirm": True, "days": OFFER_DAYS}
        return owning(
            RATE,
            {**TOP_UP, "points": model.REWARD, "per_minor": model.REWARD_PER},
            offset=HALF_OFFSET,
            stored_value={**STORED, "bonus_share": [1, 2]},
            conversions={
                "money": {
                    "points": 10,
                    "unit": "points",
                    "to": {"kind": "unit", "unit": "bonus", "amount": 25},
                }
            },
            pending={"points": pending},
            transfers={"points": transfers},
            expiry={
                unit: {"kind": "after", "days": days}
                for unit, days in model.GOOD_DAYS.items()
                if days
            },
        )

    @property
    def at(self) -> datetime:
        return self.world.at

    # --- who and which -----------------------------------------------------------------------

    def root(self, who: int) -> int:
        """Whose part a member is by now; itself unless it was merged."""
        into = {each.other: each.survivor for _, each in self.merges if not each.undone}
        while who in into:
            who = into[who]
        return who

    def holder(self, who: int) -> model.Member:
        """What a member owns, or whose part it is."""
        return self.people[self.root(who)]

    @staticmethod
    def pick(things: Sequence[T], which: int, lives: Callable[[T], bool]) -> T:
        """One of these; mostly of those for which something can be done."""
        living = [each for each in things if lives(each)]
        pool = living if living and which % 4 else things
        return pool[which % len(pool)]

    def takes_back(self, who: int) -> None:
        """Something that a member did before it was merged is taken back: that merge, and those
        of whose part it is, are not undone any more."""
        for _, merge in reversed(self.merges):
            if merge.other == who and not merge.undone:
                merge.touched = True
                self.takes_back(merge.survivor)

    # --- what must be ------------------------------------------------------------------------

    def enrol(self, openings: list[int]) -> None:
        """Members with what they bring, or most acts would be refused: half of it ends."""
        for points in openings:
            mine = {unit: model.Account() for unit in UNITS}
            soon = self.at + timedelta(days=5)
            lots = [OpeningLot("principal", 2_000)]
            mine["principal"].gain(2_000, None)
            for part, until in ((points // 2, soon), (points - points // 2, None)):
                mine["points"].gain(part, until)
                lots.append(OpeningLot("points", part, until))
            self.ids.append(self.world.member(*lots))
            self.people.append(mine)

    def expect(
        self, activity: Activity, expected: int | str, *touched: Touched, act: str = ""
    ) -> Booked | None:
        """Book it: so many points move, or it is refused with this code. All is as in the model,
        and so are the lots of what it touched: of others, what time did is not written down yet."""
        [outcome] = self.world.book(activity)
        if isinstance(outcome, Refused):
            assert outcome.error.code == expected, activity
            self.compare()
            return None
        assert outcome.points.get("points", 0) == expected, activity
        self.done[act or outcome.kind] += 1
        self.compare(*touched)
        return outcome

    def compare(self, *touched: Touched) -> None:
        """Everybody has and owes what the model says."""
        for who, (member, mine) in enumerate(zip(self.ids, self.people, strict=True)):
            with self.world.scope():
                read = selectors.balances(member_id=member, at=self.at)
            found = {each.unit: each for each in read}
            for unit in UNITS:
                each = found.get(unit)
                figures = (each.available, each.pending, each.held, each.deficit) if each else ()
                assert (figures or (0, 0, 0, 0)) == mine[unit].figures, (who, unit)
        for place, unit in touched:
            who = self.root(place)
            wanted = [(lot.left, lot.until) for lot in self.people[who][unit].filled]
            assert told(self.world.lots(self.ids[who], unit)) == told(wanted), (who, unit)
        self.steps += 1
        if self.steps % EVERY == 0:
            self.world.verify()

    # --- time --------------------------------------------------------------------------------

    def later(self, hours: int) -> None:
        """Time passes; nobody does anything."""
        before = self._expired()
        self.world.at += timedelta(hours=hours)
        for mine in self.people:
            for account in mine.values():
                account.pass_to(self.at)
        self.done["expire"] += self._expired() > before
        self.compare()

    def _expired(self) -> int:
        return sum(lot.expired for mine in self.people for a in mine.values() for lot in a.lots)

    def close(self, limit: int) -> None:
        """The job closes what is due, and nobody can tell."""
        self._close(limit, None)
        self.done["job"] += 1
        self.compare()

    def clear(self, unit: str, rarely: int) -> None:
        """Every lot of a unit ends; not too often, or there would be nothing left to do."""
        if rarely:
            return
        with self.world.scope():
            unit_id = programmes.units()[unit].id
        self._close(2, unit_id)
        for mine in self.people:
            mine[unit].clear()
        self.done["clear"] += 1
        self.compare(*[(who, unit) for who in range(MEMBERS)])

    def _close(self, limit: int, unit_id: UUID | None) -> None:
        after = None
        with self.world.scope():
            while True:
                done = ledger.close_lots(at=self.at, limit=limit, after=after, unit_id=unit_id)
                after = done.after
                if after is None:
                    return

    def end(self) -> None:
        """What all postings of a unit add up to is what everybody has, once all that is due is
        booked."""
        self._close(10, None)
        self.world.verify()
        with self.world.scope():
            totals = selectors.totals()
        for unit in UNITS:
            moved = totals.get(unit, {})
            assert sum(moved.values()) == sum(mine[unit].net for mine in self.people)
            assert not moved.get("transfer_in", 0) + moved.get("transfer_out", 0)


def told(lots: Iterable[tuple[int, datetime | None]]) -> list[tuple[int, str]]:
    """Lots to be compared, whatever their order and zone."""
    return sorted(
        (left, until.astimezone(UTC).isoformat() if until else "") for left, until in lots
    )
