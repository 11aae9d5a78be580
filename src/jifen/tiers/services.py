"""Writes of the tiers room, for members whose rows the caller has locked, and its rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.common.sql import in_transaction
from jifen.tiers.rules.stages import settled, still_given, tier_at, until
from jifen.tiers.sql import queries
from jifen.tiers.types import EVER, StandingState, Terms

__all__ = ["load", "open_standings", "settled", "still_given", "tier_at", "until", "write"]


def open_standings(members: Collection[UUID]) -> None:
    """A standing for each new member."""
    if members:
        queries.insert(members)


def load(
    members: Collection[UUID],
    *,
    with_periods: bool,
    uses: Collection[tuple[UUID, str, str]] = (),
    at: datetime,
) -> dict[UUID, StandingState]:
    """Standings by member, with what was kept by period if the ladder asks for it, and how often
    the members have used benefits at ``at``, in the periods of ``uses``: (member, benefit,
    period)."""
    used = queries.load_uses(uses, at=at) if uses else {}
    return queries.load(members, with_periods=with_periods, used=used)


def write(*, before: Mapping[UUID, StandingState], after: Mapping[UUID, StandingState]) -> None:
    """Write the standings that changed. Raises ``RowsMissing`` when one is missing."""
    in_transaction()
    changed = {
        member_id: state for member_id, state in after.items() if before.get(member_id) is not state
    }
    if not changed:
        return
    queries.update(changed)
    _write_periods(before, changed)
    _write_terms(before, changed)


def _write_periods(
    before: Mapping[UUID, StandingState], changed: Mapping[UUID, StandingState]
) -> None:
    rows = []
    for member_id, state in changed.items():
        was, grown = before[member_id], state.terms.grown
        rows += [
            (member_id, period, state.periods.get(period, 0), grown.get(period, 0))
            for period in {*state.periods, *grown}
            if was.periods.get(period) != state.periods.get(period)
            or was.terms.grown.get(period) != grown.get(period)
        ]
    if rows:
        queries.upsert_periods(rows)


def _write_terms(
    before: Mapping[UUID, StandingState], changed: Mapping[UUID, StandingState]
) -> None:
    terms = {
        member_id: state.terms
        for member_id, state in changed.items()
        if _in_time(before[member_id].terms) != _in_time(state.terms)
    }
    if terms:
        queries.update_terms(terms)
    uses = [
        (member_id, benefit, period, use)
        for member_id, state in changed.items()
        for (benefit, period), use in state.terms.uses.items()
        if before[member_id].terms.uses.get((benefit, period)) != use
    ]
    if uses:
        queries.upsert_uses(uses)


def _in_time(terms: Terms) -> Terms:
    """What stands in the standing's own row."""
    return terms if terms is EVER else replace(terms, grown={}, uses={})
