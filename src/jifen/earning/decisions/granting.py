"""Tiers that staff gives and ends, and tiers whose time is over."""

from __future__ import annotations

from datetime import MAXYEAR, datetime
from typing import Any

from msgspec.structs import replace

from jifen.common.errors import InvalidInput
from jifen.earning.decisions.holding import local_minute
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.terms import end_grant, end_record, grant_tier
from jifen.earning.errors import AlreadyDone, TimeWithoutZone
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Award, Refusal, TierEnd, TierGrant, TierGrantEnd
from jifen.tiers.types import NoTierGranted


def decide_tier_grant(
    state: State, item: Item, activity: TierGrant, member: MemberState
) -> Decision:
    """Staff gives a tier, with a reason."""
    sheet = Sheet(state, item, member)
    _check_until(activity.until)
    until = grant_tier(
        sheet,
        activity.tier,
        source="manual",
        until=activity.until,
        reason=activity.reason,
        actor=activity.actor,
    )
    fields: dict[str, Any] = {"tier": activity.tier}
    if until is not None:
        fields |= {"per": "until", "until": local_minute(sheet, until)}
    return _finish(sheet, "tier_grant", activity, "tier_granted", fields)


def decide_tier_grant_end(
    state: State, item: Item, activity: TierGrantEnd, member: MemberState
) -> Decision:
    """Staff ends the tier that was given, before its time."""
    sheet = Sheet(state, item, member)
    granted = end_grant(sheet, source="manual")
    if granted is None:
        raise NoTierGranted("staff gave this member no tier that is in force")
    return _finish(sheet, "tier_grant_end", activity, "tier_grant_ended", {"tier": granted.tier})


def decide_tier_end(state: State, item: Item, _: TierEnd, member: MemberState) -> Decision:
    """Book what time has done to the member's tier, once."""
    sheet = Sheet(state, item, member)
    if not sheet.ends:
        raise AlreadyDone("what was over is booked already", once="tier_end")
    # Where several were over, the last is this activity, and those before it are told by others.
    *before, last = sheet.ends
    sheet.ends = tuple(before)
    sheet.row(end_record(sheet, last), kind=last.kind, version=state.context.version)
    sheet.rows[0] = replace(sheet.rows[0], occurred_at=last.at)
    return sheet.decision()


def _check_until(until: datetime | None) -> None:
    """Raise for a time that cannot be told in every zone."""
    if until is None:
        return
    if until.tzinfo is None:
        raise TimeWithoutZone("until needs an offset, such as +08:00")
    if until.year >= MAXYEAR:
        raise InvalidInput("until is outside the calendar", year=until.year)


def _finish(
    sheet: Sheet,
    kind: str,
    activity: TierGrant | TierGrantEnd,
    told: str,
    fields: dict[str, Any],
) -> Decision:
    fields |= {"reason": activity.reason, "actor": activity.actor}
    record = Record(award=Award(refusals=(Refusal(told, fields=fields),)), tier=sheet.tier)
    sheet.row(record, kind=kind, version=sheet.state.context.version)
    return sheet.decision()
