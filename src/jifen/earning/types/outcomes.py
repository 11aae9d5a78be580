"""What a booking answers, and what is told of it later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from jifen.common.errors import JifenError
from jifen.earning.errors import WrongStore
from jifen.earning.types.awards import Award, Facts
from jifen.ledger.types import PaidBy, PostingInfo
from jifen.programmes.types import Stores
from jifen.wallet.types import Price


class Balance(Struct, frozen=True):
    """One account: always these four."""

    unit: str
    available: int
    pending: int
    held: int
    deficit: int


class IssuedCoupon(Struct, frozen=True, omit_defaults=True):
    """A coupon that was issued: its code, its kind, and until when it is good."""

    id: UUID
    code: str
    kind: str
    valid_until: datetime | None = None


class Caller(Struct, frozen=True):
    """Who books: an API client, an import or a command. ``stores`` are the only ones it books for;
    what names none is booked for the first of them. ``earliest_at`` is the limit that the programme
    allows this caller for past times."""

    client_id: UUID
    name: str
    stores: Stores = None
    earliest_at: datetime | None = None

    @property
    def home(self) -> str | None:
        """The store of what names none; None is the programme's own default."""
        return self.stores[0] if self.stores else None

    def check_store(self, code: str) -> None:
        """Raise :class:`WrongStore` unless the caller acts for this store."""
        if self.stores is not None and code not in self.stores:
            raise WrongStore("this client acts for its own stores only", stores=list(self.stores))


class Booked(Struct, frozen=True, omit_defaults=True):
    """The activity is in the books (or would be, in a preview). ``replayed`` means that its key
    was booked before and this is the first answer again. ``points`` and ``balances`` are by unit:
    what this activity moved, and what stood in the accounts right after it. ``coupons`` are those
    that it issued, ``price`` what the order cost the member, step by step."""

    id: UUID
    key: str
    kind: str
    member_id: UUID | None = None
    points: Mapping[str, int] = field(default_factory=dict)
    award: Award = Award()
    tier: str = ""
    balances: tuple[Balance, ...] = ()
    replayed: bool = False
    coupons: tuple[IssuedCoupon, ...] = ()
    price: Price | None = None


class Refused(Struct, frozen=True):
    """Nothing was booked for this activity; ``error`` says why."""

    key: str
    error: JifenError


Outcome = Booked | Refused


# --- what selectors answer -------------------------------------------------------------------


class ActivityInfo(Struct, frozen=True):
    """A booked activity. ``body`` is the request as it was booked; ``client_id`` who sent it."""

    id: UUID
    kind: str
    key: str
    client_id: UUID
    member_id: UUID | None
    store: str
    reference: str | None
    of_id: UUID | None
    rule_set_version: int
    occurred_at: datetime
    booked_at: datetime
    body: Mapping[str, Any]
    points: Mapping[str, int]
    award: Award
    tier: str


class Explanation(Struct, frozen=True):
    """Why an activity gave what it gave: the inputs, the arithmetic, the postings, and the same
    in sentences. ``related`` are its refunds, its claim, tiers it reached, or what it refunds;
    ``paid_by`` says which merchants' points paid for what it burned."""

    activity: ActivityInfo
    facts: Facts | None
    sentences: tuple[str, ...]
    postings: tuple[PostingInfo, ...]
    related: tuple[ActivityInfo, ...]
    paid_by: tuple[PaidBy, ...] = ()
