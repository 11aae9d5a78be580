"""The rules give: facts as they are, the award for them, its use of bounds, and its lots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jifen.earning.decisions.sheet import Sheet, facts_for
from jifen.earning.record import Usage
from jifen.earning.rules.policy import Policy
from jifen.earning.types import Award, Basket, Facts
from jifen.programmes.types import StoreInfo


class Rewarded(NamedTuple):
    """What was given, and by which facts; ``own`` are the lots, by unit."""

    facts: Facts
    award: Award
    usage: tuple[Usage, ...]
    own: Mapping[str, tuple[UUID, ...]]


def reward(
    sheet: Sheet,
    policy: Policy,
    kind: str,
    basket: Basket,
    *,
    local: datetime | None = None,
    store: StoreInfo | None = None,
    occurred_at: datetime | None = None,
    transaction_id: UUID | None = None,
) -> Rewarded:
    """Give what the rules give for facts of this kind and this basket, in the activity's
    transaction or another one. ``local``, ``store`` and ``occurred_at`` are of what is rewarded;
    the activity's own without."""
    local = local or sheet.item.local
    bounds = policy.bounds(kind, local)
    facts = facts_for(sheet, kind=kind, local=local, store=store, bounds=bounds)
    award = policy.evaluate(facts, basket)
    usage = sheet.use(bounds, {}, policy.usage(award)) if bounds else ()
    own = sheet.give(
        award,
        policy=policy,
        transaction_id=transaction_id or sheet.id,
        store=store,
        occurred_at=occurred_at,
    )
    return Rewarded(facts, award, usage, own)
