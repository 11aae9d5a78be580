"""What one person may not do alone: large gifts, adjustments and waivers wait for a second person.

What somebody of the staff asks for above the programme's limit is kept as a request, under the key
it came with. Another person with the right confirms it, and only then it is booked, in one
transaction with the decision: under the key and in the name of who asked, so it is booked once
however often it is confirmed. Or they refuse it with a reason; or who asked withdraws it; or nobody
does anything, and after some days it has lapsed. Machines have a limit of their own, which is their
rights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from msgspec.structs import replace

from jifen.audience import gift_runs
from jifen.audience.models import Approval
from jifen.audience.types import (
    ApprovalDecided,
    ApprovalInfo,
    ApprovalKind,
    ApprovalNeeded,
    ApprovalPreview,
    ApprovalStatus,
    BulkGift,
    NotOwnApproval,
    OwnApproval,
    UnknownApproval,
)
from jifen.common.errors import JifenError
from jifen.earning import services as earning
from jifen.earning.errors import KeyConflict
from jifen.earning.types import (
    Activity,
    Adjustment,
    Booked,
    Caller,
    Gift,
    MemberRef,
    Opening,
    Refused,
    Waiver,
)
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes
from jifen.programmes import staff
from jifen.programmes.types import Stores

OPEN_FOR: Final = timedelta(days=7)
"""How long a request waits."""
Held = Gift | Adjustment | Opening | Waiver
"""The acts of one person that may be too large for one."""
# Seen by msgspec now, in one thread: two that look into a type for the first time can crash.
_ACTS: Final = msgspec.json.Decoder(Held)
_GIFTS: Final = msgspec.json.Decoder(BulkGift)
_ENCODER: Final = msgspec.json.Encoder()


def is_above(points: int) -> bool:
    """Whether so many points, given or taken by hand, need a second person."""
    limit = programmes.programme().approval_above
    return limit is not None and points > limit


def is_by_hand(activity: Activity) -> bool:
    """Whether somebody gives or takes points by it, and needs another one where they are many."""
    return isinstance(activity, Held)


def points_of(activity: Activity, *, caller: Caller, at: datetime) -> int:
    """How many points somebody gives, takes or waives by hand; none where it is no such act."""
    match activity:
        case Gift(points=points) | Adjustment(points=points):
            return abs(points)
        case Opening(lots=lots):
            return sum(lot.points for lot in lots)
        case Waiver(points=points):
            return points or _owed(activity, caller, at)
    return 0


def _owed(waiver: Waiver, caller: Caller, at: datetime) -> int:
    """What a waiver of everything that is owed comes to; nothing where it would be refused."""
    [outcome] = earning.preview(activities=[waiver], caller=caller, at=at)
    return outcome.points.get(waiver.unit, 0) if isinstance(outcome, Booked) else 0


def refuse_together(
    activities: Sequence[Activity], *, caller: Caller, at: datetime
) -> ApprovalNeeded | None:
    """The refusal of what one person asks for in one batch, where it is above the limit in all: a
    batch has no room for a request, and would be a way around it."""
    if programmes.programme().approval_above is None:
        return None
    points = sum(points_of(each, caller=caller, at=at) for each in activities)
    if points and is_above(points):
        return ApprovalNeeded("ask for these one by one: they need a second person", points=points)
    return None


def hold_activity(
    activity: Activity, *, caller: Caller, at: datetime
) -> tuple[ApprovalInfo | None, Activity]:
    """The request that an act of a person became, if it needs a second one; else None, and the act
    that is to be booked: the very one that was confirmed, where this key was.

    Raises what booking it now would be refused for.
    """
    if not isinstance(activity, Held):
        return None, activity
    digest = _digest(activity)
    row = _known(caller.client_id, activity.key, digest)
    if row is None:
        points = points_of(activity, caller=caller, at=at)
        if not is_above(points):
            return None, activity
        row = _request_activity(activity, points, digest, caller, at)
        if row is None:
            return None, activity
    if row.status == Approval.Status.CONFIRMED:
        return None, _ACTS.decode(row.body)
    return _infos([row], at)[0], activity


def hold_gift_run(
    gift: BulkGift, *, key: str, caller: Caller, at: datetime
) -> tuple[ApprovalInfo | None, BulkGift]:
    """As :func:`hold_activity`, for a gift to many: all of its points count."""
    digest = _digest(gift)
    row = _known(caller.client_id, key, digest)
    if row is None:
        if programmes.programme().approval_above is None or gift_runs.is_started(
            gift, key=key, caller=caller
        ):
            return None, gift
        count = gift_runs.count(gift, at=at, stores=caller.stores)
        if not is_above(gift.points * count):
            return None, gift
        row = _insert(
            Approval.Kind.GIFT_RUN,
            gift_runs.discreet(gift),
            points=gift.points * count,
            key=key,
            digest=digest,
            caller=caller,
            store=caller.home,
            at=at,
        )
    if row.status == Approval.Status.CONFIRMED:
        return None, _GIFTS.decode(row.body)
    return _infos([row], at)[0], gift


def confirm(approval_id: UUID, *, by: UUID, stores: Stores, at: datetime) -> ApprovalInfo:
    """Book what was asked for, and write down who confirmed it.

    Raises :class:`OwnApproval`, :class:`ApprovalDecided` also when it has lapsed, and whatever the
    act itself is refused for: then the request stays open.
    """
    with transaction.atomic():
        row = _decidable(approval_id, by, stores, at)
        outcome_id = _book(row, at)
        _decide(row, Approval.Status.CONFIRMED, by=by, at=at, outcome_id=outcome_id)
    return one(approval_id, stores=stores, at=at)


def refuse(
    approval_id: UUID, *, by: UUID, reason: str, stores: Stores, at: datetime
) -> ApprovalInfo:
    """Write down that it is not to be. Raises as :func:`confirm` does before it books."""
    with transaction.atomic():
        row = _decidable(approval_id, by, stores, at)
        _decide(row, Approval.Status.REFUSED, by=by, at=at, reason=_discreet(reason, row))
    return one(approval_id, stores=stores, at=at)


def withdraw(approval_id: UUID, *, by: UUID, stores: Stores, at: datetime) -> ApprovalInfo:
    """Take back what one asked for oneself. Raises :class:`NotOwnApproval`, or
    :class:`ApprovalDecided`."""
    with transaction.atomic():
        row = _pending(approval_id, stores, at)
        if row.requested_by_id != by:
            raise NotOwnApproval("only who asked for it withdraws it; refuse it instead")
        _decide(row, Approval.Status.WITHDRAWN, by=by, at=at)
    return one(approval_id, stores=stores, at=at)


def one(approval_id: UUID, *, stores: Stores, at: datetime) -> ApprovalInfo:
    """One request, or :class:`UnknownApproval`."""
    return _infos([_row(approval_id, stores, Approval.objects.all())], at)[0]


def preview(approval_id: UUID, *, stores: Stores, at: datetime) -> ApprovalPreview:
    """What confirming it now would do, or be refused for."""
    row = _row(approval_id, stores, Approval.objects.all())
    if row.kind == Approval.Kind.GIFT_RUN:
        try:
            count = gift_runs.count(_GIFTS.decode(row.body), at=at, stores=_caller(row).stores)
        except JifenError as error:
            return ApprovalPreview(refused=error.code, detail=error.detail)
        return ApprovalPreview(members=count)
    [outcome] = earning.preview(
        activities=[_ACTS.decode(row.body)], caller=_caller(row), at=max(at, row.requested_at)
    )
    if isinstance(outcome, Refused):
        return ApprovalPreview(refused=outcome.error.code, detail=outcome.error.detail)
    return ApprovalPreview(booked=outcome)


def requests(
    *,
    before: UUID | None,
    limit: int,
    stores: Stores,
    at: datetime,
    only_open: bool = False,
) -> list[ApprovalInfo]:
    """The requests, the newest first, before a given one."""
    rows = _of_stores(Approval.objects.order_by("-id"), stores)
    if before is not None:
        rows = rows.filter(id__lt=before)
    if only_open:
        rows = rows.filter(status=Approval.Status.PENDING, expires_at__gt=at)
    return _infos(list(rows[:limit]), at)


# --- asking --------------------------------------------------------------------------------------


def _discreet(reason: str, row: Approval) -> str:
    """A reason without what erasing the member would have to find in it."""
    known = members.personal([row.member_id])[row.member_id] if row.member_id else ()
    return members.discreet(reason, personal=known)


def _request_activity(
    activity: Held, points: int, digest: bytes, caller: Caller, at: datetime
) -> Approval | None:
    """The request; None where this key has booked the act before, whatever the limit was."""
    [outcome] = earning.preview(activities=[activity], caller=caller, at=at)
    if isinstance(outcome, Refused):
        raise outcome.error
    if outcome.replayed:
        return None
    member_id = cast("UUID", outcome.member_id)
    kept: Held = replace(activity, member=MemberRef("id", str(member_id)))
    if isinstance(kept, Waiver):
        # What is confirmed is what was asked for, whatever is owed by then.
        kept = replace(kept, points=points)
    if isinstance(kept, Gift | Adjustment | Waiver):
        personal = members.personal([member_id])[member_id]
        kept = replace(kept, reason=members.discreet(kept.reason, personal=personal))
    return _insert(
        Approval.Kind.ACTIVITY,
        kept,
        points=points,
        key=activity.key,
        digest=digest,
        caller=caller,
        store=activity.store or caller.home,
        at=at,
        member_id=member_id,
    )


def _insert(
    kind: str,
    body: Held | BulkGift,
    *,
    points: int,
    key: str,
    digest: bytes,
    caller: Caller,
    store: str | None,
    at: datetime,
    member_id: UUID | None = None,
) -> Approval:
    person = staff.staff_of(caller.client_id)
    if person is None:
        raise RuntimeError("only people ask for approval")
    known = programmes.stores()
    place = known[store] if store else next(iter(known.values()))
    row = Approval(
        kind=kind,
        client_id=caller.client_id,
        key=key,
        body=_ENCODER.encode(body).decode(),
        body_sha256=digest,
        store_id=place.id,
        member_id=member_id,
        points=points,
        requested_at=at,
        requested_by_id=person.id,
        expires_at=at + OPEN_FOR,
        status=Approval.Status.PENDING,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # The same key came twice at this moment; whoever was first has asked.
        found = _known(caller.client_id, key, digest)
        if found is None:
            raise
        return found
    return row


def _known(client_id: UUID, key: str, digest: bytes) -> Approval | None:
    row = _by_key(client_id, key)
    if row is not None and bytes(row.body_sha256) != digest:
        raise KeyConflict("this key asked for something else", first_id=str(row.id))
    return row


def _by_key(client_id: UUID, key: str) -> Approval | None:
    found: Approval | None = Approval.objects.filter(client_id=client_id, key=key).first()
    return found


def _digest(asked: Activity | BulkGift) -> bytes:
    return hashlib.sha256(_ENCODER.encode(asked)).digest()


# --- deciding ------------------------------------------------------------------------------------


def _decidable(approval_id: UUID, by: UUID, stores: Stores, at: datetime) -> Approval:
    """The request, locked in the open transaction, if it is theirs to decide."""
    row = _pending(approval_id, stores, at)
    if row.requested_by_id == by:
        raise OwnApproval("somebody else has to decide what you asked for")
    return row


def _pending(approval_id: UUID, stores: Stores, at: datetime) -> Approval:
    """The request, locked in the open transaction, as long as it is open."""
    row = _row(approval_id, stores, Approval.objects.select_for_update(no_key=True))
    status = _status(row, at)
    if status != "pending":
        raise ApprovalDecided("the request is open no more", approval_status=status)
    return row


def _book(row: Approval, at: datetime) -> UUID:
    caller = _caller(row)
    if row.kind == Approval.Kind.GIFT_RUN:
        started, _ = gift_runs.start(_GIFTS.decode(row.body), key=row.key, caller=caller, at=at)
        return started.id
    [outcome] = earning.book(activities=[_ACTS.decode(row.body)], caller=caller, at=at)
    if isinstance(outcome, Booked):
        return outcome.id
    raise outcome.error


def _decide(
    row: Approval,
    status: str,
    *,
    by: UUID,
    at: datetime,
    reason: str = "",
    outcome_id: UUID | None = None,
) -> None:
    Approval.objects.filter(id=row.id).update(
        status=status, decided_at=at, decided_by_id=by, reason=reason, outcome_id=outcome_id
    )


def _caller(row: Approval) -> Caller:
    """Who asked, as they may act by now."""
    name = staff.one(row.requested_by_id).login
    stores = programmes.stores_of([row.client_id]).get(row.client_id)
    return Caller(row.client_id, f"staff:{name}", stores)


# --- reading -------------------------------------------------------------------------------------


def _row(approval_id: UUID, stores: Stores, rows: QuerySet[Approval]) -> Approval:
    row: Approval | None = _of_stores(rows, stores).filter(id=approval_id).first()
    if row is None:
        raise UnknownApproval("no request has this id", id=str(approval_id))
    return row


def _of_stores(rows: QuerySet[Approval], stores: Stores) -> QuerySet[Approval]:
    ids = programmes.store_ids(stores)
    return rows if ids is None else rows.filter(store_id__in=ids)


def _status(row: Approval, at: datetime) -> ApprovalStatus:
    if row.status == Approval.Status.PENDING and row.expires_at <= at:
        return "lapsed"
    return cast("ApprovalStatus", row.status)


def _infos(rows: Sequence[Approval], at: datetime) -> list[ApprovalInfo]:
    people = {person.id: person for person in staff.everybody()}
    stores = {store.id: store.code for store in programmes.stores().values()}
    return [
        ApprovalInfo(
            id=row.id,
            kind=cast("ApprovalKind", row.kind),
            status=_status(row, at),
            asked=msgspec.json.decode(row.body),
            member_id=row.member_id,
            store=stores[row.store_id],
            points=row.points,
            requested_at=row.requested_at,
            requested_by=people[row.requested_by_id].login,
            expires_at=row.expires_at,
            decided_at=row.decided_at,
            decided_by=people[row.decided_by_id].login if row.decided_by_id else None,
            reason=row.reason,
            outcome_id=row.outcome_id,
        )
        for row in rows
    ]
