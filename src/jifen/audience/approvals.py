"""What one person asked for and a second one decides: confirmed, refused, withdrawn or lapsed.

How something becomes a request is in :mod:`jifen.audience.asking`. Another person with the right
confirms it, and only then it is booked, in one transaction with the decision: under the key and in
the name of who asked, so it is booked once however often it is confirmed. Or they refuse it with a
reason; or who asked withdraws it; or nobody does anything, and after some days it has lapsed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from jifen.audience import gift_runs
from jifen.audience.models import Approval
from jifen.audience.types import (
    ApprovalDecided,
    ApprovalInfo,
    ApprovalKind,
    ApprovalPreview,
    ApprovalStatus,
    BulkGift,
    Held,
    NotOwnApproval,
    OwnApproval,
    UnknownApproval,
)
from jifen.common.errors import JifenError
from jifen.earning import services as earning
from jifen.earning.types import Booked, Caller, Refused
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes
from jifen.programmes import staff
from jifen.programmes.types import Stores

# Seen by msgspec now, in one thread: two that look into a type for the first time can crash.
_ACTS: Final = msgspec.json.Decoder(Held)
_GIFTS: Final = msgspec.json.Decoder(BulkGift)


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
    return infos([_row(approval_id, stores, Approval.objects.all())], at=at)[0]


def preview(approval_id: UUID, *, stores: Stores, at: datetime) -> ApprovalPreview:
    """What confirming it now would do, or be refused for."""
    row = _row(approval_id, stores, Approval.objects.all())
    if row.kind == Approval.Kind.GIFT_RUN:
        try:
            count = gift_runs.count(gift_of(row), at=at, stores=_caller(row).stores)
        except JifenError as error:
            return ApprovalPreview(refused=error.code, detail=error.detail)
        return ApprovalPreview(members=count)
    [outcome] = earning.preview(
        activities=[act_of(row)], caller=_caller(row), at=max(at, row.requested_at)
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
    return infos(list(rows[:limit]), at=at)


def infos(rows: Sequence[Approval], *, at: datetime) -> list[ApprovalInfo]:
    """These requests as they are told."""
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


def act_of(row: Approval) -> Held:
    """The act of one person that was asked for."""
    act: Held = _ACTS.decode(row.body)
    return act


def gift_of(row: Approval) -> BulkGift:
    """The gift to many that was asked for."""
    return _GIFTS.decode(row.body)


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
        started, _ = gift_runs.start(gift_of(row), key=row.key, caller=caller, at=at)
        return started.id
    [outcome] = earning.book(activities=[act_of(row)], caller=caller, at=at)
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


def _discreet(reason: str, row: Approval) -> str:
    """A reason without what erasing the member would have to find in it."""
    known = members.personal([row.member_id])[row.member_id] if row.member_id else ()
    return members.discreet(reason, personal=known)


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
