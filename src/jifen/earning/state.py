"""What a batch holds in memory: members' states, purchases it may refund, bounds it uses.

Frozen values in dictionaries. A decision puts new values in; writing compares them with what
was loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from jifen.common.errors import JifenError
from jifen.earning.context import Context
from jifen.earning.record import Earlier, Record, Target
from jifen.earning.types import Activity, Caller
from jifen.ledger.types import AccountState, Movement, TransactionRow
from jifen.programmes.types import StoreInfo
from jifen.tiers.types import StandingState

Used = Mapping[tuple[str, str], int]


class Item(Struct, frozen=True):
    """One activity on its way in, with what was found out before any lock is taken.

    ``body`` is what is kept of the request; ``digest`` tells a repeat from a conflict;
    ``local`` is the time of occurrence in the programme's zone, naive.
    """

    position: int
    activity: Activity
    caller: Caller
    store: StoreInfo
    local: datetime
    body: bytes
    digest: bytes
    refusal: JifenError | None = None
    """What was found against it before any lock; it counts unless the key is booked."""


class MemberState(Struct, frozen=True):
    """Everything of one member that a decision may read. ``used`` holds the bounds' use by
    (bound, period), ``accounts`` the accounts by unit code."""

    id: UUID
    birthday_on: date | None
    standing: StandingState
    accounts: Mapping[str, AccountState]
    used: Used


class ActivityRow(Struct, frozen=True):
    """A row to be inserted."""

    id: UUID
    kind: str
    client_id: UUID
    key: str
    digest: bytes
    member_id: UUID | None
    store_id: UUID
    reference: str | None
    of_id: UUID | None
    once_key: str | None
    version: int
    occurred_at: datetime
    body: bytes
    record: Record
    of_seq: int | None = None


class Decision(Struct, frozen=True):
    """What one activity does: rows to insert, and the states after it.

    ``rows`` holds the activity first, then what it caused (tiers reached or lost).
    ``members`` are the states after it of everybody it touched.
    ``budgets`` is by how much budgets' use changes.
    """

    rows: tuple[ActivityRow, ...]
    transactions: tuple[TransactionRow, ...] = ()
    movements: tuple[Movement, ...] = ()
    members: tuple[MemberState, ...] = ()
    budgets: Mapping[str, int] = {}
    target: Target | None = None


class Collision(Exception):
    """Another transaction booked one of these keys, or gave one of these purchases its member,
    at the same moment: decide anew."""


class State:
    """The batch's memory."""

    def __init__(self, context: Context, at: datetime) -> None:
        self.context = context
        self.at = at
        self.members: dict[UUID, MemberState] = {}
        self.targets: dict[tuple[UUID, str], Target] = {}
        self.references: dict[tuple[UUID, str, str], tuple[UUID, str]] = {}
        self.once: set[str] = set()
        self.budgets: dict[str, int] = {}
        self.earlier: dict[UUID, Earlier] = {}
        """Activities that items name by their id."""
        self.partners: dict[int, UUID] = {}
        """By position, the second member whom an item touches."""
        self.reached: dict[UUID, Record] = {}
        """Records of ``tier_reached`` activities in force, of members who refund."""

    def apply(self, decision: Decision) -> None:
        """Make a decision part of what the next one sees."""
        for member in decision.members:
            self.members[member.id] = member
        for code, points in decision.budgets.items():
            self.budgets[code] = self.budgets.get(code, 0) + points
        target = decision.target
        if target is not None:
            self.targets[target.store_id, target.purchase.reference] = target
        for row in decision.rows:
            if row.reference is not None:
                self.references[row.store_id, row.kind, row.reference] = (row.id, row.key)
            if row.once_key is not None:
                self.once.add(row.once_key)
            if row.of_id in self.earlier and row.of_seq is not None:
                self.earlier[row.of_id] = replace(self.earlier[row.of_id], acts=row.of_seq)
            if row.kind == "tier_reached":
                self.reached[row.id] = row.record
