"""A small world for tests: one programme with any rule set, its members, its till and its books.

Every test makes its own. Calls open the scope themselves, so a world may be used from any
thread; the time is ``world.at``, or passed in.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.db import connection, connections, transaction

from jifen.common.scope import scope
from jifen.earning import services as earning
from jifen.earning.models import BudgetUsage, CapUsage
from jifen.earning.services import NewMember
from jifen.earning.types import (
    Activity,
    Adjustment,
    Behaviour,
    Booked,
    Caller,
    Claim,
    Line,
    MemberRef,
    OpeningLot,
    OrderRef,
    Outcome,
    Purchase,
    Refund,
    RefundLine,
    Refused,
)
from jifen.ledger import selectors as ledger
from jifen.ledger.models import Account, Lot
from jifen.ledger.types import BalanceInfo, Verdict
from jifen.members.types import IdentityValue
from jifen.programmes import services as programmes
from jifen.tiers import selectors as tiers
from jifen.tiers.models import BenefitUsage, PeriodSpend, Standing

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
"""Noon of 1 June 2026 in Shanghai."""
RATE: Mapping[str, Any] = {
    "kind": "rate",
    "code": "spend",
    "points": 1,
    "per_minor": 100,
    "unit": "points",
}
"""1 yuan = 1 point."""
OFFSET: Mapping[str, Any] = {"unit": "points", "points": 100, "worth_minor": 100}
"""100 points = 1 yuan."""
T = TypeVar("T")
Dump = Mapping[str, Any]


def rungs(**thresholds: int) -> list[dict[str, Any]]:
    """Tiers of a ladder: code → from."""
    return [
        {"code": code, "name": {"zh": code, "en": code}, "from": at}
        for code, at in thresholds.items()
    ]


def rule_set(*rules: Mapping[str, Any], **document: Any) -> dict[str, Any]:
    """A rule set with the usual rate unless rules are given."""
    return {"rules": [dict(rule) for rule in rules or (RATE,)], **document}


class World:
    """One programme: units ``points`` and ``growth``, stores ``main`` and ``other``."""

    def __init__(
        self,
        document: Mapping[str, Any] | None = None,
        *,
        at: datetime = NOON,
        zone: str = "Asia/Shanghai",
        claim_days: int = 30,
    ) -> None:
        self.at = at
        self.programme = programmes.create_programme(
            code=f"world-{uuid.uuid4().hex}",
            name="World",
            time_zone=zone,
            currency="CNY",
            opening_on=date(2020, 1, 1),
            at=at,
            claim_days=claim_days,
        )
        with self.scope():
            programmes.add_merchant(code="main", name="Main")
            programmes.add_merchant(code="other", name="Other")
            programmes.add_store(code="main", name="Main", merchant="main")
            programmes.add_store(code="other", name="Other", merchant="other")
            programmes.add_unit(code="points", kind="points", name_zh="积分", name_en="points")
            programmes.add_unit(code="growth", kind="growth", name_zh="成长值", name_en="growth")
            client = programmes.internal_client(name="till", at=at)
        self.caller = Caller(client.client_id, client.name)
        self.publish(document or rule_set())

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The programme's scope."""
        with scope(self.programme.id):
            yield

    def publish(
        self,
        document: Mapping[str, Any],
        *,
        at: datetime | None = None,
        starts_at: datetime | None = None,
    ) -> int:
        """Put a rule set in force."""
        with self.scope():
            return earning.publish(
                document=document, by="test", at=at or self.at, starts_at=starts_at
            )

    def withdraw(self, version: int, *, at: datetime | None = None) -> int:
        """Let a version that is to come never begin; answers the one in force."""
        with self.scope():
            return earning.withdraw(version=version, by="test", at=at or self.at)

    # --- members -----------------------------------------------------------------------------

    def member(self, *lots: int | OpeningLot, phone: str | None = None, **person: Any) -> uuid.UUID:
        """Enrol a member who brings these points; answers the id."""
        opening = tuple(
            OpeningLot("points", each) if isinstance(each, int) else each for each in lots
        )
        identity = IdentityValue("phone" if phone else "external", phone or f"E-{uuid.uuid4().hex}")
        new = NewMember(uuid.uuid4().hex, (identity,), lots=opening, **person)
        [answer] = self.enrol(new)
        assert not isinstance(answer, Refused), answer
        for outcome in answer.activities:
            assert isinstance(outcome, Booked), outcome
        return answer.member_id

    def enrol(
        self, *people: NewMember, at: datetime | None = None
    ) -> list[earning.Enrolled | Refused]:
        """Enrol people."""
        with self.scope():
            return earning.enrol(members=people, caller=self.caller, at=at or self.at)

    # --- what happens ------------------------------------------------------------------------

    def purchase(self, member: uuid.UUID | None, *amounts: int | Line, **changes: Any) -> Purchase:
        """An order of lines of one piece each at these amounts, with a reference of its own."""
        lines = tuple(
            Line(f"p{position}", 1, each) if isinstance(each, int) else each
            for position, each in enumerate(amounts)
        )
        values: dict[str, Any] = {
            "key": uuid.uuid4().hex,
            "occurred_at": self.at,
            "reference": uuid.uuid4().hex,
            "lines": lines,
            "member": ref(member) if member else None,
        }
        return Purchase(**{**values, **changes})

    def refund(self, purchase: Purchase, *pieces: tuple[int, int], **changes: Any) -> Refund:
        """A refund of (line, quantity) pieces; of everything that is kept without any."""
        values: dict[str, Any] = {
            "key": uuid.uuid4().hex,
            "occurred_at": self.at,
            "of": OrderRef(purchase.reference, store=purchase.store),
            "lines": tuple(RefundLine(*each) for each in pieces) or None,
        }
        return Refund(**{**values, **changes})

    def claim(self, purchase: Purchase, member: uuid.UUID, **changes: Any) -> Claim:
        """The member claims the purchase."""
        values: dict[str, Any] = {
            "key": uuid.uuid4().hex,
            "occurred_at": self.at,
            "of": OrderRef(purchase.reference, store=purchase.store),
            "member": ref(member),
        }
        return Claim(**{**values, **changes})

    def behaviour(self, member: uuid.UUID, name: str, **changes: Any) -> Behaviour:
        """A named behaviour, such as ``check_in``."""
        values: dict[str, Any] = {
            "key": uuid.uuid4().hex,
            "occurred_at": self.at,
            "name": name,
            "member": ref(member),
        }
        return Behaviour(**{**values, **changes})

    def adjustment(self, member: uuid.UUID, points: int, **changes: Any) -> Adjustment:
        """Staff moves points."""
        values: dict[str, Any] = {
            "key": uuid.uuid4().hex,
            "occurred_at": self.at,
            "member": ref(member),
            "unit": "points",
            "points": points,
            "reason": "test",
            "actor": "tester",
        }
        return Adjustment(**{**values, **changes})

    # --- booking -----------------------------------------------------------------------------

    def book(self, *activities: Activity, at: datetime | None = None) -> list[Outcome]:
        """Book activities in one call."""
        with self.scope():
            return earning.book(activities=activities, caller=self.caller, at=at or self.at)

    def preview(self, *activities: Activity, at: datetime | None = None) -> list[Outcome]:
        """What booking would answer."""
        with self.scope():
            return earning.preview(activities=activities, caller=self.caller, at=at or self.at)

    def booked(self, activity: Activity, at: datetime | None = None) -> Booked:
        """Book one activity that must succeed."""
        [outcome] = self.book(activity, at=at)
        assert isinstance(outcome, Booked), outcome
        return outcome

    def refused(self, activity: Activity, at: datetime | None = None) -> str:
        """Book one activity that must be refused; answers the error's code."""
        [outcome] = self.book(activity, at=at)
        assert isinstance(outcome, Refused), outcome
        return outcome.error.code

    # --- the books ---------------------------------------------------------------------------

    def balance(
        self, member: uuid.UUID, unit: str = "points", at: datetime | None = None
    ) -> BalanceInfo:
        """One account as it reads."""
        with self.scope():
            rows = ledger.balances(member_id=member, at=at or self.at)
        return next((row for row in rows if row.unit == unit), BalanceInfo(unit, 0, 0, 0, 0))

    def available(self, member: uuid.UUID, unit: str = "points", at: datetime | None = None) -> int:
        """What the member may spend."""
        return self.balance(member, unit, at).available

    def lots(self, member: uuid.UUID, unit: str = "points") -> list[tuple[int, datetime | None]]:
        """(remaining, expires_at) of the open lots, in the order they were opened."""
        with self.scope():
            rows = Lot.objects.filter(account__member_id=member, account__unit__code=unit)
            return list(rows.order_by("seq").values_list("remaining", "expires_at"))

    def tier(self, member: uuid.UUID, at: datetime | None = None) -> str:
        """The member's tier, as it reads."""
        with self.scope():
            return tiers.tier(member, at=at or self.at)

    def dump(self, member: uuid.UUID) -> Dump:
        """Everything the programme knows of what a member holds, but for history: accounts, open
        lots with their ids, standing, use of caps and budgets."""
        with self.scope():
            accounts = Account.objects.filter(member_id=member)
            standing = Standing.objects.get(id=member)
            periods = PeriodSpend.objects.filter(member_id=member).exclude(spend_minor=0)
            grown = PeriodSpend.objects.filter(member_id=member).exclude(growth=0)
            uses = BenefitUsage.objects.filter(member_id=member).exclude(used=0)
            caps = CapUsage.objects.filter(member_id=member).exclude(used=0)
            return {
                "accounts": {
                    row.unit_id: (row.available, row.pending, row.held, row.deficit)
                    for row in accounts
                    if row.available or row.pending or row.held or row.deficit
                },
                "lots": set(
                    Lot.objects.filter(account__member_id=member).values_list(
                        "account_id", "id", "seq", "remaining", "expires_at"
                    )
                ),
                "tier": standing.tier,
                "opening_tier": standing.opening_tier,
                "spend_minor": standing.spend_minor,
                "purchases_kept": standing.purchases_kept,
                "reached": set(json.loads(standing.reached)),
                "stages": standing.stages,
                "given": (standing.manual_tier, standing.bought_tier),
                "periods": dict(periods.values_list("period", "spend_minor")),
                "grown": dict(grown.values_list("period", "growth")),
                "uses": {(row.benefit, row.period): row.used for row in uses},
                "caps": {(row.cap, row.period): row.used for row in caps},
                "budgets": dict(BudgetUsage.objects.exclude(used=0).values_list("budget", "used")),
            }

    def verify(self) -> Verdict:
        """The check of everything; fails the test when anything is wrong."""
        with self.scope():
            verdict = earning.verify()
        assert verdict.ok, verdict.faults
        return verdict


def ref(member: uuid.UUID) -> MemberRef:
    """A member by id."""
    return MemberRef("id", str(member))


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is booked in the block is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def together(calls: Sequence[Any], *, threads: int = 8) -> list[Any]:
    """Run calls at once, each in a thread with a database connection; answers in their order."""

    def run(call: Any) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=min(threads, len(calls))) as pool:
        return list(pool.map(run, calls))


@contextmanager
def owner() -> Iterator[Any]:
    """A cursor of the role that migrates, for what the application may not do itself."""
    with connections["owner"].cursor() as cursor:
        yield cursor


def ok(outcomes: Sequence[Outcome]) -> list[Booked]:
    """Those that were booked."""
    return [outcome for outcome in outcomes if isinstance(outcome, Booked)]


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    """The refusals' codes."""
    return [outcome.error.code for outcome in outcomes if isinstance(outcome, Refused)]
