"""Writes of the tiers room, for members whose rows the caller has locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from jifen.common.sql import in_transaction
from jifen.tiers.models import Standing
from jifen.tiers.sql import queries
from jifen.tiers.types import StandingState


def open_standings(members: Collection[UUID]) -> None:
    """A standing for each new member."""
    Standing.objects.bulk_create([Standing(id=member_id) for member_id in members])


def load(members: Collection[UUID], *, with_periods: bool) -> dict[UUID, StandingState]:
    """Standings by member, with the spend by period if the ladder asks for it."""
    return queries.load(members, with_periods=with_periods)


def write(*, before: Mapping[UUID, StandingState], after: Mapping[UUID, StandingState]) -> None:
    """Write the standings that changed. Raises ``RowsMissing`` when one is missing."""
    in_transaction()
    changed = {
        member_id: state for member_id, state in after.items() if before.get(member_id) is not state
    }
    if changed:
        queries.update(changed)
    periods = [
        (member_id, period, spend_minor)
        for member_id, state in changed.items()
        for period, spend_minor in state.periods.items()
        if before[member_id].periods.get(period) != spend_minor
    ]
    if periods:
        queries.upsert_periods(periods)
