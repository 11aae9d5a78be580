"""Writes of the ledger: load states under lock, and write the states that rules made of them.

The caller holds the members' locks (:func:`jifen.members.services.lock`) in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from jifen.common.ids import new_id
from jifen.common.sql import in_transaction
from jifen.ledger.expiring import Slice, close_lots, preview_closing
from jifen.ledger.rules.cash import left_in, pay_out
from jifen.ledger.rules.closing import forfeit
from jifen.ledger.rules.ends import is_due
from jifen.ledger.rules.holds import capture, find_hold, hold, release, release_due
from jifen.ledger.rules.movements import (
    burn,
    claw_back,
    ends_by_lot,
    expire_due,
    give_back,
    open_lot,
)
from jifen.ledger.rules.orders import give_back_slices
from jifen.ledger.rules.pending import is_ripe, ripen, ripen_due
from jifen.ledger.rules.posting import taken_lots
from jifen.ledger.rules.reading import read
from jifen.ledger.rules.returns import transfer_back
from jifen.ledger.rules.settling import settle
from jifen.ledger.rules.transfers import (
    transfer_all,
    transfer_in,
    transfer_out,
    undo_expiry,
    waive,
)
from jifen.ledger.sql import queries
from jifen.ledger.types import (
    AccountState,
    LotEnd,
    Origin,
)
from jifen.ledger.verification import verify
from jifen.ledger.writing import Changes, write

__all__ = [
    "Changes",
    "Slice",
    "burn",
    "capture",
    "claw_back",
    "close_lots",
    "ends",
    "ends_by_lot",
    "expire_due",
    "find_hold",
    "forfeit",
    "give_back",
    "give_back_slices",
    "hold",
    "is_due",
    "is_ripe",
    "left_in",
    "load",
    "open_accounts",
    "open_lot",
    "origins",
    "pay_out",
    "preview_closing",
    "read",
    "release",
    "release_due",
    "ripen",
    "ripen_due",
    "settle",
    "taken_lots",
    "tell",
    "transfer_all",
    "transfer_back",
    "transfer_in",
    "transfer_out",
    "undo_expiry",
    "verify",
    "waive",
    "write",
]


def open_accounts(*, members: Collection[UUID], units: Collection[UUID]) -> None:
    """An empty account of each unit for new members.

    A unit that the programme adds later gets its account with the member's first posting.
    """
    in_transaction()
    queries.insert_accounts(
        [AccountState(new_id(), member_id, unit_id) for member_id in members for unit_id in units]
    )


def load(
    *,
    members: Collection[UUID],
    debited: Collection[UUID],
    at: datetime,
    carried: Collection[UUID] = (),
) -> list[AccountState]:
    """Accounts of locked members with the lots that the batch may need.

    ``debited`` are the members from whose lots something may be taken, or whose lots an event may
    ripen. ``carried`` are those whose points may cross into another account: their lots come with
    their origins.
    """
    return queries.load_accounts(members=members, debited=debited, carried=carried, at=at)


def origins(lots: Collection[UUID]) -> dict[UUID, Origin]:
    """Where lots come from, also those that are closed."""
    return queries.load_origins(lots)


def ends(lots: Collection[UUID]) -> dict[UUID, LotEnd]:
    """How much of these lots expired so far and did not come back, and what they became; of those
    with which something of this happened. What is due but not closed yet is none of it."""
    return queries.load_ends(lots)


def tell(*, told: Sequence[tuple[UUID, datetime, datetime, datetime | None]], at: datetime) -> None:
    """Write down that locked members were told of what ends by itself in accounts: (account, what
    ends after, and up to that time, until when it is good; at its own end with None).

    Where nothing ends without a notice, it does so from now on; never before ``at``.
    """
    in_transaction()
    queries.tell(told, at=at)
