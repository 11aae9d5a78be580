"""Booking costs the same with a hundred members and with a million: no statement on its way
reads more of a table than the rows it names. Nor does what a page of the console asks.

Asked of the planner, not of a clock: with sequential scans switched off, every table has to be
reached by an index whose condition is more than the programme.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from django.db import transaction
from tests.api.test_staff import PASSWORD, Browser
from tests.performance.plans import MEMBERS, fault, faults, nodes, numbered

from jifen.common.clock import set_clock
from jifen.common.database import OWNER_SETTING
from jifen.common.tables import DISTRIBUTED
from jifen.faces.api import cursors
from jifen.faces.bench.orders import member_name, orders

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
AT = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
GENERIC_PLAN_SINCE = 160_000
CONSOLE = Path(__file__).parents[2] / "web/console/src"
ASKED = re.compile(r"api\.GET\(\s*'/api/v1/([^']+)'")
# These count everybody, when somebody asks for it.
COUNTS = frozenset({"segments/{code}/count"})
NOBODY = "0197f3a0-7c00-7000-8000-000000000001"
TAG, SEGMENT = "regular", "lately"


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


def fill_a_programme() -> UUID:
    """Members who each have an order, a gift that ends, a hold, a notice, a benefit in use, a
    top-up, a coupon and a tag: enough that reading all of any of them would be dear. A few are
    frozen."""
    from jifen.common.scope import scope
    from jifen.earning import services as earning
    from jifen.earning.types import Activity, Adjustment, Booked, Caller, Hold, MemberRef
    from jifen.faces.presets import apply_preset
    from jifen.ledger import services as ledger
    from jifen.ledger.models import Account
    from jifen.members.models import Member
    from jifen.members.types import IdentityValue
    from jifen.outreach.models import Notice
    from jifen.programmes import services as programmes
    from jifen.tiers.models import BenefitUsage
    from jifen.wallet.models import Coupon

    code = f"flat-{uuid4().hex[:12]}"
    made = apply_preset(name="starter", code=code, at=AT, opening_on=date(2020, 1, 1))
    names = [member_name(number) for number in range(MEMBERS)]
    people = [earning.NewMember(name, (IdentityValue("external", name),)) for name in names]
    bought = orders(run=code, count=MEMBERS, members=MEMBERS, seed=1, at=AT - timedelta(days=1))
    activities: list[Activity] = [msgspec.json.decode(line, type=Activity) for line in bought]
    for name in names:
        act: dict[str, Any] = {
            "occurred_at": AT,
            "member": MemberRef("external", name),
            "unit": "points",
        }
        activities += (
            Adjustment(
                key=f"gift-{name}",
                points=10,
                reason="to plan with",
                actor="test",
                expires_at=AT + timedelta(days=30),
                **act,
            ),
            Hold(key=f"hold-{name}", reference=f"hold-{name}", points=1, minutes=60, **act),
        )
    with scope(made.programme.id):
        client = programmes.internal_client(name="flat", at=AT)
        caller = Caller(client.client_id, client.name)
        earning.enrol(members=people, caller=caller, at=AT)
        outcomes = earning.book(activities=activities, caller=caller, at=AT)
        accounts = list(Account.objects.values_list("id", flat=True))
        with transaction.atomic():
            span = (AT, AT + timedelta(days=60), None)
            ledger.tell(told=[(account, *span) for account in accounts], at=AT)
        everybody = list(Member.objects.values_list("id", flat=True))
        BenefitUsage.objects.bulk_create(
            BenefitUsage(member_id=member, benefit="new", period="2026-07", used=1, quota=1)
            for member in everybody
        )
        Coupon.objects.bulk_create(
            Coupon(
                code=f"{code}-{number}",
                kind=f"kind-{number % 5}",
                rule_set_version=1,
                member_id=member,
                valid_from=AT,
                issued_by_id=uuid4(),
            )
            for number, member in enumerate(everybody)
        )
        fill_top_ups(everybody, client.client_id)
        ids = list(Member.objects.order_by("id").values_list("id", flat=True))
        fill_what_people_ask_for(ids, client.client_id)
        Notice.objects.bulk_create(
            Notice(
                member_id=account.member_id,
                account_id=account.id,
                unit_id=account.unit_id,
                kind="expiry",
                ends_on=date(2026, 8, 1),
                ends_at=AT + timedelta(days=31),
                days_before=30,
                is_late=False,
                begins_at=AT,
                covers_to=AT + timedelta(days=31),
                points=10,
                planned_at=AT,
            )
            for account in Account.objects.all()
        )
    assert all(isinstance(one, Booked) for one in outcomes)
    return made.programme.id


def fill_top_ups(ids: list[UUID], client_id: UUID) -> None:
    """A top-up of each."""
    from jifen.earning.models import Activity as ActivityRow
    from jifen.earning.record import Record, ToppedUp

    store = ActivityRow.objects.values_list("store_id", flat=True)[0]
    topped_up = Record(topped_up=ToppedUp("balance", uuid4(), 10_000, 1))
    ActivityRow.objects.bulk_create(
        ActivityRow(
            kind="top_up",
            client_id=client_id,
            key=f"top-up-{member}",
            body_sha256=b"0" * 32,
            member_id=member,
            store_id=store,
            reference=f"top-up-{member}",
            rule_set_version=1,
            occurred_at=AT,
            booked_at=AT,
            body="{}",
            record=msgspec.json.encode(topped_up).decode(),
        )
        for member in ids
    )


def fill_what_people_ask_for(ids: list[UUID], client_id: UUID) -> None:
    """Tags, a segment, gifts to many, and requests that wait; a few members are frozen."""
    from jifen.audience import services as audience
    from jifen.audience.models import Approval, GiftRun, GiftRunMember
    from jifen.audience.rules.conditions import BySpend
    from jifen.members.models import Member, Tag
    from jifen.programmes import selectors as programmes
    from jifen.programmes import staff

    for tag in (TAG, ""):
        Tag.objects.bulk_create(Tag(member_id=each, tag=tag or str(each)) for each in ids)
    Member.objects.filter(id__in=ids[::100]).update(status="frozen")
    recent = BySpend(at_least_minor=1, days=365)
    audience.save_segment(code=SEGMENT, name="x", condition=recent, by="test", at=AT)
    unit, store = programmes.units()["points"].id, programmes.stores()["main"].id
    person = staff.add_staff(login=uuid4().hex, name="Li", role="owner", password=PASSWORD, at=AT)
    asked = {"client_id": client_id, "body_sha256": b"", "store_id": store, "points": 1}
    runs = [
        GiftRun(
            **asked,
            key=f"run-{number}",
            unit_id=unit,
            kind="all",
            status="done",
            totals="{}",
            started_at=AT,
            ended_at=AT,
        )
        for number in range(MEMBERS // 10)
    ]
    GiftRun.objects.bulk_create(runs)
    GiftRunMember.objects.bulk_create(
        GiftRunMember(run_id=run.id, member_id=member, outcome="given")
        for run in runs[:2]
        for member in ids
    )
    Approval.objects.bulk_create(
        Approval(
            **asked,
            key=f"asked-{number}",
            body="{}",
            kind="gift_run",
            requested_at=AT,
            status="pending",
            requested_by_id=person.id,
            expires_at=AT + timedelta(days=7),
        )
        for number in range(MEMBERS // 10)
    )


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
