"""What crosses the door of outreach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict, InvalidInput, NotFound


class NoticeInfo(Struct, frozen=True):
    """A notice. ``kind`` is expiry or clear; ``state`` is planned, sent or failed, with the
    ``reason``. ``ends_on`` is the last local day on which the points are good."""

    id: UUID
    member_id: UUID
    unit: str
    kind: str
    ends_on: date
    days_before: int
    is_late: bool
    points: int
    state: str
    channel: str
    reason: str
    planned_at: datetime
    done_at: datetime | None


class PlannedTotal(Struct, frozen=True):
    """Notices that planning would make for one day of the schedule."""

    unit: str
    kind: str
    days_before: int
    ends_on: date
    members: int
    points: int


class ClosedTotal(Struct, frozen=True):
    """So many points in so many lots, of so many accounts."""

    accounts: int = 0
    lots: int = 0
    points: int = 0


class UntoldTotal(Struct, frozen=True):
    """So many members keep so many points, because nobody told them."""

    members: int
    points: int


class Untold(Struct, frozen=True):
    """A member whose points are past their last day and good all the same, because nobody told
    them. ``reason`` is that of the last notice that failed, ``planned`` for one that waits to be
    sent, or ``not_planned``."""

    member_id: UUID
    unit: str
    points: int
    ends_on: date
    reason: str


class RunInfo(Struct, frozen=True):
    """A run over all members. ``kind`` is expiry, clear or notices; without ``finished_at`` it goes
    on with the next call. ``totals`` is what it closed, by unit; ``notices`` how many it planned;
    ``passed_over`` how many accounts somebody else held; ``untold`` what it left, by unit, at its
    end."""

    id: UUID
    kind: str
    unit: str | None
    clearing_id: UUID | None
    on_day: date
    started_at: datetime
    started_by: str
    finished_at: datetime | None
    slices: int
    passed_over: int
    notices: int
    totals: Mapping[str, ClosedTotal]
    untold: Mapping[str, UntoldTotal]


class ClosingPart(Struct, frozen=True):
    """What a run would close of one unit's lots that were earned at one store, None for no store;
    or what it would leave."""

    unit: str
    store: str | None
    lots: int
    members: int
    points: int


class ClosingPreview(Struct, frozen=True):
    """What a run would close now, by unit and store, and what it would leave because nobody told
    the member."""

    closes: tuple[ClosingPart, ...]
    leaves: Mapping[str, UntoldTotal]


class ClearingInfo(Struct, frozen=True):
    """An announced clear. ``source`` is rules or operator; ``state`` is announced, done or
    cancelled; ``required`` says that who was not told keeps the points."""

    id: UUID
    unit: str
    ends_on: date
    ends_at: datetime
    days: tuple[int, ...]
    required: bool
    source: str
    state: str
    announced_at: datetime
    announced_by: str
    reason: str


class UnknownRun(NotFound):
    """No run has this id."""

    code: ClassVar[str] = "unknown_run"


class UnknownClearing(NotFound):
    """No clear has this id."""

    code: ClassVar[str] = "unknown_clearing"


class RunBusy(Conflict):
    """Another process is at work on this run now."""

    code: ClassVar[str] = "run_busy"


class ClearingAnnounced(Conflict):
    """The unit is cleared on that day already."""

    code: ClassVar[str] = "clearing_announced"


class ClearingNotDue(Conflict):
    """The day of the clear is not over yet."""

    code: ClassVar[str] = "clearing_not_due"


class ClearingOfRules(Conflict):
    """The rule set says so; it is taken back by publishing one without it."""

    code: ClassVar[str] = "clearing_of_rules"


class ClearingOver(Conflict):
    """The clear was done or cancelled, or it has begun: ``state``."""

    code: ClassVar[str] = "clearing_over"


class DayOver(InvalidInput):
    """The day is over already."""

    code: ClassVar[str] = "day_over"
