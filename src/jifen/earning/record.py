"""What an activity's row remembers, so that nothing is ever reconstructed.

``Record`` is stored as JSON beside the activity. ``Family`` is the state of a purchase with its
claim and refunds: the latest act of a family carries it whole, so a refund reads one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct, field

from jifen.earning.rules.bounds import BUDGET, Bound
from jifen.earning.types import Award, Balance, Facts, IssuedCoupon, Purchase
from jifen.ledger.types import TakenLot
from jifen.tiers.types import Granted
from jifen.wallet.types import Price


class StoredPaid(Struct, frozen=True, omit_defaults=True):
    """Stored value that paid for an order: how much of which unit, from which lots, whether it
    earns as money does, and what came back so far."""

    principal: str
    bonus: str
    principal_minor: int = 0
    bonus_minor: int = 0
    principal_taken: tuple[TakenLot, ...] = ()
    bonus_taken: tuple[TakenLot, ...] = ()
    principal_earns: bool = True
    bonus_earns: bool = False
    principal_back: int = 0
    bonus_back: int = 0
    clawed: Mapping[str, tuple[TakenLot, ...]] = field(default_factory=dict)
    """By unit, as ``Family.clawed`` is for the unit of the offset."""


class UsedCoupon(Struct, frozen=True, omit_defaults=True):
    """A coupon that an order used: the lines from which it took something, and when a refund
    makes it good again."""

    id: UUID
    code: str
    kind: str
    lines: tuple[int, ...]
    give_back: str


class HeldOrder(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order that is held until ``expires_at``: what it will be, its price under ``version`` of
    the rule set, and the holds of what will pay for it."""

    order: Purchase
    price: Price
    version: int
    expires_at: datetime
    offset_unit: str = ""
    points_hold: UUID | None = None
    stored: StoredPaid | None = None
    bonus_hold: UUID | None = None
    principal_hold: UUID | None = None
    coupons: tuple[UsedCoupon, ...] = ()
    uses: tuple[UsedBenefit, ...] = ()


class ToppedUp(Struct, frozen=True, omit_defaults=True):
    """A top-up as it stands after its refunds: ``lot`` holds its principal in ``unit``. What is
    kept of its award is the award of the record that this stands in."""

    unit: str
    lot: UUID
    paid_minor: int
    version: int
    own: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    refunded_minor: int = 0
    expired: Mapping[str, int] = field(default_factory=dict)


class Family(Struct, frozen=True, omit_defaults=True):
    """A purchase as it stands after ``acts`` claims and refunds.

    ``facts`` and ``version`` are those the award was decided by; ``award`` is what is kept of
    it; ``refunded`` counts pieces by line; ``spend_minor`` is the kept paid amount;
    ``own`` are the lots that the award opened, by unit, and ``taken`` those that paid.
    ``period`` is where the spend counts for a ladder by period; ``clawed`` is what refunds took
    from other lots of the unit that paid, less what came back to them since; ``expired`` is, by
    unit, what of the own lots had expired unspent and so counts as taken back.
    """

    member_id: UUID | None = None
    acts: int = 0
    version: int = 0
    facts: Facts | None = None
    award: Award = Award()
    refunded: Mapping[int, int] = field(default_factory=dict)
    given_back: int = 0
    spend_minor: int = 0
    offset_minor: int = 0
    period: str = ""
    own: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    taken: tuple[TakenLot, ...] = ()
    clawed: tuple[TakenLot, ...] = ()
    expired: Mapping[str, int] = field(default_factory=dict)
    nets: tuple[int, ...] = ()
    """What each line costs after member prices and coupons, where these changed anything."""
    stored: StoredPaid | None = None
    coupons: tuple[UsedCoupon, ...] = ()
    """Those that no refund has made good again."""
    uses: tuple[UsedBenefit, ...] = ()
    """Benefits that the order used; there again when nothing of it is kept."""
    is_confirmed: bool = False
    """Its delivery was confirmed."""
    waiting: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    """Lots that wait for that, by unit."""


class Usage(Struct, frozen=True):
    """A bound's use changed by ``points``; ``period`` as in the rules."""

    bound: str
    period: str
    points: int


class Held(Struct, frozen=True):
    """A hold after an act on it: ``id`` is the ledger's, ``left`` what is still held."""

    id: UUID
    unit: str
    left: int
    expires_at: datetime


class Offer(Struct, frozen=True):
    """A transfer that waits for its receiver: the points are held until ``expires_at``."""

    hold_id: UUID
    unit: str
    points: int
    to_id: UUID
    expires_at: datetime


class MovedLot(Struct, frozen=True, array_like=True):
    """A lot that crossed in a merge: which one it was, as it was and with how much, and which it
    became."""

    was: TakenLot
    lot: UUID


class Merged(Struct, frozen=True, omit_defaults=True):
    """What a merge moved besides its postings: what undoing it needs.

    ``lots`` are the lots that crossed, by unit. ``owed`` is what the other owed, by unit, and the
    survivor pays since; ``paid`` are the survivor's lots that paid of it at once. ``reached`` are
    the tiers for whose award the survivor stands in now. ``tier``, ``opening``, ``bought`` and
    ``manual`` are what the survivor had before.
    """

    other_id: UUID
    lots: Mapping[str, tuple[MovedLot, ...]] = field(default_factory=dict)
    owed: Mapping[str, int] = field(default_factory=dict)
    paid: Mapping[str, tuple[TakenLot, ...]] = field(default_factory=dict)
    reached: tuple[str, ...] = ()
    tier: str = ""
    opening: tuple[str, datetime | None] = ("", None)
    bought: Granted | None = None
    manual: Granted | None = None


class UsedBenefit(Struct, frozen=True):
    """A benefit was used once; ``period`` is where it counts, empty where it does not."""

    benefit: str
    period: str


class Record(Struct, frozen=True, omit_defaults=True):
    """Inputs, result and effects of one activity."""

    award: Award = Award()
    facts: Facts | None = None
    points: Mapping[str, int] = field(default_factory=dict)
    balances: tuple[Balance, ...] = ()
    tier: str = ""
    tier_before: str | None = None
    """Where this activity changed the tier; empty below the first one."""
    spend_minor: int = 0
    period: str = ""
    purchases_kept: int = 0
    usage: tuple[Usage, ...] = ()
    own: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    taken: tuple[TakenLot, ...] = ()
    offset_minor: int = 0
    given_back: int = 0
    uses: tuple[UsedBenefit, ...] = ()
    family: Family | None = None
    price: Price | None = None
    stored: StoredPaid | None = None
    used_coupons: tuple[UsedCoupon, ...] = ()
    coupons: tuple[IssuedCoupon, ...] = ()
    topped_up: ToppedUp | None = None
    held_order: HeldOrder | None = None
    bought_tier: str = ""
    merged: Merged | None = None
    waiting: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    """Lots of an order and of what it caused that wait until its delivery is confirmed, by unit."""
    held: Held | None = None
    offer: Offer | None = None


class Target(Struct, frozen=True):
    """A purchase that a refund or claim names, with its family's latest state."""

    id: UUID
    store_id: UUID
    purchase: Purchase
    family: Family


class Earlier(Struct, frozen=True):
    """An activity that a later one names by its id. ``acts`` counts those that did before, such
    as its reversal; the next one's ``of_seq`` is one more, which is unique."""

    id: UUID
    kind: str
    member_id: UUID | None
    store_id: UUID
    record: Record
    acts: int
    latest: Record | None = None
    """The record of the last one of them."""


def used_bounds(record: Record) -> list[Bound]:
    """The bounds that an award took from; their limits are of no matter any more."""
    return [
        Bound(use.bound, "programme" if use.bound.startswith(BUDGET) else "member", use.period, 0)
        for use in record.usage
    ]


ENCODER: Final = msgspec.json.Encoder()
RECORDS: Final = msgspec.json.Decoder(Record)
PURCHASES: Final = msgspec.json.Decoder(Purchase)


def first_family(*, member_id: UUID | None, version: int, record: Record) -> Family:
    """The family of a purchase that nobody has claimed or refunded."""
    return Family(
        member_id=member_id,
        version=version,
        facts=record.facts,
        award=record.award,
        spend_minor=record.spend_minor,
        offset_minor=record.offset_minor,
        period=record.period,
        own=record.own,
        taken=record.taken,
        nets=record.price.lines if record.price is not None else (),
        stored=record.stored,
        coupons=record.used_coupons,
        uses=record.uses,
        waiting=record.waiting,
    )
