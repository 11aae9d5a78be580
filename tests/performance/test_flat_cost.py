"""Booking costs the same with a hundred members and with a million: no statement on its way
reads more of a table than the rows it names.

Asked of the planner, not of a clock: with sequential scans switched off, every table has to be
reached by an index whose condition is more than the programme.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest
from django.db import transaction

from jifen.common.database import OWNER_SETTING
from jifen.common.tables import DISTRIBUTED
from jifen.faces.bench.orders import member_name, orders

SOURCE = Path(__file__).parents[2] / "src/jifen"
# These read a whole programme, and say so: checks, exports, the preview of a run, what reports
# count once a day.
WHOLE = re.compile(
    r"^(verify_.*|export_.*|totals|count_tags|preview_closing|preview_clear"
    r"|kept_orders|cohorts|rfm|tier_members)$"
)
# A few rows for each programme, however large it is.
SMALL = frozenset({"merchant", "store", "unit", "rule_set", "budget_usage"})
HOT = sorted(
    path
    for room in ("earning", "insight", "ledger", "members", "outreach", "tiers", "wallet")
    for path in (SOURCE / room / "sql").glob("*.sql")
    if not WHOLE.match(path.stem)
)
MEMBERS = 2_000
AT = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
GENERIC_PLAN_SINCE = 160_000


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a database that knows how many rows it holds."""
    with psycopg.connect(os.environ[OWNER_SETTING], autocommit=True) as found:
        if found.info.server_version < GENERIC_PLAN_SINCE:
            pytest.skip("this PostgreSQL does not plan without values")
        fill_a_programme()
        for table in DISTRIBUTED:
            found.execute(f"ANALYZE {table}".encode())
        found.execute("SET enable_seqscan = off")
        yield found


def fill_a_programme() -> None:
    """Members who each have an order, a gift that ends, a hold, a notice, a benefit in use, a
    top-up and a coupon: enough that reading all of any of them would be dear."""
    from jifen.common.scope import scope
    from jifen.earning import services as earning
    from jifen.earning.models import Activity as ActivityRow
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
        store = ActivityRow.objects.values_list("store_id", flat=True)[0]
        ActivityRow.objects.bulk_create(
            ActivityRow(
                kind="top_up",
                client_id=client.client_id,
                key=f"top-up-{member}",
                body_sha256=b"0" * 32,
                member_id=member,
                store_id=store,
                reference=f"top-up-{member}",
                rule_set_version=1,
                occurred_at=AT,
                booked_at=AT,
                body="{}",
                record="{}",
            )
            for member in everybody
        )
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


def numbered(text: str) -> str:
    """The statement with the server's own placeholders."""
    names: dict[str, int] = {}
    return re.sub(
        r"%\((\w+)\)s", lambda name: f"${names.setdefault(name[1], len(names) + 1)}", text
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def fault(node: dict[str, Any]) -> str | None:
    kind = node["Node Type"]
    name = node.get("Relation Name", node.get("Index Name", ""))
    if any(name == table or name.startswith(f"{table}_") for table in SMALL):
        return None
    if kind == "Seq Scan":
        return f"sequential scan of {node['Relation Name']}"
    if kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}:
        condition = node.get("Index Cond", "")
        columns = set(re.findall(r"\(+(?:\w+\.)?(\w+)\)?(?:::\w+)? (?:=|<|>)", condition))
        if not columns - {"programme_id"}:
            return f"{node['Index Name']} by {condition or 'nothing'}"
    return None
