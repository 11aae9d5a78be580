"""What crosses the door of the ledger: states in, movements out. All frozen, all integers."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict


class LotState(Struct, frozen=True):
    """What is left of a lot. ``seq`` is that of the posting that opened it."""

    id: UUID
    seq: int
    remaining: int
    expires_at: datetime | None


class AccountState(Struct, frozen=True):
    """One account with those of its open lots that were loaded.

    An account of which only earning is asked needs no lots but the due ones; a debit needs all.
    """

    id: UUID
    member_id: UUID
    unit_id: UUID
    available: int = 0
    pending: int = 0
    held: int = 0
    deficit: int = 0
    seq: int = 0
    lots: tuple[LotState, ...] = ()

    @property
    def net(self) -> int:
        """Available + pending + held − deficit: the sum of the account's postings."""
        return self.available + self.pending + self.held - self.deficit


class Origin(Struct, frozen=True):
    """Where a lot comes from, and the instant at which it stops being spendable."""

    rule: str = ""
    store_id: UUID | None = None
    merchant_id: UUID | None = None
    expires_at: datetime | None = None


class Draw(Struct, frozen=True):
    """``amount`` taken from a lot, or given back to it when negative."""

    lot_id: UUID
    amount: int


class Movement(Struct, frozen=True):
    """One posting with its draw-downs."""

    id: UUID
    transaction_id: UUID
    account_id: UUID
    seq: int
    kind: str
    amount: int
    balance_after: int
    deficit_after: int
    origin: Origin
    draws: tuple[Draw, ...] = ()


class TakenLot(Struct, frozen=True):
    """A lot that paid a burn, and how much: what a refund needs to give it back."""

    id: UUID
    seq: int
    expires_at: datetime | None
    amount: int


class TransactionRow(Struct, frozen=True):
    """One atomic ledger event."""

    id: UUID
    kind: str
    actor: str
    occurred_at: datetime
    reason: str = ""
    reverses_id: UUID | None = None


class BalanceInfo(Struct, frozen=True):
    """An account as it stands at a time: lots that are due no longer count."""

    unit: str
    available: int
    pending: int
    held: int
    deficit: int


class PostingInfo(Struct, frozen=True):
    """One row of a statement."""

    id: UUID
    transaction_id: UUID
    unit: str
    seq: int
    kind: str
    contra: str
    amount: int
    balance_after: int
    rule: str
    expires_at: datetime | None
    occurred_at: datetime
    booked_at: datetime
    reason: str
    actor: str


class Fault(Struct, frozen=True):
    """One row that does not agree with the postings."""

    check: str
    table: str
    id: str
    expected: int
    found: int


class Verdict(Struct, frozen=True):
    """What :func:`jifen.ledger.services.verify` saw."""

    ok: bool
    checked: dict[str, int]
    faults: tuple[Fault, ...]


class InsufficientPoints(Conflict):
    """The account does not hold what should be taken; ``short_by`` says how much is missing."""

    code: ClassVar[str] = "insufficient_points"
