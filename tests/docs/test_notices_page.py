"""The page on notices is played: its examples, its rule sets, its tables of fields and channels.

More acts: ``the worker`` (what the schedule does at that moment), ``late notices`` (planned and
sent), ``the address is lost``, ``the address is back``.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import fields
from tests.docs import examples
from tests.docs.examples import Example, Player, local
from tests.docs.pages import DOCS, Row, blocks, sections
from tests.told import forget, untold
from tests.told import notices as notices_of
from tests.world import World, rule_set

from jifen.earning.selectors import Notices
from jifen.members.models import Identity
from jifen.outreach import services
from jifen.outreach.channels.registry import CHANNELS

PAGE = DOCS / "notices.md"
EXAMPLES = [
    found for found in examples.examples(PAGE) if any("act" in table[0] for table in found.tables)
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_NOTICES_FOLDER", str(tmp_path))


class Told(Player):
    """One member, and the worker."""

    def play(self, row: Row) -> None:
        deed = DEEDS.get(row["act"])
        if deed is None:
            super().play(row)
            return
        self.at = local(row["when"])
        with self.world.scope():
            deed(self)
        super().play({**row, "act": "nothing"})

    def work(self) -> None:
        """What the schedule does now."""
        services.tend(at=self.at, by="jifen")
        services.send(clock=lambda: self.at)

    def tell_late(self) -> None:
        services.plan_late(at=self.at)
        services.send(clock=lambda: self.at)

    def lose_address(self) -> None:
        forget(self.world, self.member)

    def find_address(self) -> None:
        name = {"kind": "external", "value": f"found-{self.member}"}
        Identity.objects.create(member_id=self.member, **name)

    def notices(self) -> str:
        """``30 days before 2026-06-30: sent``, one after the other."""
        told = [
            ("clear, " if each.kind == "clear" else "")
            + ("late to" if each.is_late else f"{each.days_before} days before")
            + f" {each.ends_on}: {each.state}"
            for each in notices_of(self.world, self.member)
        ]
        return ", ".join(told) or "none"

    def left_untold(self) -> str:
        """How much stays past its day, and why nobody was told."""
        return "; ".join(
            f"{each.points}, {each.reason}" for each in untold(self.world, self.at)
        ) or ("none")


DEEDS: dict[str, Callable[[Told], None]] = {
    "the worker": Told.work,
    "late notices": Told.tell_late,
    "the address is lost": Told.lose_address,
    "the address is back": Told.find_address,
}
examples.COLUMNS.setdefault("notices", lambda player, _: player.notices())  # type: ignore[attr-defined]
examples.COLUMNS.setdefault("left untold", lambda player, _: player.left_untold())  # type: ignore[attr-defined]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.heading)
def test_an_example_comes_out_as_it_is_written(example: Example) -> None:
    player = Told(example.rules)
    for table in example.tables:
        for row in table:
            player.play(row)
    player.world.verify()


def test_every_rule_set_of_the_page_can_be_published() -> None:
    found = blocks(PAGE, "toml")
    for block in found:
        World(rule_set(**tomllib.loads(block.text))) if "rules" not in block.text else World(
            tomllib.loads(block.text)
        )
    assert len(found) == len(EXAMPLES) + 1


def test_the_tables_name_every_field_and_every_channel() -> None:
    tables = {section.heading: section.tables for section in sections(PAGE)}
    [named] = tables["The section `notices`"]
    assert {row["field"].strip("`") for row in named} == {each.name for each in fields(Notices)}
    [channels] = tables["Channels"]
    assert {row["channel"].strip("`") for row in channels} == set(CHANNELS)
