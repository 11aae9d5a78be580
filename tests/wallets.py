"""A world with everything that members own: stored value, coupons, passes, conversions."""

import uuid
from collections.abc import Mapping
from typing import Any

from tests.world import OFFSET, RATE, World, ref, rule_set

from jifen.earning.types import (
    Booked,
    Checkout,
    CheckoutCapture,
    CheckoutRelease,
    Conversion,
    CouponIssue,
    CouponVoid,
    Line,
    OrderRef,
    PassUse,
    Purchase,
    TopUp,
    TopUpRefund,
)
from jifen.programmes import services as programmes
from jifen.wallet import selectors as wallet
from jifen.wallet.types import CouponInfo

NAME: Mapping[str, str] = {"zh": "券", "en": "Coupon"}
STORED: Mapping[str, Any] = {"principal": "principal", "bonus": "bonus", "bonus_share": [1, 11]}
TOP_UP: Mapping[str, Any] = {
    "kind": "top_up",
    "code": "topped",
    "unit": "bonus",
    "points": 1_000,
    "per_minor": 10_000,
}
"""10 yuan for each full 100."""
COUPONS: Mapping[str, Any] = {
    "fifty": {
        "name": NAME,
        "gives": {"kind": "amount", "minor": 5_000},
        "valid": {"kind": "days", "days": 30},
        "threshold_minor": 10_000,
    },
    "percent": {"name": NAME, "gives": {"kind": "percent", "pay": "0.9"}, "group": "percent"},
    "cup": {
        "name": NAME,
        "gives": {"kind": "goods"},
        "products": ["cup"],
        "group": "cup",
        "give_back": "its_lines",
    },
    "post": {"name": NAME, "gives": {"kind": "free_delivery"}, "group": "post"},
    "never": {"name": NAME, "gives": {"kind": "amount", "minor": 100}, "give_back": "never"},
    "other": {"name": NAME, "gives": {"kind": "amount", "minor": 100}, "stores": ["other"]},
}
CONVERSIONS: Mapping[str, Any] = {
    "money": {
        "points": 1_000,
        "unit": "points",
        "to": {"kind": "unit", "unit": "bonus", "amount": 2_000},
    },
    "fifty": {"points": 500, "unit": "points", "to": {"kind": "coupon", "coupon": "fifty"}},
    "wash": {
        "points": 300,
        "unit": "points",
        "to": {"kind": "unit", "unit": "wash", "amount": 1},
        "per_day": 2,
        "per_member": 3,
    },
    "stars": {
        "points": 3,
        "unit": "points",
        "to": {"kind": "unit", "unit": "stars", "amount": 2},
    },
}
SECTIONS: Mapping[str, Any] = {
    "stored_value": STORED,
    "coupons": COUPONS,
    "passes": {"wash": {"merchants": ["other"]}},
    "conversions": CONVERSIONS,
    "offset": OFFSET,
}
UNITS = {"stars": "points", "principal": "stored", "bonus": "bonus", "wash": "pass"}


def owning(*rules: Mapping[str, Any], **sections: Any) -> dict[str, Any]:
    """A rule set with every section about what members own, and these rules or the usual ones."""
    return rule_set(*(rules or (RATE, TOP_UP)), **{**SECTIONS, **sections})


class Purse(World):
    """A world whose units also count money, a car wash (used at the other merchant) and stars."""

    def __init__(self, document: Mapping[str, Any] | None = None, **world: Any) -> None:
        super().__init__(**world)
        with self.scope():
            for code, kind in UNITS.items():
                programmes.add_unit(code=code, kind=kind, name_zh=code, name_en=code)
        self.publish(document or owning())

    def _values(self, **changes: Any) -> dict[str, Any]:
        return {"key": uuid.uuid4().hex, "occurred_at": self.at, **changes}

    def top_up(self, member: uuid.UUID, minor: int, **changes: Any) -> TopUp:
        """The member pays money in."""
        values = self._values(reference=uuid.uuid4().hex, member=ref(member), paid_minor=minor)
        return TopUp(**{**values, **changes})

    def pay_out(self, top_up: TopUp, minor: int | None = None, **changes: Any) -> TopUpRefund:
        """Money of a top-up goes back."""
        values = self._values(of=OrderRef(top_up.reference, top_up.store), minor=minor)
        return TopUpRefund(**{**values, **changes})

    def convert(self, member: uuid.UUID, code: str, times: int = 1, **changes: Any) -> Conversion:
        """Points become something else."""
        return Conversion(**{**self._values(member=ref(member), code=code, times=times), **changes})

    def use_pass(self, member: uuid.UUID, count: int = 1, **changes: Any) -> PassUse:
        """A car wash at the other merchant."""
        values = self._values(member=ref(member), unit="wash", count=count, store="other")
        return PassUse(**{**values, **changes})

    def issue(
        self, coupon: str, member: uuid.UUID | None = None, count: int = 1, **changes: Any
    ) -> CouponIssue:
        """Staff issues coupons."""
        values = self._values(
            coupon=coupon,
            member=ref(member) if member else None,
            count=count,
            reason="test",
            actor="tester",
        )
        return CouponIssue(**{**values, **changes})

    def void(self, code: str, **changes: Any) -> CouponVoid:
        """Staff makes a coupon void."""
        values = self._values(coupon=code, reason="test", actor="tester")
        return CouponVoid(**{**values, **changes})

    def checkout(self, member: uuid.UUID, *lines: int | Line, **changes: Any) -> Checkout:
        """An order that is paid within half an hour."""
        bought = self.purchase(member, *lines)
        values = self._values(
            reference=bought.reference, lines=bought.lines, member=ref(member), minutes=30
        )
        return Checkout(**{**values, **changes})

    def paid(self, checkout: uuid.UUID, **changes: Any) -> CheckoutCapture:
        """The checkout was paid."""
        return CheckoutCapture(**{**self._values(of=checkout), **changes})

    def dropped(self, checkout: uuid.UUID, **changes: Any) -> CheckoutRelease:
        """The checkout will not be paid."""
        return CheckoutRelease(**{**self._values(of=checkout), **changes})

    # --- short ways --------------------------------------------------------------------------

    def coupon(self, kind: str, member: uuid.UUID | None = None) -> str:
        """Issue one coupon; answers its code."""
        [issued] = self.booked(self.issue(kind, member)).coupons
        return issued.code

    def order(self, member: uuid.UUID | None, *lines: int | Line, **changes: Any) -> Purchase:
        """Book an order; answers it."""
        purchase = self.purchase(member, *lines, **changes)
        self.booked(purchase)
        return purchase

    def saved(self, member: uuid.UUID, minor: int) -> TopUp:
        """Book a top-up; answers it."""
        top_up = self.top_up(member, minor)
        self.booked(top_up)
        return top_up

    def stored(self, member: uuid.UUID) -> tuple[int, int]:
        """(principal, bonus) available."""
        return self.available(member, "principal"), self.available(member, "bonus")

    def coupon_status(self, code: str) -> str:
        """How a coupon stands."""
        return self.coupon_info(code).status

    def coupon_info(self, code: str, **time: Any) -> CouponInfo:
        """A coupon as it reads."""
        with self.scope():
            return wallet.coupon(code=code, at=time.get("at", self.at))


def refused_with(world: World, activity: Any) -> tuple[str, dict[str, Any]]:
    """Book one activity that must be refused; answers the code and the facts behind it."""
    [outcome] = world.book(activity)
    assert not isinstance(outcome, Booked), outcome
    return outcome.error.code, outcome.error.fields
