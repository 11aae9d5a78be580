"""The door to the ledger's statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from jifen.common.sql import columns, statement
from jifen.ledger.rules.holds import slices_between
from jifen.ledger.types import (
    AccountState,
    Guard,
    HoldState,
    LotEnd,
    LotState,
    Movement,
    Origin,
    TakenLot,
    TransactionRow,
)

_HERE: Final = Path(__file__).parent
CONTRA: Final = {
    "earn": "issuance",
    "clawback": "issuance",
    "burn": "redemption",
    "give_back": "redemption",
    "expire": "breakage",
    "adjust_up": "adjustment",
    "adjust_down": "adjustment",
    "ripen": "issuance",
    "hold": "redemption",
    "release": "redemption",
    "transfer_out": "transfer",
    "transfer_in": "transfer",
    "waive": "adjustment",
    "undo_expiry": "breakage",
    "top_up": "cash",
    "pay_out": "cash",
}
"""The programme's own side of each movement."""


def load_accounts(
    *,
    members: Collection[UUID],
    debited: Collection[UUID],
    carried: Collection[UUID],
    at: datetime,
) -> list[AccountState]:
    """Accounts of members, locked or read in one snapshot, with their holds and those lots whose
    time has come.

    Of ``debited`` and ``carried`` members all open lots, and so of every account that holds
    something; of ``carried`` ones their origins too, also of lots that holds may return to.
    """
    rows = statement(_HERE, "load_accounts").rows(members=list(members))
    if not rows:
        return []
    guarded = [row[0] for row in rows if row[-1] is not None]
    told = load_notices(guarded, at=at) if guarded else {}
    accounts = [_account(row, told) for row in rows]
    holding = [account.id for account in accounts if account.held]
    whole = {
        account.id
        for account in accounts
        if account.held
        or account.member_id in debited
        or account.member_id in carried
        or (account.idle_at is not None and account.idle_at <= at)
    }
    lots = statement(_HERE, "load_lots").rows(
        accounts=[account.id for account in accounts],
        debited=list(whole),
        ripening=[each.id for each in accounts if each.pending and each.id not in whole],
        at=at,
    )
    by_account: dict[UUID, list[LotState]] = {}
    for account_id, *lot in lots:
        by_account.setdefault(account_id, []).append(LotState(*lot))
    holds = load_holds(holding) if holding else {}
    loaded = [
        replace(
            account,
            lots=tuple(by_account.get(account.id, ())),
            holds=tuple(holds.get(account.id, ())),
        )
        if account.id in by_account or account.id in holds
        else account
        for account in accounts
    ]
    return _with_origins(loaded, carried) if carried else loaded


def load_notices(
    accounts: Collection[UUID], *, at: datetime
) -> dict[UUID, dict[datetime, datetime]]:
    """Of accounts of guarded units, what has ended at ``at``: its own end, and what was told."""
    told: dict[UUID, dict[datetime, datetime]] = {}
    for account_id, expires_at, until in statement(_HERE, "load_notices").rows(
        accounts=list(accounts), at=at
    ):
        told.setdefault(account_id, {})[expires_at] = until
    return told


def tell(rows: Sequence[tuple[UUID, datetime, datetime, datetime | None]], *, at: datetime) -> None:
    """Write down that members were told: (account, what ends after, and up to, until when)."""
    names = ("accounts", "begins_ats", "covers_tos", "untils")
    statement(_HERE, "tell").run(at=at, **_named(names, rows))


def _account(row: Sequence[Any], told: Mapping[UUID, Mapping[datetime, datetime]]) -> AccountState:
    account_id, member_id, unit_id, available, pending, held, deficit, seq, idle_at, since = row
    return AccountState(
        account_id,
        member_id,
        unit_id,
        available,
        pending,
        held,
        deficit,
        seq,
        idle_at=idle_at,
        guard=None if since is None else Guard(since, told.get(account_id, {})),
    )


def load_holds(accounts: Collection[UUID]) -> dict[UUID, list[HoldState]]:
    """The open holds of accounts, each with what is left of it, in the order they were made."""
    rows = statement(_HERE, "load_holds").rows(accounts=list(accounts))
    lines: dict[UUID, list[TakenLot]] = {}
    for row in rows:
        lines.setdefault(row[1], []).append(TakenLot(*row[6:]))
    holds: dict[UUID, dict[UUID, HoldState]] = {}
    for account_id, hold_id, seq, captured, remaining, expires_at, *_ in rows:
        slices = slices_between(lines[hold_id], captured, captured + remaining)
        held = HoldState(hold_id, seq, captured, expires_at, slices)
        holds.setdefault(account_id, {})[hold_id] = held
    return {account_id: list(open_holds.values()) for account_id, open_holds in holds.items()}


def load_origins(lots: Collection[UUID]) -> dict[UUID, Origin]:
    """Where lots come from, open or not."""
    rows = statement(_HERE, "load_origins").rows(ids=list(lots))
    return {lot_id: Origin(*origin) for lot_id, *origin in rows}


def _with_origins(
    accounts: Sequence[AccountState], carried: Collection[UUID]
) -> list[AccountState]:
    """The accounts, those of ``carried`` members with where their lots come from."""
    crossing = {account.id for account in accounts if account.member_id in carried}
    lots = {lot.id for each in accounts if each.id in crossing for lot in each.lots}
    kept = {
        account.id: {part.id for held in account.holds for part in held.slices}
        for account in accounts
        if account.id in crossing
    }
    wanted = lots.union(*kept.values())
    origins = load_origins(wanted) if wanted else {}
    return [
        replace(
            account,
            lots=tuple([replace(lot, origin=origins[lot.id]) for lot in account.lots]),
            origins={lot: origins[lot] for lot in kept[account.id]},
        )
        if account.id in crossing
        else account
        for account in accounts
    ]


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
    names = (
        *("ids", "members", "units", "availables", "pendings", "helds", "deficits", "seqs"),
        "idle_ats",
    )
    rows = [
        (a.id, a.member_id, a.unit_id, a.available, a.pending, a.held, a.deficit, a.seq, a.idle_at)
        for a in accounts
    ]
    statement(_HERE, "insert_accounts").run(**_named(names, rows))


def update_accounts(pairs: Sequence[tuple[AccountState, AccountState]]) -> None:
    """Write accounts (before, after), each of which must still be as it had been read."""
    names = (
        *("ids", "availables", "pendings", "helds", "deficits", "seqs"),
        *("idle_ats", "seqs_before"),
    )
    rows = [
        (a.id, a.available, a.pending, a.held, a.deficit, a.seq, a.idle_at, before.seq)
        for before, a in pairs
    ]
    statement(_HERE, "update_accounts").run(len(rows), **_named(names, rows))


def insert_postings(movements: Sequence[Movement]) -> None:
    """Append postings."""
    names = (
        *("ids", "transactions", "accounts", "seqs", "kinds", "contras", "amounts"),
        *("balances", "deficits", "rules", "stores", "merchants", "expires_ats"),
        *("are_pending", "ripens_ats", "pendings", "helds", "holds"),
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
            m.origin.is_pending,
            m.origin.ripens_at,
            m.pending_after,
            m.held_after,
            m.hold_id,
        )
        for m in movements
    ]
    statement(_HERE, "insert_postings").run(**_named(names, rows))


def insert_draw_downs(movements: Sequence[Movement]) -> None:
    """Append the draw-downs of postings, numbered in the order in which lots were taken."""
    names = ("postings", "lots", "ranks", "amounts")
    rows = [
        (m.id, draw.lot_id, rank, draw.amount)
        for m in movements
        for rank, draw in enumerate(m.draws)
    ]
    if rows:
        statement(_HERE, "insert_draw_downs").run(**_named(names, rows))


def insert_lots(rows: Sequence[tuple[UUID, LotState]]) -> None:
    """Open lots: (account, lot)."""
    names = (
        *("accounts", "ids", "seqs", "remainings", "expires_ats"),
        *("are_pending", "ripens_ats"),
    )
    table = [
        (
            account,
            lot.id,
            lot.seq,
            lot.remaining,
            lot.expires_at,
            lot.is_pending,
            lot.ripens_at,
        )
        for account, lot in rows
    ]
    statement(_HERE, "insert_lots").run(**_named(names, table))


def load_ends(lots: Collection[UUID]) -> dict[UUID, LotEnd]:
    """How those of these lots ended of which something expired, or which became others."""
    return {
        lot: LotEnd(expired, tuple(became or ()))
        for lot, expired, became in statement(_HERE, "load_ends").rows(lots=list(lots))
    }


def update_lots(lots: Sequence[LotState]) -> None:
    """Write what is left of open lots, each of which must be there."""
    names = ("ids", "remainings", "expires_ats", "are_pending")
    table = [(lot.id, lot.remaining, lot.expires_at, lot.is_pending) for lot in lots]
    named = _named(names, table)
    statement(_HERE, "update_lots").run(len(table), **named)


def delete_lots(ids: Sequence[UUID]) -> None:
    """Close lots, each of which must be there."""
    statement(_HERE, "delete_lots").run(len(ids), ids=list(ids))


def insert_holds(rows: Sequence[tuple[UUID, HoldState]]) -> None:
    """Open holds: (account, hold)."""
    names = ("accounts", "ids", "seqs", "captureds", "remainings", "expires_ats")
    table = [
        (account, hold.id, hold.seq, hold.captured, hold.remaining, hold.expires_at)
        for account, hold in rows
    ]
    statement(_HERE, "insert_holds").run(**_named(names, table))


def update_holds(holds: Sequence[HoldState]) -> None:
    """Write what is left of open holds, each of which must be there."""
    table = [(hold.id, hold.captured, hold.remaining) for hold in holds]
    named = _named(("ids", "captureds", "remainings"), table)
    statement(_HERE, "update_holds").run(len(table), **named)


def delete_holds(ids: Sequence[UUID]) -> None:
    """End holds, each of which must be there."""
    statement(_HERE, "delete_holds").run(len(ids), ids=list(ids))


def _named(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    return dict(zip(names, columns(rows, len(names)), strict=True))
