"""Reads of the tiers room."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from jifen.tiers.models import BenefitUsage, Standing
from jifen.tiers.rules.stages import tier_of
from jifen.tiers.sql import queries
from jifen.tiers.types import StandingState, Use


def standing(member_id: UUID) -> StandingState:
    """One member's standing."""
    return queries.load([member_id], with_periods=True).get(member_id, StandingState())


def tier(member_id: UUID, *, at: datetime) -> str:
    """The tier that one member has at ``at``."""
    return tiers([member_id], at=at).get(member_id, "")


def tiers(members: Collection[UUID], *, at: datetime) -> dict[UUID, str]:
    """The tier that each member has at ``at``, right whether or not a job has run."""
    rows = Standing.objects.filter(id__in=list(members)).values_list("id", "tier", "stages")
    return {
        member_id: tier_of(queries.stages_in(stages), at, tier) for member_id, tier, stages in rows
    }


def uses(
    member_id: UUID, places: Collection[tuple[str, str]], *, at: datetime
) -> dict[tuple[str, str], Use]:
    """How often a member has used benefits at ``at``, by (benefit, period)."""
    triples = [(member_id, benefit, period) for benefit, period in places]
    return queries.load_uses(triples, at=at).get(member_id, {}) if triples else {}


def uses_of(members: Collection[UUID]) -> list[tuple[UUID, str, str]]:
    """(member, benefit, period) of every use that members ever made."""
    return queries.uses_of(members)


def count_uses() -> int:
    """How many rows of uses the programme has: one by member, benefit and period."""
    return BenefitUsage.objects.count()


def ended(*, at: datetime, limit: int) -> Iterable[tuple[UUID, datetime]]:
    """Up to ``limit`` members who take part and whose tier in force is over at ``at`` without
    anybody having booked it, and since when."""
    return queries.ended(at=at, limit=limit)
