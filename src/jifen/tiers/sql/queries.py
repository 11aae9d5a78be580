"""The door to the tiers room's statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from jifen.common.sql import columns, statement
from jifen.tiers.types import StandingState

_HERE: Final = Path(__file__).parent
_REACHED: Final = msgspec.json.Decoder(dict[str, UUID])


def load(members: Collection[UUID], *, with_periods: bool) -> dict[UUID, StandingState]:
    """Standings by member."""
    ids = list(members)
    periods: dict[UUID, dict[str, int]] = {}
    if with_periods:
        for member_id, period, spend_minor in statement(_HERE, "load_periods").rows(members=ids):
            periods.setdefault(member_id, {})[period] = spend_minor
    return {
        member_id: StandingState(
            tier,
            opening_tier,
            spend_minor,
            kept,
            _REACHED.decode(reached),
            periods.get(member_id, {}),
        )
        for member_id, tier, opening_tier, spend_minor, kept, reached in statement(
            _HERE, "load_standings"
        ).rows(members=ids)
    }


def update(after: Mapping[UUID, StandingState]) -> None:
    """Write standings, each of which must be there."""
    rows = [
        (
            member_id,
            state.tier,
            state.opening_tier,
            state.spend_minor,
            state.purchases_kept,
            msgspec.json.encode(state.reached).decode(),
        )
        for member_id, state in after.items()
    ]
    names = ("members", "tiers", "opening_tiers", "spends", "keeps", "reacheds")
    named = dict(zip(names, columns(rows, len(names)), strict=True))
    statement(_HERE, "update_standings").run(len(rows), **named)


def upsert_periods(rows: Collection[tuple[UUID, str, int]]) -> None:
    """Write kept spend by (member, period)."""
    members, periods, spends = columns(list(rows), 3)
    statement(_HERE, "upsert_periods").run(members=members, periods=periods, spends=spends)
