"""Asking at once what a draft would have given."""

from functools import partial

from tests.world import NOON, RATE, World, rule_set, together

from jifen.insight import services
from jifen.insight.models import WhatIfRun
from jifen.insight.types import WhatIfInfo
from jifen.programmes import services as programmes


def ask(world: World) -> WhatIfInfo:
    with world.scope():
        return services.start_what_if(draft="next", stores=None, by="test", at=NOON)


def find(world: World) -> bool:
    with world.scope():
        return services.find_what_if(at=NOON)


def test_asked_by_many_at_once_it_is_one_run_and_one_worker_s() -> None:
    world = World()
    with world.scope():
        programmes.save_draft(
            name="next", document=rule_set({**RATE, "points": 2}), by="test", at=NOON
        )
    for told in together([partial(ask, world)] * 16):
        assert told.status == "running"
    with world.scope():
        assert WhatIfRun.objects.count() == 1
    assert together([partial(find, world)] * 8).count(True) == 1
