"""Reads of the ledger: balances right at any time without any job, statements, totals."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from jifen.common.sql import statement as sql
from jifen.ledger.types import BalanceInfo, PostingInfo

_SQL: Final = Path(__file__).parent / "sql"


def balances(*, member_id: UUID, at: datetime) -> tuple[BalanceInfo, ...]:
    """A member's accounts as they stand at ``at``, in the order of the units."""
    rows = sql(_SQL, "balances").rows(member_id=member_id, at=at)
    return tuple(BalanceInfo(*row) for row in rows)


def statement(
    *, member_id: UUID, unit: str, before: int | None, limit: int
) -> tuple[PostingInfo, ...]:
    """Up to ``limit`` postings of one account, the newest first; ``before`` is a posting's seq."""
    rows = sql(_SQL, "statement").rows(member_id=member_id, unit=unit, before=before, limit=limit)
    return tuple(PostingInfo(*row) for row in rows)


def postings_of(transactions: Collection[UUID]) -> tuple[PostingInfo, ...]:
    """The postings of some transactions, in the order they were made."""
    rows = sql(_SQL, "postings_of").rows(transactions=list(transactions))
    return tuple(PostingInfo(*row) for row in rows)


def totals() -> dict[str, dict[str, int]]:
    """The sum of all postings by unit and movement: the terms of conservation."""
    sums: dict[str, dict[str, int]] = {}
    for unit, kind, amount in sql(_SQL, "totals").rows():
        sums.setdefault(unit, {})[kind] = amount
    return sums
