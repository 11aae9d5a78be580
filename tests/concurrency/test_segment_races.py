"""Rules for some members while somebody becomes one of them."""

import pytest
from django.db import connection, transaction
from tests.concurrency.racing import fresh, in_background, waiting_for
from tests.world import RATE, World, rule_set

from jifen.audience import services as audience
from jifen.audience.rules.conditions import ByTag
from jifen.members import services as members
from jifen.members.types import Changes

RULES = [
    pytest.param({"segments": ["vip"]}, id="segment"),
    pytest.param({"tags": ["vip"]}, id="tag"),
]


@pytest.mark.parametrize("condition", RULES)
def test_an_order_that_waits_for_a_member_sees_what_it_waited_for(
    condition: dict[str, list[str]],
) -> None:
    world = World()
    with world.scope():
        audience.save_segment(
            code="vip", name="vip", condition=ByTag(any_of=("vip",)), by="test", at=world.at
        )
    world.publish(rule_set(RATE, {**RATE, "code": "vip", **condition}))
    member = world.member()
    with world.scope(), transaction.atomic():
        changes = Changes(add_tags=("vip",))
        members.change(member_id=member, changes=changes, actor="test", at=world.at)
        order = in_background(lambda: world.book(world.purchase(member, 10_000)))
        waiting_for(connection.connection)
    [booked] = fresh(order())
    assert booked.points == {"points": 200}
