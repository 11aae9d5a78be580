"""Movements by staff, and what a member brings from an older system."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.common.errors import InvalidInput
from jifen.earning.context import Context
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.tiers import raise_tier
from jifen.earning.errors import AlreadyDone, GrowthCannotExpire, TimeWithoutZone, ZeroPoints
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Adjustment, Opening, OpeningLot
from jifen.ledger.types import Origin, TakenLot
from jifen.tiers.types import UnknownTier


def decide_adjustment(
    state: State, item: Item, activity: Adjustment, member: MemberState
) -> Decision:
    """Move points up or down, with a reason and an actor."""
    if not activity.points:
        raise ZeroPoints("an adjustment moves at least one point")
    sheet = Sheet(state, item, member)
    state.context.unit(activity.unit)
    own: dict[str, tuple[UUID, ...]] = {}
    taken: tuple[TakenLot, ...] = ()
    if activity.points > 0:
        expires_at = _expiry(state, item, activity.unit, activity.expires_at)
        own[activity.unit] = (_credit(sheet, activity.unit, activity.points, expires_at),)
    else:
        taken = sheet.burn(activity.unit, -activity.points, kind="adjust_down")
    sheet.transaction("adjustment", actor=activity.actor, reason=activity.reason)
    return _finish(sheet, "adjustment", own, taken)


def decide_opening(state: State, item: Item, activity: Opening, member: MemberState) -> Decision:
    """Book what the member brings, once."""
    once_key = f"opening:{member.id}"
    if once_key in state.once:
        raise AlreadyDone("this member has an opening already", once="opening")
    check_opening(state.context, activity.lots, activity.tier)
    sheet = Sheet(state, item, member)
    own: dict[str, tuple[UUID, ...]] = {}
    for lot in activity.lots:
        expires_at = lot.expires_at
        own[lot.unit] = (*own.get(lot.unit, ()), _credit(sheet, lot.unit, lot.points, expires_at))
    if own:
        sheet.transaction("opening", reason="opening")
    if activity.tier is not None:
        _set_tier(sheet, activity.tier)
    return _finish(sheet, "opening", own, once_key=once_key)


def _finish(
    sheet: Sheet,
    kind: str,
    own: dict[str, tuple[UUID, ...]],
    taken: tuple[TakenLot, ...] = (),
    once_key: str | None = None,
) -> Decision:
    points = sheet.points(sheet.id)
    tier = raise_tier(sheet)
    record = Record(points=points, balances=sheet.balances(), tier=tier, own=own, taken=taken)
    sheet.row(record, kind=kind, version=sheet.state.context.version, once_key=once_key)
    return sheet.decision()


def _credit(sheet: Sheet, unit: str, points: int, expires_at: datetime | None) -> UUID:
    store = sheet.item.store
    origin = Origin("", store.id, store.merchant_id, expires_at)
    return sheet.open_lot(unit, points, origin, sheet.id, kind="adjust_up")


def check_opening(context: Context, lots: Iterable[OpeningLot], tier: str | None) -> None:
    """Raise the first thing that is wrong with what somebody brings."""
    for lot in lots:
        check_expiry(context, lot.unit, lot.expires_at)
    if tier is not None and tier not in context.policy.tiers:
        raise UnknownTier(f"the ladder has no tier {tier!r}", tier=tier)


def check_expiry(context: Context, unit: str, expires_at: datetime | None) -> None:
    """Raise unless lots of ``unit`` may expire at this time."""
    is_growth = context.unit(unit).kind == "growth"
    if expires_at is None:
        return
    if is_growth:
        raise GrowthCannotExpire("growth never expires", unit=unit)
    if expires_at.tzinfo is None:
        raise TimeWithoutZone("expires_at needs an offset, such as +08:00")
    # Near the ends of the calendar an instant cannot be told in every zone, nor be read back.
    if not MINYEAR + 1 < expires_at.year < MAXYEAR:
        raise InvalidInput("expires_at is outside the calendar", year=expires_at.year)


def _expiry(state: State, item: Item, unit: str, named: datetime | None) -> datetime | None:
    """When an adjusted lot expires: as named, else as the programme's policy says."""
    check_expiry(state.context, unit, named)
    return named or state.context.policy.expires_at(unit, item.activity.occurred_at)


def _set_tier(sheet: Sheet, tier: str) -> None:
    policy = sheet.state.context.policy
    standing = sheet.standing
    best = max(standing.tier, tier, key=policy.tier_rank)
    terms = replace(standing.terms, opening_at=sheet.item.activity.occurred_at)
    sheet.standing = replace(standing, tier=best, opening_tier=tier, terms=terms)
