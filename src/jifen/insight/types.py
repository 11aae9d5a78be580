"""What crosses the door of the insight room. Days are local, periods half-open, numbers whole."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Literal

from msgspec import Struct

from jifen.common.errors import InvalidInput
from jifen.earning.types.effects import WhatIf

LONGEST_DAYS: Final = 366
"""The longest period that one report tells."""
_EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(9000, 1, 1)


class InvalidPeriod(InvalidInput):
    """The period is empty, too long, or not one of the calendar."""

    code: ClassVar[str] = "invalid_period"


class Period(Struct, frozen=True):
    """The local days from ``since`` to the one before ``until``."""

    since: date
    until: date

    def __post_init__(self) -> None:
        """Some days, not more than a year of them, and such as a shop may see."""
        if not 0 < self.length <= LONGEST_DAYS or self.since < _EARLIEST or self.until > _LATEST:
            raise InvalidPeriod(
                f"a period has 1 to {LONGEST_DAYS} days of the years 1900 to 8999",
                since=str(self.since),
                until=str(self.until),
            )

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days

    @property
    def before(self) -> Period:
        """As many days, just before."""
        return Period(self.since - timedelta(days=self.length), self.since)

    def days(self) -> list[date]:
        """Every day of it."""
        return [self.since + timedelta(days=number) for number in range(self.length)]

    def __contains__(self, day: date) -> bool:
        return self.since <= day < self.until


class Moved(Struct, frozen=True, array_like=True):
    """What postings of one kind moved; ``owed`` is by how much members owe more than before, and
    ``postings`` how many they are."""

    day: date
    unit: str
    store: str
    kind: str
    act: str
    rule: str
    points: int
    owed: int = 0
    postings: int = 0


class CouponsUsed(Struct, frozen=True):
    """How many coupons of a kind orders used on a local day at a store, less those that refunds
    made good again."""

    day: date
    store: str
    kind: str
    coupons: int


class Sales(Struct, frozen=True):
    """Orders, what was paid for them, and what was refunded. Those of guests, which were reported
    without a member and which nobody has claimed, stand beside those of members."""

    orders: int
    paid_minor: int
    refunded_minor: int
    guest_orders: int
    guest_paid_minor: int
    guest_refunded_minor: int


class Sold(Struct, frozen=True):
    """Sales of one local day at a store."""

    day: date
    store: str
    sales: Sales


class Points(Struct, frozen=True):
    """Points issued (less what was taken back), burned (less what was given back) and expired
    (less what was given again)."""

    issued: int
    burned: int
    expired: int


class PointsDay(Struct, frozen=True):
    """Points of one day."""

    day: date
    issued: int
    burned: int
    expired: int


class PointsReport(Struct, frozen=True):
    """Points of one unit by day, in all, and in as many days before."""

    unit: str
    days: tuple[PointsDay, ...]
    total: Points
    before: Points


class LiabilityDay(Struct, frozen=True):
    """What members held at the end of a day, and what it is worth."""

    day: date
    outstanding: int
    liability_minor: int | None


class Worth(Struct, frozen=True):
    """``points`` pay ``worth_minor`` of an order."""

    points: int
    worth_minor: int


class LiabilityReport(Struct, frozen=True):
    """Outstanding points of one unit by day, and their worth under the offset in force; without
    one for this unit their worth is not known."""

    unit: str
    days: tuple[LiabilityDay, ...]
    rate: Worth | None


class SalesDay(Sales, frozen=True, kw_only=True):
    """Sales of one day."""

    day: date


class SalesReport(Struct, frozen=True):
    """Sales by day, in all, and in as many days before. Where no order of a guest was reported,
    ``total_known`` is false: nobody can tell what else the shop sold."""

    days: tuple[SalesDay, ...]
    total: Sales
    before: Sales
    total_known: bool


class ActiveDay(Struct, frozen=True):
    """How many members did something on a day."""

    day: date
    active: int


class Activeness(Struct, frozen=True):
    """Members who did something, those of them whose order was kept, and those with two or more."""

    active: int
    buyers: int
    repeat_buyers: int


class MembersReport(Struct, frozen=True):
    """Active members by day, in all, and in as many days before."""

    days: tuple[ActiveDay, ...]
    total: Activeness
    before: Activeness


class Flow(Struct, frozen=True):
    """Points that came from, or went to, one kind of act under one rule."""

    act: str
    rule: str
    points: int


class FlowsReport(Struct, frozen=True):
    """Where points of one unit came from and went to. What was taken back stands, negative, where
    it had come from; what was given back, where it had gone to."""

    unit: str
    sources: tuple[Flow, ...]
    uses: tuple[Flow, ...]


class Cohort(Struct, frozen=True):
    """Members whose first kept order was in ``first_month`` (YYYY-MM); ``members`` counts those who
    ordered in that month and in each one after."""

    first_month: str
    members: tuple[int, ...]


class CohortsReport(Struct, frozen=True):
    """Cohorts by month of the first order, as things were at the end of ``counted_on``."""

    counted_on: date | None
    cohorts: tuple[Cohort, ...]


class RfmCell(Struct, frozen=True):
    """Members of one cell, by the position of its bands, and what they paid."""

    recency: int
    frequency: int
    members: int
    paid_minor: int


class RfmReport(Struct, frozen=True):
    """Members by how long ago their last kept order was and how many they had in a year.

    A band of recency ends before so many days ago; a band of frequency begins with so many orders.
    """

    counted_on: date | None
    recency_days: tuple[int, ...]
    orders_from: tuple[int, ...]
    cells: tuple[RfmCell, ...]


class TierMembers(Struct, frozen=True):
    """How many members a tier has. An empty code is no tier."""

    tier: str
    name_zh: str
    name_en: str
    members: int


class TiersReport(Struct, frozen=True):
    """The tiers of the ladder in force, the lowest first, when members were counted."""

    counted_at: datetime | None
    tiers: tuple[TierMembers, ...]


class TopUpSums(Struct, frozen=True):
    """Top-ups and what was paid in, refunds of them and what was paid out, and the bonus money that
    they gave, less what was taken back."""

    top_ups: int
    paid_minor: int
    refunds: int
    refunded_minor: int
    bonus_minor: int


class TopUpsDay(TopUpSums, frozen=True, kw_only=True):
    """Top-ups of one day at one store."""

    day: date
    store: str


class TopUpsReport(Struct, frozen=True):
    """Top-ups by day and store, where there were any; in all, and in as many days before."""

    days: tuple[TopUpsDay, ...]
    total: TopUpSums
    before: TopUpSums


class UseSums(Struct, frozen=True):
    """Stored value that paid for orders, principal and bonus money, coupons that orders used, and
    services of passes that were used; each less what refunds and reversals gave back."""

    principal_minor: int
    bonus_minor: int
    coupons: int
    passes: int


class UsesDay(UseSums, frozen=True, kw_only=True):
    """Uses of one day at one store."""

    day: date
    store: str


class UsesReport(Struct, frozen=True):
    """Uses by day and store, where there were any; in all, and in as many days before."""

    days: tuple[UsesDay, ...]
    total: UseSums
    before: UseSums


class WhatIfInfo(Struct, frozen=True):
    """A what-if of a draft: how far it is, and its ``result`` once it is done.

    ``is_current`` is false once the draft was changed, or other rules are in force. ``digest`` is
    the SHA-256 of the document that was tried.
    """

    draft: str
    digest: str
    is_current: bool
    status: Literal["running", "done", "failed"]
    fault: str
    done: int
    total: int
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    result: WhatIf | None
