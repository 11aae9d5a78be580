"""Rules that begin later: which orders they are for, what may be published beside them, and how
they are withdrawn."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from tests.told import DAY, expire, lot, noon, until
from tests.world import NOON, RATE, World, ok, rule_set

from jifen.audience import services as audience
from jifen.audience.rules.conditions import ByTag
from jifen.audience.types import SegmentInUse
from jifen.earning import selectors as earning
from jifen.earning.models import Activity
from jifen.earning.rules.document import InvalidRuleSet
from jifen.outreach import services as outreach
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes.models import RuleSet
from jifen.programmes.rules.versions import statuses
from jifen.programmes.types import NotComing, RulesAreComing, StartsTooEarly

START = NOON + 10 * DAY
LATER = START + DAY
SECOND = timedelta(seconds=1)


def times(points: int, **document: Any) -> dict[str, Any]:
    """Rules that give so many points a yuan."""
    return rule_set({**RATE, "points": points}, **document)


def doubled(**document: Any) -> World:
    """A world whose orders give twice from ``START`` on."""
    world = World()
    assert world.publish(times(2, **document), starts_at=START) == 2
    return world


def became(world: World, at: datetime) -> dict[int, str]:
    with world.scope():
        return dict(statuses(programmes.versions(), at))


def versions_of(world: World) -> list[int]:
    """The versions under which everything was booked, in its order."""
    with world.scope():
        rows = Activity.objects.exclude(kind="enrolment").order_by("id")
        return list(rows.values_list("rule_set_version", flat=True))


class TestWhichOrders:
    """An act is decided under the rules that were in force when it happened."""

    def test_from_the_start_on_and_not_before(self) -> None:
        world = doubled()
        member = world.member()
        orders = [
            world.purchase(member, 10_000, occurred_at=when)
            for when in (START - SECOND, START, START + SECOND, START - DAY)
        ]
        booked = ok(world.book(*orders, at=LATER))
        assert [each.points["points"] for each in booked] == [100, 200, 200, 100]
        assert [each.key for each in booked] == [each.key for each in orders]
        assert versions_of(world) == [1, 2, 2, 1]
        assert world.available(member, at=LATER) == 600
        world.verify()

    def test_a_preview_says_what_is_then_booked(self) -> None:
        world = doubled()
        member = world.member()
        orders = [
            world.purchase(member, 10_000, occurred_at=when) for when in (START - SECOND, START)
        ]
        previewed = ok(world.preview(*orders, at=LATER))
        assert [each.points["points"] for each in previewed] == [100, 200]
        assert [each.points for each in ok(world.book(*orders, at=LATER))] == [
            each.points for each in previewed
        ]

    def test_a_refund_keeps_to_the_rules_of_its_order(self) -> None:
        world = doubled()
        member = world.member()
        before = world.purchase(member, 10_000, 10_000, occurred_at=START - SECOND)
        world.booked(before, at=START)
        part = world.booked(world.refund(before, (0, 1), occurred_at=LATER), at=LATER)
        assert part.points == {"points": -100}
        world.booked(world.refund(before, occurred_at=LATER), at=LATER)
        assert world.available(member, at=LATER) == 0
        world.verify()

    def test_a_key_sent_again_after_the_start_answers_as_before(self) -> None:
        world = doubled()
        order = world.purchase(world.member(), 10_000)
        first = world.booked(order)
        again = world.booked(order, at=LATER)
        assert again.replayed
        assert (again.id, again.points) == (first.id, first.points)

    def test_a_refusal_in_a_batch_across_the_start_spoils_no_other(self) -> None:
        world = doubled()
        member = world.member()
        early = world.purchase(member, 10_000, occurred_at=START - SECOND)
        outcomes = world.book(
            early,
            world.purchase(member, 10_000, occurred_at=START, reference=early.reference),
            world.purchase(member, 10_000, occurred_at=START.replace(tzinfo=None)),
            world.purchase(member, 10_000, occurred_at=START),
            at=LATER,
        )
        assert [each.points["points"] for each in ok(outcomes)] == [100, 200]
        assert [each.error.code for each in outcomes if not hasattr(each, "points")] == [
            "duplicate_reference",
            "time_without_zone",
        ]

    def test_tiers_begin_with_the_rules_that_have_them(self) -> None:
        ladder = {
            "by": "spend",
            "rungs": [{"code": "gold", "name": {"zh": "金", "en": "Gold"}, "from": 100}],
        }
        world = doubled(ladder=ladder)
        member = world.member()
        world.booked(world.purchase(member, 10_000))
        with world.scope():
            assert (earning.tier_names(START - SECOND), list(earning.tier_names(START))) == (
                {},
                ["gold"],
            )
        world.booked(world.purchase(member, 10_000, occurred_at=START), at=START)
        assert world.tier(member, at=START) == "gold"


class TestPublishing:
    """What may be published, and what is told of it."""

    def test_each_is_told_for_what_it_is(self) -> None:
        world = doubled()
        assert became(world, NOON) == {1: "in_force", 2: "coming"}
        assert became(world, START) == {1: "past", 2: "in_force"}
        with world.scope():
            assert programmes.rule_set(2).starts_at == START
            assert programmes.rule_set(1).starts_at is None

    @pytest.mark.parametrize("starts_at", [NOON, NOON - SECOND, NOON - 400 * DAY])
    def test_a_start_lies_ahead(self, starts_at: datetime) -> None:
        world = World()
        with pytest.raises(StartsTooEarly):
            world.publish(times(2), starts_at=starts_at)
        assert became(world, NOON) == {1: "in_force"}

    def test_the_first_rules_begin_at_once(self) -> None:
        world = World()
        world.programme = programme_services.create_programme(
            code=f"{world.programme.code}-bare",
            name="Bare",
            time_zone="Asia/Shanghai",
            currency="CNY",
            opening_on=date(2026, 1, 1),
            at=NOON,
        )
        with world.scope(), pytest.raises(StartsTooEarly):
            programme_services.append_rule_set(
                document=rule_set(), by="test", at=NOON, starts_at=START
            )
        with world.scope(), pytest.raises(IntegrityError, match="rule_set_first_at_once"):
            RuleSet.objects.create(
                version=1, document={}, published_at=NOON, published_by="test", starts_at=START
            )

    @pytest.mark.parametrize("starts_at", [None, START - SECOND, START])
    def test_nothing_takes_the_place_of_what_is_to_come(self, starts_at: datetime | None) -> None:
        world = doubled()
        with pytest.raises(RulesAreComing) as refused:
            world.publish(times(3), starts_at=starts_at)
        assert refused.value.fields["versions"] == [2]
        assert became(world, NOON) == {1: "in_force", 2: "coming"}

    def test_several_may_be_to_come_one_after_the_other(self) -> None:
        world = doubled()
        assert world.publish(times(1), starts_at=LATER) == 3
        assert became(world, NOON) == {1: "in_force", 2: "coming", 3: "coming"}
        member = world.member()
        moments = (START - SECOND, START, LATER - SECOND, LATER)
        orders = [world.purchase(member, 100, occurred_at=when) for when in moments]
        booked = ok(world.book(*orders, at=LATER + DAY))
        assert [each.points["points"] for each in booked] == [1, 2, 2, 1]
        assert versions_of(world) == [1, 2, 2, 3]

    def test_the_same_again_is_the_same_version(self) -> None:
        world = doubled()
        assert world.publish(times(2), starts_at=START) == 2
        # Whoever asks again after a bad connection learns it also when the start has passed.
        assert world.publish(times(2), starts_at=START, at=START) == 2
        assert world.publish(times(2), at=LATER) == 2
        assert world.publish(times(2), starts_at=LATER + DAY, at=LATER) == 2

    def test_the_same_at_another_time_is_another_matter(self) -> None:
        world = doubled()
        with pytest.raises(RulesAreComing):
            world.publish(times(2), starts_at=START - DAY)

    def test_what_cannot_be_published_cannot_be_later_either(self) -> None:
        world = World()
        with pytest.raises(InvalidRuleSet):
            world.publish(times(-1), starts_at=START)

    def test_a_segment_of_rules_to_come_is_not_deleted(self) -> None:
        world = World()
        with world.scope():
            audience.save_segment(
                code="vip", name="vip", condition=ByTag(any_of=("vip",)), by="test", at=NOON
            )
        world.publish(rule_set({**RATE, "segments": ["vip"]}), starts_at=START)
        with world.scope(), pytest.raises(SegmentInUse):
            audience.drop_segment(code="vip", at=NOON)
        world.withdraw(2)
        with world.scope():
            audience.drop_segment(code="vip", at=NOON)


class TestWithdrawing:
    """What has not begun need never begin."""

    def test_the_rules_in_force_stay(self) -> None:
        world = doubled()
        assert world.withdraw(2) == 3
        assert became(world, START) == {1: "past", 2: "withdrawn", 3: "in_force"}
        with world.scope():
            assert programmes.rule_set(3).document == programmes.rule_set(1).document
        order = world.purchase(world.member(), 10_000, occurred_at=LATER)
        assert world.booked(order, at=LATER).points == {"points": 100}

    def test_again_it_does_nothing_more(self) -> None:
        world = doubled()
        assert (world.withdraw(2), world.withdraw(2)) == (3, 3)
        assert world.withdraw(2, at=LATER) == 3
        assert len(became(world, NOON)) == 3

    def test_one_that_has_begun_stays(self) -> None:
        world = doubled()
        for version, status in ((2, "in_force"), (1, "past")):
            with pytest.raises(NotComing) as refused:
                world.withdraw(version, at=START)
            assert refused.value.fields["became"] == status
        assert world.withdraw(2, at=START - SECOND) == 3

    def test_what_else_is_to_come_still_comes(self) -> None:
        world = doubled()
        world.publish(times(5), starts_at=LATER)
        assert world.withdraw(2) == 4
        assert became(world, NOON) == {
            1: "past",
            2: "withdrawn",
            3: "withdrawn",
            4: "in_force",
            5: "coming",
        }
        with world.scope():
            kept, again = programmes.rule_set(3), programmes.rule_set(5)
        assert (again.document, again.starts_at) == (kept.document, LATER)

    def test_what_was_in_force_before_stays_where_it_was(self) -> None:
        """The rules in force, published again, are for what they were for: not for what happened
        before they began and is booked late."""
        world = doubled()
        world.publish(times(3), starts_at=LATER + DAY, at=START)
        assert world.withdraw(3, at=LATER) == 4
        member = world.member()
        orders = [world.purchase(member, 100, occurred_at=at) for at in (START - SECOND, START)]
        booked = ok(world.book(*orders, at=LATER))
        assert [each.points["points"] for each in booked] == [1, 2]
        assert versions_of(world) == [1, 4]

    def test_then_others_may_be_published_at_once(self) -> None:
        world = doubled()
        world.withdraw(2)
        assert world.publish(times(3)) == 4
        order = world.purchase(world.member(), 10_000)
        assert world.booked(order).points == {"points": 300}


class TestNotices:
    """Rules to come may say that nothing ends without a notice: from their start on."""

    last = date(2026, 6, 11)  # a day after the start
    required = {"notices": {"points": {"days": [7], "required": True, "channels": ["file"]}}}

    def left(self, world: World) -> int:
        """What is left, when both have ended, of 100 that end before the start and 70 after it."""
        member = world.member(lot(100, date(2026, 6, 5)), lot(70, self.last))
        over = until(self.last)
        with world.scope():
            outreach.tend(at=over, by="test")
        world.verify()
        return world.available(member, at=over)

    def test_what_ends_before_the_start_ends_as_it_was_told(self) -> None:
        world = doubled(**self.required)
        assert self.left(world) == 70

    def test_without_them_all_of_it_ends(self) -> None:
        assert self.left(doubled()) == 0

    def test_withdrawn_they_ask_for_nothing(self) -> None:
        world = doubled(**self.required)
        world.withdraw(2)
        member = world.member(lot(70, self.last))
        assert world.available(member, at=until(self.last)) == 0, "whether or not a job has run"
        assert self.left(world) == 0

    def test_rules_that_ask_no_more_let_go_once_they_have_begun(self) -> None:
        world = World(rule_set(**self.required))
        world.publish(rule_set(), starts_at=START)
        member = world.member(lot(100, date(2026, 6, 5)))
        before, after = noon(date(2026, 6, 6)), START + timedelta(hours=1)
        with world.scope():
            outreach.tend(at=before, by="test")
        assert expire(world, before).untold != {}
        assert world.available(member, at=before) == 100
        with world.scope():
            outreach.tend(at=after, by="test")
        assert world.available(member, at=after) == 0
