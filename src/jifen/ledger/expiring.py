"""Closing lots in slices: those that are due, or all of one unit at an announced date.

The job changes no balance that anybody reads: it writes down what time has done already. (Clearing
a unit does change balances.) A slice is one transaction over some accounts and needs no
Python for each lot; only holds that have ended are released one by one before. Killed at any
moment, the job begins again: lots that are closed are gone. So a slice does not wait for the disk
either. What is held is not in lots, so nothing under an open hold is ever taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from msgspec import Struct

from jifen.common.ids import new_id
from jifen.common.sql import flush_later, statement
from jifen.ledger.rules.holds import release_due
from jifen.ledger.sql import queries
from jifen.ledger.types import SYSTEM, AccountState, Movement, TransactionRow
from jifen.ledger.writing import Changes, write
from jifen.members import services as members

_STRETCH: Final = 10
"""Accounts that are looked at for each that a slice may close."""
_SQL: Final = Path(__file__).parent / "sql"

Spare = Callable[[Collection[UUID]], Collection[UUID]]
"""Given accounts, answers the lots of theirs that must stay, such as those without a notice."""


class Closed(Struct, frozen=True):
    """What was closed of one unit."""

    accounts: int
    lots: int
    points: int


class Slice(Struct, frozen=True):
    """One slice. ``after`` is where the next one begins, None when there is no more.

    ``passed_over`` are the accounts whose members somebody else held: they are closed by whoever
    holds them, or by the next run.
    """

    closed: Mapping[str, Closed]
    passed_over: tuple[UUID, ...]
    after: UUID | None


class ClosingTotal(Struct, frozen=True):
    """What closing would take of one unit's lots that were earned at one store."""

    unit: str
    store_id: UUID | None
    lots: int
    members: int
    points: int


def close_lots(
    *,
    at: datetime,
    after: UUID | None = None,
    limit: int,
    unit_id: UUID | None = None,
    spare: Spare | None = None,
    reason: str = "",
) -> Slice:
    """Close due lots of ``limit`` accounts at most, of the next after ``after``, in a transaction
    of its own, once their holds that have ended are released.

    With ``unit_id`` every open lot of that unit is closed, whatever its date (a clear); without,
    those whose date is not after ``at``, of which a slice may find none: it looks at ten times
    ``limit`` accounts and no more. Lots that ``spare`` answers for the accounts stay.
    """
    with transaction.atomic():
        flush_later()
        found, reach = _next_accounts(at, after, limit, unit_id)
        free = members.lock_free({each.member_id for each in found})
        accounts = [each.id for each in found if each.member_id in free]
        holding = {each.member_id for each in found if each.holds and each.member_id in free}
        if holding:
            _release_ended(holding, at)
        closed = _close(accounts, at, unit_id, spare, reason) if accounts else {}
    return Slice(
        closed,
        tuple(each.id for each in found if each.member_id not in free),
        found[-1].id if len(found) == limit else reach,
    )


def preview_closing(*, at: datetime) -> tuple[ClosingTotal, ...]:
    """What :func:`close_lots` would take at ``at``, slice after slice, if nobody did anything
    before; by unit and by the store where it was earned."""
    rows = statement(_SQL, "preview_closing").rows(at=at)
    return tuple(ClosingTotal(*row) for row in rows)


class _Found(NamedTuple):
    id: UUID
    member_id: UUID
    holds: bool


def _next_accounts(
    at: datetime, after: UUID | None, limit: int, unit_id: UUID | None
) -> tuple[list[_Found], UUID | None]:
    """In the order of their ids, and as far as was looked, None for to the end."""
    if unit_id is None:
        rows = statement(_SQL, "due_accounts").rows(
            at=at, after=after, limit=limit, stretch=_STRETCH * limit
        )
        return [_Found(*row) for _, *row in rows if row[0] is not None], rows[0][0]
    rows = statement(_SQL, "filled_accounts").rows(unit_id=unit_id, after=after, limit=limit)
    return [_Found(*row) for row in rows], None


def _release_ended(holding: Collection[UUID], at: datetime) -> None:
    """Release the holds of locked members that have ended, as the next act on the account would
    have; what comes back too late expires with them."""
    loaded = queries.load_accounts(members=holding, debited=(), carried=(), at=at)
    after: list[AccountState] = []
    transactions: list[TransactionRow] = []
    movements: list[Movement] = []
    for account in loaded:
        transaction_id = new_id()
        state, made = release_due(account, at=at, transaction_id=transaction_id)
        if made:
            after.append(state)
            movements += made
            transactions.append(TransactionRow(transaction_id, "release", SYSTEM, at))
    before = {account.id: account for account in loaded}
    write(Changes(transactions, movements, before, after), booked_at=at)


def _close(
    accounts: list[UUID], at: datetime, unit_id: UUID | None, spare: Spare | None, reason: str
) -> dict[str, Closed]:
    rows = statement(_SQL, "close_lots").rows(
        accounts=accounts,
        at=at,
        unit_id=unit_id,
        spared=list(spare(accounts)) if spare else [],
        kind="expire" if unit_id is None else "clear",
        actor=SYSTEM,
        reason=reason,
        transaction_id=_stem(),
        posting_id=_stem(),
    )
    return {code: Closed(*counts) for code, *counts in rows}


def _stem() -> str:
    """A new id without its last eight digits, which are random and may count accounts instead."""
    return str(new_id())[:-8]
