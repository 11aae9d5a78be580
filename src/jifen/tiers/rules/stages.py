"""Which tier of a standing is in force when: right at any time, whether or not a job has run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from jifen.tiers.types import Granted, Stage, StandingState


def tier_at(standing: StandingState, at: datetime) -> str:
    """The tier in force at ``at``."""
    return tier_of(standing.terms.stages, at, standing.tier)


def tier_of(stages: Iterable[Stage], at: datetime, tier: str) -> str:
    """The tier that ``stages`` has in force at ``at``; ``tier`` where it is empty."""
    for stage in stages:
        if stage.until is None or stage.until > at:
            return stage.tier
    return tier


def until(standing: StandingState, at: datetime) -> datetime | None:
    """When the tier in force at ``at`` changes, if nothing else happens; None for never."""
    tier, ends_at = tier_at(standing, at), None
    for stage in standing.terms.stages:
        if stage.until is not None and stage.until <= at:
            continue
        if stage.tier != tier:
            break
        ends_at = stage.until
    return ends_at


def settled(standing: StandingState, at: datetime) -> tuple[StandingState, tuple[Stage, ...]]:
    """The standing without what is over at ``at``, and what that was, in order."""
    terms = standing.terms
    if not terms.stages:
        return standing, ()
    over = tuple(stage for stage in terms.stages if stage.until is not None and stage.until <= at)
    if not over:
        return standing, ()
    left = replace(
        terms,
        stages=terms.stages[len(over) :],
        manual=still_given(terms.manual, at),
        bought=still_given(terms.bought, at),
    )
    return replace(standing, terms=left), over


def still_given(granted: Granted | None, at: datetime) -> Granted | None:
    """A tier that was given, unless its time is over."""
    over = granted is not None and granted.until is not None and granted.until <= at
    return None if over else granted
