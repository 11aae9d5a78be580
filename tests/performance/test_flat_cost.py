"""Booking costs the same with a hundred members and with a million: no statement on its way
reads more of a table than the rows it names. Nor does what a page of the console asks.

Asked of the planner, not of a clock: with sequential scans switched off, every table has to be
reached by an index whose condition is more than the programme.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.api.test_staff import PASSWORD, Browser
from tests.performance.filling import AT, SEGMENT, TAG, fill_a_programme
from tests.performance.plans import fault, faults, nodes, numbered

from jifen.common.clock import set_clock
from jifen.common.database import OWNER_SETTING
from jifen.common.tables import DISTRIBUTED
from jifen.faces.api import cursors

SOURCE = Path(__file__).parents[2] / "src/jifen"
# These read a whole programme, and say so: checks, exports, the preview of a run, what reports
# count once a day.
WHOLE = re.compile(
    r"^(verify_.*|export_.*|totals|count_tags|preview_closing|preview_clear"
    r"|kept_orders|cohorts|rfm|tier_members)$"
)
HOT = sorted(
    path
    for room in (
        "audience",
        "earning",
        "insight",
        "ledger",
        "members",
        "outreach",
        "programmes",
        "tiers",
        "wallet",
    )
    for path in (SOURCE / room / "sql").glob("*.sql")
    if not WHOLE.match(path.stem)
)
GENERIC_PLAN_SINCE = 160_000
CONSOLE = Path(__file__).parents[2] / "web/console/src"
ASKED = re.compile(r"api\.GET\(\s*'/api/v1/([^']+)'")
# These count everybody, when somebody asks for it.
COUNTS = frozenset({"segments/{code}/count"})
NOBODY = "0197f3a0-7c00-7000-8000-000000000001"


@pytest.fixture(scope="module")
def filled() -> dict[str, UUID]:
    """The programme, once the connection is there."""
    return {}


@pytest.fixture(scope="module")
def connection(filled: dict[str, UUID]) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a database that knows how many rows it holds."""
    with psycopg.connect(os.environ[OWNER_SETTING], autocommit=True) as found:
        if found.info.server_version < GENERIC_PLAN_SINCE:
            pytest.skip("this PostgreSQL does not plan without values")
        filled["programme"] = fill_a_programme()
        for table in DISTRIBUTED:
            found.execute(f"ANALYZE {table}".encode())
        found.execute("SET enable_seqscan = off")
        yield found


@pytest.mark.parametrize("path", HOT, ids=[f"{path.parents[1].name}/{path.stem}" for path in HOT])
def test_every_table_is_reached_by_what_is_asked_for(
    path: Path, connection: psycopg.Connection[Any]
) -> None:
    row = connection.execute(
        f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered(path.read_text())}".encode()
    ).fetchone()
    assert row is not None
    wide = [told for node in nodes(row[0][0]["Plan"]) if (told := fault(node))]
    assert wide == []


def test_a_wide_scan_is_noticed(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(
        "EXPLAIN (GENERIC_PLAN, FORMAT JSON)"
        " SELECT id FROM posting WHERE programme_id = $1 AND amount > $2"
    ).fetchone()
    assert row is not None
    assert [told for node in nodes(row[0][0]["Plan"]) if (told := fault(node))]


# --- the console ---------------------------------------------------------------------------------


class Heard(NamedTuple):
    """A statement with its values, as the driver got it."""

    text: str
    values: Any


def asked_by_pages() -> list[str]:
    """Every address that a page of the console reads, and the list of members by each filter."""
    sources = [path.read_text(encoding="utf-8") for path in CONSOLE.rglob("*.[tv][su]*")]
    found = {address for text in sources for address in ASKED.findall(text)}
    assert "members" in found, "the pages ask otherwise"
    deep = f"members?unit=points&cursor={cursors.after_id(UUID(NOBODY))}"
    filters = ("tag=" + TAG, "segment=" + SEGMENT, "store=main", "status=frozen", "tier=standard")
    lists = [f"members?unit=points&{each}" for each in filters]
    return (
        sorted((found - COUNTS - {"tags"}) | {"tags?counted=false", "members?unit=points", deep})
        + lists
    )


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Heard]:
    """What the process sends to the database from now on."""
    said: list[Heard] = []
    execute = psycopg.Cursor.execute

    def listening(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        said.append(Heard(str(query), params))
        return execute(cursor, query, params, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", listening)
    return said


@pytest.mark.parametrize("address", asked_by_pages())
def test_no_page_asks_for_more_than_it_shows(
    address: str,
    connection: psycopg.Connection[Any],
    filled: dict[str, UUID],
    heard: list[Heard],
) -> None:
    with set_clock(AT):
        owner = signed_in(filled["programme"])
        path = address.format_map(Places(filled["programme"]))
        heard.clear()
        answer = owner.ask("GET", path)
    assert answer.status in {200, 404}, answer.content
    wide = []
    for each in [*heard]:
        if each.text.lstrip().upper().startswith(("SELECT", "WITH")):
            row = connection.execute(f"EXPLAIN (FORMAT JSON) {each.text}".encode(), each.values)
            [[plan]] = row.fetchall()
            wide += [(told, each.text) for told in faults(plan[0]["Plan"], connection)]
    assert wide == []


class Places(dict[str, str]):
    """What an address with blanks is filled with; what is not there finds nobody."""

    def __init__(self, programme: UUID) -> None:
        from jifen.common.scope import scope
        from jifen.earning.models import Activity
        from jifen.members.models import Member

        with scope(programme):
            member, activity = Member.objects.first(), Activity.objects.first()
        assert member
        assert activity
        super().__init__(member_id=str(member.id), activity_id=str(activity.id), code=SEGMENT)

    def __missing__(self, name: str) -> str:
        return NOBODY if name.endswith("_id") else "1"


def signed_in(programme: UUID) -> Browser:
    """An owner of the programme."""
    from jifen.common.scope import scope
    from jifen.programmes import staff

    login = f"owner-{uuid4().hex}"
    with scope(programme):
        staff.add_staff(login=login, name="Li", role="owner", password=PASSWORD, at=AT)
    browser = Browser()
    assert browser.sign_in(login).status == 201
    return browser


@pytest.mark.parametrize(
    ("index", "name"),
    [
        ("member_status", "next_by_status"),
        ("member_store", "next_by_store"),
        ("member_tag_tag", "next_by_tag"),
        ("standing_tier", "next_by_tier"),
    ],
)
def test_a_list_without_its_index_is_noticed(
    index: str, name: str, connection: psycopg.Connection[Any]
) -> None:
    text = numbered((SOURCE / f"audience/sql/{name}.sql").read_text())
    explain = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}".encode()

    def found() -> list[str]:
        [[plan]] = connection.execute(explain).fetchall()
        return list(faults(plan[0]["Plan"], connection))

    assert found() == []
    with connection.transaction(force_rollback=True):
        connection.execute(f"DROP INDEX {index}".encode())
        assert found() != []
