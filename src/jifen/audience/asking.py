"""What one person may not do alone: what they ask for above the programme's limit is kept as a
request.

Large gifts, adjustments, openings and waivers, and gifts to many, wait for a second person, whose
part is in :mod:`jifen.audience.approvals`. A request has the key it came with, so asked for twice
it is there once, and asked for again once it is confirmed it is what was booked. Whoever asks is
told at once what booking it now would be refused for. A batch has no room for a request, so one
that is above the limit in all is refused. Machines have a limit of their own, which is their
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
from msgspec.structs import replace

from jifen.audience import approvals, gift_runs
from jifen.audience.models import Approval
from jifen.audience.types import ApprovalInfo, ApprovalNeeded, BulkGift, Held
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

OPEN_FOR: Final = timedelta(days=7)
"""How long a request waits."""
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
        return None, approvals.act_of(row)
    return approvals.infos([row], at=at)[0], activity


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
        return None, approvals.gift_of(row)
    return approvals.infos([row], at=at)[0], gift


# --- keeping it ----------------------------------------------------------------------------------


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
