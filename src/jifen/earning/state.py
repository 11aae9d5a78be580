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
from jifen.earning.errors import MemberBusy
from jifen.earning.record import Earlier, Record, Target
from jifen.earning.types import Activity, Caller
from jifen.ledger import services as ledger
from jifen.ledger.types import (
    AccountState,
    ExpiredLots,
    LotEnd,
    Movement,
    Origin,
    TransactionRow,
)
from jifen.members.types import (
    ERASED,
    LEFT,
    MERGED,
    Deed,
    Ended,
    Joined,
    MergeState,
    Parted,
    Recalled,
    Registered,
)
from jifen.programmes.types import StoreInfo
from jifen.tiers.types import StandingState
from jifen.wallet.types import CouponState

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


class Groups(Struct, frozen=True):
    """The segments and tags of a member, of those that the rules name."""

    segments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class MemberState(Struct, frozen=True):
    """Everything of one member that a decision may read. ``used`` holds the bounds' use by
    (bound, period), ``accounts`` the accounts by unit code."""

    id: UUID
    birthday_on: date | None
    standing: StandingState
    accounts: Mapping[str, AccountState]
    used: Used
    groups: Groups = Groups()


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
    deeds: tuple[Deed, ...] = ()
    """What it does to members themselves."""
    coupons: tuple[CouponState, ...] = ()


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
        self.uses: dict[str, Earlier] = {}
        """Uses of benefits for orders that are refunded, by their once-key."""
        self.partners: dict[int, UUID] = {}
        """By position, the second member whom an item touches."""
        self.reached: dict[UUID, Record] = {}
        """Records of ``tier_reached`` activities in force, of members who refund."""
        self.expired: dict[UUID, int] = {}
        """How much expired of lots that may be taken back, and did not come back; nothing yet of
        those missing here, which this batch opened."""
        self.became: dict[UUID, tuple[UUID, ...]] = {}
        """The lots that such lots became: by a merge, or where an expiry was undone."""
        self.closed: dict[UUID, Registered] = {}
        """Those of the members who are frozen, have left, or are parts of others."""
        self.expiries: dict[UUID, tuple[ExpiredLots, ...]] = {}
        """What expired in transactions that are to be undone."""
        self.merges: dict[UUID, MergeState] = {}
        """Merges that are to be undone, by the member who was merged."""
        self.origins: dict[UUID, Origin] = {}
        """Where the lots come from that acts of merged members may give points back to."""
        self.merged_into: dict[UUID, UUID] = {}
        """Whose part merged members are, of those that were merged when the batch was loaded."""

        self.coupons: dict[str, CouponState] = {}
        """Coupons by code, as they stand."""
        self.coupons_before: dict[str, CouponState] = {}
        """Coupons by code, as they were loaded."""
        self.registered: set[UUID] = set()
        """Members who top up and of whom a name, a phone or a WeChat is known."""

        self.parted: set[UUID] = set()
        """Merged members who are members of their own again since an earlier item."""

    def holder(self, member_id: UUID) -> UUID:
        """Who answers for what this member did: itself, or its survivor. Raises ``member_busy``
        when an earlier item of the batch merged or parted anybody on the way there."""
        line = self.line(member_id)
        if self.closed and any(self._moved_now(each) for each in line):
            raise MemberBusy("this member was merged or parted at this moment; try again")
        return line[-1]

    def survivor(self, member_id: UUID) -> UUID:
        """The member whose part this one is by now; itself unless it was merged."""
        return self.line(member_id)[-1]

    def line(self, member_id: UUID) -> list[UUID]:
        """The member, with whom it became a part, and so on up to the survivor."""
        line = [member_id]
        while line[-1] in self.merged_into:
            line.append(self.merged_into[line[-1]])
        return line

    def _moved_now(self, member_id: UUID) -> bool:
        row = self.closed.get(member_id)
        merged_now = row and row.status == MERGED and member_id not in self.merged_into
        return bool(merged_now) or member_id in self.parted

    def apply(self, decision: Decision) -> None:
        """Make a decision part of what the next one sees."""
        for member in decision.members:
            self.members[member.id] = member
        self.add_ends(ledger.ends_by_lot(decision.movements))
        for code, points in decision.budgets.items():
            self.budgets[code] = self.budgets.get(code, 0) + points
        target = decision.target
        if target is not None:
            self.targets[target.store_id, target.purchase.reference] = target
        for coupon in decision.coupons:
            self.coupons[coupon.code] = coupon
        for row in decision.rows:
            self._apply_row(row)
        for deed in decision.deeds:
            self._apply_deed(deed)

    def add_ends(self, ends: Mapping[UUID, LotEnd]) -> None:
        """Remember what more expired of lots, or came back of it, and what they became."""
        for lot, end in ends.items():
            self.expired[lot] = self.expired.get(lot, 0) + end.expired
            if end.became:
                self.became[lot] = (*self.became.get(lot, ()), *end.became)

    def _apply_deed(self, deed: Deed) -> None:
        match deed:
            case Joined():
                self.closed[deed.other_id] = Registered(None, MERGED, deed.survivor_id)
            case Parted():
                self.parted.add(deed.other_id)
                self.merges.pop(deed.other_id, None)
            case Ended():
                status = ERASED if deed.erased else LEFT
                self.closed[deed.member_id] = Registered(None, status)
            case Recalled():
                for member_id in deed.members:
                    merge = self.merges.get(member_id)
                    if merge is not None:
                        after = replace(merge, acts_since=merge.acts_since + 1)
                        self.merges[member_id] = after

    def _apply_row(self, row: ActivityRow) -> None:
        if row.reference is not None:
            self.references[row.store_id, row.kind, row.reference] = (row.id, row.key)
        if row.once_key is not None:
            self.once.add(row.once_key)
        if row.of_id in self.earlier and row.of_seq is not None:
            self.earlier[row.of_id] = replace(
                self.earlier[row.of_id], acts=row.of_seq, latest=row.record
            )
        if row.kind == "top_up":  # a refund in the same batch may follow
            self.earlier[row.id] = Earlier(
                row.id, row.kind, row.member_id, row.store_id, row.record, acts=0
            )
        if row.kind == "tier_reached":
            self.reached[row.id] = row.record
        if row.kind == "benefit_use" and row.once_key is not None:
            self.uses[row.once_key] = Earlier(
                row.id, row.kind, row.member_id, row.store_id, row.record, acts=0
            )
        for once_key, use in self.uses.items():
            if row.of_id == use.id and row.of_seq is not None:
                self.uses[once_key] = replace(use, acts=row.of_seq)
