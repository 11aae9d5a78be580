"""Gifts to many: a run chooses its members once, then gives to each of them once.

Who gets something is written down before anybody does, by one statement, as the run's question was
when it was started. Each gift is an activity whose key is made of the run and the member, so a run
that was killed at any moment goes on and nobody gets it twice. A job drives the runs; it only wakes
what the tables say is open.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from msgspec.structs import replace

from jifen.audience import selectors
from jifen.audience.models import GiftRun, GiftRunMember
from jifen.audience.rules.conditions import ByOrders, Condition
from jifen.audience.sql import queries
from jifen.audience.types import (
    BulkGift,
    GiftRunEnded,
    GiftRunInfo,
    RunStatus,
    RunTo,
    ToAll,
    ToMembers,
    ToSegment,
    UnknownGiftRun,
)
from jifen.earning import services as earning
from jifen.earning.errors import KeyConflict, MemberBusy
from jifen.earning.types import Booked, Caller, Gift, MemberRef, Outcome, Refused
from jifen.ledger.types import SYSTEM
from jifen.members import selectors as members
from jifen.members.types import IdentityValue, UnknownMember
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes.types import Stores

SLICE: Final = 500
"""Members who are given to in one go."""
GIVEN: Final = "given"
_OPEN: Final = (GiftRun.Status.CHOOSING, GiftRun.Status.GIVING)
_EVERYBODY: Final = ByOrders(at_least=0)
"""Whoever takes part has no orders, or some."""
# Seen by msgspec now, in one thread: two that look into a type for the first time can crash.
_CONDITIONS: Final = msgspec.json.Decoder(Condition)
_TOTALS: Final = msgspec.json.Decoder(dict[str, int])
_ENCODER: Final = msgspec.json.Encoder()
log = logging.getLogger(__name__)


def count(gift: BulkGift, *, at: datetime, stores: Stores = None) -> int:
    """How many members a gift would go to, if somebody of these stores started it now. Raises what
    starting it would."""
    _check(gift, at, stores)
    if isinstance(gift.to, ToMembers):
        return len(_named(gift.to.members))
    return selectors.count(_condition(gift), at=at)


def start(gift: BulkGift, *, key: str, caller: Caller, at: datetime) -> tuple[GiftRunInfo, bool]:
    """Start a run under an idempotency key; answers it, and whether it was started by an earlier
    call. Raises :class:`KeyConflict`, and what the gift itself would be refused for."""
    digest = hashlib.sha256(_ENCODER.encode(gift)).digest()
    known = _by_key(caller.client_id, key, digest)
    if known is not None:
        return known, True
    _check(gift, at, caller.stores)
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


def discreet(gift: BulkGift) -> BulkGift:
    """A gift as it may be kept before it is started: members by their ids, and a reason that names
    nobody."""
    if not isinstance(gift.to, ToMembers):
        return replace(gift, reason=_kept(gift.reason, ()))
    named = sorted(_named(gift.to.members))
    refs = tuple(MemberRef("id", str(member_id)) for member_id in named)
    return replace(gift, reason=_kept(gift.reason, named), to=ToMembers(refs))


def run(run_id: UUID, *, stores: Stores = None) -> GiftRunInfo:
    """One run, of these stores, or :class:`UnknownGiftRun`."""
    return _infos([_row(run_id, stores)])[0]


def runs(*, before: UUID | None, limit: int, stores: Stores = None) -> list[GiftRunInfo]:
    """The runs of these stores, the newest first, before a given one."""
    rows = _of_stores(GiftRun.objects.order_by("-id"), stores)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _infos(rows[:limit])


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


def _check(gift: BulkGift, at: datetime, stores: Stores) -> None:
    earning.check_gift(unit=gift.unit, expires_at=gift.expires_at, at=at)
    if isinstance(gift.to, ToSegment):
        selectors.segment(gift.to.segment, stores=stores)


def _insert(gift: BulkGift, key: str, digest: bytes, caller: Caller, at: datetime) -> UUID:
    to = gift.to
    named = _named(to.members) if isinstance(to, ToMembers) else ()
    stores = programmes.stores()
    store = stores[caller.home] if caller.home else next(iter(stores.values()))
    row: GiftRun = GiftRun.objects.create(
        client_id=caller.client_id,
        key=key,
        body_sha256=digest,
        store_id=store.id,
        unit_id=programmes.units()[gift.unit].id,
        points=gift.points,
        reason=_kept(gift.reason, named),
        actor=gift.actor,
        expires_at=gift.expires_at,
        kind=to.__struct_config__.tag,
        segment=to.segment if isinstance(to, ToSegment) else "",
        condition="" if named else _ENCODER.encode(_condition(gift)).decode(),
        status=GiftRun.Status.GIVING if named else GiftRun.Status.CHOOSING,
        started_at=at,
        started_by=caller.name,
    )
    if named:
        queries.insert_gift_run_members(row.id, named)
    made: UUID = row.id
    return made


def _kept(reason: str, named: Collection[UUID]) -> str:
    """The reason as it may stay in the books: without the names and identities of those who get
    it."""
    personal = frozenset[str]().union(*members.personal(named).values())
    return members.discreet(reason, personal=personal)


def _condition(gift: BulkGift) -> Condition:
    match gift.to:
        case ToSegment(segment=code):
            return selectors.segment(code).condition
        case ToAll():
            return _EVERYBODY
        case ToMembers():
            raise RuntimeError("members who are named need no condition")


def _named(refs: Iterable[MemberRef]) -> set[UUID]:
    """The members whom these name, or ``UnknownMember`` with the position of who is not there."""
    ids: dict[int, UUID] = {}
    identities: dict[int, IdentityValue] = {}
    for position, ref in enumerate(refs):
        if ref.kind != "id":
            identities[position] = members.normalise(IdentityValue(ref.kind, ref.value))
            continue
        try:
            ids[position] = UUID(ref.value)
        except ValueError as error:
            raise UnknownMember("a member's id is a UUID", position=position) from error
    known = members.find(set(identities.values()))
    ids |= {place: known[each] for place, each in identities.items() if each in known}
    there = members.registered(ids.values())
    for position in (*identities, *ids):
        if position not in ids or ids[position] not in there:
            raise UnknownMember("no member of this programme is this", position=position)
    return set(ids.values())


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
        if not choosing.update(status=GiftRun.Status.GIVING):
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
        queries.mark_gift_run_members(row.id, told)
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
    queries.mark_booked_gifts(row.id, client.client_id, keys)


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
    found = list(rows)
    units = {unit.id: unit.code for unit in programmes.units().values()}
    counts = {row.id: _TOTALS.decode(row.totals) for row in found if row.totals}
    counts |= queries.count_gift_run_members([row.id for row in found if not row.totals])
    return [_info(row, units[row.unit_id], counts[row.id]) for row in found]


def _info(row: GiftRun, unit: str, counts: dict[str, int]) -> GiftRunInfo:
    return GiftRunInfo(
        id=row.id,
        status=cast("RunStatus", row.status),
        to=cast("RunTo", row.kind),
        segment=row.segment,
        unit=unit,
        points=row.points,
        reason=row.reason,
        actor=row.actor,
        expires_at=row.expires_at,
        members=sum(counts.values()),
        given=counts.get(GIVEN, 0),
        refused={code: n for code, n in counts.items() if code not in {"", GIVEN}},
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
