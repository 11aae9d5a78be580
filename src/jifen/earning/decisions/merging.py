"""Two members who are one person become one, and apart again where that was a mistake.

Everything of the other crosses: lots one by one with origin, date and pending state, debts, spend,
growth, use of caps. Nothing of the other's own history changes, and its standing stays as it was:
it says what undoing gives back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from msgspec.structs import replace

from jifen.earning.decisions.away import lots_now
from jifen.earning.decisions.leaving import refuse_held, refuse_held_uses
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.decisions.terms import growth_of
from jifen.earning.decisions.tiers import lower_tier, raise_tier
from jifen.earning.errors import (
    AlreadyDone,
    MergedOrdersTouched,
    MergedPointsSpent,
    MergeUndoTooLate,
    MergeWithItself,
    UnknownMerge,
)
from jifen.earning.record import Earlier, Merged, MovedLot, Record
from jifen.earning.rules.policy import Policy
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Merge, MergeUndo
from jifen.ledger.types import Arrived, InsufficientPoints, Origin, TakenLot
from jifen.members import services as members
from jifen.members.types import Joined, Parted
from jifen.tiers import services as tiers
from jifen.tiers.types import Granted, StandingState, Use

Uses = Mapping[tuple[str, str], Use]
K = TypeVar("K")
UNDO: Final = 1
"""Which act on a merge undoing it is: the first, and the only one."""


def decide_merge(state: State, item: Item, activity: Merge, member: MemberState) -> Decision:
    """Make the other member a part of this one."""
    other = state.members[state.partners[item.position]]
    if other.id == member.id:
        raise MergeWithItself("both are the same member already", member_id=str(member.id))
    here, there = _sheets(state, item, member, other)
    lots: dict[str, tuple[MovedLot, ...]] = {}
    owed: dict[str, int] = {}
    paid: dict[str, tuple[TakenLot, ...]] = {}
    refuse_held_uses(there)
    for unit in other.accounts:
        refuse_held(there, unit)
        deficit = there.account(unit).deficit
        if deficit:
            owed[unit], paid[unit] = deficit, here.take_over(unit, deficit)
            there.waive(unit, deficit)
        elif moved := _cross(here, there, unit):
            lots[unit] = moved
    merged = Merged(
        other_id=other.id,
        lots=lots,
        owed=owed,
        paid=paid,
        reached=tuple(other.standing.reached.keys() - here.standing.reached.keys()),
        tier=here.standing.tier,
        opening=(here.standing.opening_tier, here.standing.terms.opening_at),
        bought=here.standing.terms.bought,
        manual=here.standing.terms.manual,
    )
    here.standing = _together(here.standing, other.standing, state.context.policy)
    here.used = _added(here.used, other.used)
    return _finish(here, there, "merge", activity, merged=merged)


def decide_merge_undo(
    state: State, item: Item, activity: MergeUndo, earlier: Earlier, member: MemberState
) -> Decision:
    """Make the other a member of its own again, with what it had."""
    merged = earlier.record.merged
    if merged is None or merged.other_id != state.partners[item.position]:
        raise UnknownMerge("this activity is no merge", id=str(earlier.id))
    _refuse_undo(state, earlier, merged, member)
    here, there = _sheets(state, item, member, state.members[merged.other_id])
    for unit, lots in merged.lots.items():
        _return_lots(here, there, unit, lots)
    for unit, points in merged.owed.items():
        there.take_over(unit, points)
        _return_debt(here, unit, points, merged.paid[unit])
    here.standing = _apart(here.standing, there.standing, merged, state.at)
    here.used = _added(here.used, there.used, sign=-1)
    return _finish(here, there, "merge_undo", activity, earlier=earlier)


def _sheets(
    state: State, item: Item, member: MemberState, other: MemberState
) -> tuple[Sheet, Sheet]:
    """The sheets of both, which book in one transaction."""
    here, there = Sheet(state, item, member), Sheet(state, item, other)
    there.id = here.id
    return here, there


def _finish(
    here: Sheet,
    there: Sheet,
    kind: str,
    activity: Merge | MergeUndo,
    *,
    merged: Merged | None = None,
    earlier: Earlier | None = None,
) -> Decision:
    # What crossed was counted where it was grown.
    here.grown = growth_of(here) - growth_of(here, before=True)
    there.grown = growth_of(there) - growth_of(there, before=True)
    if here.movements or there.movements:
        here.transaction(kind, actor=activity.actor, reason=activity.reason)
    points = dict(here.points(here.id))
    before = earlier.record.merged.tier if earlier and earlier.record.merged else None
    rank = here.state.context.policy.tier_rank
    if before is not None and rank(here.standing.tier) > rank(before):
        lower_tier(here)
    raise_tier(here)
    record = Record(points=points, balances=here.balances(), tier=here.tier, merged=merged)
    here.row(
        record,
        kind=kind,
        version=here.state.context.version,
        of_id=earlier.id if earlier else None,
        of_seq=UNDO if earlier else None,
    )
    deed = Parted if earlier else Joined
    done = deed(
        earlier.id if earlier else here.id,
        here.owner.id,
        there.owner.id,
        activity.actor,
        activity.reason,
    )
    return replace(here.decision(partner=there), deeds=(done,))


# --- points ------------------------------------------------------------------------------------


def _cross(here: Sheet, there: Sheet, unit: str) -> tuple[MovedLot, ...]:
    """Move every lot; answers which became which."""
    crossing = there.transfer_all(unit, here.id)
    if not crossing:
        return ()
    portions = [portion for _, portion in crossing]
    arrived = here.transfer_in(unit, portions, here.id)
    return tuple(MovedLot(was, lot) for (was, _), lot in zip(crossing, arrived, strict=True))


def _return_lots(here: Sheet, there: Sheet, unit: str, lots: tuple[MovedLot, ...]) -> None:
    """Give back what crossed, to the very lots that it had been, less what expired since: it would
    have expired there too. What others pay instead comes as new lots, with their dates."""
    here.account(unit)
    arrived = [_arrived(here, moved) for moved in lots]
    if not sum([each.points for each in arrived]):
        return
    try:
        portions = here.transfer_back(unit, arrived)
    except InsufficientPoints as error:
        raise MergedPointsSpent(
            "the survivor no longer has what the merge brought", unit=unit, **error.fields
        ) from error
    there.transfer_in(unit, portions, here.id)
    ripe = {each.home.id for each in portions if each.home and not each.origin.is_pending}
    there.ripen(unit, ripe)


def _arrived(here: Sheet, moved: MovedLot) -> Arrived:
    """What is to go back of a lot, wherever it is by now."""
    lots = lots_now(here.state, [moved.lot])
    return Arrived(lots, moved.was.amount - here.expired(lots), home=moved.was)


def _return_debt(here: Sheet, unit: str, points: int, paid: tuple[TakenLot, ...]) -> None:
    """Give back what the survivor paid for the other: to the lots that paid; what was only owed
    is owed no more, or comes back as a lot if it was paid since."""
    policy = here.state.context.policy
    if paid:
        here.give_back(unit, paid[::-1], policy)
    left = points - sum(part.amount for part in paid)
    forgiven = min(left, here.account(unit).deficit)
    if forgiven:
        here.waive(unit, forgiven)
    if left > forgiven:
        store = here.item.store
        expires_at = policy.expires_at(unit, here.item.activity.occurred_at)
        origin = Origin("", store.id, store.merchant_id, expires_at)
        here.open_lot(unit, left - forgiven, origin, here.id, kind="adjust_up")


# --- standing ------------------------------------------------------------------------------------


def _together(mine: StandingState, theirs: StandingState, policy: Policy) -> StandingState:
    """One standing of two: sums, and the better of what cannot be added."""
    terms, others = mine.terms, theirs.terms
    brought = max(mine, theirs, key=lambda each: policy.tier_rank(each.opening_tier))
    return replace(
        mine,
        tier=max(mine.tier, theirs.tier, key=policy.tier_rank),
        opening_tier=brought.opening_tier,
        spend_minor=mine.spend_minor + theirs.spend_minor,
        purchases_kept=mine.purchases_kept + theirs.purchases_kept,
        reached={**theirs.reached, **mine.reached},
        periods=_added(mine.periods, theirs.periods),
        terms=replace(
            terms,
            manual=terms.manual or others.manual,
            bought=_better(terms.bought, others.bought, policy),
            opening_at=brought.terms.opening_at,
            grown=_added(terms.grown, others.grown),
            uses=_uses_together(terms.uses, others.uses),
        ),
    )


def _apart(
    both: StandingState, theirs: StandingState, merged: Merged, at: datetime
) -> StandingState:
    """The standing without what the other had brought into it."""
    terms, others = both.terms, theirs.terms
    opening = (both.opening_tier, terms.opening_at)
    if opening == (theirs.opening_tier, others.opening_at):
        opening = merged.opening
    return replace(
        both,
        opening_tier=opening[0],
        spend_minor=both.spend_minor - theirs.spend_minor,
        purchases_kept=both.purchases_kept - theirs.purchases_kept,
        reached={tier: at for tier, at in both.reached.items() if tier not in merged.reached},
        periods=_added(both.periods, theirs.periods, sign=-1),
        terms=replace(
            terms,
            manual=_back(terms.manual, others.manual, merged.manual, at),
            bought=_back(terms.bought, others.bought, merged.bought, at),
            opening_at=opening[1],
            grown=_added(terms.grown, others.grown, sign=-1),
            uses=_uses_apart(terms.uses, others.uses),
        ),
    )


def _better(mine: Granted | None, theirs: Granted | None, policy: Policy) -> Granted | None:
    """The higher of two tiers that were bought; the survivor's own if they are alike."""
    if mine is None or theirs is None:
        return mine or theirs
    return max(mine, theirs, key=lambda each: policy.tier_rank(each.tier))


def _back(
    now: Granted | None, theirs: Granted | None, before: Granted | None, at: datetime
) -> Granted | None:
    """A tier that was given, without that of the other: what the survivor had before instead."""
    return tiers.still_given(before, at) if theirs is not None and now == theirs else now


def _uses_together(mine: Uses, theirs: Uses) -> Uses:
    """The uses of both, each within a quota of its own."""
    return {**mine, **{place: _with(mine.get(place, Use()), use) for place, use in theirs.items()}}


def _with(mine: Use, theirs: Use) -> Use:
    return replace(mine, used=mine.used + theirs.used, quota=mine.quota + theirs.quota)


def _uses_apart(both: Uses, theirs: Uses) -> Uses:
    """The uses without those of the other."""
    return {**both, **{place: _without(both[place], use) for place, use in theirs.items()}}


def _without(both: Use, theirs: Use) -> Use:
    # A use since the merge has put the rule's own quota in the place of the sum.
    used = both.used - theirs.used
    return replace(both, used=used, quota=max(both.quota - theirs.quota, used + len(both.held)))


def _added(mine: Mapping[K, int], theirs: Mapping[K, int], *, sign: int = 1) -> dict[K, int]:
    """The sums by key."""
    return dict(mine) | {key: mine.get(key, 0) + sign * value for key, value in theirs.items()}


def _refuse_undo(state: State, earlier: Earlier, merged: Merged, member: MemberState) -> None:
    """Raise why this merge cannot be undone any more."""
    merge = state.merges.get(merged.other_id)
    # Read with the lock, unlike the activity: another one may have undone it just before.
    if merge is None or merge.id != earlier.id:
        raise AlreadyDone("this merge was undone before", of=str(earlier.id))
    if member.id in state.closed:
        raise members.gone(state.closed[member.id])
    days = state.context.policy.membership.merge_undo_days
    if state.at > merge.merged_at + timedelta(days=days):
        raise MergeUndoTooLate(f"a merge can be undone within {days} days", days=days)
    if merge.acts_since:
        raise MergedOrdersTouched(
            "what the merged member had done before was refunded or reversed since",
            acts=merge.acts_since,
        )
