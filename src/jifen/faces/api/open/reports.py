"""Reports: what a programme gave, took and sold, by period and store; each as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Any, Final, TypeVar

from django.http import HttpResponse
from dmr import Query, modify
from msgspec import Meta, Struct, convert
from msgspec import ValidationError as Misfit

from jifen.common import clock
from jifen.common.errors import NotFound
from jifen.faces.api import decoding, requests
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open.callers import caller_of
from jifen.faces.api.serving import Request
from jifen.insight import selectors
from jifen.insight.types import (
    CohortsReport,
    FlowsReport,
    LiabilityReport,
    MembersReport,
    Period,
    PointsReport,
    RfmReport,
    SalesReport,
    TiersReport,
    TopUpsReport,
    UsesReport,
)
from jifen.programmes.types import Client

T = TypeVar("T", bound=Struct)
Code = Annotated[str, Meta(min_length=1, max_length=60)]
Store = Annotated[Code | None, Meta(description="A store's code; all stores without one.")]
Unit = Annotated[Code | None, Meta(description="A unit of points; the first one without.")]


class Days(Struct, frozen=True, forbid_unknown_fields=True):
    """Local days from ``since`` to the one before ``until``: the last thirty without them."""

    since: date | None = None
    until: date | None = None

    def period(self) -> Period:
        """The period that is meant now."""
        return selectors.period(since=self.since, until=self.until, at=clock.now())


class OfProgramme(Days, frozen=True):
    """A period, and a unit."""

    unit: Unit = None


class AtStore(Struct, frozen=True, forbid_unknown_fields=True):
    """A store."""

    store: Store = None


class ByDay(Days, frozen=True):
    """A period, and a store."""

    store: Store = None


class OfUnit(ByDay, frozen=True):
    """A period, a store and a unit."""

    unit: Unit = None


class UnknownReport(NotFound):
    """No report has this name."""

    code = "unknown_report"


class PointsByDay(ApiController):
    """Points by day."""

    tags = ("reports",)

    @modify(operation_id="reportPoints")
    def get(self, parsed_query: Query[OfUnit]) -> PointsReport:
        """Points issued, burned and expired by local day, and in as many days before.

        What was taken back lowers what was issued, what was given back lowers what was burned.
        With a store, what was done there; of what expired, what had been earned there."""
        return _points(_reach(parsed_query, self.client))


class Liability(ApiController):
    """What outstanding points are worth."""

    tags = ("reports",)

    @modify(operation_id="reportLiability")
    def get(self, parsed_query: Query[OfProgramme]) -> LiabilityReport:
        """Outstanding points at the end of each local day, and their worth.

        Outstanding is what members hold: available, pending and held. Each point counts as what it
        pays under the offset in force, and none is expected to lapse. Of the whole programme."""
        return _liability(_reach(parsed_query, self.client))


class SalesByDay(ApiController):
    """Sales by day."""

    tags = ("reports",)

    @modify(operation_id="reportSales")
    def get(self, parsed_query: Query[ByDay]) -> SalesReport:
        """Orders and sales by local day: of members, and of guests as far as they were reported.

        An order counts on its day, a refund on its own. Without an order of a guest in the period
        `total_known` is false: what else the shops sold was not reported."""
        return _sales(_reach(parsed_query, self.client))


class MembersByDay(ApiController):
    """Active members."""

    tags = ("reports",)

    @modify(operation_id="reportMembers")
    def get(self, parsed_query: Query[ByDay]) -> MembersReport:
        """Active members by local day; buyers, and those of them with two or more orders.

        Active is who ordered, claimed an order or did what a behaviour reports. Orders of which
        nothing is kept make no buyer."""
        return _members(_reach(parsed_query, self.client))


class Flows(ApiController):
    """Where points come from and go to."""

    tags = ("reports",)

    @modify(operation_id="reportFlows")
    def get(self, parsed_query: Query[OfUnit]) -> FlowsReport:
        """Points by what they came from and went to: the kind of activity, and the rule."""
        return _flows(_reach(parsed_query, self.client))


class TopUpsByDay(ApiController):
    """Top-ups by day and store."""

    tags = ("reports",)

    @modify(operation_id="reportTopUps")
    def get(self, parsed_query: Query[ByDay]) -> TopUpsReport:
        """Money that members paid in, and that was paid out again, by local day and store.

        A top-up counts on its day and at its store, a refund of it on its own; with them the bonus
        money that rules gave for them, less what was taken back."""
        return _top_ups(_reach(parsed_query, self.client))


class UsesByDay(ApiController):
    """Uses by day and store."""

    tags = ("reports",)

    @modify(operation_id="reportUses")
    def get(self, parsed_query: Query[ByDay]) -> UsesReport:
        """What of stored value, coupons and passes was used, by local day and store.

        What a refund or reversal gives back is taken off on its own day and at its own store."""
        return _uses(_reach(parsed_query, self.client))


class Cohorts(ApiController):
    """Whether members come back."""

    tags = ("reports",)

    @modify(operation_id="reportCohorts")
    def get(self, parsed_query: Query[AtStore]) -> CohortsReport:
        """Members by the month of their first kept order, and how many ordered in each month after.

        Counted once a local day, of what had happened until its end."""
        return _cohorts(_reach(parsed_query, self.client))


class Rfm(ApiController):
    """The map of recency and frequency."""

    tags = ("reports",)

    @modify(operation_id="reportRfm")
    def get(self, parsed_query: Query[AtStore]) -> RfmReport:
        """Members by how long ago their last kept order was and how many there were in a year.

        Counted once a local day, of what had happened until its end."""
        return _rfm(_reach(parsed_query, self.client))


class Tiers(ApiController):
    """How many members each tier has."""

    tags = ("reports",)

    @modify(operation_id="reportTiers")
    def get(self, parsed_query: Query[AtStore]) -> TiersReport:
        """Members by tier, the lowest first; with a store, those whose home it is.

        Counted once a local day."""
        return _tiers(_reach(parsed_query, self.client))


# --- what was asked, and what is answered; the same for both forms ------------------------------


def _reach(asked: T, client: Client) -> T:
    """What is asked, if the caller may read it: who acts for some stores reads what is of one of
    them. Raises :class:`WrongStore`, also for what is of the whole programme."""
    caller_of(client=client, at=clock.now()).check_store(getattr(asked, "store", None) or "")
    return asked


def _points(asked: OfUnit) -> PointsReport:
    return selectors.points(period=asked.period(), unit=asked.unit, store=asked.store)


def _liability(asked: OfProgramme) -> LiabilityReport:
    return selectors.liability(period=asked.period(), unit=asked.unit, at=clock.now())


def _sales(asked: ByDay) -> SalesReport:
    return selectors.sales(period=asked.period(), store=asked.store)


def _members(asked: ByDay) -> MembersReport:
    return selectors.members(period=asked.period(), store=asked.store)


def _flows(asked: OfUnit) -> FlowsReport:
    return selectors.flows(period=asked.period(), unit=asked.unit, store=asked.store)


def _top_ups(asked: ByDay) -> TopUpsReport:
    return selectors.top_ups(period=asked.period(), store=asked.store)


def _uses(asked: ByDay) -> UsesReport:
    return selectors.uses(period=asked.period(), store=asked.store)


def _cohorts(asked: AtStore) -> CohortsReport:
    return selectors.cohorts(store=asked.store)


def _rfm(asked: AtStore) -> RfmReport:
    return selectors.rfm(store=asked.store)


def _tiers(asked: AtStore) -> TiersReport:
    return selectors.tiers(store=asked.store, at=clock.now())


# --- as a table ---------------------------------------------------------------------------------

Row = tuple[Any, ...]


class Table(Struct, frozen=True):
    """How a report becomes a table: what is asked, the answer, and its rows below a head."""

    asked: type[Struct]
    answer: Callable[[Any], Any]
    head: tuple[str, ...]
    rows: Callable[[Any], Iterable[Row]]


def _at_store(day: Any, names: tuple[str, ...]) -> Row:
    return (day.day, day.store, *(getattr(day, name) for name in names))


_SALES: Final = (
    *("orders", "paid_minor", "refunded_minor"),
    *("guest_orders", "guest_paid_minor", "guest_refunded_minor"),
)
_TOP_UPS: Final = ("top_ups", "paid_minor", "refunds", "refunded_minor", "bonus_minor")
_USES: Final = ("principal_minor", "bonus_minor", "coupons", "passes")
TABLES: Final = {
    "points": Table(
        OfUnit,
        _points,
        ("day", "issued", "burned", "expired"),
        lambda told: [(day.day, day.issued, day.burned, day.expired) for day in told.days],
    ),
    "liability": Table(
        OfProgramme,
        _liability,
        ("day", "outstanding", "liability_minor"),
        lambda told: [(day.day, day.outstanding, day.liability_minor) for day in told.days],
    ),
    "sales": Table(
        ByDay,
        _sales,
        ("day", *_SALES),
        lambda told: [(day.day, *(getattr(day, name) for name in _SALES)) for day in told.days],
    ),
    "members": Table(
        ByDay,
        _members,
        ("day", "active"),
        lambda told: [(day.day, day.active) for day in told.days],
    ),
    "flows": Table(
        OfUnit,
        _flows,
        ("direction", "act", "rule", "points"),
        lambda told: [
            *(("from", flow.act, flow.rule, flow.points) for flow in told.sources),
            *(("to", flow.act, flow.rule, flow.points) for flow in told.uses),
        ],
    ),
    "top-ups": Table(
        ByDay,
        _top_ups,
        ("day", "store", *_TOP_UPS),
        lambda told: [_at_store(day, _TOP_UPS) for day in told.days],
    ),
    "uses": Table(
        ByDay,
        _uses,
        ("day", "store", *_USES),
        lambda told: [_at_store(day, _USES) for day in told.days],
    ),
    "cohorts": Table(
        AtStore,
        _cohorts,
        ("first_month", "months_later", "members"),
        lambda told: [
            (cohort.first_month, later, members)
            for cohort in told.cohorts
            for later, members in enumerate(cohort.members)
        ],
    ),
    "rfm": Table(
        AtStore,
        _rfm,
        ("last_order_days_before", "orders_from", "members", "paid_minor"),
        lambda told: [
            (
                told.recency_days[cell.recency],
                told.orders_from[cell.frequency],
                cell.members,
                cell.paid_minor,
            )
            for cell in told.cells
        ],
    ),
    "tiers": Table(
        AtStore,
        _tiers,
        ("tier", "name_zh", "name_en", "members"),
        lambda told: [(tier.tier, tier.name_zh, tier.name_en, tier.members) for tier in told.tiers],
    ),
}
"""Every report by its name."""


def as_csv(request: Request, *, name: str) -> HttpResponse:
    """A report as a CSV that Excel opens; documented in ``plain``."""
    requests.check_accepts(request, media="text/csv")
    table = TABLES.get(name)
    if table is None:
        raise UnknownReport(f"no report is named {name!r}", report=name)
    try:
        asked = convert(request.GET.dict(), table.asked, strict=False)
    except Misfit as error:
        raise decoding.fault(error) from error
    _reach(asked, request.client)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.head)
    writer.writerows(table.rows(table.answer(asked)))
    # Excel takes UTF-8 for what it is only with the mark.
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
