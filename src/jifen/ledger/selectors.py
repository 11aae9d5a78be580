"""Reads of the ledger: balances right at any time without any job, statements, totals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jifen.common.sql import snapshot
from jifen.common.sql import statement as sql
from jifen.ledger.rules import paying as rules
from jifen.ledger.rules.reading import read
from jifen.ledger.sql import queries
from jifen.ledger.types import (
    BalanceInfo,
    ExpiredLots,
    LotInfo,
    Origin,
    PaidBy,
    Portion,
    PostingInfo,
)

_SQL: Final = Path(__file__).parent / "sql"


def balances(*, member_id: UUID, at: datetime) -> tuple[BalanceInfo, ...]:
    """A member's accounts as they stand at ``at``, in the order of the units.

    Where time has not touched them they are as they are stored, which is one statement.
    """
    rows = _stored([member_id], at)
    if any(row[-1] for row in rows):
        return balances_of([member_id], at=at).get(member_id, ())
    return _by_member(rows, {}).get(member_id, ())


def balances_of(members: Collection[UUID], *, at: datetime) -> dict[UUID, tuple[BalanceInfo, ...]]:
    """The accounts of members as they stand at ``at``, each member's in the order of the units;
    those that time has changed are read with their lots and holds, in one snapshot."""
    with snapshot():
        rows = _stored(members, at)
        behind = {member_id for _, member_id, *_, is_behind in rows if is_behind}
        accounts = queries.load_accounts(members=behind, debited=(), carried=(), at=at)
        return _by_member(rows, {account.id: read(account, at=at) for account in accounts})


def _stored(members: Collection[UUID], at: datetime) -> list[tuple[Any, ...]]:
    return sql(_SQL, "balances").rows(members=list(members), at=at)


def _by_member(
    rows: Sequence[tuple[Any, ...]], read_now: Mapping[UUID, tuple[int, int, int, int]]
) -> dict[UUID, tuple[BalanceInfo, ...]]:
    found: dict[UUID, list[BalanceInfo]] = {}
    for account_id, member_id, unit, *stored, _ in rows:
        balance = BalanceInfo(unit, *read_now.get(account_id, stored))
        found.setdefault(member_id, []).append(balance)
    return {member_id: tuple(each) for member_id, each in found.items()}


def expired(transaction_id: UUID) -> tuple[ExpiredLots, ...]:
    """What expired in a transaction, by account, with the origins of the lots."""
    found: dict[tuple[UUID, str], list[Portion]] = {}
    rows = sql(_SQL, "expired_lots").rows(transaction_id=transaction_id)
    for member_id, unit, rule, store_id, merchant_id, expires_at, points, lot_id in rows:
        origin = Origin(rule, store_id, merchant_id, expires_at)
        found.setdefault((member_id, unit), []).append(Portion(origin, points, lot_id))
    return tuple(
        ExpiredLots(member_id, unit, tuple(portions))
        for (member_id, unit), portions in found.items()
    )


def statement(
    *, member_id: UUID, unit: str, before: int | None, limit: int
) -> tuple[PostingInfo, ...]:
    """Up to ``limit`` postings of one account, the newest first; ``before`` is a posting's seq."""
    rows = sql(_SQL, "statement").rows(member_id=member_id, unit=unit, before=before, limit=limit)
    return tuple(PostingInfo(*row) for row in rows)


def lots(*, member_id: UUID, unit: str, at: datetime, skip: int, limit: int) -> tuple[LotInfo, ...]:
    """Up to ``limit`` open lots of one account at ``at``, the first to end first, after ``skip``
    of them."""
    rows = sql(_SQL, "lots").rows(member_id=member_id, unit=unit, at=at, skip=skip, limit=limit)
    return tuple(LotInfo(*row) for row in rows)


def lots_by_end(
    members: Collection[UUID], *, at: datetime
) -> dict[UUID, dict[str, list[tuple[datetime | None, int]]]]:
    """What members may spend at ``at``: by member and unit, the points that end together, the first
    to end first, those that do not end (None) last."""
    found: dict[UUID, dict[str, list[tuple[datetime | None, int]]]] = {}
    rows = sql(_SQL, "lots_by_end").rows(members=list(members), at=at)
    for member_id, unit, ends_at, points in rows:
        found.setdefault(member_id, {}).setdefault(unit, []).append((ends_at, points))
    return found


def postings_of(
    transactions: Collection[UUID], *, member_id: UUID | None = None
) -> tuple[PostingInfo, ...]:
    """The postings of some transactions, in the order they were made; with a member, those in that
    member's accounts."""
    rows = sql(_SQL, "postings_of").rows(transactions=list(transactions), member_id=member_id)
    return tuple(PostingInfo(*row) for row in rows)


def paid_by(transaction_id: UUID) -> tuple[PaidBy, ...]:
    """Which merchants' points paid for what a transaction burned. A lot that was itself bought,
    such as a pass, counts as the points that bought it."""
    rows = sql(_SQL, "paid_by").rows(transaction_id=transaction_id)
    return rules.paid_by(rules.Source(*row) for row in rows)


def totals() -> dict[str, dict[str, int]]:
    """The sum of all postings by unit and movement: the terms of conservation."""
    sums: dict[str, dict[str, int]] = {}
    for unit, kind, amount in sql(_SQL, "totals").rows():
        sums.setdefault(unit, {})[kind] = amount
    return sums
