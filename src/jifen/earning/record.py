"""What an activity's row remembers, so that nothing is ever reconstructed.

``Record`` is stored as JSON beside the activity. ``Family`` is the state of a purchase with its
claim and refunds: the latest act of a family carries it whole, so a refund reads one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct, field

from jifen.earning.rules.bounds import BUDGET, Bound
from jifen.earning.types import Award, Balance, Facts, Purchase
from jifen.ledger.types import TakenLot


class Family(Struct, frozen=True, omit_defaults=True):
    """A purchase as it stands after ``acts`` claims and refunds.

    ``facts`` and ``version`` are those the award was decided by; ``award`` is what is kept of
    it; ``refunded`` counts pieces by line; ``spend_minor`` is the kept paid amount;
    ``own`` are the lots that the award opened, by unit, and ``taken`` those that paid.
    ``period`` is where the spend counts for a ladder by period; ``clawed`` is what refunds took
    from other lots of the unit that paid, less what came back to them since.
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


class Usage(Struct, frozen=True):
    """A bound's use changed by ``points``; ``period`` as in the rules."""

    bound: str
    period: str
    points: int


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
    family: Family | None = None


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
    )
