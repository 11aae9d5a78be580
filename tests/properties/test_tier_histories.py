"""Tiers in time: whatever happens and whenever a job runs, everybody reads and earns the same."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.conftest import SEARCHING
from tests.world import RATE, World, ref, rule_set, rungs

from jifen.earning import services as earning
from jifen.earning.types import BenefitUse, Booked, Outcome, Purchase, TierGrant, TierGrantEnd
from jifen.tiers.models import Standing

BEGIN = datetime(2026, 1, 15, 4, tzinfo=UTC)
TIER = {"kind": "tier", "code": "levels", "multipliers": {"silver": "2", "gold": "3"}}
UP = {"kind": "behaviour", "code": "up", "on": "tier_reached:gold", "points": 70, "unit": "points"}
GROW = {**RATE, "code": "grow", "unit": "growth"}
DELIVERY = {
    "kind": "free_delivery",
    "code": "delivery",
    "name": {"zh": "免运费", "en": "Free delivery"},
    "tiers": ["silver", "gold"],
    "quota": {"uses": 2, "per": "month", "by_tier": {"silver": 1}},
}
RUNGS = rungs(silver=1_000, gold=4_000)
LADDERS: dict[str, dict[str, Any]] = {
    "by month": {
        "by": "spend_period",
        "period": "month",
        "rungs": RUNGS,
        "keep": {"period": "month", "then": "by_one"},
    },
    "in all": {
        "by": "spend",
        "rungs": RUNGS,
        "keep": {"period": "quarter", "then": "to_earned", "grace_days": 10},
    },
    "growth": {
        "by": "growth",
        "unit": "growth",
        "rungs": rungs(silver=10, gold=40),
        "keep": {"period": "month", "periods": 3, "then": "by_one", "grace_days": 45},
    },
    "for ever": {"by": "spend", "rungs": RUNGS},
}


class Step(NamedTuple):
    """What happens after so many days: an act, and whether the job runs before it."""

    days: int
    act: str
    amount: int
    job: bool


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, 50),
        st.sampled_from(["buy", "buy", "buy", "late", "refund", "grow", "give", "end", "use", "-"]),
        st.integers(1, 5_000),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
WORLDS: dict[tuple[str, bool], World] = {}


def world_of(ladder: str, *, with_job: bool) -> World:
    place = (ladder, with_job)
    if place not in WORLDS:
        rules = rule_set(RATE, GROW, TIER, UP, ladder=LADDERS[ladder], benefits=[DELIVERY])
        WORLDS[place] = World(rules, at=BEGIN)
    return WORLDS[place]


class Player:
    """One member of one programme."""

    def __init__(self, ladder: str, *, with_job: bool) -> None:
        self.world = world_of(ladder, with_job=with_job)
        self.with_job = with_job
        self.member = self.world.member()
        self.orders: list[Purchase] = []

    def run_job(self, at: datetime) -> None:
        while self.with_job:
            with self.world.scope():
                if not earning.end_periods(at=at, limit=3):
                    return

    def play(self, step: Step, at: datetime) -> Outcome | None:
        if step.job:
            self.run_job(at)
        world = self.world
        who = {"key": uuid.uuid4().hex, "occurred_at": at, "member": ref(self.member)}
        staff = {"reason": "r", "actor": "a"}
        match step.act:
            case "buy" | "late":
                when = at if step.act == "buy" else max(at - timedelta(days=40), BEGIN)
                order = world.purchase(self.member, step.amount, occurred_at=when)
                self.orders.append(order)
                return world.book(order, at=at)[0]
            case "refund" if self.orders:
                order = self.orders.pop(step.amount % len(self.orders))
                return world.book(world.refund(order, occurred_at=at), at=at)[0]
            case "grow":
                more = world.adjustment(
                    self.member, step.amount % 60 - 20 or 1, unit="growth", occurred_at=at
                )
                return world.book(more, at=at)[0]
            case "give":
                until = at + timedelta(days=step.amount % 90 + 1)
                tier = "gold" if step.amount % 2 else "silver"
                given = TierGrant(**who, **staff, tier=tier, until=until)  # type: ignore[arg-type]
                return world.book(given, at=at)[0]
            case "end":
                return world.book(TierGrantEnd(**who, **staff), at=at)[0]  # type: ignore[arg-type]
            case "use":
                return world.book(BenefitUse(**who, benefit="delivery"), at=at)[0]  # type: ignore[arg-type]
        return None

    def reads(self, at: datetime) -> list[str]:
        """The tier at some times from ``at`` on."""
        days = (0, 1, 5, 10, 20, 40, 80, 160, 400, 1_000)
        return [self.world.tier(self.member, at + timedelta(days=each)) for each in days]


def told(outcome: Outcome | None) -> Any:
    """What an act came to."""
    if outcome is None:
        return None
    if isinstance(outcome, Booked):
        return outcome.tier, outcome.points, [each.fields for each in outcome.award.refusals]
    return outcome.error.code, outcome.error.fields


@pytest.mark.parametrize("ladder", sorted(LADDERS))
@settings(max_examples=1_000 if SEARCHING else 12)
@given(steps=STEPS)
def test_the_tier_at_read_time_is_the_tier_after_the_job_ran(
    ladder: str, steps: list[Step]
) -> None:
    """One programme whose job runs now and then, and one whose job never does."""
    one, other = Player(ladder, with_job=True), Player(ladder, with_job=False)
    at = BEGIN
    for step in steps:
        at += timedelta(days=step.days)
        assert one.reads(at) == other.reads(at)
        assert told(one.play(step, at)) == told(other.play(step, at)), step
    assert one.reads(at) == other.reads(at)
    one.run_job(at + timedelta(days=2_000))
    last = at + timedelta(days=2_000)
    assert one.reads(last) == other.reads(last)
    assert kept(one) == kept(other)
    one.world.verify()


def kept(player: Player) -> Any:
    """What the books hold of the member, but for what time has not been booked of."""
    dump = dict(player.world.dump(player.member))
    return {name: dump[name] for name in ("tier", "spend_minor", "periods", "grown", "uses")}


@pytest.mark.parametrize("ladder", sorted(LADDERS))
@settings(max_examples=500 if SEARCHING else 8)
@given(steps=STEPS, days=st.lists(st.integers(0, 200), max_size=4))
def test_nothing_but_an_act_ever_lifts_a_member(
    ladder: str, steps: list[Step], days: list[int]
) -> None:
    """From the last act on, tiers only go down, and each end is booked once."""
    player = Player(ladder, with_job=True)
    at = BEGIN
    for step in steps:
        at += timedelta(days=step.days)
        player.play(step, at)
    ranks = ["", "silver", "gold"]
    later = [ranks.index(tier) for tier in player.reads(at)]
    assert later == sorted(later, reverse=True)
    for day in sorted(days):
        player.run_job(at + timedelta(days=day))
        with player.world.scope():
            row = Standing.objects.get(id=player.member)
        assert row.tier_until is None or row.tier_until > at + timedelta(days=day)
