"""The example of what a draft would have given, order by order."""

import re
import tomllib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from tests.docs.pages import DOCS, Block, under
from tests.world import World

from jifen.earning import selectors as earning
from jifen.earning.types import Purchase
from jifen.earning.types.effects import Effect

PAGE = DOCS / "what-if.md"
SECTION = under(PAGE, "Example: twice in gold, but no more than 300 a day")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI).replace(hour=12)


def test_the_example_comes_out_as_it_is_written() -> None:
    in_force, draft = (
        tomllib.loads(part.text) for part in SECTION.parts if isinstance(part, Block)
    )
    acts, together = SECTION.tables
    world = World(in_force)
    member = world.member()
    orders: dict[str, Purchase] = {}
    ids = {}
    for row in acts:
        at = noon(row["on"]).astimezone(UTC)
        bought = re.fullmatch(r"order (\d) of (\d+)\.(\d\d)", row["act"])
        if bought:
            orders[bought[1]] = world.purchase(member, int(bought[2] + bought[3]), occurred_at=at)
            ids[bought[1]] = world.booked(orders[bought[1]], at=at).id
        else:
            [number] = re.findall(r"order (\d) is refunded", row["act"])
            world.booked(world.refund(orders[number], occurred_at=at), at=at)
    with world.scope():
        found = earning.what_if(
            document=draft, stores=None, at=noon("2026-06-05"), progress=lambda *_: True
        )
    assert found is not None
    [effect] = found.effects
    told = {each.activity_id: (each.now, each.draft) for each in effect.biggest}
    kept = {row["act"][:7]: (int(row["now"]), int(row["draft"])) for row in acts}
    assert kept == {f"order {number}": told.get(each, (0, 0)) for number, each in ids.items()}
    assert {row[""]: (row["now"], row["draft"]) for row in together} == _together(effect)
    world.verify()


def _together(effect: Effect) -> dict[str, tuple[str, str]]:
    shares = {each.of: (str(each.now), str(each.draft)) for each in effect.by_tier}
    assert effect.cost_now_minor is not None
    assert effect.cost_draft_minor is not None
    return {
        "points": (str(effect.points.now), str(effect.points.draft)),
        "cost": (f"{effect.cost_now_minor / 100:.2f}", f"{effect.cost_draft_minor / 100:.2f}"),
        "without a tier": shares[""],
        "gold": shares["gold"],
    }
