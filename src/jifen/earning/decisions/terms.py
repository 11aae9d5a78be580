"""Tiers in time, on a sheet: which tier is in force until when, and what becomes of it.

A sheet begins with what time has done: tiers that are over are gone before anything is decided,
whether or not a job has run. Each end that nobody has booked yet becomes an activity of its own
(``tier_kept``, ``tier_lowered``), which the member's timeline shows and explains. It takes nothing
back: an award for having reached a tier stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from jifen.common.days import last_day
from jifen.common.ids import new_id
from jifen.earning.decisions import caused
from jifen.earning.record import Record
from jifen.earning.rules.keep import Counted, Interval, stages_of
from jifen.earning.rules.ladder import Ladder, is_period
from jifen.earning.rules.policy import Policy
from jifen.earning.state import ActivityRow
from jifen.earning.types import Award, Refusal
from jifen.tiers.types import (
    EndsTooEarly,
    Granted,
    Source,
    Stage,
    StandingState,
    TierNotHigher,
    UnknownTier,
)

if TYPE_CHECKING:
    from jifen.earning.decisions.sheet import Sheet


class End(Struct, frozen=True):
    """``tier`` was in force until ``at``, and then ``after``. ``id`` is of the activity that
    tells it, and comes before the one on the sheet."""

    id: UUID
    tier: str
    at: datetime
    after: str

    @property
    def kind(self) -> str:
        """The kind of activity that tells it."""
        return "tier_kept" if self.after == self.tier else "tier_lowered"


def ends_of(over: tuple[Stage, ...], standing: StandingState) -> tuple[End, ...]:
    """What is over, each with what came after it; ``standing`` is what is left."""
    following = [stage.tier for stage in (*over, *standing.terms.stages)][1:]
    if len(following) < len(over):
        following.append(standing.tier)
    return tuple(
        End(new_id(), stage.tier, stage.until, after)
        for stage, after in zip(over, following, strict=False)
        if stage.until is not None
    )


# --- the stages of tiers -----------------------------------------------------------------------


def follow(sheet: Sheet, *, anew: bool = False) -> None:
    """Work out again which tier is in force until when.

    A tier that was promised stays as long as it was, though the rules of today would give less;
    ``anew`` (after a refund) forgets such promises.
    """
    policy, standing, at = sheet.state.context.policy, sheet.standing, sheet.state.at
    terms = standing.terms
    stages: tuple[Stage, ...] = ()
    if policy.keeper is not None or terms.manual is not None or terms.bought is not None:
        intervals = [*_earned(sheet, policy), *_given(sheet.standing, policy)]
        if policy.keeper is not None and not anew:
            intervals += _promised(sheet, policy)
        stages = stages_of(intervals, policy.tiers, at)
        standing = sheet.standing
        if stages == (Stage(standing.tier),):
            stages = ()
    if stages != terms.stages:
        sheet.standing = replace(standing, terms=replace(standing.terms, stages=stages))


def counted_of(standing: StandingState, ladder: Ladder, growth: int, policy: Policy) -> Counted:
    """What the ladder counts for a member whose account of growth holds ``growth``."""
    brought = None
    if standing.opening_tier and standing.terms.opening_at is not None:
        day = standing.terms.opening_at.astimezone(policy.zone).date()
        brought = policy.tier_rank(standing.opening_tier), day
    if ladder.by == "growth":
        return Counted(standing.terms.grown, growth, brought)
    return Counted(standing.periods, standing.spend_minor, brought)


def amount_of(standing: StandingState, ladder: Ladder | None, growth: int) -> int:
    """What the ladder counts for reaching a tier: kept spend (of the best period of its kind), or
    growth."""
    if ladder is None or ladder.by == "spend":
        return standing.spend_minor
    if ladder.period is not None:
        return max(
            (spent for name, spent in standing.periods.items() if is_period(ladder.period, name)),
            default=0,
        )
    return growth


def growth_of(sheet: Sheet, *, before: bool = False) -> int:
    """What the growth account of the ladder holds now, or held before this activity."""
    ladder = sheet.state.context.policy.ladder
    accounts = sheet.owner.accounts if before else sheet.accounts
    account = accounts.get(ladder.unit or "") if ladder is not None else None
    return account.net if account is not None else 0


def count_growth(sheet: Sheet) -> None:
    """Count what the activity has moved of the ladder's growth for the period it belongs to."""
    policy = sheet.state.context.policy
    if policy.keeper is None or policy.ladder is None or policy.ladder.by != "growth":
        return
    change = growth_of(sheet) - growth_of(sheet, before=True) - sheet.grown
    period = policy.period_of(sheet.item.local) if sheet.period is None else sheet.period
    if not change or not period:
        return
    sheet.period, sheet.grown = period, sheet.grown + change
    terms = sheet.standing.terms
    grown = {**terms.grown, period: terms.grown.get(period, 0) + change}
    sheet.standing = replace(sheet.standing, terms=replace(terms, grown=grown))


def _earned(sheet: Sheet, policy: Policy) -> Iterator[Interval]:
    """Tiers that what is kept gives, and the one that was brought."""
    keeper, ladder = policy.keeper, policy.ladder
    if keeper is None or ladder is None:
        yield policy.tier_rank(sheet.standing.tier), None
        return
    _begin_counting(sheet, policy)
    standing = sheet.standing
    for term in keeper.terms(counted_of(standing, ladder, growth_of(sheet), policy)):
        yield term.rank, None if term.last is None else keeper.ends_at(term.last)
    if standing.opening_tier and standing.terms.opening_at is None:
        yield policy.tier_rank(standing.opening_tier), None


def _begin_counting(sheet: Sheet, policy: Policy) -> None:
    """What was counted before this ladder kept periods counts in the first one that it keeps:
    that of the member's first act under it, which gets its row even if it gives nothing."""
    keeper, ladder = policy.keeper, policy.ladder
    if keeper is None or ladder is None:
        return
    counted = counted_of(sheet.standing, ladder, growth_of(sheet), policy)
    if counted.total <= 0 or keeper.has_begun(counted):
        return
    name = keeper.name_of(sheet.state.at.astimezone(policy.zone).date())
    standing = sheet.standing
    if ladder.by == "growth":
        grown = {**standing.terms.grown, name: 0}
        sheet.standing = replace(standing, terms=replace(standing.terms, grown=grown))
    else:
        sheet.standing = replace(standing, periods={**standing.periods, name: 0})


def _given(standing: StandingState, policy: Policy) -> Iterator[Interval]:
    """Tiers that staff gave or points bought."""
    for granted in (standing.terms.manual, standing.terms.bought):
        if granted is not None:
            yield policy.tier_rank(granted.tier), granted.until


def _promised(sheet: Sheet, policy: Policy) -> Iterator[Interval]:
    """What is in force so far, but for tiers that were given."""
    before = sheet.owner.standing.terms
    given = {
        (granted.tier, granted.until)
        for granted in (before.manual, before.bought)
        if granted is not None
    }
    for stage in sheet.standing.terms.stages:
        if stage.until is not None and (stage.tier, stage.until) not in given:
            yield policy.tier_rank(stage.tier), stage.until


# --- tiers that are given ----------------------------------------------------------------------


def grant_tier(
    sheet: Sheet,
    tier: str,
    *,
    source: Source,
    until: datetime | None = None,
    reason: str = "",
    actor: str = "",
) -> datetime | None:
    """Give the member a tier that they did not earn; answers until when.

    By staff it lasts until ``until``, or until staff ends it. Bought and without ``until``, it
    lasts as long as if it had been reached now, and it must be higher than what the member has
    for that time. One from the same source is replaced. Nothing is awarded for it, and growth
    and spend stay as they are.

    Raises UnknownTier, EndsTooEarly or TierNotHigher.
    """
    policy, at = sheet.state.context.policy, sheet.state.at
    if tier not in policy.tiers:
        raise UnknownTier(f"the ladder has no tier {tier!r}", tier=tier)
    if until is not None and until <= at:
        raise EndsTooEarly("a tier is given until a time to come", until=until.isoformat())
    if source == "bought":
        if until is None and policy.keeper is not None:
            until = policy.keeper.lasts_from(at.astimezone(policy.zone).date())
        _refuse_what_is_held(sheet, policy, tier, until)
    granted = Granted(tier, until.astimezone(UTC) if until else None, reason, actor)
    terms = sheet.standing.terms
    terms = replace(terms, manual=granted) if source == "manual" else replace(terms, bought=granted)
    sheet.standing = replace(sheet.standing, terms=terms)
    follow(sheet)
    return until


def end_grant(sheet: Sheet, *, source: Source) -> Granted | None:
    """Take a tier away that was given; answers which one it was."""
    terms = sheet.standing.terms
    if source == "manual":
        granted, terms = terms.manual, replace(terms, manual=None)
    else:
        granted, terms = terms.bought, replace(terms, bought=None)
    if granted is not None:
        sheet.standing = replace(sheet.standing, terms=terms)
        follow(sheet)
    return granted


def _refuse_what_is_held(sheet: Sheet, policy: Policy, tier: str, until: datetime | None) -> None:
    """Raise when the member has that tier or a higher one until then anyway."""
    stages = sheet.standing.terms.stages or (Stage(sheet.standing.tier),)
    lower_from: datetime | None = sheet.state.at
    for stage in stages:
        if policy.tier_rank(stage.tier) < policy.tier_rank(tier):
            break
        lower_from = stage.until
    if lower_from is None or (until is not None and lower_from >= until):
        raise TierNotHigher(f"the member is {sheet.tier!r} anyway", tier=tier, held=sheet.tier)


# --- what is over --------------------------------------------------------------------------------


def ended_rows(sheet: Sheet) -> Iterator[ActivityRow]:
    """The activities of what was over when this one came."""
    for end in sheet.ends:
        yield caused.row(
            sheet,
            end.kind,
            end_record(sheet, end),
            key=f"{end.at.isoformat()}:{sheet.id}",
            body={"tier": end.tier, "until": end.at},
            row_id=end.id,
            occurred_at=end.at,
        )


def end_record(sheet: Sheet, end: End) -> Record:
    """What the activity of an end remembers."""
    lowered = end.tier if end.kind == "tier_lowered" else None
    return Record(award=Award(refusals=(_told(sheet, end),)), tier=end.after, tier_before=lowered)


def _told(sheet: Sheet, end: End) -> Refusal:
    """Why it ended so: what the last periods gave, or that it was only given."""
    policy = sheet.state.context.policy
    day = last_day(end.at, policy.zone)
    fields: dict[str, Any] = {"tier": end.tier, "after": end.after, "day": day.isoformat()}
    keeper, ladder = policy.keeper, policy.ladder
    last = keeper.term_ending_at(end.at) if keeper is not None else None
    if keeper is None or ladder is None or last is None or _was_given(sheet, end):
        per = "given" if _was_given(sheet, end) else "time"
        return Refusal(end.kind, fields={**fields, "per": per})
    standing = sheet.owner.standing
    counted = counted_of(standing, ladder, growth_of(sheet, before=True), policy)
    fields["window"] = " – ".join(dict.fromkeys(keeper.window(last)))
    amount = keeper.counted_in(counted, last)
    if ladder.by == "growth":
        fields |= {"per": "growth", "points": amount, "unit": ladder.unit}
    else:
        fields |= {"per": "spend", "counted_minor": amount}
    return Refusal(end.kind, fields=fields)


def _was_given(sheet: Sheet, end: End) -> bool:
    terms = sheet.owner.standing.terms
    return any(
        granted is not None and (granted.tier, granted.until) == (end.tier, end.at)
        for granted in (terms.manual, terms.bought)
    )
