"""Reads of the whole programme at once, for files that leave it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from jifen.common.sql import snapshot, statement
from jifen.ledger import selectors as ledger
from jifen.ledger.types import BalanceInfo
from jifen.programmes import selectors as programmes
from jifen.tiers import selectors as tiers

_PAGE: Final = 5_000


class BalanceRow(NamedTuple):
    """One member's account of one unit. ``member`` is the external id, else the member's id;
    ``available`` leaves out lots that are due and not closed yet."""

    member: str
    unit: str
    available: int
    pending: int
    held: int
    deficit: int
    tier: str


def balance_rows(*, at: datetime) -> Iterator[BalanceRow]:
    """Every member and every unit as of ``at``, also empty ones, ordered by member text (by code
    point), then unit.

    Members come through a cursor of the server: one snapshot, and memory for one page.
    """
    everybody = statement(Path(__file__).parent / "sql", "export_members")
    with snapshot():
        units = sorted(programmes.units())
        for page in everybody.pages(_PAGE):
            yield from _rows(page, units, at)


def _rows(
    page: Sequence[tuple[UUID, str]], units: Sequence[str], at: datetime
) -> Iterator[BalanceRow]:
    ids = [member_id for member_id, _ in page]
    held = ledger.balances_of(ids, at=at)
    tier_of = tiers.tiers(ids, at=at)
    for member_id, member in page:
        balances = {balance.unit: balance for balance in held.get(member_id, ())}
        for unit in units:
            balance = balances.get(unit) or BalanceInfo(unit, 0, 0, 0, 0)
            yield BalanceRow(
                member,
                unit,
                balance.available,
                balance.pending,
                balance.held,
                balance.deficit,
                tier_of.get(member_id, ""),
            )
