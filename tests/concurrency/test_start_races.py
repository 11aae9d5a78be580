"""Rules that are published and withdrawn at one moment: none is lost in silence."""

from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from tests.concurrency.racing import at_once, in_background, waiting_for
from tests.world import NOON, RATE, World, rule_set

from jifen.earning import services as earning
from jifen.programmes import selectors as programmes
from jifen.programmes.models import Unit
from jifen.programmes.rules.versions import statuses
from jifen.programmes.types import NotComing, RulesAreComing

START = NOON + timedelta(days=10)


def times(points: int, *, required: bool = False) -> dict[str, object]:
    notices = {"points": {"days": [7], "required": True, "channels": ["file"]}}
    more = {"notices": notices} if required else {}
    return rule_set({**RATE, "points": points}, **more)


def became(world: World) -> list[str]:
    with world.scope():
        return sorted(statuses(programmes.versions(), NOON).values())


def test_of_many_with_one_start_one_is_to_come() -> None:
    world = World()

    def publish(points: int) -> str:
        try:
            world.publish(times(points), starts_at=START)
        except RulesAreComing:
            return "refused"
        return "published"

    told = at_once([partial(publish, points) for points in range(2, 10)])
    assert sorted(told) == ["published"] + ["refused"] * 7
    assert became(world) == ["coming", "in_force"]


def test_withdrawn_by_many_it_is_withdrawn_once() -> None:
    world = World()
    world.publish(times(2), starts_at=START)
    assert at_once([lambda: world.withdraw(2)] * 8) == [3] * 8
    assert became(world) == ["in_force", "past", "withdrawn"]


def test_published_and_withdrawn_at_once_each_is_told_what_became_of_it() -> None:
    for _ in range(5):
        world = World()
        world.publish(times(2), starts_at=START)

        def publish(world: World = world) -> str:
            try:
                world.publish(times(3))
            except RulesAreComing:
                return "refused"
            return "published"

        def withdraw(world: World = world) -> str:
            try:
                world.withdraw(2)
            except NotComing:
                return "refused"
            return "withdrawn"

        published, withdrawn = at_once([publish, withdraw])
        assert withdrawn == "withdrawn"
        with world.scope():
            in_force = programmes.rule_set(programmes.version_at(NOON)).document
        points = 3 if published == "published" else 1
        assert in_force["rules"][0]["points"] == points
        assert "coming" not in became(world)


def test_who_lets_units_go_sees_rules_that_are_being_published() -> None:
    """Rules that asked for notices are over, and others that ask for them are being published."""
    world = World(times(1, required=True))
    world.publish(times(2), starts_at=START)

    def settle() -> None:
        with world.scope():
            earning.settle_guards(at=START)

    with transaction.atomic():
        world.publish(times(3, required=True), at=START)
        settled = in_background(settle)
        waiting_for(connection.connection)
    settled()
    with world.scope():
        assert Unit.objects.get(code="points").guarded_from == NOON
