"""Points in histories of lives: burned, held, transferred, offered, given."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from tests import acts
from tests.properties import points_model as model
from tests.properties.lives import MEMBERS, OFFER_DAYS, Life


class Open(NamedTuple):
    """A hold or an offer that was booked."""

    id: UUID
    who: int
    to: int
    hold: model.Hold


class Points(Life):
    """What members and staff do with points."""

    def __init__(self) -> None:
        super().__init__()
        self.holds: list[Open] = []
        self.offers: list[Open] = []

    # --- spending ----------------------------------------------------------------------------

    def burn(self, who: int, points: int) -> None:
        """Staff takes points."""
        mine = self.holder(who)["points"]
        activity = self.world.adjustment(self.ids[who], -points)
        if points > mine.available:
            self.expect(activity, "insufficient_points")
            return
        mine.spend(points)
        self.expect(activity, -points, (who, "points"))

    def hold(self, who: int, points: int, hours: int) -> None:
        """Points are reserved."""
        mine = self.holder(who)["points"]
        activity = acts.hold(self.world, self.ids[who], points, minutes=hours * 60)
        if points > mine.available:
            self.expect(activity, "insufficient_points")
            return
        made = mine.hold(points, self.at + timedelta(hours=hours))
        booked = self.expect(activity, 0, (who, "points"))
        assert booked
        self.holds.append(Open(booked.id, self.root(who), -1, made))

    def capture(self, which: int, points: int | None) -> None:
        """Reserved points are spent."""
        if not any(map(self._open, self.holds)):
            self.hold(which % MEMBERS, 20, 30)
        if not self.holds:
            return
        found = self.pick(self.holds, which, self._open)
        activity = acts.capture(self.world, found.id, points)
        refused = self._closed(found, points)
        if refused:
            self.expect(activity, refused)
            return
        points = points or found.hold.left
        self.people[found.who]["points"].capture(found.hold, points)
        self._ended(found)
        self.expect(activity, -points, (found.who, "points"))

    def release(self, which: int, points: int | None) -> None:
        """Reserved points are free again."""
        if not any(map(self._open, self.holds)):
            self.hold(which % MEMBERS, 20, 30)
        if not self.holds:
            return
        found = self.pick(self.holds, which, self._open)
        activity = acts.release(self.world, found.id, points)
        refused = self._closed(found, points)
        if refused:
            self.expect(activity, refused)
            return
        mine = self.people[found.who]["points"]
        late = mine.free(found.hold, points or found.hold.left, self.at)
        self._ended(found)
        self.expect(activity, -late, (found.who, "points"))

    def _open(self, found: Open) -> bool:
        return not self._closed(found, None)

    def _closed(self, found: Open, points: int | None) -> str:
        if found.id in self.answered:
            return "hold_ended"
        if found.hold.until <= self.at:
            return "hold_ran_out"
        return "hold_too_small" if points and points > found.hold.left else ""

    def _ended(self, found: Open) -> None:
        if not found.hold.left:
            self.answered.add(found.id)

    # --- between members ---------------------------------------------------------------------

    def transfer(self, who: int, to: int, points: int) -> None:
        """Points are given away, or offered."""
        giver, taker = self.holder(who)["points"], self.holder(to)["points"]
        activity = acts.transfer(self.world, self.ids[who], self.ids[to], points)
        if giver is taker:
            self.expect(activity, "transfer_to_oneself")
        elif points > giver.available:
            self.expect(activity, "insufficient_points")
        elif not self.confirms:
            model.cross(giver.spend(points), taker)
            self.expect(activity, -points, (who, "points"), (to, "points"))
        else:
            made = giver.hold(points, model.end_of_day(self.at, OFFER_DAYS))
            made.until = min([made.until, *[lot.until for lot, _ in made.slices if lot.until]])
            booked = self.expect(activity, 0, (who, "points"), act="offer")
            assert booked
            self.offers.append(Open(booked.id, self.root(who), self.root(to), made))

    def accept(self, which: int, who: int) -> None:
        """Somebody accepts an offer, most likely the one for whom it is."""
        if not any(map(self._open, self.offers)):
            self.transfer(which % MEMBERS, (which + 1) % MEMBERS, 10)
        if not self.offers:
            return
        found = self.pick(self.offers, which, self._open)
        who = found.to if which % 3 else who
        activity = acts.acceptance(self.world, found.id, self.ids[who])
        giver, taker = self.holder(found.who)["points"], self.holder(who)["points"]
        if self.root(who) != self.root(found.to):
            self.expect(activity, "transfer_of_others")
        elif found.id in self.answered:
            self.expect(activity, "transfer_decided")
        elif giver is taker:
            self.expect(activity, "transfer_to_oneself")
        elif found.hold.until <= self.at:
            self.expect(activity, "transfer_ran_out")
        elif giver.owed:
            self.expect(activity, "giver_owes")
        else:
            self.answered.add(found.id)
            points = found.hold.left
            model.cross(giver.capture(found.hold, points), taker)
            self.expect(activity, points, (found.who, "points"), (who, "points"))

    def decline(self, which: int, who: int) -> None:
        """Somebody declines an offer."""
        if not any(map(self._open, self.offers)):
            self.transfer(which % MEMBERS, (which + 1) % MEMBERS, 10)
        if not self.offers:
            return
        found = self.pick(self.offers, which, self._open)
        activity = acts.decline(self.world, found.id, self.ids[who])
        if self.root(who) not in {self.root(found.who), self.root(found.to)}:
            self.expect(activity, "transfer_of_others")
        elif found.id in self.answered:
            self.expect(activity, "transfer_decided")
        elif found.hold.until <= self.at:
            self.expect(activity, "transfer_ran_out")
        else:
            self.answered.add(found.id)
            mine = self.holder(found.who)["points"]
            mine.free(found.hold, found.hold.left, self.at)
            self.expect(activity, 0, (found.who, "points"))

    # --- by staff ----------------------------------------------------------------------------

    def give(self, who: int, points: int, days: int | None) -> None:
        """Staff gives points, to a day or as long as earned ones are good."""
        until = self.at + timedelta(days=days) if days else None
        self.holder(who)["points"].gain(points, until or model.good_until("points", self.at))
        gift = acts.gift(self.world, self.ids[who], points, expires_at=until)
        self.expect(gift, points, (who, "points"))
