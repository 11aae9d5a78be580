"""The example of rules for some members on the page of the rules, order by order."""

import re
import tomllib

import msgspec
from tests.docs.pages import DOCS, blocks, under
from tests.world import World

from jifen.audience import services as audience
from jifen.audience.types import Condition
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
