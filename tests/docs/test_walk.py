"""The walk is walked: its order is booked, and the code does what the page says, in its order."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from django.test import Client as HttpClient
from tests.docs.pages import DOCS, PACKAGE, blocks, code_names, under

from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.earning import selectors as earning
from jifen.faces.importing.files import read_lines
from jifen.faces.importing.online_retail import plan_online_retail
from jifen.faces.importing.orders import import_caller, import_orders
from jifen.faces.presets import apply_preset
from jifen.ledger import selectors as ledger
from jifen.members import selectors as members
from jifen.members.types import IdentityValue
from jifen.programmes import services as programmes
from jifen.programmes.types import RIGHTS
from jifen.tiers import selectors as tiers

WALK = DOCS / "walk.md"
SLICE = PACKAGE / "data" / "online_retail_slice.csv.gz"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
REFERENCE = "539275"


class Shop:
    """The packaged shop, up to just before the order of the walk."""

    def __init__(self) -> None:
        self.programme = apply_preset(name="online-retail", code=f"walk-{uuid4()}", at=AT).programme
        plan = plan_online_retail(lines=read_lines(SLICE), name=SLICE.name)
        references = [item.activity.reference for item in plan.items]
        plan.items = plan.items[: references.index(REFERENCE)]
        who = IdentityValue("external", "13408")
        with scope(self.programme.id):
            import_orders(plan=plan, caller=import_caller(at=AT), at=AT)
            self.member_id = members.find([who])[who]
            _, self.key = programmes.create_client(name="till", rights=RIGHTS, at=AT)

    def state(self) -> tuple[int, int, str, int, int]:
        """Available points, postings, tier, spend in pence, purchases kept."""
        with scope(self.programme.id):
            [balance] = ledger.balances(member_id=self.member_id, at=AT)
            [last] = ledger.statement(member_id=self.member_id, unit="points", before=None, limit=1)
            standing = tiers.standing(self.member_id)
        kept = (standing.tier, standing.spend_minor, standing.purchases_kept)
        return (balance.available, last.seq, *kept)

    def rows(self) -> dict[str, int]:
        """How many rows of the programme the page's tables hold."""
        [table] = under(WALK, "9. Write").tables
        with connection.cursor() as cursor:
            counts = {}
            for row in table:
                name = row["table"].strip("`")
                cursor.execute(
                    f"SELECT count(*) FROM {name} WHERE programme_id = %s", [self.programme.id]
                )
                counts[name] = cursor.fetchone()[0]
        return counts

    def post(self, body: str) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": "till-7"}
        return HttpClient().post(
            "/api/v1/activities", body, content_type="application/json", headers=headers
        )


@contextmanager
def called() -> Iterator[list[tuple[str, str]]]:
    """(file, qualified name) of the package's functions, each when it is first called."""
    seen: dict[tuple[str, str], None] = {}
    names: list[tuple[str, str]] = []
    root = f"{PACKAGE}/"

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(root):
            seen[code.co_filename.removeprefix(root), code.co_qualname] = None

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)
        names.extend(seen)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


def test_the_walk_is_the_way_of_the_order(shop: Shop) -> None:
    request, facts, award = (json.loads(block.text) for block in blocks(WALK, "json"))
    assert shop.state() == (2_806, 5, "gold", 261_750, 4)
    before = shop.rows()
    with set_clock(AT):
        shop.post('{"kind": "nothing"}')  # what is only done by the first call of a process
        with called() as functions:
            response = shop.post(json.dumps(request))
    assert response.status_code == 201, response.content
    assert response.json()["award"] == award
    assert shop.state() == (3_411, 6, "gold", 302_130, 5)

    [table] = under(WALK, "9. Write").tables
    added = {row["table"].strip("`"): int(row["rows added"]) for row in table}
    after = shop.rows()
    assert {name: after[name] - count for name, count in before.items()} == added

    with scope(shop.programme.id):
        info = earning.activity_by_reference(reference=REFERENCE)
        told = earning.explain(info.id, language="en")
    assert msgspec.to_builtins(told.facts) == facts
    [text] = blocks(WALK, "text")
    assert list(told.sentences) == [text.text]
    [posting] = told.postings
    assert (posting.kind, posting.contra, posting.amount) == ("earn", "issuance", 605)

    with set_clock(AT):
        again = shop.post(json.dumps(request))
    assert again.status_code == 200
    assert again.json() == {**response.json(), "replayed": True}
    _assert_in_order(functions)


def _assert_in_order(functions: list[tuple[str, str]]) -> None:
    lines = WALK.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines, 1) if line.startswith("## 1. "))
    end = lines.index("## Afterwards") + 1
    steps = range(start, end)
    named = [(file, name) for number, file, name in code_names(WALK) if name and number in steps]
    assert len(named) > 30
    place = -1
    for file, name in named:
        found = [
            index
            for index, (path, qualified) in enumerate(functions)
            if path == file and (qualified == name or qualified.startswith(f"{name}."))
        ]
        assert found, f"{file}:{name} is not called"
        assert found[0] > place, f"{file}:{name} is called earlier than the page says"
        place = found[0]


def test_the_walk_takes_ten_minutes() -> None:
    words = len(Path(WALK).read_text(encoding="utf-8").split())
    assert words < 1_600
