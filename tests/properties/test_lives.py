"""The whole life of points as random histories through the service: earned, pending, confirmed,
burned, held, captured, released, transferred, offered, given, waived, refunded in parts, while time
jumps. After each step every figure and every lot is the model's, and ``verify`` agrees."""

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests import acts
from tests.properties import points_model as model
from tests.properties.conftest import SEARCHING
from tests.world import NOON, World, rule_set, undone

from jifen.earning.types import Activity, Booked, OpeningLot, Purchase, Refused

MEMBERS = 3
WHO = st.integers(0, MEMBERS - 1)
POINTS = st.integers(1, 90)
SOME = st.one_of(st.none(), st.integers(1, 60))
WHICH = st.integers(0, 10**6)
WORLDS: dict[bool, World] = {}
PENDING_DAYS = {False: 3, True: 6}
OFFER_DAYS = 2


class Sold(NamedTuple):
    """An order: what each of its pieces gave, and the lot that it opened."""

    order: Purchase
    who: int
    worth: list[int]
    own: list[model.Lot]
    refunded: Counter[int]


class Open(NamedTuple):
    """A hold or an offer that was booked."""

    id: UUID
    who: int
    to: int
    hold: model.Hold


class Lives(RuleBasedStateMachine):
    """One shop and three members. Points of orders pend for days and transfers are done at once."""

    confirms = False

    def __init__(self) -> None:
        super().__init__()
        if self.confirms not in WORLDS:
            WORLDS[self.confirms] = World(self._rules())
        self.world = WORLDS[self.confirms]
        self.world.at = NOON
        self.undo = ExitStack()
        self.undo.enter_context(undone())
        self.ids: list[UUID] = []
        self.people: list[model.Person] = []
        self.sold: list[Sold] = []
        self.confirmed: set[int] = set()
        self.holds: list[Open] = []
        self.offers: list[Open] = []
        self.answered: set[UUID] = set()

    def _rules(self) -> dict[str, Any]:
        pending: dict[str, Any] = {"kind": "days", "days": PENDING_DAYS[False]}
        transfers: dict[str, Any] = {}
        if self.confirms:
            pending = {"kind": "confirmed", "days": PENDING_DAYS[True]}
            transfers = {"confirm": True, "days": OFFER_DAYS}
        return rule_set(
            pending={"points": pending},
            transfers={"points": transfers},
            expiry={"points": {"kind": "after", "days": model.GOOD_DAYS}},
        )

    @property
    def at(self) -> datetime:
        return self.world.at

    @initialize(openings=st.lists(st.integers(0, 90), min_size=MEMBERS, max_size=MEMBERS))
    def enrol(self, openings: list[int]) -> None:
        """Three members, with what they bring: half of it ends."""
        for points in openings:
            person = model.Person()
            lots = []
            for part, days in ((points // 2, 5), (points - points // 2, None)):
                if part:
                    until = days and self.at + timedelta(days=days)
                    person.gain(part, until or None)
                    lots.append(OpeningLot("points", part, until or None))
            self.ids.append(self.world.member(*lots))
            self.people.append(person)

    def expect(self, activity: Activity, expected: int | str, *touched: int) -> Booked | None:
        """Book it: so many points move, or it is refused with this code. All is as in the model,
        and so are the lots of whom it touched: of others, what time did is not written down yet."""
        [outcome] = self.world.book(activity)
        if isinstance(outcome, Refused):
            assert outcome.error.code == expected, activity
        else:
            assert outcome.points.get("points", 0) == expected, activity
        for number, (member, person) in enumerate(zip(self.ids, self.people, strict=True)):
            held = self.world.balance(member)
            figures = (held.available, held.pending, held.held, held.deficit)
            assert figures == person.figures, activity
            if isinstance(outcome, Booked) and number in touched:
                wanted = [(lot.left, lot.until) for lot in person.lots if lot.left]
                assert _told(self.world.lots(member)) == _told(wanted), activity
        self.world.verify()
        return outcome if isinstance(outcome, Booked) else None

    # --- orders ------------------------------------------------------------------------------

    @rule(who=WHO, worth=st.lists(st.integers(0, 60), min_size=1, max_size=3))
    def buy(self, who: int, worth: list[int]) -> None:
        """An order of some lines, each of one piece that costs whole yuan."""
        order = self.world.purchase(self.ids[who], *[points * 100 for points in worth])
        own = []
        points = sum(worth)
        if points:
            ripens = model.end_of_day(self.at, PENDING_DAYS[self.confirms])
            until = model.end_of_day(self.at, model.GOOD_DAYS)
            own.append(self.people[who].gain(points, until, ripens))
        self.expect(order, points, who if points else -1)
        self.sold.append(Sold(order, who, worth, own, Counter()))

    @precondition(lambda self: self.sold)
    @rule(which=WHICH, lines=st.sets(st.integers(0, 2)))
    def refund(self, which: int, lines: set[int]) -> None:
        """Some lines of an order, or all that is kept."""
        sold = self.sold[which % len(self.sold)]
        kept = [line for line in range(len(sold.worth)) if not sold.refunded[line]]
        named = [line for line in lines if line < len(sold.worth)]
        activity = self.world.refund(sold.order, *[(line, 1) for line in named])
        if not kept:
            self.expect(activity, "nothing_kept")
            return
        if any(sold.refunded[line] for line in named):
            self.expect(activity, "refund_above_purchase")
            return
        back = named or kept
        sold.refunded.update(back)
        points = sum(sold.worth[line] for line in back)
        moved = self.people[sold.who].lose(points, sold.own)
        self.expect(activity, -moved, sold.who if moved else -1)

    @precondition(lambda self: self.sold)
    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        """An order was delivered."""
        number = which % len(self.sold)
        sold = self.sold[number]
        activity = acts.confirmation(self.world, sold.order)
        if number in self.confirmed:
            self.expect(activity, "already_confirmed")
        elif len(sold.refunded) == len(sold.worth):
            self.expect(activity, "nothing_kept")
        else:
            self.confirmed.add(number)
            for lot in sold.own if self.confirms else ():
                lot.ripens = None
            self.expect(activity, 0, sold.who if self.confirms else -1)

    # --- spending ----------------------------------------------------------------------------

    @rule(who=WHO, points=POINTS)
    def burn(self, who: int, points: int) -> None:
        """Points are spent."""
        person = self.people[who]
        activity = self.world.adjustment(self.ids[who], -points)
        if points > person.figures[0]:
            self.expect(activity, "insufficient_points")
            return
        person.take(points, person.spendable)
        self.expect(activity, -points, who)

    @rule(who=WHO, points=POINTS, hours=st.sampled_from([1, 30, 200]))
    def hold(self, who: int, points: int, hours: int) -> None:
        """Points are reserved."""
        person = self.people[who]
        activity = acts.hold(self.world, self.ids[who], points, minutes=hours * 60)
        if points > person.figures[0]:
            self.expect(activity, "insufficient_points")
            return
        made = person.hold(points, self.at + timedelta(hours=hours))
        booked = self.expect(activity, 0, who)
        assert booked is not None
        self.holds.append(Open(booked.id, who, who, made))

    @precondition(lambda self: self.holds)
    @rule(which=WHICH, points=SOME)
    def capture(self, which: int, points: int | None) -> None:
        """Reserved points are spent."""
        found = self.holds[which % len(self.holds)]
        activity = acts.capture(self.world, found.id, points)
        refused = self._refused(found, points)
        if refused:
            self.expect(activity, refused)
            return
        points = points or found.hold.left
        self.people[found.who].capture(found.hold, points)
        self._ended(found)
        self.expect(activity, -points, found.who)

    @precondition(lambda self: self.holds)
    @rule(which=WHICH, points=SOME)
    def release(self, which: int, points: int | None) -> None:
        """Reserved points are free again."""
        found = self.holds[which % len(self.holds)]
        activity = acts.release(self.world, found.id, points)
        refused = self._refused(found, points)
        if refused:
            self.expect(activity, refused)
            return
        person = self.people[found.who]
        late = person.free(found.hold, points or found.hold.left, self.at)
        self._ended(found)
        self.expect(activity, -late, found.who)

    def _refused(self, found: Open, points: int | None) -> str:
        if found.id in self.answered:
            return "hold_ended"
        if found.hold.until <= self.at:
            return "hold_ran_out"
        return "hold_too_small" if points and points > found.hold.left else ""

    def _ended(self, found: Open) -> None:
        if not found.hold.left:
            self.answered.add(found.id)

    # --- between members ---------------------------------------------------------------------

    @rule(who=WHO, to=WHO, points=POINTS)
    def transfer(self, who: int, to: int, points: int) -> None:
        """Points are given away, or offered."""
        giver, taker = self.people[who], self.people[to]
        activity = acts.transfer(self.world, self.ids[who], self.ids[to], points)
        if who == to:
            self.expect(activity, "transfer_to_oneself")
        elif points > giver.figures[0]:
            self.expect(activity, "insufficient_points")
        elif not self.confirms:
            model.cross(giver.take(points, giver.spendable), taker)
            self.expect(activity, -points, who, to)
        else:
            made = giver.hold(points, model.end_of_day(self.at, OFFER_DAYS))
            made.until = min([made.until, *[lot.until for lot, _ in made.slices if lot.until]])
            booked = self.expect(activity, 0, who)
            assert booked is not None
            self.offers.append(Open(booked.id, who, to, made))

    @precondition(lambda self: self.offers)
    @rule(which=WHICH, who=WHO)
    def accept(self, which: int, who: int) -> None:
        """Somebody accepts an offer, most likely the one for whom it is."""
        found = self.offers[which % len(self.offers)]
        who = found.to if which % 3 else who
        activity = acts.acceptance(self.world, found.id, self.ids[who])
        giver = self.people[found.who]
        if who != found.to:
            self.expect(activity, "transfer_of_others")
        elif found.id in self.answered:
            self.expect(activity, "transfer_decided")
        elif found.hold.until <= self.at:
            self.expect(activity, "transfer_ran_out")
        elif giver.owed:
            self.expect(activity, "giver_owes")
        else:
            self.answered.add(found.id)
            points = found.hold.left
            model.cross(list(found.hold.slices), self.people[found.to])
            giver.capture(found.hold, points)
            self.expect(activity, points, found.who, found.to)

    @precondition(lambda self: self.offers)
    @rule(which=WHICH, who=WHO)
    def decline(self, which: int, who: int) -> None:
        """Somebody declines an offer."""
        found = self.offers[which % len(self.offers)]
        activity = acts.decline(self.world, found.id, self.ids[who])
        if who not in {found.who, found.to}:
            self.expect(activity, "transfer_of_others")
        elif found.id in self.answered:
            self.expect(activity, "transfer_decided")
        elif found.hold.until <= self.at:
            self.expect(activity, "transfer_ran_out")
        else:
            self.answered.add(found.id)
            self.people[found.who].free(found.hold, found.hold.left, self.at)
            self.expect(activity, 0, found.who)

    # --- by staff ----------------------------------------------------------------------------

    @rule(who=WHO, points=POINTS, days=st.one_of(st.none(), st.integers(1, 12)))
    def give(self, who: int, points: int, days: int | None) -> None:
        """Staff gives points, to a day or as long as earned ones are good."""
        until = self.at + timedelta(days=days) if days else None
        lasts = until or model.end_of_day(self.at, model.GOOD_DAYS)
        self.people[who].gain(points, lasts)
        self.expect(acts.gift(self.world, self.ids[who], points, expires_at=until), points, who)

    @rule(who=WHO, points=SOME)
    def waive(self, who: int, points: int | None) -> None:
        """Staff forgives what is owed."""
        person = self.people[who]
        activity = acts.waiver(self.world, self.ids[who], points)
        if not person.owed or (points or 0) > person.owed:
            self.expect(activity, "not_owed")
            return
        points = points or person.owed
        person.owed -= points
        self.expect(activity, points, who)

    # --- time --------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 13, 24, 75, 160, 260]))
    def later(self, hours: int) -> None:
        """Time passes; nobody does anything."""
        self.world.at += timedelta(hours=hours)
        for person in self.people:
            person.pass_to(self.at)

    def teardown(self) -> None:
        """Nothing of it was ever there."""
        self.undo.close()
        self.world.at = NOON


class LivesWithAnswers(Lives):
    """The same where points wait for deliveries, and transfers for their receivers."""

    confirms = True


def _told(lots: Iterable[tuple[int, datetime | None]]) -> list[tuple[int, str]]:
    """Lots to be compared, whatever their order and zone."""
    return sorted(
        (left, until.astimezone(UTC).isoformat() if until else "") for left, until in lots
    )


for lives in (Lives, LivesWithAnswers):
    lives.TestCase.settings = settings(
        max_examples=100 if SEARCHING else 10, stateful_step_count=60 if SEARCHING else 40
    )
TestLives: Any = Lives.TestCase
TestLivesWithAnswers: Any = LivesWithAnswers.TestCase
