"""The door to the ledger's statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.common.sql import columns, statement
from jifen.ledger.types import AccountState, LotState, Movement, TransactionRow

_HERE: Final = Path(__file__).parent
CONTRA: Final = {
    "earn": "issuance",
    "clawback": "issuance",
    "burn": "redemption",
    "give_back": "redemption",
    "expire": "breakage",
    "adjust_up": "adjustment",
    "adjust_down": "adjustment",
}
"""The programme's own side of each movement."""


def load_accounts(
    *, members: Collection[UUID], debited: Collection[UUID], at: datetime
) -> list[AccountState]:
    """Accounts of locked members with their due lots; of ``debited`` members all open lots."""
    rows = statement(_HERE, "load_accounts").rows(members=list(members))
    if not rows:
        return []
    lots = statement(_HERE, "load_lots").rows(
        accounts=[row[0] for row in rows],
        debited=[row[0] for row in rows if row[1] in debited],
        at=at,
    )
    by_account: dict[UUID, list[LotState]] = {}
    for account_id, *lot in lots:
        by_account.setdefault(account_id, []).append(LotState(*lot))
    return [replace(AccountState(*row), lots=tuple(by_account.get(row[0], ()))) for row in rows]


def insert_transactions(rows: Sequence[TransactionRow], *, booked_at: datetime) -> None:
    """Append transactions."""
    ids, kinds, actors, times, reasons, reverses = columns(
        [(r.id, r.kind, r.actor, r.occurred_at, r.reason, r.reverses_id) for r in rows], 6
    )
    statement(_HERE, "insert_transactions").run(
        ids=ids,
        kinds=kinds,
        actors=actors,
        occurred_ats=times,
        reasons=reasons,
        reverses_ids=reverses,
        booked_at=booked_at,
    )


def insert_accounts(accounts: Sequence[AccountState]) -> None:
    """Open accounts."""
    names = ("ids", "members", "units", "availables", "pendings", "helds", "deficits", "seqs")
    rows = [
        (a.id, a.member_id, a.unit_id, a.available, a.pending, a.held, a.deficit, a.seq)
        for a in accounts
    ]
    statement(_HERE, "insert_accounts").run(**_named(names, rows))


def update_accounts(pairs: Sequence[tuple[AccountState, AccountState]]) -> None:
    """Write accounts (before, after), each of which must still be as it had been read."""
    names = ("ids", "availables", "pendings", "helds", "deficits", "seqs", "seqs_before")
    rows = [
        (a.id, a.available, a.pending, a.held, a.deficit, a.seq, before.seq) for before, a in pairs
    ]
    statement(_HERE, "update_accounts").run(len(rows), **_named(names, rows))


def insert_postings(movements: Sequence[Movement]) -> None:
    """Append postings."""
    names = (
        *("ids", "transactions", "accounts", "seqs", "kinds", "contras", "amounts"),
        *("balances", "deficits", "rules", "stores", "merchants", "expires_ats"),
    )
    rows = [
        (
            m.id,
            m.transaction_id,
            m.account_id,
            m.seq,
            m.kind,
            CONTRA[m.kind],
            m.amount,
            m.balance_after,
            m.deficit_after,
            m.origin.rule,
            m.origin.store_id,
            m.origin.merchant_id,
            m.origin.expires_at,
        )
        for m in movements
    ]
    statement(_HERE, "insert_postings").run(**_named(names, rows))


def insert_draw_downs(movements: Sequence[Movement]) -> None:
    """Append the draw-downs of postings, numbered in the order in which lots were taken."""
    names = ("ids", "postings", "lots", "ranks", "amounts")
    rows = [
        (new_id(), m.id, draw.lot_id, rank, draw.amount)
        for m in movements
        for rank, draw in enumerate(m.draws)
    ]
    if rows:
        statement(_HERE, "insert_draw_downs").run(**_named(names, rows))


def insert_lots(rows: Sequence[tuple[UUID, LotState]]) -> None:
    """Open lots: (account, lot)."""
    names = ("accounts", "ids", "seqs", "remainings", "expires_ats")
    table = [(account, lot.id, lot.seq, lot.remaining, lot.expires_at) for account, lot in rows]
    statement(_HERE, "insert_lots").run(**_named(names, table))


def update_lots(lots: Sequence[LotState]) -> None:
    """Write what is left of open lots, each of which must be there."""
    table = [(lot.id, lot.remaining) for lot in lots]
    named = _named(("ids", "remainings"), table)
    statement(_HERE, "update_lots").run(len(table), **named)


def delete_lots(ids: Sequence[UUID]) -> None:
    """Close lots, each of which must be there."""
    statement(_HERE, "delete_lots").run(len(ids), ids=list(ids))


def _named(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    return dict(zip(names, columns(rows, len(names)), strict=True))
