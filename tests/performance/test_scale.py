"""``jifen bench-scale`` with little of everything, and whether its data is a real shop's.

No speed is asserted here; what has to hold at a million members is in ``docs/speed.md``.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from tests.homes import Home, homes

from jifen.common.database import app_address
from jifen.faces.bench.machine import Machine
from jifen.faces.bench.scale.expiry import booked_beside
from jifen.faces.bench.scale.report import Report, machine_lines, percentile_ms
from jifen.faces.bench.scale.template import FROZEN, TAGS
from jifen.faces.cli.errors import CommandError

MEMBERS, POSTINGS = 300, 5
AT = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
LINE = re.compile(r"^scale (\w+) (\w+) (\d+(?:\.\d\d)?)$")
LOOK = """\
import json, sys
from jifen.faces.cli.startup import open_database
open_database()
from jifen.common import clock
from jifen.common.scope import scope
from jifen.earning import selectors, services as earning
from jifen.earning.types import Booked, Caller, Line, MemberRef, OrderRef, Purchase, Refund
from jifen.ledger import selectors as ledger, services as ledger_services
from jifen.members import selectors as members
from jifen.members.types import IdentityValue
from jifen.programmes import selectors as programmes, services as programme_services
at, found = clock.now(), []
with scope(programmes.programme_by_code("bench").id):
    client = programme_services.internal_client(name="scale", at=at)
    caller = Caller(client.client_id, client.name)
    for number in map(int, sys.argv[1:]):
        name, phone = f"m{number:06d}", f"+86139{number:08d}"
        [by_phone] = members.find([IdentityValue("phone", phone)]).values()
        [by_name] = members.find([IdentityValue("external", name)]).values()
        page = ledger.statement(member_id=by_name, unit="points", before=None, limit=100)
        [balance] = ledger.balances(member_id=by_name, at=at)
        clone, place = divmod(number, 100)
        reference = f"h{clone:04d}{place:02d}-1"
        first = selectors.activity_by_reference(reference=reference)
        why = selectors.explain(first.id, language="en")
        again = Purchase(
            key=first.key, reference=reference, occurred_at=first.occurred_at, store="main",
            member=MemberRef("external", name), lines=tuple(Line(**l) for l in first.body["lines"]),
        )
        back = Refund(key=f"back-{number}", occurred_at=at, of=OrderRef(reference, store="main"))
        [same, refunded] = earning.book(activities=[again, back], caller=caller, at=at)
        found.append({
            "same_member": by_phone == by_name == first.member_id == same.member_id,
            "postings": len(page), "sum": sum(row.amount for row in page),
            "available": balance.available, "balance_after": page[0].balance_after,
            "replayed": same.replayed, "same_id": same.id == first.id,
            "clawed": -refunded.points["points"], "earned": first.points["points"],
            "sentences": len(why.sentences), "explained": len(why.postings),
        })
    ok = ledger_services.verify().ok
print(json.dumps({"found": found, "ok": ok}))
"""


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Home, dict[str, Any]]]:
    with homes() as folder:
        home = Home(folder / "home")
        with home.running():
            options = json.dumps({"members": MEMBERS - 1, "postings": POSTINGS})
            told = output(home, "-m", "jifen.faces.bench.scale.filling", options)
            yield home, json.loads(told)


def output(home: Home, *command: str) -> str:
    process = home.start(*command)
    told, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return told


def test_the_data_is_as_large_as_asked_for(filled: tuple[Home, dict[str, Any]]) -> None:
    _, told = filled
    assert told["members"] == MEMBERS
    assert told["rows"]["posting"] == MEMBERS * POSTINGS
    enrolled = MEMBERS + FROZEN * MEMBERS // 100
    assert told["rows"]["member"] == enrolled
    assert told["rows"]["activity"] == MEMBERS * POSTINGS + enrolled
    assert told["rows"]["identity"] == MEMBERS + enrolled
    assert told["rows"]["member_tag"] == sum(TAGS.values()) * MEMBERS // 100
    assert told["rows"]["draw_down"] == MEMBERS
    assert told["rows"]["standing"] == enrolled


def test_the_data_is_a_shop_s(filled: tuple[Home, dict[str, Any]]) -> None:
    home, _ = filled
    assert "bench: ok" in home.run("verify")
    told = json.loads(output(home, "-c", LOOK, "0", "101", "299"))
    assert told["ok"] is True
    for member in told["found"]:
        assert member["same_member"]
        assert member["replayed"]
        assert member["same_id"]
        assert member["postings"] == POSTINGS
        assert member["sum"] == member["available"] == member["balance_after"] > 0
        assert member["clawed"] == member["earned"] > 0
        assert member["sentences"] >= member["explained"] == 1


def test_nothing_of_the_schema_is_lost_on_the_way(filled: tuple[Home, dict[str, Any]]) -> None:
    home, _ = filled
    assert schema(home.owner_url) == schema(app_address().url)


def schema(url: str) -> set[tuple[str, str]]:
    """Every index and constraint, with its definition."""
    with psycopg.connect(url) as connection:
        return {
            # PostgreSQL spells the casts of a list in another way when it reads its own spelling.
            (str(name), re.sub(r"::(character varying|text)(\[\])?|[()]", "", str(text)))
            for name, text in connection.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
                " SELECT conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid)"
                " || convalidated FROM pg_constraint"
                " WHERE connamespace = 'public'::regnamespace"
            )
        }


def test_the_last_lines_are_for_machines() -> None:
    with homes() as folder:
        home, kept = Home(folder / "unused"), folder / "found.json"
        size = ("--members", "300", "--small", "100", "--postings", "3", "--people", "300")
        little = ("--samples", "10", "--rounds", "1", "--lots", "1000")
        lines = home.run("bench-scale", *size, *little, "--json", str(kept)).strip().splitlines()
        assert not home.path.exists()
        found = json.loads(kept.read_text())
    told = [match.groups() for line in lines if (match := LINE.match(line))]
    acts = ["post", "post_batch", "find", "balance", "statement"]
    acts += ["list", "list_tag", "list_segment", "list_nobody"]
    acts += ["list_tier", "list_status", "list_page"]
    assert [each[:2] for each in told] == [
        *((act, "ratio") for act in acts),
        ("import", "rate"),
        ("import", "peak_mib"),
        ("expiry", "ratio"),
        ("expiry", "p99_ratio"),
    ]
    assert lines[-len(told) :] == [" ".join(("scale", *each)) for each in told]
    assert found["verified"] == {"small": True}
    assert found["imported"]["verified"] is True
    assert found["expired"]["verified"] is True
    assert found["expired"]["lots"] >= 1_000
    for act in acts:
        for size_name in ("small", "large"):
            [taken] = found["taken"][act][size_name]
            assert min(taken) > 0


def test_a_disk_that_is_too_small_is_told_at_once() -> None:
    with homes() as folder:
        home = Home(folder / "unused")
        code, _, errors = home.done("bench-scale", "--members", "100000000000")
    assert code == 2
    assert "GB are needed" in errors


def test_ratios_compare_within_a_round() -> None:
    """A minute in which the machine is slow slows both, and so changes no ratio."""
    report = Report(
        machine=Machine(AT, "", 2, "", "", "", embedded=True),
        postings=1,
        taken={"post": {"small": [[100, 100], [900, 900]], "large": [[110, 110], [990, 990]]}},
    )
    assert list(machine_lines(report)) == ["scale post ratio 1.10"]
    assert report.median_ms("post", "small") == 0.5
    assert report.p95_ms("post", "large") == 0.99
    assert report.ratios("post") == [1.1, 1.1]


def test_percentiles_are_of_the_samples() -> None:
    taken = [1_000 * each for each in range(100, 0, -1)]
    assert (percentile_ms(taken, 95), percentile_ms(taken, 99)) == (96.0, 100.0)
    assert percentile_ms([7_000], 99) == 7.0


@pytest.mark.parametrize(
    "code", ["exit(3)", "import sys; print('warm', flush=True); sys.stdin.read(); exit(3)"]
)
def test_orders_that_die_beside_the_expiry_are_told_of(code: str) -> None:
    orders = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with orders, pytest.raises(CommandError, match="orders beside the expiry failed: 3"):
        booked_beside(orders, lambda: None)


def test_no_room_is_loaded_before_there_is_a_database() -> None:
    """The command starts before Django is set up."""
    code = (
        "import jifen.faces.bench.scale.session, sys;"
        " print([name for name in sys.modules if name.endswith('.models')])"
    )
    with homes() as folder:
        assert output(Home(folder / "unused"), "-c", code).strip() == "[]"
