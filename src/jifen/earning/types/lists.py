"""What a shop keeps lists of: top-ups, and uses of passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from jifen.programmes.types import Stores

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


class Listed(Struct, frozen=True, kw_only=True):
    """Which rows of a list: at ``stores`` (None is all), of a member, with a reference, that
    happened from one instant up to another; ``before`` is the last row of the page before."""

    stores: Stores
    limit: int
    member_id: UUID | None = None
    reference: str | None = None
    begins_at: datetime = EARLIEST
    ends_at: datetime = LATEST
    before: UUID | None = None


class TopUpInfo(Struct, frozen=True):
    """A top-up as it stands after its refunds: what was paid in and paid out of it again, and what
    the rules gave for the rest, by unit."""

    id: UUID
    member_id: UUID
    store: str
    reference: str
    occurred_at: datetime
    paid_minor: int
    refunded_minor: int
    gave: Mapping[str, int]


class PassUseInfo(Struct, frozen=True):
    """``count`` services of the pass ``unit`` were used; ``is_undone`` when that was reversed."""

    id: UUID
    member_id: UUID
    store: str
    reference: str | None
    occurred_at: datetime
    unit: str
    count: int
    is_undone: bool
