"""Planning notices: who is to be told on a day, one record each, with an event that sends it.

Planning again, or by two at once, plans nothing twice: the record's key sees to that, and an event
is written only with the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max
from msgspec import Struct

from jifen.common.days import end_of_day
from jifen.common.ids import new_id
from jifen.common.outbox import services as outbox
from jifen.common.outbox.types import NewEvent
from jifen.earning import selectors as earning
from jifen.earning.selectors import Endings, Notices
from jifen.outreach import runs
from jifen.outreach.clearings import announced, days_of, expected, sync
from jifen.outreach.models import Clearing, Notice, Run
from jifen.outreach.rules.windows import Window, days_to_plan, window_of, windows
from jifen.outreach.runs import Progress, Step
from jifen.outreach.sql import queries
from jifen.outreach.sql.queries import Ending, NoticeRow
from jifen.outreach.types import PlannedTotal, RunInfo
from jifen.programmes import selectors as programmes

TOPIC: Final = "notice"
"""Of the events that send notices."""
DEFAULT: Final = Notices(days=(1,))
"""How notices are sent of a unit for which the rule set says nothing else."""
SLICE: Final = 500
"""Accounts that are looked at in one transaction."""

Finder = Callable[["UUID | None", int], list[NoticeRow]]
"""The late notices of so many accounts after one."""


class Sent(Struct, frozen=True):
    """The payload of such an event."""

    notice: UUID


class Part(Struct, frozen=True):
    """A unit's own notices, or those of a clear: which days of which days are told of."""

    unit: str
    unit_id: UUID
    kind: str
    hour: int
    days: Sequence[int]
    clearing_id: UUID | None = None
    ends_on: date | None = None
    ends_at: datetime | None = None
    before_first: date | None = None
    """The day after which it can be told of first; the day before it is planned first without."""

    def windows(self, on: date, endings: Endings) -> list[Window]:
        """What is told of on the local day ``on``."""
        if self.ends_on is None or self.ends_at is None:
            return windows(self.days, on, endings.zone)
        before = (self.ends_on - on).days
        if before not in self.days:
            return []
        begins_at = window_of(self.ends_on, before, endings.zone).begins_at
        return [Window(before, self.ends_on, begins_at, self.ends_at)]


def plan(
    *,
    at: datetime,
    by: str,
    limit: int | None = None,
    again: bool = True,
    progress: Progress | None = None,
) -> list[RunInfo]:
    """Plan the notices of this local day, and of days that were missed; ``limit`` accounts of each
    at most.

    ``again`` plans the day also before its hour, and once more for what came since. The schedule
    does without.
    """
    endings = earning.endings(at)
    sync(endings, at=at)
    done: list[RunInfo] = []
    for part in _parts(endings, announced(ends_after=at)):
        for row in _runs(part, endings, at=at, by=by, again=again):
            spans = part.windows(row.on_day, endings)
            step = _stepper(part, spans, at)
            done.append(runs.work(row.id, step, at=at, size=SLICE, limit=limit, progress=progress))
    return done


def preview_plan(*, at: datetime) -> list[PlannedTotal]:
    """How many notices planning this local day would make now, by unit and day. Writes nothing."""
    endings = earning.endings(at)
    today = at.astimezone(endings.zone).date()
    totals: list[PlannedTotal] = []
    for part in _parts(endings, expected(endings, at=at)):
        spans = part.windows(today, endings)
        members, points = Counter[int | None](), Counter[int | None]()
        for ending in _everything(part, spans):
            if ending.points:
                members[ending.days_before] += 1
                points[ending.days_before] += ending.points
        for span in spans:
            if found := members[days := span.days_before]:
                total = PlannedTotal(part.unit, part.kind, days, span.ends_on, found, points[days])
                totals.append(total)
    return totals


def plan_late(*, at: datetime, limit: int | None = None) -> int:
    """Plan notices to members whose points stayed past their last day because nobody told them,
    and to those whom a clear left, ``limit`` notices at most; answers how many. Told now, they are
    good some days more.

    Who was told late today already is not told again today, so another call goes on.
    """
    planned = 0
    for find in _late_finders(earning.endings(at), at):
        after: UUID | None = None
        while rows := find(after, SLICE if limit is None else min(SLICE, limit - planned)):
            with transaction.atomic():
                planned += _insert(rows, at)
            after = rows[-1].account_id
    return planned


def retry(*, at: datetime, limit: int | None = None) -> int:
    """Let notices that failed be sent once more, ``limit`` at most, if their day has not come yet;
    answers how many."""
    with transaction.atomic():
        failed = Notice.objects.select_for_update(skip_locked=True).filter(
            state=Notice.State.FAILED, ends_at__gt=at
        )
        rows = dict(failed.order_by("id").values_list("id", "member_id")[:limit])
        Notice.objects.filter(id__in=list(rows)).update(
            state=Notice.State.PLANNED, reason="", done_at=None
        )
        _publish(rows, at)
    return len(rows)


def late_days(endings: Endings, unit: str) -> int:
    """How many days points are good after a notice that comes late."""
    return endings.notices.get(unit, DEFAULT).late_days


def _parts(endings: Endings, clears: Iterable[Clearing]) -> list[Part]:
    units = programmes.units()
    parts = [
        Part(unit, units[unit].id, "expiry", notices.hour, notices.days)
        for unit, notices in endings.notices.items()
    ]
    codes = {unit.id: code for code, unit in units.items()}
    for row in clears:
        unit = codes[row.unit_id]
        hour = endings.notices.get(unit, DEFAULT).hour
        told_on = row.announced_at.astimezone(endings.zone).date()
        parts.append(
            Part(
                unit,
                row.unit_id,
                "clear",
                hour,
                days_of(row),
                row.id,
                row.ends_on,
                row.ends_at,
                told_on - timedelta(days=1),
            )
        )
    return parts


def _runs(part: Part, endings: Endings, *, at: datetime, by: str, again: bool) -> Iterator[Run]:
    """The runs of the days to be planned now: one that is open, then missed ones, then today's."""
    local = at.astimezone(endings.zone)
    of_part: dict[str, Any] = {
        "kind": "notices",
        "unit_id": part.unit_id,
        "clearing_id": part.clearing_id,
    }
    mine = Run.objects.filter(**of_part)
    open_ones = mine.filter(finished_at=None)
    for row in open_ones.all():
        yield row
        if open_ones.exists():
            return
    last = mine.aggregate(last=Max("on_day"))["last"]
    if again and last == local.date():
        row = mine.get(on_day=last)
        Run.objects.filter(id=row.id).update(finished_at=None, after=None)
        yield row
    for on in days_to_plan(last or part.before_first, local.date()):
        if on == local.date() and local.hour < part.hour and not again:
            return
        if not part.windows(on, endings):
            continue
        while (row := runs.begin(on_day=on, at=at, by=by, **of_part)).finished_at is None:
            yield row
            if open_ones.exists():
                return
            if row.on_day == on:
                break
            # Another planner had begun that day meanwhile; now this one.


def _stepper(part: Part, spans: Sequence[Window], at: datetime) -> runs.Stepper:
    def step(row: Run, limit: int) -> Step:
        found = _find(part, spans, row.after, limit)
        rows = [_row(part, span, each) for each in found for span in spans if _fits(span, each)]
        accounts = len({each.account_id for each in found})
        after = found[-1].account_id if accounts == limit else None
        return Step(after, accounts, notices=_insert(rows, at))

    return step


def _fits(span: Window, ending: Ending) -> bool:
    return bool(ending.points) and ending.days_before == span.days_before


def _find(part: Part, spans: Sequence[Window], after: UUID | None, limit: int) -> list[Ending]:
    if not spans:
        return []
    if part.clearing_id is not None:
        return queries.find_cleared(
            unit_id=part.unit_id,
            clearing_id=part.clearing_id,
            window=spans[0],
            after=after,
            limit=limit,
        )
    return queries.find_ending(unit_id=part.unit_id, windows=spans, after=after, limit=limit)


def _everything(part: Part, spans: Sequence[Window]) -> Iterator[Ending]:
    after: UUID | None = None
    while True:
        found = _find(part, spans, after, SLICE)
        yield from found
        if len({each.account_id for each in found}) < SLICE:
            return
        after = found[-1].account_id


def _row(part: Part, span: Window, ending: Ending) -> NoticeRow:
    return NoticeRow(
        new_id(),
        ending.member_id,
        ending.account_id,
        part.unit_id,
        part.clearing_id,
        part.kind,
        span.ends_on,
        span.ends_at,
        span.days_before,
        is_late=False,
        begins_at=span.begins_at,
        covers_to=span.ends_at,
        points=ending.points,
    )


def _late_finders(endings: Endings, at: datetime) -> Iterator[Finder]:
    """Who was not told of expiries, and then of each clear."""
    today = at.astimezone(endings.zone).date()
    codes = {unit.id: code for code, unit in programmes.units().items()}

    def late(unit: str) -> Window:
        days = late_days(endings, unit)
        ends_on = today + timedelta(days=days)
        return Window(days, ends_on, at, end_of_day(ends_on, endings.zone))

    def of_expiries(after: UUID | None, limit: int) -> list[NoticeRow]:
        return [
            _late_row(late(each.unit), "expiry", None, each.account_id, each.member_id,
                      each.unit_id, each.points, each.since, at)
            for each in queries.find_untold(at=at, after=after, limit=limit)
        ]  # fmt: skip

    def of_clear(row: Clearing, after: UUID | None, limit: int) -> list[NoticeRow]:
        span, unit_id = late(codes[row.unit_id]), row.unit_id
        found = queries.find_uncleared(
            unit_id=unit_id, clearing_id=row.id, ends_at=row.ends_at, after=after, limit=limit
        )
        return [
            _late_row(span, "clear", row.id, account, member, unit_id, points, row.ends_at, at)
            for account, member, points, _ in found
        ]

    yield of_expiries
    done = Clearing.objects.filter(state=Clearing.State.DONE, is_required=True, ends_at__lte=at)
    for row in done.order_by("id"):
        yield partial(of_clear, row)


def _late_row(
    span: Window,
    kind: str,
    clearing_id: UUID | None,
    account_id: UUID,
    member_id: UUID,
    unit_id: UUID,
    points: int,
    since: datetime,
    at: datetime,
) -> NoticeRow:
    return NoticeRow(
        new_id(),
        member_id,
        account_id,
        unit_id,
        clearing_id,
        kind,
        span.ends_on,
        span.ends_at,
        span.days_before,
        is_late=True,
        begins_at=since,
        covers_to=at,
        points=points,
    )


def _insert(rows: Sequence[NoticeRow], at: datetime) -> int:
    """Write those notices that are not there yet, and their events; answers how many."""
    if not rows:
        return 0
    fresh = queries.insert_notices(rows, at=at)
    _publish(fresh, at)
    return len(fresh)


def _publish(notices: Mapping[UUID, UUID], at: datetime) -> None:
    outbox.write(
        [
            NewEvent(TOPIC, member_id, msgspec.json.encode(Sent(notice_id)))
            for notice_id, member_id in sorted(notices.items())
        ],
        at=at,
    )
