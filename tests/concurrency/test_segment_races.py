"""Rules for some members while somebody becomes one of them, or their segment goes away."""

import pytest
from django.db import connection, transaction
from tests.concurrency.racing import fresh, in_background, waiting_for
from tests.world import RATE, World, rule_set

from jifen.audience import services as audience
from jifen.audience.rules.conditions import ByTag
from jifen.audience.types import SegmentInUse
from jifen.earning import selectors as earning
from jifen.earning.rules.document import InvalidRuleSet
from jifen.members import services as members
from jifen.members.types import Changes

RULES = [
    pytest.param({"segments": ["vip"]}, id="segment"),
    pytest.param({"tags": ["vip"]}, id="tag"),
]


FOR_VIPS = rule_set(RATE, {**RATE, "code": "vip", "segments": ["vip"]})


def make_vips(world: World) -> None:
    with world.scope():
        audience.save_segment(
            code="vip", name="vip", condition=ByTag(any_of=("vip",)), by="test", at=world.at
        )


def drop_vips(world: World) -> None:
    with world.scope():
        audience.drop_segment(code="vip", at=world.at)


@pytest.mark.parametrize("condition", RULES)
def test_an_order_that_waits_for_a_member_sees_what_it_waited_for(
    condition: dict[str, list[str]],
) -> None:
    world = World()
    make_vips(world)
    world.publish(rule_set(RATE, {**RATE, "code": "vip", **condition}))
    member = world.member()
    with world.scope(), transaction.atomic():
        changes = Changes(add_tags=("vip",))
        members.change(member_id=member, changes=changes, actor="test", at=world.at)
        order = in_background(lambda: world.book(world.purchase(member, 10_000)))
        waiting_for(connection.connection)
    [booked] = fresh(order())
    assert booked.points == {"points": 200}


def test_a_segment_for_which_rules_are_being_published_is_not_deleted() -> None:
    world = World()
    make_vips(world)
    with transaction.atomic():
        world.publish(FOR_VIPS)
        dropped = in_background(lambda: drop_vips(world))
        waiting_for(connection.connection)
        make_vips(world)  # who only changes it waits for nobody
    with pytest.raises(SegmentInUse):
        dropped()


def test_rules_for_a_segment_that_is_being_deleted_are_not_published() -> None:
    world = World()
    make_vips(world)
    with transaction.atomic():
        drop_vips(world)
        published = in_background(lambda: world.publish(FOR_VIPS))
        waiting_for(connection.connection)
    with pytest.raises(InvalidRuleSet, match="vip"):
        published()
    with world.scope():
        assert earning.segments_of_rules(world.at) == frozenset()
