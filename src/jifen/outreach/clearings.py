"""Clears: announced by the rule set or by an operator, told of, and then done by a run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from jifen.common.days import end_of_day
from jifen.common.sql import in_transaction
from jifen.earning import selectors as earning
from jifen.earning.errors import GrowthCannotExpire
from jifen.earning.selectors import Clear, Endings
from jifen.ledger.types import SYSTEM
from jifen.outreach.models import Clearing, Run
from jifen.outreach.types import (
    ClearingAnnounced,
    ClearingInfo,
    ClearingOfRules,
    ClearingOver,
    DayOver,
    UnknownClearing,
)
from jifen.programmes import selectors as programmes
from jifen.programmes.types import UnknownUnit

RULES: Final = "rules"
OPERATOR: Final = "operator"


def announce(
    *,
    unit: str,
    on: date,
    days: Iterable[int],
    required: bool,
    at: datetime,
    by: str,
    reason: str = "",
) -> ClearingInfo:
    """Announce that all points of a unit end at the end of a local day, with notices ``days``
    before. With ``required``, members who were not told keep theirs.

    Raises ``unknown_unit``, ``growth_cannot_expire``, :class:`DayOver` or
    :class:`ClearingAnnounced`.
    """
    units = programmes.units()
    if unit not in units:
        raise UnknownUnit(f"no unit has the code {unit!r}", unit=unit)
    if units[unit].kind == "growth":
        raise GrowthCannotExpire(f"{unit!r} counts for tiers: it is not cleared", unit=unit)
    ends_at = end_of_day(on, earning.endings(at).zone)
    if ends_at <= at:
        raise DayOver("this day is over already", on=on.isoformat())
    row = Clearing(
        unit_id=units[unit].id,
        ends_on=on,
        ends_at=ends_at,
        days=_written(days),
        is_required=required,
        source=OPERATOR,
        announced_at=at,
        announced_by=by,
        reason=reason,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ClearingAnnounced(
            "this unit is cleared on that day already", unit=unit, on=on.isoformat()
        ) from error
    return info(row)


def cancel(*, clearing_id: UUID) -> ClearingInfo:
    """Take back a clear that an operator announced: it is not done, and nobody is told of it any
    more.

    Raises :class:`UnknownClearing`, :class:`ClearingOfRules` or, also for one that has begun,
    :class:`ClearingOver`.
    """
    with transaction.atomic():
        row = locked(clearing_id)
        if row.source == RULES:
            raise ClearingOfRules("publish a rule set without it")
        if row.state != Clearing.State.ANNOUNCED:
            raise ClearingOver(f"this clear is {row.state}", state=row.state)
        if Run.objects.filter(kind="clear", clearing_id=clearing_id).exists():
            raise ClearingOver("this clear has begun", state="begun")
        row.state = Clearing.State.CANCELLED
        row.save(update_fields=["state"])
    return info(row)


class Changes(NamedTuple):
    """What the rule set in force says of clears that is not written down yet."""

    fresh: list[Clearing]
    kept: list[Clearing]
    """Announced ones as they are to be."""
    changed: list[Clearing]
    """Those of them that are written otherwise."""
    gone: list[Clearing]


def sync(endings: Endings, *, at: datetime) -> None:
    """Announce the clears of the rule set in force that are not announced yet, and take back those
    that it has no longer. What an operator announced stays as it is."""
    changes = _changes(endings, at)
    Clearing.objects.bulk_create(changes.fresh, ignore_conflicts=True)
    for row in changes.changed:
        Clearing.objects.filter(id=row.id).update(days=row.days, is_required=row.is_required)
    gone = [row.id for row in changes.gone]
    Clearing.objects.filter(id__in=gone, state=Clearing.State.ANNOUNCED).update(
        state=Clearing.State.CANCELLED
    )


def expected(endings: Endings, *, at: datetime) -> list[Clearing]:
    """The clears whose day is not over yet, as :func:`sync` would leave them. Writes nothing."""
    changes = _changes(endings, at)
    return sorted([*changes.fresh, *changes.kept], key=lambda row: (row.ends_at, row.id))


def _changes(endings: Endings, at: datetime) -> Changes:
    units = programmes.units()
    wanted = {
        (units[unit].id, day): clear
        for unit, clear in endings.clears.items()
        for day in clear.next_days(at.astimezone(endings.zone).date())
    }
    known = {(row.unit_id, row.ends_on): row for row in announced(ends_after=at)}
    changes = Changes([], [], [], [])
    for (unit_id, day), clear in wanted.items():
        row = known.pop((unit_id, day), None)
        if row is None:
            changes.fresh.append(_of_rules(unit_id, day, clear, endings, at))
            continue
        days, is_required = _written(clear.days), clear.required
        if row.source == RULES and (row.days, row.is_required) != (days, is_required):
            row.days, row.is_required = days, is_required
            changes.changed.append(row)
        changes.kept.append(row)
    for row in known.values():
        (changes.gone if row.source == RULES else changes.kept).append(row)
    return changes


def _of_rules(unit_id: UUID, day: date, clear: Clear, endings: Endings, at: datetime) -> Clearing:
    return Clearing(
        unit_id=unit_id,
        ends_on=day,
        ends_at=end_of_day(day, endings.zone),
        days=_written(clear.days),
        is_required=clear.required,
        source=RULES,
        announced_at=at,
        announced_by=SYSTEM,
    )


def announced(*, ends_after: datetime) -> list[Clearing]:
    """Announced clears whose day is not over yet."""
    rows = Clearing.objects.filter(state=Clearing.State.ANNOUNCED, ends_at__gt=ends_after)
    return list(rows.order_by("ends_at", "id"))


def due(*, at: datetime) -> list[UUID]:
    """Announced clears whose day is over."""
    rows = Clearing.objects.filter(state=Clearing.State.ANNOUNCED, ends_at__lte=at)
    return list(rows.order_by("ends_at", "id").values_list("id", flat=True))


def find(clearing_id: UUID) -> Clearing:
    """One clear, or :class:`UnknownClearing`."""
    row: Clearing | None = Clearing.objects.filter(id=clearing_id).first()
    if row is None:
        raise UnknownClearing("no clear has this id", id=str(clearing_id))
    return row


def locked(clearing_id: UUID) -> Clearing:
    """The same, in the open transaction: whether it is to be done is decided by one at a time."""
    in_transaction()
    row: Clearing | None = Clearing.objects.select_for_update().filter(id=clearing_id).first()
    if row is None:
        raise UnknownClearing("no clear has this id", id=str(clearing_id))
    return row


def days_of(row: Clearing) -> tuple[int, ...]:
    """How many days before it members are told."""
    return msgspec.json.decode(row.days, type=tuple[int, ...])


def info(row: Clearing) -> ClearingInfo:
    """As others may see it."""
    return infos([row])[0]


def infos(rows: Iterable[Clearing]) -> list[ClearingInfo]:
    """As others may see them."""
    codes = {unit.id: unit.code for unit in programmes.units().values()}
    return [
        ClearingInfo(
            id=row.id,
            unit=codes[row.unit_id],
            ends_on=row.ends_on,
            ends_at=row.ends_at,
            days=days_of(row),
            required=row.is_required,
            source=row.source,
            state=row.state,
            announced_at=row.announced_at,
            announced_by=row.announced_by,
            reason=row.reason,
        )
        for row in rows
    ]


def _written(days: Iterable[int]) -> str:
    return msgspec.json.encode(sorted(set(days), reverse=True)).decode()
