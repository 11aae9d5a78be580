"""Rules for members of segments, and with tags: decided at booking, remembered ever after."""

import uuid
from typing import Any

import pytest
from tests.people import merge, undo
from tests.wallets import TOP_UP, Purse, owning
from tests.world import RATE, World, rule_set, rungs

from jifen.audience import selectors as segments
from jifen.audience import services as audience
from jifen.audience.rules.conditions import AllOf, BySpend, ByTag, ByTier, Condition, NotOf
from jifen.audience.types import SegmentInUse
from jifen.common.sql import Statement, composed
from jifen.earning import selectors as earning
from jifen.earning.context import Directory
from jifen.earning.rules.document import InvalidRuleSet
from jifen.earning.types import Booked, Purchase
from jifen.members import services as members
from jifen.members.types import Changes, InvalidTag
from jifen.programmes import selectors as programmes

VIP = {**RATE, "code": "vip", "points": 2, "segments": ["vip"]}
TEA = {"kind": "promotion", "code": "tea", "multiplier": "3", "tags": ["Tea Club"]}


def segment(world: World, condition: Condition, code: str = "vip") -> None:
    with world.scope():
        audience.save_segment(code=code, name=code, condition=condition, by="test", at=world.at)


def tag(world: World, member: uuid.UUID, **changes: Any) -> None:
    with world.scope():
        members.change(member_id=member, changes=Changes(**changes), actor="test", at=world.at)


def made(*rules: Any, condition: Condition | None = None, **document: Any) -> World:
    """A world with a segment ``vip`` (of those tagged ``vip``) before its rules."""
    world = World()
    segment(world, condition or ByTag(any_of=("vip",)))
    world.publish(rule_set(*rules, **document))
    return world


def vip(world: World, *lots: int) -> uuid.UUID:
    member = world.member(*lots)
    tag(world, member, add_tags=("vip",))
    return member


def why(world: World, booked: Booked) -> tuple[str, ...]:
    with world.scope():
        return earning.explain(booked.id, language="en").sentences


def test_a_rule_for_a_segment_gives_its_members_only_and_says_so() -> None:
    world = made(RATE, VIP)
    inside, outside = vip(world), world.member()
    for member, points, told in ((inside, 300, False), (outside, 100, True)):
        order = world.purchase(member, 10_000)
        [shown] = world.preview(order)
        booked = world.booked(order)
        assert isinstance(shown, Booked)
        assert (shown.points, shown.award) == (booked.points, booked.award)
        assert booked.points == {"points": points}
        assert ("vip: only for members in vip" in why(world, booked)) is told
    with world.scope():
        facts = earning.explain(booked.id, language="zh")
    assert "vip：仅限分群 vip 的会员" in facts.sentences


def test_a_rule_for_a_tag_reads_tags_as_they_are_spelt_in_the_books() -> None:
    world = made(RATE, TEA)
    member = world.member()
    told = world.booked(world.purchase(member, 10_000))
    assert told.points == {"points": 100}
    assert "tea: only for members with the tag Tea Club" in why(world, told)
    tag(world, member, add_tags=("TEA  club",))
    assert world.booked(world.purchase(member, 10_000)).points == {"points": 300}


def test_both_conditions_must_hold() -> None:
    world = made(RATE, {**VIP, "tags": ["tea"]})
    member = vip(world)
    assert world.booked(world.purchase(member, 10_000)).points == {"points": 100}
    tag(world, member, add_tags=("tea",))
    assert world.booked(world.purchase(member, 10_000)).points == {"points": 300}


def test_a_refund_takes_back_what_was_given_whatever_became_of_the_segment() -> None:
    world = made(RATE, VIP)
    member, other = vip(world), world.member()
    order, plain = world.purchase(member, 10_000, 5_000), world.purchase(other, 10_000, 5_000)
    world.booked(order)
    world.booked(plain)
    tag(world, member, remove_tags=("vip",))
    tag(world, other, add_tags=("vip",))
    for each, points in ((order, -300), (plain, -100)):
        assert world.booked(world.refund(each, (0, 1))).points == {"points": points}
    for each, points in ((order, -150), (plain, -50)):
        assert world.booked(world.refund(each)).points == {"points": points}
    assert world.available(member) == world.available(other) == 0
    world.verify()


def test_a_claim_is_decided_for_who_claims_when_it_is_claimed() -> None:
    world = made(RATE, VIP)
    order = world.purchase(None, 10_000)
    world.booked(order)
    member = vip(world)
    claimed = world.booked(world.claim(order, member))
    assert claimed.points == {"points": 300}
    tag(world, member, remove_tags=("vip",))
    assert world.booked(world.refund(order)).points == {"points": -300}


def test_behaviours_and_tiers_reached_are_for_some_too() -> None:
    bonus = {"kind": "behaviour", "points": 5, "unit": "points", "segments": ["vip"]}
    world = made(
        {**bonus, "code": "in", "on": "check_in"},
        {**bonus, "code": "up", "on": "tier_reached:gold"},
        ladder={"by": "spend", "rungs": rungs(gold=1_000)},
    )
    inside, outside = vip(world), world.member()
    for member, points in ((inside, 5), (outside, 0)):
        told = world.booked(world.behaviour(member, "check_in"))
        assert told.points.get("points", 0) == points
        order = world.purchase(member, 1_000)
        world.booked(order)
        assert world.available(member) == 2 * points
        world.booked(world.refund(order))
        assert world.available(member) == points


def test_a_top_up_for_some_is_rewarded_by_its_recorded_facts() -> None:
    purse = Purse()
    segment(purse, ByTag(any_of=("vip",)))
    purse.publish(owning(RATE, {**TOP_UP, "segments": ["vip"]}))
    inside, outside = vip(purse), purse.member()
    first, second = purse.saved(inside, 20_000), purse.saved(outside, 20_000)
    assert (purse.stored(inside), purse.stored(outside)) == ((20_000, 2_000), (20_000, 0))
    tag(purse, inside, remove_tags=("vip",))
    tag(purse, outside, add_tags=("vip",))
    for top_up in (first, second):
        purse.booked(purse.pay_out(top_up, 10_000))
    assert (purse.stored(inside), purse.stored(outside)) == ((10_000, 1_000), (10_000, 0))


def test_a_held_order_is_for_whom_the_rules_were_when_it_was_held() -> None:
    purse = Purse()
    segment(purse, ByTag(any_of=("vip",)))
    purse.publish(owning(RATE, VIP))
    member = vip(purse)
    held = purse.booked(purse.checkout(member, 10_000))
    purse.publish(owning(RATE))
    assert purse.booked(purse.paid(held.id)).points == {"points": 300}


def test_a_segment_by_what_was_spent_counts_from_the_next_request_on() -> None:
    """Also what was spent in the last days, and by somebody who was merged into the member."""
    for days in (None, 30):
        world = made(RATE, VIP, condition=BySpend(at_least_minor=10_000, days=days))
        member = world.member()
        found = world.book(*[world.purchase(member, 10_000) for _ in range(2)])
        assert [each.points for each in found if isinstance(each, Booked)] == [{"points": 100}] * 2
        assert world.booked(world.purchase(member, 10_000)).points == {"points": 300}
        survivor = world.member()
        joined = world.booked(merge(world, survivor, member))
        assert world.booked(world.purchase(survivor, 10_000)).points == {"points": 300}
        world.booked(undo(world, joined.id))
        other = world.member()
        assert world.booked(world.purchase(other, 9_999)).points == {"points": 99}


@pytest.mark.parametrize(
    "condition",
    [
        BySpend(at_least_minor=1),
        BySpend(at_least_minor=1, days=3),
        BySpend(at_least_minor=1, stores=("main",)),
        ByTier(any_of=("gold",)),
        NotOf(of=ByTag(any_of=("vip",))),
        AllOf(of=(ByTag(any_of=("vip",)), BySpend(at_least_minor=1, days=3))),
    ],
    ids=repr,
)
def test_asked_about_some_members_a_segment_is_what_it_is_of_all(condition: Condition) -> None:
    world = made(RATE, ladder={"by": "spend", "rungs": rungs(gold=1_000)})
    crowd = [vip(world), vip(world), world.member(), world.member()]
    for member in crowd[::2]:
        world.booked(world.purchase(member, 1_000))
    world.booked(merge(world, crowd[3], crowd[0]))
    segment(world, condition, "some")
    with world.scope():
        every = set(segments.members(condition, at=world.at, after=None, limit=100))
        zone, stores = Directory().settings.zone, programmes.stores()
        places = {code: store.id for code, store in stores.items()}
        for asked in (crowd, crowd[:2], crowd[2:]):
            found = segments.among(["some", "gone"], asked, at=world.at, zone=zone, stores=places)
            assert found == {"some": every & set(asked), "gone": set()}
            found = segments.among(["some"], asked, at=world.at, zone=zone, stores={})
            assert found == {"some": every & set(asked)}


def test_a_batch_asks_once_for_each_segment_and_never_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counting(name: str, text: str) -> Statement:
        asked.append(name)
        return composed(name, text)

    monkeypatch.setattr("jifen.audience.sql.queries.composed", counting)
    world = made(RATE)
    segment(world, BySpend(at_least_minor=1, days=3), "spends")
    crowd = [world.member() for _ in range(5)]

    def buy() -> int:
        asked.clear()
        assert all(isinstance(each, Booked) for each in world.book(*map(order, crowd * 2)))
        return asked.count("segment_among")

    def order(member: uuid.UUID) -> Purchase:
        return world.purchase(member, 1_000)

    assert buy() == 0
    world.publish(rule_set(RATE, VIP, {**VIP, "code": "both", "segments": ["spends", "vip"]}))
    assert buy() == 2


def test_what_is_not_there_is_refused_at_publishing() -> None:
    world = World()
    with pytest.raises(InvalidRuleSet) as refused:
        world.publish(rule_set(RATE, {**TEA, "segments": ["vip"]}))
    assert refused.value.fields["path"] == "$.rules[1].segments[0]"
    with pytest.raises(InvalidTag):
        world.publish(rule_set(RATE, {**TEA, "tags": [" "]}))


def test_a_segment_that_rules_are_for_is_changed_but_not_deleted() -> None:
    world = made(RATE, VIP)
    member = world.member()
    with world.scope(), pytest.raises(SegmentInUse):
        audience.drop_segment(code="vip", at=world.at)
    segment(world, NotOf(of=ByTag(any_of=("vip",))))
    assert world.booked(world.purchase(member, 10_000)).points == {"points": 300}
    world.publish(rule_set(RATE))
    with world.scope():
        audience.drop_segment(code="vip", at=world.at)


def test_another_programmes_segment_is_nobodys() -> None:
    made(RATE, VIP)
    world = World()
    with pytest.raises(InvalidRuleSet):
        world.publish(rule_set(VIP))
