"""Helpers for what ends: planning and sending notices, running expiries and clears, in a world."""

import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.world import World, rule_set

from jifen.common.days import end_of_day
from jifen.earning.types import OpeningLot
from jifen.members.models import Identity
from jifen.outreach import selectors, services
from jifen.outreach.models import Notice
from jifen.outreach.types import ClearingInfo, NoticeInfo, RunInfo, Untold

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
BY = "tester"


def told_world(
    *days: int, required: bool = False, expiry: Mapping[str, Any] | None = None, **document: Any
) -> World:
    """A world whose points are told of by file so many days before they end."""
    notices = {"days": list(days or (30, 7, 1)), "required": required, "channels": ["file"]}
    ends = {"expiry": {"points": dict(expiry)}} if expiry else {}
    return World(rule_set(notices={"points": notices}, **ends, **document))


def until(day: date) -> datetime:
    """When that local day is over."""
    return end_of_day(day, SHANGHAI)


def lot(points: int, day: date) -> OpeningLot:
    """Points good to the end of that local day."""
    return OpeningLot("points", points, until(day))


def noon(day: date) -> datetime:
    """The noon of a local day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


def plan(world: World, at: datetime, **given: Any) -> int:
    """Plan; answers how many notices that made."""
    with world.scope():
        before = Notice.objects.count()
        services.plan(at=at, by=BY, **given)
        return int(Notice.objects.count() - before)


def send(world: World, at: datetime, **given: Any) -> services.Delivered:
    """Send what waits."""
    with world.scope():
        return services.send(clock=lambda: at, **given)


def tell(world: World, at: datetime) -> None:
    """Plan and send."""
    plan(world, at)
    send(world, at)


def expire(world: World, at: datetime, **given: Any) -> RunInfo:
    """The expiry run."""
    with world.scope():
        return services.expire(at=at, by=BY, **given)


def notices(world: World, member: uuid.UUID) -> list[NoticeInfo]:
    """A member's notices, the oldest first."""
    with world.scope():
        return selectors.notices(member_id=member, before=None, limit=100)[::-1]


def untold(world: World, at: datetime) -> list[Untold]:
    """Whose points stayed."""
    with world.scope():
        return [each for _, each in selectors.untold(at=at, limit=100)]


def announce(world: World, on: date, at: datetime, **given: Any) -> ClearingInfo:
    """Announce a clear of the points."""
    values: dict[str, Any] = {"unit": "points", "days": (30, 7), "required": True}
    with world.scope():
        return services.announce(on=on, at=at, by=BY, **{**values, **given})


def clear(world: World, clearing: ClearingInfo, at: datetime, **given: Any) -> RunInfo:
    """The run of a clear."""
    with world.scope():
        return services.clear(clearing_id=clearing.id, at=at, by=BY, **given)


def forget(world: World, member: uuid.UUID) -> None:
    """Nobody knows how to reach the member."""
    with world.scope():
        Identity.objects.filter(member_id=member).delete()


def lines(folder: Path) -> list[dict[str, Any]]:
    """What the file channel has written."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
