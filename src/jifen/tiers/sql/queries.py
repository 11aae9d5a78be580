"""The door to the tiers room's statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec

from jifen.common.sql import columns, statement
from jifen.tiers.types import EVER, Granted, HeldUse, Stage, StandingState, Terms, Use

_HERE: Final = Path(__file__).parent
_REACHED: Final = msgspec.json.Decoder(dict[str, UUID])
_STAGES: Final = msgspec.json.Decoder(tuple[Stage, ...])
_HOLDERS: Final = msgspec.json.Decoder(tuple[HeldUse, ...])

Uses = dict[tuple[str, str], Use]


def insert(members: Collection[UUID]) -> None:
    """A standing for each new member."""
    statement(_HERE, "insert_standings").run(len(members), members=list(members))


def load(
    members: Collection[UUID],
    *,
    with_periods: bool,
    used: Mapping[UUID, Uses] = MappingProxyType({}),
) -> dict[UUID, StandingState]:
    """Standings by member, with what they have ``used``."""
    ids = list(members)
    periods: dict[UUID, dict[str, int]] = {}
    grown: dict[UUID, dict[str, int]] = {}
    if with_periods:
        for member_id, period, spend, growth in statement(_HERE, "load_periods").rows(members=ids):
            periods.setdefault(member_id, {})[period] = spend
            grown.setdefault(member_id, {})[period] = growth
    return {
        member_id: StandingState(
            tier,
            opening_tier,
            spend_minor,
            kept,
            _REACHED.decode(reached),
            periods.get(member_id, {}),
            _terms(terms, grown.get(member_id), used.get(member_id)),
        )
        for member_id, tier, opening_tier, spend_minor, kept, reached, *terms in statement(
            _HERE, "load_standings"
        ).rows(members=ids)
    }


def load_uses(triples: Collection[tuple[UUID, str, str]], *, at: datetime) -> dict[UUID, Uses]:
    """Uses by member and (benefit, period) as they stand at ``at``; those that were never used are
    there, too."""
    found: dict[UUID, Uses] = {}
    for member_id, benefit, period in triples:
        found.setdefault(member_id, {})[benefit, period] = Use()
    members, benefits, periods = columns(list(triples), 3)
    for member_id, benefit, period, used, quota, holders in statement(_HERE, "load_uses").rows(
        members=members, benefits=benefits, periods=periods
    ):
        held = _HOLDERS.decode(holders) if holders else ()
        kept = tuple([each for each in held if each.until > at])
        found[member_id][benefit, period] = Use(used, quota, kept)
    return found


def uses_of(members: Collection[UUID]) -> list[tuple[UUID, str, str]]:
    """(member, benefit, period) of everything that members ever used."""
    return [(*row,) for row in statement(_HERE, "uses_of").rows(members=list(members))]


def stages_in(text: str) -> tuple[Stage, ...]:
    """The tiers in force, one after the other, as a row keeps them."""
    return _STAGES.decode(text) if text else ()


def _terms(row: list[Any], grown: dict[str, int] | None, uses: Uses | None) -> Terms:
    stages, opening_at, manual_tier, manual_until, reason, actor, bought_tier, bought_until = row
    if not (stages or manual_tier or bought_tier or opening_at or grown or uses):
        return EVER
    return Terms(
        stages=stages_in(stages),
        manual=Granted(manual_tier, manual_until, reason, actor) if manual_tier else None,
        bought=Granted(bought_tier, bought_until) if bought_tier else None,
        opening_at=opening_at,
        grown=grown or {},
        uses=uses or {},
    )


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


def update_terms(after: Mapping[UUID, Terms]) -> None:
    """Write what time does to standings, each of which must be there."""
    nothing = Granted("")
    rows = []
    for member_id, terms in after.items():
        manual, bought = terms.manual or nothing, terms.bought or nothing
        rows.append(
            (
                member_id,
                msgspec.json.encode(terms.stages).decode() if terms.stages else "",
                terms.stages[0].until if terms.stages else None,
                terms.opening_at,
                manual.tier,
                manual.until,
                manual.reason,
                manual.actor,
                bought.tier,
                bought.until,
            )
        )
    names = (
        *("members", "stages", "untils", "openings", "manual_tiers", "manual_untils"),
        *("manual_reasons", "manual_actors", "bought_tiers", "bought_untils"),
    )
    named = dict(zip(names, columns(rows, len(names)), strict=True))
    statement(_HERE, "update_terms").run(len(rows), **named)


def upsert_periods(rows: Collection[tuple[UUID, str, int, int]]) -> None:
    """Write kept spend and growth by (member, period)."""
    members, periods, spends, growths = columns(list(rows), 4)
    statement(_HERE, "upsert_periods").run(
        members=members, periods=periods, spends=spends, growths=growths
    )


def upsert_uses(uses: Collection[tuple[UUID, str, str, Use]]) -> None:
    """Write (member, benefit, period, use)."""
    names = ("members", "benefits", "periods", "useds", "quotas", "helds", "holders")
    rows = [
        (
            member_id,
            benefit,
            period,
            use.used,
            use.quota,
            len(use.held),
            msgspec.json.encode(use.held).decode() if use.held else "",
        )
        for member_id, benefit, period, use in uses
    ]
    named = dict(zip(names, columns(rows, len(names)), strict=True))
    statement(_HERE, "upsert_uses").run(**named)


def ended(*, at: datetime, limit: int) -> Iterable[tuple[UUID, datetime]]:
    """(member, since when) of those whose tier is over and nobody has booked it."""
    return statement(_HERE, "ended").rows(at=at, limit=limit)
