"""A shop with tiers in time: gold by the spend of a calendar year, and free delivery for it."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.world import RATE, World, ref, rule_set, rungs

from jifen.earning import selectors
from jifen.earning import services as earning
from jifen.earning.types import ActivityInfo, BenefitUse, Reversal, TierGrant

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = {"zh": "权益", "en": "benefit"}
LEVELS = {"kind": "tier", "code": "levels", "multipliers": {"silver": "2", "gold": "3"}}
WELCOME = {
    "kind": "behaviour",
    "code": "welcome",
    "on": "tier_reached:gold",
    "points": 500,
    "unit": "points",
}
GROW = {**RATE, "code": "grow", "unit": "growth"}
YEARLY: dict[str, Any] = {"period": "year", "then": "by_one"}
BY_YEAR: dict[str, Any] = {
    "by": "spend_period",
    "period": "year",
    "rungs": rungs(silver=1_000, gold=5_000),
    "keep": YEARLY,
}
DELIVERY: dict[str, Any] = {
    "kind": "free_delivery",
    "code": "delivery",
    "name": NAMES,
    "tiers": ["gold"],
    "quota": {"uses": 1, "per": "month"},
}


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


def yearly(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    ladder = {**BY_YEAR, **changes.pop("ladder", {})}
    return rule_set(RATE, LEVELS, *rules, ladder=ladder, **changes)


def buys(world: World, member: uuid.UUID, amount: int, at: datetime, **changes: Any) -> Any:
    """Book an order of that time at that time."""
    return world.booked(world.purchase(member, amount, occurred_at=at, **changes), at=at)


def ends(world: World, at: datetime, limit: int = 1_000) -> int:
    """Run a slice of the job."""
    with world.scope():
        return earning.end_periods(at=at, limit=limit)


def timeline(world: World, member: uuid.UUID) -> list[ActivityInfo]:
    """The member's activities, the oldest first."""
    with world.scope():
        found = selectors.activities(member_id=member, before=None, limit=100)
    return found[::-1]


def told(world: World, member: uuid.UUID, kind: str) -> list[str]:
    """The first sentence of each activity of a kind."""
    with world.scope():
        return [
            selectors.explain(info.id, language="en").sentences[0]
            for info in timeline(world, member)
            if info.kind == kind
        ]


def grants(world: World, member: uuid.UUID, tier: str, at: datetime, **more: Any) -> Any:
    """Staff gives a tier."""
    given = {"key": uuid.uuid4().hex, "occurred_at": at, "reason": "r", "actor": "a", **more}
    return world.booked(TierGrant(member=ref(member), tier=tier, **given), at=at)


def uses(world: World, member: uuid.UUID, at: datetime, **changes: Any) -> BenefitUse:
    values = {"key": uuid.uuid4().hex, "occurred_at": at, "benefit": "delivery", **changes}
    return BenefitUse(member=ref(member), **values)


def gold(world: World, at: datetime) -> uuid.UUID:
    member = world.member()
    buys(world, member, 5_000, at)
    return member


def reversal_of(of: uuid.UUID, at: datetime) -> Any:
    return Reversal(key=uuid.uuid4().hex, occurred_at=at, of=of, reason="r", actor="a")
