"""Where a member stands: the tier in force and why, what the next one asks for, and benefits.

Read, never decided: the tier comes from the standing and the time, the amounts from what was
counted, as the rules in force see them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from jifen.earning.context import in_force
from jifen.earning.decisions.terms import amount_of, counted_of
from jifen.earning.rules.benefits import Available
from jifen.earning.rules.keep import Counted, Keeper
from jifen.earning.rules.ladder import Ladder, Names
from jifen.earning.rules.policy import Policy
from jifen.ledger import selectors as ledger
from jifen.members import selectors as members
from jifen.tiers import selectors as tiers
from jifen.tiers import services as tier_services
from jifen.tiers.types import Granted, StandingState

__all__ = ["Available", "Goal", "MemberTier", "Names", "tier_of"]
Why = Literal["none", "earned", "opening", "manual", "bought"]


class Goal(Struct, frozen=True):
    """What a tier asks for: ``counted`` of ``needed`` (minor units of money, or growth), so
    ``missing`` is left. It counts from the period ``since`` to the period ``to``; both empty
    where everything counts. For the tier that the member has, ``decided_at`` is when it must be
    there."""

    tier: str
    name: Names
    by: Literal["spend", "spend_period", "growth"]
    counted: int
    needed: int
    missing: int
    since: str = ""
    to: str = ""
    decided_at: datetime | None = None


class MemberTier(Struct, frozen=True):
    """The tier that a member has at a time.

    ``why``: it was earned, brought from an older system (opening), given by staff (manual, with
    ``reason``) or bought with points; none below the first. Without a further act it is in force
    until ``until``, and then it is ``then``. ``keep`` is what keeps it, ``next`` what the next
    tier asks for. ``benefits`` are those of the tier, used up or not.
    """

    member_id: UUID
    tier: str
    name: Names | None
    why: Why
    reason: str
    until: datetime | None
    then: str
    keep: Goal | None
    next: Goal | None
    benefits: tuple[Available, ...]


def tier_of(*, member_id: UUID, at: datetime) -> MemberTier:
    """Where a member stands at ``at``, or :class:`UnknownMember`."""
    member_id = members.member(member_id).id
    policy = in_force(at).policy
    standing = tiers.standing(member_id)
    tier, until = tier_services.tier_at(standing, at), tier_services.until(standing, at)
    local = at.astimezone(policy.zone).replace(tzinfo=None)
    used = tiers.uses(member_id, policy.benefits.places(local.date()), at=at)
    why = goal = keep = None
    if policy.ladder is not None:
        reader = _Reader(policy, policy.ladder, standing, _growth(policy, member_id, at), at)
        why, keep, goal = reader.why(tier), reader.keep(tier), reader.next(tier)
    given = standing.terms.manual if why == "manual" else None
    return MemberTier(
        member_id=member_id,
        tier=tier,
        name=_names(policy).get(tier),
        why=why or ("earned" if tier else "none"),
        reason=given.reason if given is not None else "",
        until=until,
        then=tier if until is None else tier_services.tier_at(standing, until),
        keep=keep,
        next=goal,
        benefits=tuple(policy.benefits.available(tier=tier, local=local, used=used)),
    )


class _Reader:
    """One member's standing under one ladder."""

    def __init__(
        self, policy: Policy, ladder: Ladder, standing: StandingState, growth: int, at: datetime
    ) -> None:
        self._policy = policy
        self._ladder = ladder
        self._standing = standing
        self._at = at
        self._total = amount_of(standing, ladder, growth)
        self._counted = counted_of(standing, ladder, growth, policy)
        self._thresholds = [rung.threshold for rung in ladder.rungs]

    def why(self, tier: str) -> Why:
        """Why the member has this tier."""
        rank = self._policy.tier_rank(tier)
        terms = self._standing.terms
        if not tier:
            return "none"
        if self._earned() >= rank:
            return "earned"
        if self._is_given(terms.manual, rank):
            return "manual"
        if self._is_given(terms.bought, rank):
            return "bought"
        # What nobody earns under the rules of today was promised by those of before.
        return "opening" if self._policy.tier_rank(self._standing.opening_tier) else "earned"

    def next(self, tier: str) -> Goal | None:
        """What the tier above this one asks for."""
        rank = self._policy.tier_rank(tier)
        if rank == len(self._thresholds):
            return None
        needed = self._thresholds[rank]
        period = self._policy.period_of(self._local())
        ways = [("", "", self._total)]
        if self._ladder.by == "spend_period":
            ways = [(period, period, self._standing.periods.get(period, 0))]
        elif (keeper := self._policy.keeper) is not None:
            last = keeper.index_of(self._local().date())
            if self._total >= needed:  # it was reached before: now the last periods must do it
                ways = []
            ways.append((*keeper.window(last), keeper.counted_in(self._counted, last)))
        since, to, counted = max(ways, key=lambda way: way[2])
        return self._goal(rank, counted, since, to)

    def keep(self, tier: str) -> Goal | None:
        """What keeps this tier, where its end is decided by what is counted."""
        keeper, rank = self._policy.keeper, self._policy.tier_rank(tier)
        if keeper is None:
            return None
        for term in keeper.terms(self._counted):
            if term.rank != rank or term.last is None or keeper.ends_at(term.last) <= self._at:
                continue
            # In the days of grace the running period may still bring it back in time.
            last = max(term.last, keeper.index_of(self._local().date()))
            by = keeper.decides_at(last) if last == term.last else keeper.ends_at(term.last)
            counted = keeper.counted_in(self._counted, last)
            return self._goal(rank - 1, counted, *keeper.window(last), by)
        return None

    def _goal(
        self, place: int, counted: int, since: str, to: str, decided_at: datetime | None = None
    ) -> Goal:
        rung = self._ladder.rungs[place]
        return Goal(
            tier=rung.code,
            name=rung.name,
            by=self._ladder.by,
            counted=counted,
            needed=rung.threshold,
            missing=max(rung.threshold - counted, 0),
            since=since,
            to=to,
            decided_at=decided_at,
        )

    def _earned(self) -> int:
        """The rank that what is kept gives now, without what was brought or given."""
        keeper = self._policy.keeper
        if keeper is None:
            return self._policy.tier_rank(self._policy.tier_for(self._total))
        counted = Counted(self._counted.amounts, self._counted.total)
        return max(term.rank for term in keeper.terms(counted) if self._is_on(keeper, term.last))

    def _is_on(self, keeper: Keeper, last: int | None) -> bool:
        return last is None or keeper.ends_at(last) > self._at

    def _is_given(self, granted: Granted | None, rank: int) -> bool:
        if granted is None or (granted.until is not None and granted.until <= self._at):
            return False
        return self._policy.tier_rank(granted.tier) == rank

    def _local(self) -> datetime:
        return self._at.astimezone(self._policy.zone).replace(tzinfo=None)


def _growth(policy: Policy, member_id: UUID, at: datetime) -> int:
    """What the account of the ladder's growth holds."""
    unit = policy.ladder.unit if policy.ladder is not None else None
    for balance in ledger.balances(member_id=member_id, at=at) if unit else ():
        if balance.unit == unit:
            return balance.available + balance.pending + balance.held - balance.deficit
    return 0


def _names(policy: Policy) -> dict[str, Names]:
    return {rung.code: rung.name for rung in policy.ladder.rungs} if policy.ladder else {}
