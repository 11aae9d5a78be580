"""The columns that docs/export.md tells are those of the files."""

import re
from datetime import UTC, datetime

import pytest
from tests.docs.pages import DOCS, under
from tests.world import World

from jifen.common.sql import snapshot
from jifen.faces.exporting import tables
from jifen.faces.exporting.types import ExportKind
from jifen.insight.exports import Choice

PAGE = DOCS / "export.md"
KINDS: tuple[ExportKind, ...] = ("members", "activities", "postings", "lots", "coupons")


@pytest.mark.parametrize("kind", KINDS)
def test_the_columns_are_those_of_the_files(kind: ExportKind) -> None:
    [told] = under(PAGE, f"`{kind}`").tables
    columns = [name for row in told for name in re.findall(r"`([^`]+)`", row["column"])]
    world = World()
    with world.scope(), snapshot():
        choice = Choice(at=datetime.now(UTC))
        found = [tables.table(kind, choice, whole_phones=whole).head for whole in (True, False)]
    # Names with a unit stand once for each unit.
    shown = {re.sub(r":\w+$", ":<unit>", name) for head in found for name in head}
    assert set(columns) - {"points:<unit>"} == shown - {"points:<unit>"}
