"""The page on members is played: its two tables act by act, its commands as they stand."""

import re
import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.docs.pages import DOCS, Row, blocks, under
from tests.docs.shell import Place
from tests.people import merge, undo
from tests.world import NOON, OFFSET, World, rule_set

from jifen.audience.rules.conditions import check
from jifen.audience.types import Condition
from jifen.earning.types import OpeningLot, Purchase
from jifen.members.types import STATUSES

PAGE = DOCS / "members.md"
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Cards:
    """Two members, A and B, who turn out to be one person."""

    def __init__(self) -> None:
        self.world = World(rule_set(offset=OFFSET))
        until = NOON.replace(month=6, day=11, hour=16)
        self.who = {
            "A": self.world.member(100),
            "B": self.world.member(OpeningLot("points", 100, until)),
        }
        self.orders: dict[str, Purchase] = {}
        self.merge_id: uuid.UUID | None = None

    def play(self, act: str) -> None:
        world = self.world
        act, _, code = act.partition(": ")
        match act.split():
            case ["opening"]:
                pass
            case [who, "buys", "for", amount]:
                self.orders[who] = world.purchase(self.who[who], minor(amount))
                world.booked(self.orders[who])
            case [who, "pays", points, "points"]:
                order = world.purchase(self.who[who], int(points), points_paid=int(points))
                world.booked(order)
            case [other, "is", "merged", "into", survivor]:
                act_ = merge(world, self.who[survivor], self.who[other])
                self.merge_id = world.booked(act_).id
            case ["the", "merge", "is", "undone"]:
                assert self.merge_id is not None
                again = undo(world, self.merge_id)
                if code:
                    assert world.refused(again) == code.strip("`")
                else:
                    world.booked(again)
            case [whose, "order", "is", "refunded"]:
                world.booked(world.refund(self.orders[whose[0]]))
            case _:
                raise AssertionError(f"nobody knows how to play {act!r}")
        world.verify()

    def lots(self, who: str) -> str:
        told = []
        for left, until in self.world.lots(self.who[who]):
            # A lot ends with its last day.
            last = (until - timedelta(microseconds=1)).astimezone(SHANGHAI) if until else None
            day = f" to {last.date()}" if last else ""
            told.append(f"{left}{day}")
        return ", ".join(told) or "none"


def minor(text: str) -> int:
    return int(text.replace(".", ""))


@pytest.mark.parametrize("heading", ["Example: two cards", "Example: what stands against it"])
def test_an_example_comes_out_as_it_is_written(heading: str) -> None:
    [table] = under(PAGE, heading).tables
    cards = Cards()
    for row in table:
        cards.play(row["act"])
        found = {who: cards.lots(who) for who in "AB"}
        assert found == {who: row[f"lots of {who}"] for who in "AB"}, row["act"]


def test_the_commands_print_what_the_page_says(place: Place) -> None:
    [commands] = blocks(PAGE, "sh")
    [printed] = blocks(PAGE, "text")
    done = place.run(commands.text, FILE=str(place.path / "people.csv"))
    assert done.returncode == 0, done.stderr
    pattern = "[^\n]*".join(re.escape(part) for part in printed.text.strip().split("…"))
    assert re.fullmatch(pattern, done.stdout.strip()), done.stdout


def test_the_condition_is_one() -> None:
    [block] = blocks(PAGE, "json")
    check(msgspec.json.decode(block.text.encode(), type=Condition))


def test_every_kind_of_condition_is_in_the_table() -> None:
    rows: list[Row] = under(PAGE, "Segments").tables[0]
    told = {kind for row in rows for kind in re.findall(r"`(\w+)`", row["`kind`"])}
    kinds: dict[str, Any] = {each.__struct_config__.tag: each for each in Condition.__args__}
    assert told == set(kinds)
    for row in rows:
        [first, *_] = re.findall(r"`(\w+)`", row["`kind`"])
        fields = set(re.findall(r"`(\w+)`", row["fields"]))
        assert fields == set(kinds[first].__struct_fields__), first


def test_every_status_is_in_the_table() -> None:
    [table] = under(PAGE, "What a member may be").tables
    assert {row["status"].strip("`") for row in table} == set(STATUSES)
