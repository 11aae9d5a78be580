"""Holds: points are reserved, then captured or released, in whole or in parts.

A hold ends by itself after its minutes, counted from its booking, with no job: from that instant on
its points are back in their lots for whoever looks. Captures take what was reserved first, releases
return what was reserved last.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from jifen.earning.context import Context
from jifen.earning.decisions.purchase import refuse_known_reference
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.errors import HoldEnded, HoldRanOut, NotPoints
from jifen.earning.record import Earlier, Held, Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Capture, Hold, Refusal, Release
from jifen.ledger.types import HoldTooSmall, TakenLot, UnknownHold

HOLD = "hold"


def decide_hold(state: State, item: Item, activity: Hold, member: MemberState) -> Decision:
    """Reserve points."""
    refuse_known_reference(state, item, HOLD, activity.reference)
    refuse_other_units(state.context, activity.unit)
    sheet = Sheet(state, item, member)
    expires_at = state.at + timedelta(minutes=activity.minutes)
    hold_id = sheet.hold(activity.unit, activity.points, expires_at=expires_at)
    sheet.transaction(HOLD)
    held = Held(hold_id, activity.unit, activity.points, expires_at)
    record = Record(
        award=Award(refusals=(told("held_until", activity.unit, activity.points, sheet, held),)),
        balances=sheet.balances(),
        tier=sheet.tier,
        held=held,
    )
    sheet.row(record, kind=HOLD, version=state.context.version, reference=activity.reference)
    return sheet.decision()


def decide_capture(
    state: State, item: Item, activity: Capture, earlier: Earlier, member: MemberState
) -> Decision:
    """Burn what was reserved."""
    held, sheet = _open_hold(state, item, earlier, member)
    points = _asked(held, activity.points)
    taken = sheet.capture(held.unit, held.id, points)
    return _finish(sheet, "capture", earlier, held, points, taken)


def decide_release(
    state: State, item: Item, activity: Release, earlier: Earlier, member: MemberState
) -> Decision:
    """Return what was reserved to its lots."""
    held, sheet = _open_hold(state, item, earlier, member)
    points = _asked(held, activity.points)
    expired = sheet.release(held.unit, held.id, points)
    if expired:
        sheet.note(sheet.id, "given_back_expired", points=expired)
    return _finish(sheet, "release", earlier, held, points)


def refuse_other_units(context: Context, unit: str) -> None:
    """Raise unless it is a unit of points, of which members dispose."""
    kind = context.unit(unit).kind
    if kind != "points":
        raise NotPoints(f"{unit!r} is a unit of {kind}, not of points", unit=unit, kind=kind)


def is_held(sheet: Sheet, unit: str, hold_id: UUID) -> bool:
    """Whether the hold is there. Somebody whose clock is ahead may have seen its end already."""
    return any(each.id == hold_id for each in sheet.account(unit).holds)


def told(code: str, unit: str, points: int, sheet: Sheet, held: Held) -> Refusal:
    """Until when points are held: for people in the programme's zone, for machines exactly."""
    fields = {
        "points": points,
        "unit": unit,
        "until": local_minute(sheet, held.expires_at),
        "expires_at": held.expires_at.isoformat(),
    }
    return Refusal(code, fields=fields)


def local_minute(sheet: Sheet, at: datetime) -> str:
    """An instant as people read it."""
    zone = sheet.state.context.policy.zone
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _open_hold(
    state: State, item: Item, earlier: Earlier, member: MemberState
) -> tuple[Held, Sheet]:
    """The hold as it stands, and the sheet of its member; or why it is open no more."""
    held = (earlier.latest or earlier.record).held
    if earlier.kind != HOLD or held is None:
        raise UnknownHold("this activity is no hold", id=str(earlier.id))
    if not held.left:
        raise HoldEnded("all of this hold was captured or released before", id=str(earlier.id))
    sheet = Sheet(state, item, member)
    if not is_held(sheet, held.unit, held.id):
        ended_at = held.expires_at.isoformat()
        raise HoldRanOut("the hold ended by itself, and its points went back", ended_at=ended_at)
    return held, sheet


def _asked(held: Held, points: int | None) -> int:
    """How many points are meant: so many, or all that is left."""
    if points is not None and points > held.left:
        raise HoldTooSmall(f"{held.left} points are still held", left=held.left, asked=points)
    return points or held.left


def _finish(
    sheet: Sheet,
    kind: str,
    earlier: Earlier,
    before: Held,
    points: int,
    taken: tuple[TakenLot, ...] = (),
) -> Decision:
    held = replace(before, left=before.left - points)
    sheet.transaction(kind)
    said = (told("still_held", held.unit, held.left, sheet, held),) if held.left else ()
    record = Record(
        award=Award(refusals=(*said, *sheet.notices(sheet.id))),
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=sheet.tier,
        taken=taken,
        held=held,
    )
    sheet.row(
        record,
        kind=kind,
        version=sheet.state.context.version,
        of_id=earlier.id,
        of_seq=earlier.acts + 1,
    )
    return sheet.decision()
