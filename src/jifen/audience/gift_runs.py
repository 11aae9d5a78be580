"""Gifts to many: a run chooses its members once, then gives to each of them once.

Who gets something is written down before anybody does, by one statement, as the run's question was
when it was started. Each gift is an activity whose key is made of the run and the member, so a run
that was killed at any moment goes on and nobody gets it twice. A job drives the runs; it only wakes
what the tables say is open.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from jifen.audience import receivers, selectors
from jifen.audience.models import GiftRun, GiftRunMember
from jifen.audience.receivers import count, discreet
from jifen.audience.rules.conditions import Condition
from jifen.audience.sql import queries
from jifen.audience.types import (
    BulkGift,
    GiftRunEnded,
    GiftRunInfo,
    RefusedGift,
    RunStatus,
    RunTo,
    ToMembers,
    ToSegment,
    UnknownGiftRun,
)
from jifen.earning import services as earning
from jifen.earning.errors import KeyConflict, MemberBusy
from jifen.earning.types import Booked, Caller, Gift, MemberRef, Outcome, Refused
from jifen.ledger.types import SYSTEM
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes.types import Stores

__all__ = ["cancel", "count", "discreet", "go_on", "refused", "run", "runs", "start"]
SLICE: Final = 500
"""Members who are given to in one go."""
GIVEN: Final = "given"
_WAITING: Final = ""
"""The outcome of whose turn is to come."""
_OPEN: Final = (GiftRun.Status.CHOOSING, GiftRun.Status.GIVING)
# Seen by msgspec now, in one thread: two that look into a type for the first time can crash.
_CONDITIONS: Final = msgspec.json.Decoder(Condition)
_TOTALS: Final = msgspec.json.Decoder(dict[str, int])
_ENCODER: Final = msgspec.json.Encoder()
log = logging.getLogger(__name__)


def start(gift: BulkGift, *, key: str, caller: Caller, at: datetime) -> tuple[GiftRunInfo, bool]:
    """Start a run under an idempotency key; answers it, and whether it was started by an earlier
    call. Raises :class:`KeyConflict`, and what the gift itself would be refused for."""
    digest = hashlib.sha256(_ENCODER.encode(gift)).digest()
    known = _by_key(caller.client_id, key, digest)
    if known is not None:
        return known, True
    receivers.check(gift, at=at, stores=caller.stores)
    try:
        with transaction.atomic():
            made = _insert(gift, key, digest, caller, at)
    except IntegrityError:
        # The same key came twice at this moment; whoever was first has started the run.
        known = _by_key(caller.client_id, key, digest)
        if known is None:
            raise
        return known, True
    return run(made), False


def is_started(gift: BulkGift, *, key: str, caller: Caller) -> bool:
    """Whether :func:`start` would answer the run that an earlier call started under this key.
    Raises :class:`KeyConflict`."""
    return (
        _by_key(caller.client_id, key, hashlib.sha256(_ENCODER.encode(gift)).digest()) is not None
    )


def run(run_id: UUID, *, stores: Stores = None) -> GiftRunInfo:
    """One run, of these stores, or :class:`UnknownGiftRun`."""
    return _infos([_row(run_id, stores)])[0]


def runs(*, before: UUID | None, limit: int, stores: Stores = None) -> list[GiftRunInfo]:
    """The runs of these stores, the newest first, before a given one."""
    rows = _of_stores(GiftRun.objects.order_by("-id"), stores)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _infos(rows[:limit])


def refused(
    run_id: UUID, *, after: UUID | None, limit: int, stores: Stores = None
) -> list[RefusedGift]:
    """Who of a run of these stores does not get it and why, in the order they were made, after a
    given member; or :class:`UnknownGiftRun`."""
    row = _row(run_id, stores)
    rows = GiftRunMember.objects.filter(run_id=row.id).exclude(outcome__in=("", GIVEN))
    if after is not None:
        rows = rows.filter(member_id__gt=after)
    found = rows.order_by("member_id").values_list("member_id", "outcome")[:limit]
    return [RefusedGift(member_id, code) for member_id, code in found]


def cancel(run_id: UUID, *, by: str, at: datetime) -> GiftRunInfo:
    """End a run early. What was given stays given; a slice on its way may still be. Raises
    :class:`GiftRunEnded`."""
    with transaction.atomic():
        row = _locked(run_id)
        if row.status not in _OPEN:
            raise GiftRunEnded("this run is over", run_status=row.status)
        _write(run_id, status=GiftRun.Status.CANCELLED, ended_at=at, ended_by=by)
        _find_given(row, at)
    return run(run_id)


def go_on(*, at: datetime) -> bool:
    """Take every run that is not settled one step further; answers whether there was anything to
    do.

    Killed and called again it goes on where it was. Members who are busy are tried again later.
    What goes wrong in one run keeps no other waiting.
    """
    went = [_step(row, at) for row in GiftRun.objects.filter(totals="").order_by("id")]
    return any(went)


# --- starting ------------------------------------------------------------------------------------


def _insert(gift: BulkGift, key: str, digest: bytes, caller: Caller, at: datetime) -> UUID:
    to = gift.to
    named = receivers.named(to.members) if isinstance(to, ToMembers) else ()
    stores = programmes.stores()
    store = stores[caller.home] if caller.home else next(iter(stores.values()))
    row: GiftRun = GiftRun.objects.create(
        client_id=caller.client_id,
        key=key,
        body_sha256=digest,
        store_id=store.id,
        unit_id=programmes.units()[gift.unit].id,
        points=gift.points,
        reason=receivers.kept(gift.reason, named),
        actor=gift.actor,
        expires_at=gift.expires_at,
        kind=to.__struct_config__.tag,
        segment=to.segment if isinstance(to, ToSegment) else "",
        condition="" if named else _ENCODER.encode(receivers.condition_of(gift)).decode(),
        status=GiftRun.Status.GIVING if named else GiftRun.Status.CHOOSING,
        progress=_ENCODER.encode({_WAITING: len(named)} if named else {}).decode(),
        started_at=at,
        started_by=caller.name,
    )
    if named:
        queries.insert_gift_run_members(row.id, named)
    made: UUID = row.id
    return made


# --- going on ------------------------------------------------------------------------------------


def _step(row: GiftRun, at: datetime) -> bool:
    try:
        match row.status:
            case GiftRun.Status.CHOOSING:
                return _choose(row)
            case GiftRun.Status.GIVING:
                return _give(row, at)
            case _:
                return _settle(row, at)
    except Exception:
        log.exception("a gift run failed run=%s", row.id)
        return False


def _choose(row: GiftRun) -> bool:
    """Write down who gets it; then giving begins."""
    question = selectors.question(_CONDITIONS.decode(row.condition), at=row.started_at)
    # The run is not locked meanwhile, so that it can be cancelled: then nobody was chosen.
    with transaction.atomic():
        queries.choose_gift_run_members(row.id, question)
        choosing = GiftRun.objects.filter(id=row.id, status=GiftRun.Status.CHOOSING)
        if not choosing.update(status=GiftRun.Status.GIVING, progress=_counted(row)):
            transaction.set_rollback(True)
    return True


def _give(row: GiftRun, at: datetime) -> bool:
    """Give to the next members, and write down what became of it."""
    ids = _waiting(row)
    if not ids:
        return _finish(row, at)
    client = programme_services.internal_client(name=SYSTEM, at=at)
    outcomes = earning.book(
        activities=_gifts(row, ids), caller=Caller(client.client_id, SYSTEM), at=at
    )
    told = {
        member_id: outcome
        for member_id, each in zip(ids, outcomes, strict=True)
        if (outcome := _outcome(each))
    }
    with transaction.atomic():
        row = _locked(row.id)
        _go_further(row, queries.mark_gift_run_members(row.id, told))
        if row.totals:  # it was cancelled and settled meanwhile
            _write(row.id, totals=_counted(row))
    return bool(told)


def _waiting(row: GiftRun) -> list[UUID]:
    """The members whose turn it is."""
    waiting = GiftRunMember.objects.filter(run_id=row.id, outcome="").order_by("member_id")
    return list(waiting.values_list("member_id", flat=True)[:SLICE])


def _finish(row: GiftRun, at: datetime) -> bool:
    """End a run that nobody waits for; answers whether it was open."""
    open_one = GiftRun.objects.filter(id=row.id, status__in=_OPEN)
    return bool(open_one.update(status=GiftRun.Status.DONE, ended_at=at, ended_by=SYSTEM))


def _settle(row: GiftRun, at: datetime) -> bool:
    """Write the totals of a run that is over, now that no slice of it is on its way."""
    with transaction.atomic():
        row = _locked(row.id)
        _find_given(row, at)
        _write(row.id, totals=_counted(row))
    return True


def _find_given(row: GiftRun, at: datetime) -> None:
    """Write down as given what a worker booked who died, or was overtaken, before writing it down:
    that is of the slice whose turn it is."""
    client = programme_services.internal_client(name=SYSTEM, at=at)
    keys = {member_id: _key(row, member_id) for member_id in _waiting(row)}
    _go_further(row, queries.mark_booked_gifts(row.id, client.client_id, keys))


def _go_further(row: GiftRun, outcomes: Sequence[str]) -> None:
    """Write down how far the run is, whose row is locked: what became of some who waited. Whoever
    watches reads that and counts nothing."""
    progress = Counter(_TOTALS.decode(row.progress))
    progress.update(outcomes)
    progress[_WAITING] -= len(outcomes)
    _write(row.id, progress=_ENCODER.encode(+progress).decode())


def _counted(row: GiftRun) -> str:
    return _ENCODER.encode(queries.count_gift_run_members([row.id])[row.id]).decode()


def _key(row: GiftRun, member_id: UUID) -> str:
    """The key of the gift to this member, by which it is booked once."""
    return f"gift_run:{row.id}:{member_id}"


def _gifts(row: GiftRun, ids: Collection[UUID]) -> list[Gift]:
    """The gifts to these members: always the same, so that one that comes again is a repeat."""
    units = {unit.id: unit.code for unit in programmes.units().values()}
    stores = {store.id: store.code for store in programmes.stores().values()}
    return [
        Gift(
            key=_key(row, member_id),
            occurred_at=row.started_at,
            store=stores[row.store_id],
            member=MemberRef("id", str(member_id)),
            unit=units[row.unit_id],
            points=row.points,
            reason=row.reason,
            actor=row.actor,
            expires_at=row.expires_at,
        )
        for member_id in ids
    ]


def _outcome(outcome: Outcome) -> str:
    """What to write down of it; nothing where it is worth another try."""
    match outcome:
        case Booked():
            return GIVEN
        case Refused(error=MemberBusy()):
            return ""
        case Refused(error=error):
            return error.code


def _locked(run_id: UUID) -> GiftRun:
    """The run, locked in the open transaction, or :class:`UnknownGiftRun`."""
    # Rows that refer to a run may still be inserted, which takes long where many are chosen.
    return _only(run_id, GiftRun.objects.select_for_update(no_key=True))


def _write(run_id: UUID, **values: Any) -> None:
    GiftRun.objects.filter(id=run_id).update(**values)


# --- reading -------------------------------------------------------------------------------------


def _row(run_id: UUID, stores: Stores) -> GiftRun:
    return _only(run_id, _of_stores(GiftRun.objects.all(), stores))


def _of_stores(rows: QuerySet[GiftRun], stores: Stores) -> QuerySet[GiftRun]:
    ids = programmes.store_ids(stores)
    return rows if ids is None else rows.filter(store_id__in=ids)


def _only(run_id: UUID, rows: QuerySet[GiftRun]) -> GiftRun:
    row: GiftRun | None = rows.filter(id=run_id).first()
    if row is None:
        raise UnknownGiftRun("no gift run has this id", id=str(run_id))
    return row


def _by_key(client_id: UUID, key: str, digest: bytes) -> GiftRunInfo | None:
    row = GiftRun.objects.filter(client_id=client_id, key=key).first()
    if row is None:
        return None
    if bytes(row.body_sha256) != digest:
        raise KeyConflict("this key started a run with another body", first_id=str(row.id))
    return _infos([row])[0]


def _infos(rows: Iterable[GiftRun]) -> list[GiftRunInfo]:
    units = {unit.id: unit.code for unit in programmes.units().values()}
    return [
        _info(row, units[row.unit_id], _TOTALS.decode(row.totals or row.progress)) for row in rows
    ]


def _info(row: GiftRun, unit: str, counts: dict[str, int]) -> GiftRunInfo:
    return GiftRunInfo(
        id=row.id,
        status=cast("RunStatus", row.status),
        to=cast("RunTo", row.kind),
        segment=row.segment,
        condition=_CONDITIONS.decode(row.condition) if row.kind == "condition" else None,
        unit=unit,
        points=row.points,
        reason=row.reason,
        actor=row.actor,
        expires_at=row.expires_at,
        members=sum(counts.values()),
        given=counts.get(GIVEN, 0),
        refused={code: n for code, n in counts.items() if code not in {_WAITING, GIVEN}},
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
