"""Workers that sum up reports at once add nothing twice, while the till goes on booking."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.concurrency.racing import at_once
from tests.world import World

from jifen.insight import selectors, services
from jifen.insight.sql import queries
from jifen.insight.types import Period

JUNE = Period(date(2026, 6, 1), date(2026, 7, 1))
SLOW_S = 0.2


def told(world: World) -> int:
    with world.scope():
        return selectors.points(period=JUNE, unit=None, store=None).total.issued


def test_steps_at_once_add_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    member = world.member()
    for _ in range(6):
        world.booked(world.purchase(member, 1_000))
    settled = datetime.now(UTC) + services.SETTLING
    summed = queries.add_sales

    def slowly(*rows: Any) -> None:
        """So that whoever does not wait is in the midst of it, too."""
        time.sleep(SLOW_S)
        summed(*rows)

    def step() -> int:
        with world.scope():
            while services.refresh(at=settled, size=4):
                pass
        return told(world)

    def booking() -> int:
        world.booked(world.purchase(member, 0))
        return told(world)

    monkeypatch.setattr(queries, "add_sales", slowly)
    calls: list[Callable[[], int]] = [step, step, booking, step, booking]
    assert set(at_once(calls)) == {60}
    assert told(world) == 60
