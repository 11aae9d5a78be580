"""Bookings of this API: rights of each item, and one commit for what arrives together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from jifen.audience import asking
from jifen.audience.types import ApprovalInfo
from jifen.common import clock
from jifen.earning import services
from jifen.earning.types import (
    Acceptance,
    Activity,
    Adjustment,
    Booked,
    Caller,
    CouponIssue,
    CouponVoid,
    Decline,
    ExpiryUndo,
    Gift,
    Opening,
    Outcome,
    Refused,
    Reversal,
    TierGrant,
    TierGrantEnd,
    Transfer,
    Waiver,
)
from jifen.faces.api import auth
from jifen.faces.api.decoding import Undecoded
from jifen.faces.api.groupcommit import GroupCommit
from jifen.faces.api.open.callers import caller_of
from jifen.programmes.types import Client

ADJUST: Final = "adjust"
"""The right to act without a reason outside: adjustments, openings, reversals, tiers given,
coupons issued and made void, gifts, waivers, expiries undone."""
TRANSFER: Final = "transfer"
"""The right to move points from one member to another."""
_BY_STAFF: Final = (
    Adjustment,
    Opening,
    Reversal,
    TierGrant,
    TierGrantEnd,
    CouponIssue,
    CouponVoid,
    Gift,
    Waiver,
    ExpiryUndo,
)
_BETWEEN_MEMBERS: Final = (Transfer, Acceptance, Decline)


def refused_right(activity: Activity, client: Client) -> Refused | None:
    """The refusal of an activity that needs a right which the client lacks."""
    for kinds, right in ((_BY_STAFF, ADJUST), (_BETWEEN_MEMBERS, TRANSFER)):
        if isinstance(activity, kinds) and right not in client.rights:
            return Refused(activity.key, auth.missing_right(right))
    return None


def hold_one(*, activity: Activity, client: Client) -> tuple[ApprovalInfo | None, Activity]:
    """The request that an act of a person becomes where it needs a second one, or None and the act
    to book. Raises the refusal's error."""
    if not client.is_person:
        return None, activity
    refused = refused_right(activity, client)
    if refused is not None:
        raise refused.error
    at = clock.now()
    return asking.hold_activity(activity, caller=caller_of(client=client, at=at), at=at)


def book_one(*, activity: Activity, client: Client) -> Booked:
    """Book one activity, in one transaction with those that arrive beside it.

    Raises the refusal's error.
    """
    refused = refused_right(activity, client)
    if refused is None:
        outcome = _GROUP.submit(programme_id=client.programme_id, item=(client, activity))
        if isinstance(outcome, Booked):
            return outcome
        refused = outcome
    raise refused.error


def book_all(
    *, items: Sequence[Activity | Undecoded], client: Client, dry: bool = False
) -> list[Outcome]:
    """Book a batch (``dry`` previews it): one outcome for each item, in order."""
    at = clock.now()
    caller = caller_of(client=client, at=at)
    outcomes: dict[int, Outcome] = {}
    ready: dict[int, Activity] = {}
    for position, item in enumerate(items):
        if isinstance(item, Undecoded):
            outcomes[position] = Refused(item.key, item.error)
            continue
        refused = refused_right(item, client)
        if refused is not None:
            outcomes[position] = refused
        else:
            ready[position] = item
    if client.is_person and not dry:
        together = asking.refuse_together(list(ready.values()), caller=caller, at=at)
        if together is not None:
            held = {place for place, each in ready.items() if asking.is_by_hand(each)}
            outcomes |= {place: Refused(ready.pop(place).key, together) for place in held}
    act = services.preview if dry else services.book
    done = act(activities=list(ready.values()), caller=caller, at=at) if ready else []
    outcomes.update(zip(ready, done, strict=True))
    return [outcomes[position] for position in range(len(items))]


def _write(items: Sequence[tuple[Client, Activity]]) -> list[Outcome]:
    """Book what waited together. Its time is that of the commit, later than every arrival."""
    at = clock.now()
    callers = _callers((client for client, _ in items), at)
    return services.book_many(
        items=[(callers[id(client)], activity) for client, activity in items], at=at
    )


def _callers(clients: Iterable[Client], at: datetime) -> dict[int, Caller]:
    """One caller for each client, by identity: the key cache hands out the same object."""
    return {id(client): caller_of(client=client, at=at) for client in clients}


_GROUP: Final[GroupCommit[tuple[Client, Activity], Outcome]] = GroupCommit(_write)
