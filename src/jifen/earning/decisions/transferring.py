"""Transfers: a member gives points to another one, with their origins and dates.

At once, or as an offer: the points are held until the receiver accepts them. An offer ends by
itself, after the rule set's days or when the first of its points does, and the points are back in
their lots. Both members see each step in their own history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jifen.earning.decisions.caused import show
from jifen.earning.decisions.holding import is_held, local_minute, refuse_other_units
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.tiers import undo_usage
from jifen.earning.errors import (
    GiverOwes,
    TransferAboveMost,
    TransferBelowMinimum,
    TransferDayLimit,
    TransferDecided,
    TransferNotAllowed,
    TransferOfOthers,
    TransferRanOut,
    TransferToOneself,
    UnknownTransfer,
)
from jifen.earning.record import Earlier, Offer, Record, Usage
from jifen.earning.rules.transfers import Transfers
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Acceptance, Award, Decline, Refusal, Transfer
from jifen.ledger import services as ledger
from jifen.ledger.types import Arrived, Portion

TRANSFER, ANSWER = "transfer", 1
"""The kind of a transfer, and which act on it an answer is: the first, and the only one."""


def decide_transfer(state: State, item: Item, activity: Transfer, member: MemberState) -> Decision:
    """Move points to the other member, or offer them."""
    taker = state.members[state.partners[item.position]]
    rules = _rules(state, activity, member, taker)
    here, there = Sheet(state, item, member), Sheet(state, item, taker)
    there.id = here.id
    usage = _count(here, activity, rules)
    if rules.confirm:
        return _offer(here, there, activity, rules, usage)
    arrived = _cross(here, there, activity.unit, here.transfer_out(activity.unit, activity.points))
    here.transaction(TRANSFER, reason=activity.note)
    _book(here, TRANSFER, Award(), usage=usage)
    _show(there, here, "transfer_in", "from", activity, own={activity.unit: arrived})
    return here.decision(partner=there)


def decide_acceptance(
    state: State, item: Item, _: Acceptance, earlier: Earlier, member: MemberState
) -> Decision:
    """Move what was offered. ``member`` is the giver; the activity is the receiver's."""
    taker = state.members[state.partners[item.position]]
    offer = _open_offer(earlier, _receiver(state, earlier), taker.id)
    if taker.id == member.id:
        raise TransferToOneself("giver and receiver were merged; decline it to have the points")
    here, there = Sheet(state, item, taker), Sheet(state, item, member)
    there.id = here.id
    _refuse_ran_out(there, offer)
    deficit = there.account(offer.unit).deficit
    if deficit:
        raise GiverOwes("the giver owes points, which come first", deficit=deficit)
    arrived = _cross(there, here, offer.unit, _take_offered(there, offer))
    here.transaction("acceptance")
    _book(here, "acceptance", Award(), earlier=earlier, own={offer.unit: arrived})
    _show(there, here, "transfer_out", "to", offer)
    return here.decision(partner=there)


def decide_decline(
    state: State, item: Item, _: Decline, earlier: Earlier, member: MemberState
) -> Decision:
    """Give what was offered back to its lots. ``member`` is the giver, who may be the one that
    declines."""
    one = state.members[state.partners[item.position]]
    receiver = _receiver(state, earlier)
    offer = _open_offer(earlier, receiver, one.id, member.id)
    giver = Sheet(state, item, member)
    here = giver if one.id == member.id else Sheet(state, item, one)
    there = Sheet(state, item, state.members[receiver]) if here is giver else giver
    giver.id = there.id = here.id
    _refuse_ran_out(giver, offer)
    expired = giver.release(offer.unit, offer.hold_id)
    if expired:
        here.note(here.id, "given_back_expired", points=expired)
    here.transaction("decline")
    usage = undo_usage(giver, earlier.record)
    told = Refusal("transfer_declined", fields={"points": offer.points, "unit": offer.unit})
    award = Award(refusals=(told, *here.notices(here.id)))
    _book(here, "decline", award, earlier=earlier, usage=usage)
    if receiver == member.id:
        return here.decision()
    _show(there, here, "transfer_declined", "by", offer, award=Award(refusals=(told,)))
    return here.decision(partner=there)


def receiver_of(record: Record) -> UUID | None:
    """To whom an act offers points."""
    return record.offer.to_id if record.offer else None


# --- what the rule set allows --------------------------------------------------------------------


def _rules(state: State, activity: Transfer, member: MemberState, taker: MemberState) -> Transfers:
    """The rules of this unit, or why the transfer is refused."""
    refuse_other_units(state.context, activity.unit)
    if member.id == taker.id:
        raise TransferToOneself("giver and receiver are the same member")
    rules = state.context.policy.document.transfers.get(activity.unit)
    if rules is None:
        raise TransferNotAllowed(
            f"{activity.unit!r} is not transferred between members", unit=activity.unit
        )
    if activity.points < rules.minimum:
        raise TransferBelowMinimum(
            f"at least {rules.minimum} points are transferred", minimum=rules.minimum
        )
    if rules.most is not None and activity.points > rules.most:
        raise TransferAboveMost(f"at most {rules.most} points are transferred", most=rules.most)
    return rules


def _count(sheet: Sheet, activity: Transfer, rules: Transfers) -> tuple[Usage, ...]:
    """Take the points from what the member may still give away that day, or raise."""
    bounds = rules.bounds(activity.unit, sheet.item.local)
    rooms = sheet.rooms(bounds)
    left = min(rooms.values(), default=activity.points)
    if activity.points > left:
        raise TransferDayLimit(
            f"this member may transfer {left} points more that day",
            left=left,
            asked=activity.points,
        )
    return sheet.use(bounds, {}, dict.fromkeys(rooms, activity.points))


# --- offers --------------------------------------------------------------------------------------


def _offer(
    here: Sheet, there: Sheet, activity: Transfer, rules: Transfers, usage: tuple[Usage, ...]
) -> Decision:
    """Hold the points. What would end before the receiver has it is nothing to offer, so an offer
    ends no later than its points."""
    unit, points = activity.unit, activity.points
    state = here.state
    account, _ = ledger.hold(
        here.account(unit), points=points, expires_at=None, transaction_id=here.id
    )
    # Points past their date may still be good, where nobody was told: they set no end.
    ends = [
        part.expires_at
        for part in account.holds[-1].slices
        if part.expires_at and part.expires_at > state.at
    ]
    expires_at = min([state.context.policy.days_later(state.at, rules.days), *ends])
    hold_id = here.hold(unit, points, expires_at=expires_at)
    here.transaction(TRANSFER, reason=activity.note)
    offer = Offer(hold_id, unit, points, there.owner.id, expires_at)
    fields = {
        "points": points,
        "unit": unit,
        "until": local_minute(here, expires_at),
        "expires_at": expires_at.isoformat(),
    }
    award = Award(refusals=(Refusal("transfer_offered", fields=fields),))
    _book(here, TRANSFER, award, usage=usage, offer=offer)
    _show(there, here, "transfer_offer", "from", activity, award=award)
    return here.decision(partner=there)


def _receiver(state: State, earlier: Earlier) -> UUID:
    """To whom a transfer is offered, or why there is nothing to answer."""
    if earlier.kind != TRANSFER:
        raise UnknownTransfer("this activity is no transfer", id=str(earlier.id))
    receiver = receiver_of(earlier.record)
    if receiver is None:
        raise TransferDecided("this transfer needs no answer", id=str(earlier.id))
    return state.holder(receiver)


def _open_offer(earlier: Earlier, receiver: UUID, who: UUID, *also: UUID) -> Offer:
    """The offer that ``who`` answers: the ``receiver``, or one of ``also``. Or why it is over."""
    offer = earlier.record.offer
    if offer is None or who not in {receiver, *also}:
        raise TransferOfOthers("this transfer is for another member", id=str(earlier.id))
    if earlier.acts:
        raise TransferDecided("this transfer was accepted or declined before", id=str(earlier.id))
    return offer


def _refuse_ran_out(giver: Sheet, offer: Offer) -> None:
    """Raise where the offer has ended by itself."""
    if not is_held(giver, offer.unit, offer.hold_id):
        raise TransferRanOut(
            "nobody accepted it in time, and the points went back",
            ended_at=offer.expires_at.isoformat(),
        )


def _take_offered(giver: Sheet, offer: Offer) -> tuple[Portion, ...]:
    """Take the very points that are held out of the account."""
    slices = ledger.find_hold(giver.account(offer.unit), offer.hold_id).slices
    giver.release(offer.unit, offer.hold_id)
    held = [Arrived((part.id,), part.amount) for part in slices]
    return giver.transfer_back(offer.unit, held)


# --- rows ----------------------------------------------------------------------------------------


def _cross(
    giver: Sheet, taker: Sheet, unit: str, portions: tuple[Portion, ...]
) -> tuple[UUID, ...]:
    """Let points arrive, in the one transaction of both; answers their lots."""
    return taker.transfer_in(unit, portions, giver.id)


def _book(
    here: Sheet, kind: str, award: Award, *, earlier: Earlier | None = None, **kept: Any
) -> None:
    """Put the activity's own row in."""
    record = Record(
        award=award,
        points=here.points(here.id),
        balances=here.balances(),
        tier=here.tier,
        **kept,
    )
    here.row(
        record,
        kind=kind,
        version=here.state.context.version,
        of_id=earlier.id if earlier else None,
        of_seq=ANSWER if earlier else None,
    )


def _show(
    there: Sheet,
    here: Sheet,
    kind: str,
    other: str,
    what: Transfer | Offer,
    *,
    award: Award | None = None,
    own: Mapping[str, tuple[UUID, ...]] | None = None,
) -> None:
    """Show the second member what happened, and by whom, from whom or to whom (``other``)."""
    record = Record(
        award=award or Award(),
        points=there.points(here.id),
        balances=there.balances(),
        tier=there.tier,
        own=own or {},
    )
    body = {other: here.owner.id, "unit": what.unit, "points": what.points}
    note = getattr(what, "note", "")
    show(
        there,
        cause=here.id,
        kind=kind,
        record=record,
        body={**body, "note": note} if note else body,
    )
