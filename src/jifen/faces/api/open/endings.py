"""How points end: the expiry run, announced clears, and what runs have done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated, Final, Literal
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.earning.types import Code
from jifen.faces.api import cursors
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.outreach import selectors, services
from jifen.outreach.types import ClearingInfo, ClosingPreview, RunInfo, Untold

MOST_TOLD: Final = 100
"""How many members a run's answer names; the list of those whom nobody told has the rest."""
Accounts = Annotated[int, Meta(ge=1, le=100_000, description="Accounts at most in this call.")]
Day = Annotated[date, Meta(description="A local day of the programme.")]
DaysBefore = Annotated[int, Meta(ge=0, le=366)]


class ClearingPath(Struct, frozen=True):
    """The clear's id."""

    clearing_id: UUID


class RunPath(Struct, frozen=True):
    """The run's id."""

    run_id: UUID


class RunQuery(answers.Page, frozen=True):
    """Which runs."""

    kind: Literal["expiry", "clear", "notices"] | None = None


class RunOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of it now: the next call goes on."""

    limit: Accounts = 10_000


class NewClearing(Struct, frozen=True, forbid_unknown_fields=True):
    """A clear to be announced: everything of ``unit`` ends at the end of the local day ``on``.
    Members get a notice ``days`` before; with ``required``, who got none keeps the points."""

    unit: Code
    on: Day
    days: Annotated[tuple[DaysBefore, ...], Meta(min_length=1, max_length=20)] = (30, 7)
    required: bool = True
    reason: Annotated[str, Meta(max_length=500)] = ""


class Runs(Struct, frozen=True):
    """A page of runs, the newest first."""

    runs: list[RunInfo]
    next_cursor: str | None


class RunReport(Struct, frozen=True):
    """A run as it stands, and the first 100 members whom it left because nobody told them."""

    run: RunInfo
    untold: list[Untold]


class UntoldList(Struct, frozen=True):
    """A page of members who keep points because nobody told them."""

    untold: list[Untold]
    next_cursor: str | None


class Clearings(Struct, frozen=True):
    """A page of clears, the newest first."""

    clears: list[ClearingInfo]
    next_cursor: str | None


class RunList(ApiController):
    """What runs have done."""

    tags = ("endings",)

    @modify(operation_id="listRuns")
    def get(self, parsed_query: Query[RunQuery]) -> Runs:
        """List runs, the newest first: expiries, clears, and the planning of notices."""
        before = cursors.read_id(parsed_query.cursor)
        found = selectors.runs(kind=parsed_query.kind, before=before, limit=parsed_query.limit + 1)
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return Runs(page, cursors.after_id(page[-1].id) if more else None)


class OneRun(ApiController):
    """One run."""

    tags = ("endings",)

    @modify(operation_id="getRun")
    def get(self, parsed_path: Path[RunPath]) -> RunInfo:
        """Read a run: how far it is, what it closed, and what it left because nobody was told."""
        return selectors.run(parsed_path.run_id)


class ExpiryPreview(ApiController):
    """What has expired and is not closed."""

    tags = ("endings",)

    @modify(status_code=HTTPStatus.OK, operation_id="previewExpiry")
    def post(self) -> ClosingPreview:
        """Tell what an expiry run would close now, by unit and store. Closes nothing."""
        return selectors.preview_expiry(at=clock.now())


class ExpiryRuns(ApiController):
    """The expiry run."""

    tags = ("endings",)

    @modify(status_code=HTTPStatus.OK, operation_id="runExpiry")
    def post(self, parsed_body: BodyMsgspec[RunOrder]) -> RunReport:
        """Close what is past its date, for so many accounts; the next call goes on.

        No balance changes by it: what is past its date is in none. It names the members whose
        points stay because nobody told them.
        """
        at = clock.now()
        run = services.expire(at=at, by=self.client.name, limit=parsed_body.limit)
        left = selectors.untold(at=at, after=None, limit=MOST_TOLD)
        return RunReport(run, [each for _, each in left])


class ExpiryUntold(ApiController):
    """Members who keep points past their last day."""

    tags = ("endings",)

    @modify(operation_id="listUntold")
    def get(self, parsed_query: Query[answers.Page]) -> UntoldList:
        """List members whose points stayed past their last day, because nobody told them."""
        after = cursors.read_id(parsed_query.cursor)
        limit = parsed_query.limit
        return _untold(selectors.untold(at=clock.now(), after=after, limit=limit + 1), limit)


class ClearingList(ApiController):
    """Announce a clear, or list them."""

    tags = ("endings",)

    @validate(
        ResponseSpec(ClearingInfo, status_code=HTTPStatus.CREATED, description="Announced."),
        operation_id="announceClear",
    )
    def post(self, parsed_body: BodyMsgspec[NewClearing]) -> HttpResponse:
        """Announce that all points of a unit end at the end of a local day.

        Its run closes them from then on. What is held, and what is booked later, stays.
        """
        announced = services.announce(
            unit=parsed_body.unit,
            on=parsed_body.on,
            days=parsed_body.days,
            required=parsed_body.required,
            reason=parsed_body.reason,
            at=clock.now(),
            by=self.client.name,
        )
        return self.to_response(announced, status_code=HTTPStatus.CREATED)

    @modify(operation_id="listClears")
    def get(self, parsed_query: Query[answers.Page]) -> Clearings:
        """List clears, the newest first; those of the rule set too, once they are announced."""
        before = cursors.read_id(parsed_query.cursor)
        found = selectors.clearings(before=before, limit=parsed_query.limit + 1)
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return Clearings(page, cursors.after_id(page[-1].id) if more else None)


class OneClearing(ApiController):
    """A clear."""

    tags = ("endings",)

    @modify(operation_id="getClear")
    def get(self, parsed_path: Path[ClearingPath]) -> ClearingInfo:
        """Read a clear."""
        return selectors.clearing(parsed_path.clearing_id)


class ClearingCancellation(ApiController):
    """The taking back of a clear."""

    tags = ("endings",)

    @modify(status_code=HTTPStatus.OK, operation_id="cancelClear")
    def post(self, parsed_path: Path[ClearingPath]) -> ClearingInfo:
        """Take back a clear that was announced over the API, before its run has begun. Notices that
        wait to be sent are not sent any more."""
        return services.cancel(clearing_id=parsed_path.clearing_id)


class ClearingPreview(ApiController):
    """What a clear would take."""

    tags = ("endings",)

    @modify(status_code=HTTPStatus.OK, operation_id="previewClear")
    def post(self, parsed_path: Path[ClearingPath]) -> ClosingPreview:
        """Tell what the run of a clear would close, by store, with the notices and points as they
        are now, and what it would leave. Closes nothing."""
        return selectors.preview_clear(clearing_id=parsed_path.clearing_id, at=clock.now())


class ClearingRuns(ApiController):
    """The run of a clear."""

    tags = ("endings",)

    @modify(status_code=HTTPStatus.OK, operation_id="runClear")
    def post(
        self, parsed_path: Path[ClearingPath], parsed_body: BodyMsgspec[RunOrder]
    ) -> RunReport:
        """Do a clear whose day is over, for so many accounts; the next call goes on.

        It names the members who keep their points because nobody told them. Done once, it can be
        done again for those who were told late.
        """
        at, clearing_id = clock.now(), parsed_path.clearing_id
        run = services.clear(
            clearing_id=clearing_id, at=at, by=self.client.name, limit=parsed_body.limit
        )
        left = selectors.uncleared(clearing_id=clearing_id, after=None, limit=MOST_TOLD)
        return RunReport(run, [each for _, each in left])


class ClearingUntold(ApiController):
    """Members whom a clear leaves."""

    tags = ("endings",)

    @modify(operation_id="listUncleared")
    def get(self, parsed_path: Path[ClearingPath], parsed_query: Query[answers.Page]) -> UntoldList:
        """List members whom nobody told of a clear, and what they keep."""
        after = cursors.read_id(parsed_query.cursor)
        limit = parsed_query.limit
        found = selectors.uncleared(
            clearing_id=parsed_path.clearing_id, after=after, limit=limit + 1
        )
        return _untold(found, limit)


def _untold(found: Sequence[tuple[UUID, Untold]], limit: int) -> UntoldList:
    page = found[:limit]
    more = len(found) > len(page)
    return UntoldList([each for _, each in page], cursors.after_id(page[-1][0]) if more else None)
