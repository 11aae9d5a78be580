"""What crosses the door of the ledger: states in, movements out. All frozen, all integers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict, NotFound

SYSTEM: Final = "jifen"
"""The actor of movements that nobody asked for, such as an expiry."""


class Origin(Struct, frozen=True):
    """Where a lot comes from, and the instant at which it stops being spendable.

    A pending lot is not spendable yet: until ``ripens_at``, or, without one, until an event (a
    delivery is confirmed). A hold has the instant at which it ends by itself as ``expires_at``.
    """

    rule: str = ""
    store_id: UUID | None = None
    merchant_id: UUID | None = None
    expires_at: datetime | None = None
    is_pending: bool = False
    ripens_at: datetime | None = None


class LotState(Struct, frozen=True):
    """What is left of a lot. ``seq`` is that of the posting that opened it.

    ``origin`` is there for lots opened by this batch, and for those that were loaded with it.
    """

    id: UUID
    seq: int
    remaining: int
    expires_at: datetime | None
    is_pending: bool = False
    ripens_at: datetime | None = None
    origin: Origin | None = None


class TakenLot(Struct, frozen=True, omit_defaults=True):
    """A lot that paid, and how much: what a refund needs to give it back.

    ``is_pending``: it was not spendable yet, so a clawback took it and no burn.
    """

    id: UUID
    seq: int
    expires_at: datetime | None
    amount: int
    is_pending: bool = False


class HoldState(Struct, frozen=True):
    """A hold that is open: ``slices`` are what is left of it, in the order they were taken.

    It has the id and ``seq`` of the posting that made it. Captures take from the front of the
    slices and releases from the back, so ``captured`` and what is left say which lots are in it.
    """

    id: UUID
    seq: int
    captured: int
    expires_at: datetime | None
    slices: tuple[TakenLot, ...]

    @property
    def remaining(self) -> int:
        """How many points are still held."""
        return sum([part.amount for part in self.slices])


class Portion(Struct, frozen=True):
    """``points`` of one origin on their way into a lot of another account, or of a later date.

    ``lot_id`` is the lot that they were in, where what came of it can be followed: its expiry is
    undone, or its member is merged. ``home`` is the lot that they go back to, as it was when it
    left, where a merge is undone.
    """

    origin: Origin
    points: int
    lot_id: UUID | None = None
    home: TakenLot | None = None


class Arrived(Struct, frozen=True):
    """``points`` that are to leave an account again, the ``lots`` in which they may be by now, and
    the lot that they go back to, if it is a merge that is undone."""

    lots: Collection[UUID]
    points: int
    home: TakenLot | None = None


class LotEnd(Struct, frozen=True):
    """How much of a lot expired and did not come back, and the lots that it became: those that
    undoing its expiries opened, and those that it was in other accounts by merges."""

    expired: int = 0
    became: tuple[UUID, ...] = ()


class Guard(Struct, frozen=True):
    """No silent expiry: what would end after ``since`` ends only when the member was told.

    ``told`` has, by the end that a lot or an account has of its own, until when the member was
    told that it is good: that end, or a later one where the notice came late.
    """

    since: datetime
    told: Mapping[datetime, datetime] = {}

    def end_of(self, ends_at: datetime) -> datetime | None:
        """When it ends indeed; None: not before somebody tells the member."""
        return ends_at if ends_at <= self.since else self.told.get(ends_at)


class AccountState(Struct, frozen=True):
    """One account with those of its open lots that were loaded, and all of its open holds.

    An account of which only earning is asked needs no lots but those whose time has come: the
    due, the ripe. A debit needs all, and so does an account that holds anything.
    Open lots are ``available`` and ``pending``; what is ``held`` was drawn from them.
    ``idle_at`` is when everything in it ends because nothing was earned or spent for too long;
    ``guard`` is there where nothing ends without a notice. ``origins`` is where the lots come from
    that holds may return to, of an account out of which lots cross.
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
    holds: tuple[HoldState, ...] = ()
    idle_at: datetime | None = None
    guard: Guard | None = None
    origins: Mapping[UUID, Origin] = {}

    @property
    def net(self) -> int:
        """Available + pending + held − deficit: the sum of the account's postings."""
        return self.available + self.pending + self.held - self.deficit


class Draw(Struct, frozen=True):
    """``amount`` taken from a lot, or given back to it when negative."""

    lot_id: UUID
    amount: int


class Movement(Struct, frozen=True):
    """One posting with its draw-downs. ``hold_id`` is the hold that it captures or releases."""

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
    pending_after: int = 0
    held_after: int = 0
    hold_id: UUID | None = None


class TransactionRow(Struct, frozen=True):
    """One atomic ledger event."""

    id: UUID
    kind: str
    actor: str
    occurred_at: datetime
    reason: str = ""
    reverses_id: UUID | None = None


class BalanceInfo(Struct, frozen=True):
    """An account as it stands at a time: lots that are due no longer count, those that are ripe
    are available, and holds that have ended are released."""

    unit: str
    available: int
    pending: int
    held: int
    deficit: int


class PostingInfo(Struct, frozen=True):
    """One row of a statement.

    ``balance_after`` is available + pending + held − deficit; what of it is not available is told
    beside it. ``moved`` is how much was moved, also where the amount is 0: held, released, ripened.
    """

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
    pending_after: int
    held_after: int
    deficit_after: int
    moved: int


class LotInfo(Struct, frozen=True):
    """An open lot as it stands at a time: what is ``left`` of the ``amount`` that opened it.

    ``expires_at`` is its own date, ``ends_at`` when it really ends: with an account that is not
    used, or, where nothing ends without a notice, when the member was told; None is not foreseen.
    While it is pending, it ripens at ``ripens_at``, or by an event.
    """

    id: UUID
    transaction_id: UUID
    left: int
    amount: int
    rule: str
    store: str
    is_pending: bool
    ripens_at: datetime | None
    expires_at: datetime | None
    ends_at: datetime | None
    occurred_at: datetime


class ExpiredLots(Struct, frozen=True):
    """What expired in one transaction from one account, by origin: what an undo opens again."""

    member_id: UUID
    unit: str
    portions: tuple[Portion, ...]

    @property
    def points(self) -> int:
        """All of it."""
        return sum([each.points for each in self.portions])


class PaidBy(Struct, frozen=True):
    """``points`` of ``unit`` that ``merchant`` had issued; it is empty where nobody had."""

    merchant: str
    unit: str
    points: int


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


class UnknownHold(NotFound):
    """No such hold, or it has ended: captured, released, or past its time."""

    code: ClassVar[str] = "unknown_hold"


class HoldTooSmall(Conflict):
    """More was asked of a hold than is left in it; ``left`` says how much."""

    code: ClassVar[str] = "hold_too_small"


class NotOwed(Conflict):
    """More should be waived than the account owes; ``deficit`` says how much that is."""

    code: ClassVar[str] = "not_owed"


class OriginsMissing(RuntimeError):
    """Lots were to be carried over whose origins nobody loaded: a fault of the caller."""
