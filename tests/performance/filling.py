"""A programme in which reading all of any table would be dear: members by the thousand, and of each
an order, a gift that ends, a hold, a notice, a benefit in use, a top-up, a coupon and a tag.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from tests.api.test_staff import PASSWORD
from tests.performance.plans import MEMBERS

from jifen.audience import services as audience
from jifen.audience.models import Approval, GiftRun, GiftRunMember
from jifen.audience.rules.conditions import BySpend
from jifen.common.scope import scope
from jifen.earning import services as earning
from jifen.earning.models import Activity as ActivityRow
from jifen.earning.record import Record, ToppedUp
from jifen.earning.types import Activity, Adjustment, Booked, Caller, Hold, MemberRef
from jifen.faces.bench.orders import member_name, orders
from jifen.faces.presets import apply_preset
from jifen.ledger import services as ledger
from jifen.ledger.models import Account
from jifen.members.models import Audit, Member, Tag
from jifen.members.types import IdentityValue
from jifen.outreach.models import Notice
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes import staff
from jifen.programmes.models import StaffAct
from jifen.tiers.models import BenefitUsage
from jifen.wallet.models import Coupon

AT: Final = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
TAG: Final = "regular"
SEGMENT: Final = "lately"
_ASKED: Final = MEMBERS // 10
"""How many gifts to many there are, and how many requests that wait."""


def fill_a_programme() -> UUID:
    """Make it; answers its id."""
    code = f"flat-{uuid4().hex[:12]}"
    made = apply_preset(name="starter", code=code, at=AT, opening_on=date(2020, 1, 1))
    with scope(made.programme.id):
        client = programme_services.internal_client(name="flat", at=AT)
        fill_books(code, Caller(client.client_id, client.name))
        fill_told()
        ids = list(Member.objects.order_by("id").values_list("id", flat=True))
        fill_benefits(ids)
        fill_coupons(ids, code)
        fill_top_ups(ids, client.client_id)
        fill_tags(ids)
        freeze_some(ids)
        fill_segment()
        fill_gift_runs(ids, client.client_id)
        fill_approvals(client.client_id)
        fill_acts()
        fill_audits(ids)
        fill_notices()
    return made.programme.id


def fill_acts() -> None:
    """What several of the staff did, each of it many times."""
    people = [uuid4() for _ in range(10)]
    acts = (
        StaffAct(
            at=AT,
            staff_id=people[number % len(people)],
            login=f"clerk-{number % len(people)}",
            address="203.0.113.5",
            operation=f"POST /api/v1/act-{number % 7}",
            status=200,
            code="",
        )
        for number in range(MEMBERS)
    )
    StaffAct.objects.bulk_create(acts)


def fill_audits(ids: list[UUID]) -> None:
    """A change of each member's data."""
    Audit.objects.bulk_create(
        Audit(member_id=member_id, kind="changed", actor="flat", at=AT) for member_id in ids
    )


def fill_books(code: str, caller: Caller) -> None:
    """Members, and what each of them does: an order, a gift that ends, a hold."""
    names = [member_name(number) for number in range(MEMBERS)]
    people = [earning.NewMember(name, (IdentityValue("external", name),)) for name in names]
    earning.enrol(members=people, caller=caller, at=AT)
    bought = orders(run=code, count=MEMBERS, members=MEMBERS, seed=1, at=AT - timedelta(days=1))
    activities: list[Activity] = [msgspec.json.decode(line, type=Activity) for line in bought]
    for name in names:
        activities += gift_and_hold(name)
    outcomes = earning.book(activities=activities, caller=caller, at=AT)
    assert all(isinstance(one, Booked) for one in outcomes)


def gift_and_hold(name: str) -> tuple[Activity, Activity]:
    """What is given to a member by hand, and what is kept back of it."""
    act: dict[str, Any] = {
        "occurred_at": AT,
        "member": MemberRef("external", name),
        "unit": "points",
    }
    return (
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


def fill_told() -> None:
    """Of every account, that its end was told."""
    accounts = list(Account.objects.values_list("id", flat=True))
    span = (AT, AT + timedelta(days=60), None)
    with transaction.atomic():
        ledger.tell(told=[(account, *span) for account in accounts], at=AT)


def fill_benefits(ids: list[UUID]) -> None:
    """A benefit in use of each."""
    BenefitUsage.objects.bulk_create(
        BenefitUsage(member_id=member, benefit="new", period="2026-07", used=1, quota=1)
        for member in ids
    )


def fill_coupons(ids: list[UUID], code: str) -> None:
    """A coupon of each."""
    Coupon.objects.bulk_create(
        Coupon(
            code=f"{code}-{number}",
            kind=f"kind-{number % 5}",
            rule_set_version=1,
            member_id=member,
            valid_from=AT,
            issued_by_id=uuid4(),
        )
        for number, member in enumerate(ids)
    )


def fill_top_ups(ids: list[UUID], client_id: UUID) -> None:
    """A top-up of each."""
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


def fill_tags(ids: list[UUID]) -> None:
    """A tag that all have, and one that each has alone."""
    for tag in (TAG, ""):
        Tag.objects.bulk_create(Tag(member_id=each, tag=tag or str(each)) for each in ids)


def freeze_some(ids: list[UUID]) -> None:
    """One in a hundred is frozen."""
    Member.objects.filter(id__in=ids[::100]).update(status="frozen")


def fill_segment() -> None:
    """A segment: who bought within a year."""
    recent = BySpend(at_least_minor=1, days=365)
    audience.save_segment(code=SEGMENT, name="x", condition=recent, by="test", at=AT)


def fill_gift_runs(ids: list[UUID], client_id: UUID) -> None:
    """Gifts to many that are done, and who got the first two of them."""
    unit = programmes.units()["points"].id
    runs = [
        GiftRun(
            **asked(client_id),
            key=f"run-{number}",
            unit_id=unit,
            kind="all",
            status="done",
            totals="{}",
            started_at=AT,
            ended_at=AT,
        )
        for number in range(_ASKED)
    ]
    GiftRun.objects.bulk_create(runs)
    GiftRunMember.objects.bulk_create(
        GiftRunMember(run_id=run.id, member_id=member, outcome="given")
        for run in runs[:2]
        for member in ids
    )


def fill_approvals(client_id: UUID) -> None:
    """Requests that wait for a second person."""
    person = staff.add_staff(login=uuid4().hex, name="Li", role="owner", password=PASSWORD, at=AT)
    Approval.objects.bulk_create(
        Approval(
            **asked(client_id),
            key=f"asked-{number}",
            body="{}",
            kind="gift_run",
            requested_at=AT,
            status="pending",
            requested_by_id=person.id,
            expires_at=AT + timedelta(days=7),
        )
        for number in range(_ASKED)
    )


def asked(client_id: UUID) -> dict[str, Any]:
    """What a gift to many and a request for one have alike."""
    store = programmes.stores()["main"].id
    return {"client_id": client_id, "body_sha256": b"", "store_id": store, "points": 1}


def fill_notices() -> None:
    """A notice of each account, that some of it ends in a month."""
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
