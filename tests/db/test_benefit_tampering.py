"""What somebody could do to uses of benefits, and to the accounts of merged members, behind Jifen's
back: a check names it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from tests.people import merge, undo
from tests.tiered import DELIVERY, reversal_of, uses
from tests.wallets import Purse, owning
from tests.world import RATE, rungs, undone

from jifen.earning import services as earning
from jifen.earning.types import Line
from jifen.ledger.models import Account
from jifen.ledger.types import Verdict
from jifen.tiers.models import BenefitUsage

POST = Line("post", 1, 900, kind="shipping")
MANY = {**DELIVERY, "quota": {"uses": 9, "per": "month"}}
RULES = owning(RATE, ladder={"by": "spend", "rungs": rungs(gold=1_000)}, benefits=[MANY])


class Town(Purse):
    """Uses by every way there is. Each attribute is a member."""

    def __init__(self) -> None:
        super().__init__(RULES)
        self.plain, self.holding, self.survivor, self.merged, self.over = (
            self.golden() for _ in range(5)
        )
        self.use(self.plain, 2)
        self.booked(reversal_of(self.booked(uses(self, self.plain, self.at)).id, self.at))
        named = self.order(self.plain, 700)
        self.booked(uses(self, self.plain, self.at, reference=named.reference))
        self.booked(self.refund(named))
        self.order(self.plain, 500, POST, benefits=("delivery",))
        in_part = self.order(self.plain, 500, POST, benefits=("delivery",))
        self.booked(self.refund(in_part, (0, 1)))
        self.booked(self.refund(in_part))
        self.use(self.merged, 3)
        parted = self.booked(merge(self, self.survivor, self.merged))
        self.use(self.merged, 1)
        self.booked(undo(self, parted.id))
        self.booked(merge(self, self.survivor, self.merged))
        self.hold(self.over)
        self.booked(self.dropped(self.hold(self.holding)))
        self.booked(self.paid(self.hold(self.holding)))
        self.at += timedelta(hours=1)
        self.hold(self.holding)
        assert self.rows() == {
            self.plain: (3, 0), self.survivor: (4, 0), self.merged: (3, 0),
            self.holding: (1, 1), self.over: (0, 1),
        }  # fmt: skip
        assert self.verdict().ok, self.verdict().faults

    def golden(self) -> uuid.UUID:
        member = self.member()
        self.order(member, 1_000)
        return member

    def use(self, member: uuid.UUID, times: int) -> None:
        for _ in range(times):
            self.booked(uses(self, member, self.at))

    def hold(self, member: uuid.UUID) -> uuid.UUID:
        checkout = self.checkout(member, 500, POST, benefits=("delivery",))
        return self.booked(checkout).id

    def rows(self) -> dict[uuid.UUID, tuple[int, int]]:
        with self.scope():
            return {row.member_id: (row.used, row.held) for row in BenefitUsage.objects.all()}

    def verdict(self) -> Verdict:
        with self.scope():
            return earning.verify()


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


STRANGER = f'[["{uuid.uuid4()}","2030-01-01T00:00:00Z"]]'
TAMPERED: list[tuple[str, dict[str, Any], str]] = [
    ("plain", {"used": F("used") + 1}, "used"),
    ("plain", {"used": F("used") - 1}, "used"),
    ("plain", {"benefit": "discount"}, "used"),
    ("plain", {"period": "2026-05"}, "used"),
    ("survivor", {"used": 1}, "used"),
    ("merged", {"used": 0}, "used"),
    ("over", {"used": 1}, "used"),
    ("plain", {"held": 1, "holders": STRANGER}, "held"),
    ("holding", {"holders": STRANGER}, "held"),
    ("holding", {"held": 0}, "held"),
    ("holding", {"held": 0, "holders": ""}, "held"),
    ("holding", {"held": 0, "holders": "", "used": 2}, "used"),
    ("plain", {"held": 1}, "held"),
]


@pytest.mark.parametrize(
    ("who", "columns", "check"),
    TAMPERED,
    ids=[f"{check}: {who}, {', '.join(columns)}" for who, columns, check in TAMPERED],
)
def test_uses_changed_by_hand_are_named(
    town: Town, who: str, columns: dict[str, Any], check: str
) -> None:
    member = getattr(town, who)
    with town.scope(), undone():
        assert BenefitUsage.objects.filter(member_id=member).update(**columns) == 1
        faults = earning.verify().faults
    named = {fault.id.split()[0] for fault in faults if fault.check == f"benefits_{check}"}
    assert named == {str(member)}
    assert {fault.table for fault in faults} == {"benefit_usage"}
    assert town.verdict().ok


@pytest.mark.parametrize("who", ["plain", "survivor", "holding"])
def test_uses_that_are_gone_or_nobody_made_are_named(town: Town, who: str) -> None:
    member = getattr(town, who)
    with town.scope(), undone():
        row = BenefitUsage.objects.get(member_id=member)
        BenefitUsage.objects.filter(member_id=member).delete()
        gone = earning.verify().faults
        BenefitUsage.objects.create(
            member_id=town.member(), benefit="delivery", period=row.period, used=1, quota=1
        )
        more = earning.verify().faults
    told = f"{member} delivery {row.period}"
    assert ("benefits_used", told, row.used, 0) in {
        (fault.check, fault.id, fault.expected, fault.found) for fault in gone
    }
    assert len(more) == len(gone) + 1
    assert town.verdict().ok


@pytest.mark.parametrize("columns", [{"available": 7}, {"deficit": 7}])
def test_what_a_merged_member_has_or_owes_is_named(town: Town, columns: dict[str, int]) -> None:
    with town.scope(), undone():
        account = Account.objects.filter(member_id=town.merged).order_by("-seq")[0]
        Account.objects.filter(id=account.id).update(**columns)
        faults = earning.verify().faults
    assert ("merged", "account", str(account.id), 0, 7) in {
        (fault.check, fault.table, fault.id, fault.expected, fault.found) for fault in faults
    }
    assert town.verdict().ok
