"""The example of rules for some members on the page of the rules, order by order."""

import re
import tomllib
from datetime import datetime

import msgspec
from tests.docs.pages import DOCS, blocks, under
from tests.world import RATE, World, rule_set

from jifen.audience import services as audience
from jifen.audience.types import Condition
from jifen.earning.models import Activity
from jifen.earning.types import Purchase

PAGE = DOCS / "rules.md"


def test_the_example_comes_out_as_it_is_written() -> None:
    world = World()
    condition = msgspec.json.decode(blocks(PAGE, "json")[0].text.encode(), type=Condition)
    with world.scope():
        audience.save_segment(
            code="regulars", name="Regulars", condition=condition, by="test", at=world.at
        )
    world.publish(tomllib.loads(blocks(PAGE, "toml")[0].text))
    member = world.member()
    orders: dict[str, Purchase] = {}
    [table] = under(PAGE, "Example: twice for regulars").tables
    for row in table:
        bought = re.fullmatch(r"order (\d) of (\d+)\.(\d\d)", row["act"])
        if bought:
            order = orders[bought[1]] = world.purchase(member, int(bought[2] + bought[3]))
            booked = world.booked(order)
        else:
            [number] = re.findall(r"order (\d) is refunded", row["act"])
            booked = world.booked(world.refund(orders[number]))
        told = "; ".join(
            f"{each.rule}: only for members in {', '.join(each.fields['segments'])}"
            for each in booked.award.refusals
            if each.rule and bought
        )
        moved = f"{booked.points['points']:+}".replace("-", "−")
        assert (moved, told) == (row["points"], row["what the award refuses"]), row["act"]
    world.verify()


def test_the_versions_of_two_days_are_those_of_the_page() -> None:
    published, orders = under(PAGE, "Example: twice from 11 November, for two days").tables
    first, *later = published
    world = World(of_points(first), at=shanghai(first["published"]))
    for row in later:
        starts_at = shanghai(row["starts"])
        number = world.publish(of_points(row), at=shanghai(row["published"]), starts_at=starts_at)
        assert str(number) == row["version"]
    member = world.member()
    for row in sorted(orders, key=lambda each: each["and was booked"]):
        happened, booked_at = map(shanghai, list(row.values())[:2])
        order = world.purchase(member, 1_000, occurred_at=happened)
        booked = world.booked(order, at=booked_at)
        with world.scope():
            version = Activity.objects.get(id=booked.id).rule_set_version
        told = (str(version), f"{booked.points['points']:+}")
        assert told == (row["version"], row["points"]), row
    world.verify()


def of_points(row: dict[str, str]) -> dict[str, object]:
    return rule_set({**RATE, "points": int(row["points per yuan"])})


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")
