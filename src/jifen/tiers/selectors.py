"""Reads of the tiers room."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from jifen.tiers.models import Standing
from jifen.tiers.sql import queries
from jifen.tiers.types import StandingState


def standing(member_id: UUID) -> StandingState:
    """One member's standing."""
    return queries.load([member_id], with_periods=True).get(member_id, StandingState())


def tiers(members: Collection[UUID]) -> dict[UUID, str]:
    """The tier of each member."""
    return dict(Standing.objects.filter(id__in=list(members)).values_list("id", "tier"))
