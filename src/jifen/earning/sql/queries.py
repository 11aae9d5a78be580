"""The door to the earning room's statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from jifen.common.sql import Answer, columns, pipelined, statement
from jifen.earning.record import ENCODER, PURCHASES, RECORDS, Earlier, Record, Target, first_family
from jifen.earning.state import ActivityRow
from jifen.earning.types import Purchase

_HERE: Final = Path(__file__).parent
INSERT_ACTIVITIES: Final = "insert_activities"


class KnownActivity(Struct, frozen=True):
    """An activity that a key has booked."""

    id: UUID
    kind: str
    digest: bytes
    member_id: UUID | None
    record: Record


def known_keys(pairs: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], KnownActivity]:
    """Activities by (client, key), of those that were booked before."""
    clients, keys = columns(list(pairs), 2)
    return _activities_of(statement(_HERE, "known_keys").ask(clients=clients, keys=keys))


class Known(Struct, frozen=True):
    """What of a batch was booked before."""

    references: dict[tuple[UUID, str, str], tuple[UUID, str]]
    once: set[str]
    keys: dict[tuple[UUID, str], KnownActivity]


def known(
    *,
    references: Collection[tuple[UUID, str, str]],
    once: Collection[str],
    keys: Collection[tuple[UUID, str]],
) -> Known:
    """Which references, by (store, kind, reference), acts that count once, and keys, by (client,
    key), are booked, asked in one go.

    Keys are read last: a booking that shows in a reference shows in its key too, as a repeat.
    """
    stores, kinds, refs = columns(list(references), 3)
    clients, texts = columns(list(keys), 2)
    with pipelined():
        named = statement(_HERE, "known_references").ask(stores=stores, kinds=kinds, refs=refs)
        happened = statement(_HERE, "known_once").ask(onces=list(once))
        booked = statement(_HERE, "known_keys").ask(clients=clients, keys=texts)
    return Known(
        references={
            (store, kind, reference): (activity_id, key)
            for store, kind, reference, activity_id, key in named.rows()
        },
        once={key for (key,) in happened.rows()},
        keys=_activities_of(booked),
    )


def _activities_of(booked: Answer) -> dict[tuple[UUID, str], KnownActivity]:
    return {
        (client, key): KnownActivity(
            activity_id, kind, bytes(digest), member_id, RECORDS.decode(record)
        )
        for client, key, activity_id, kind, digest, member_id, record in booked.rows()
    }


def load_targets(pairs: Collection[tuple[UUID, str]]) -> list[Target]:
    """Purchases by (store, reference) with their family's latest state."""
    stores, refs = columns(list(pairs), 2)
    targets = []
    for (
        activity_id,
        store_id,
        member_id,
        version,
        body,
        record,
        latest,
    ) in statement(_HERE, "load_targets").rows(stores=stores, refs=refs):
        family = RECORDS.decode(latest).family if latest else None
        if family is None:
            family = first_family(
                member_id=member_id, version=version, record=RECORDS.decode(record)
            )
        targets.append(Target(activity_id, store_id, PURCHASES.decode(body), family))
    return targets


def load_earlier(ids: Collection[UUID]) -> dict[UUID, Earlier]:
    """Activities that later ones name, by id."""
    return {
        activity_id: Earlier(
            activity_id,
            kind,
            member_id,
            store_id,
            RECORDS.decode(record),
            acts,
            RECORDS.decode(latest) if latest else None,
        )
        for activity_id, kind, member_id, store_id, record, acts, latest in statement(
            _HERE, "load_earlier"
        ).rows(ids=list(ids))
    }


def load_uses(keys: Collection[str]) -> dict[str, Earlier]:
    """Uses of benefits by their once-key."""
    rows = statement(_HERE, "load_uses").rows(onces=sorted(keys))
    return {
        once_key: Earlier(activity_id, kind, member_id, store_id, RECORDS.decode(record), acts)
        for once_key, activity_id, kind, member_id, store_id, record, acts in rows
    }


def listed(
    *,
    kind: str,
    stores: Collection[UUID],
    members: Collection[UUID] | None,
    begins_at: datetime,
    before: tuple[datetime, UUID],
    limit: int,
) -> list[UUID]:
    """Ids of top-ups or uses of passes at these stores, the latest first, before an instant and
    id; of these members, or of all."""
    where = {
        "kind": kind,
        "stores": list(stores),
        "begins_at": begins_at,
        "before_at": before[0],
        "before": before[1],
        "limit": limit,
    }
    if members is None:
        rows = statement(_HERE, "listed_at_stores").rows(**where)
    else:
        rows = statement(_HERE, "listed_of_members").rows(members=list(members), **where)
    return [activity_id for (activity_id,) in rows]


def load_records(ids: Collection[UUID]) -> dict[UUID, Record]:
    """Records by activity id."""
    rows = statement(_HERE, "load_records").rows(ids=list(ids))
    return {activity_id: RECORDS.decode(record) for activity_id, record in rows}


def load_usage(
    triples: Collection[tuple[UUID, str, str]],
) -> dict[UUID, dict[tuple[str, str], int]]:
    """Use by member and (cap, period)."""
    members, caps, periods = columns(list(triples), 3)
    usage: dict[UUID, dict[tuple[str, str], int]] = {}
    for member_id, cap, period, used in statement(_HERE, "load_usage").rows(
        members=members, caps=caps, periods=periods
    ):
        usage.setdefault(member_id, {})[cap, period] = used
    return usage


def usage_of(members: Collection[UUID]) -> list[tuple[UUID, str, str]]:
    """(member, cap, period) of everything that members ever used."""
    return [(*row,) for row in statement(_HERE, "usage_of").rows(members=list(members))]


def lock_budgets(codes: Collection[str]) -> dict[str, int]:
    """Lock budgets in code order and answer their use; rows are made where missing."""
    wanted = sorted(codes)
    statement(_HERE, "open_budgets").run(budgets=wanted)
    return dict(statement(_HERE, "lock_budgets").rows(budgets=wanted))


def write_budgets(after: Mapping[str, int]) -> None:
    """Write the use of locked budgets."""
    statement(_HERE, "write_budgets").run(budgets=list(after), useds=list(after.values()))


def upsert_usage(rows: Sequence[tuple[UUID, str, str, int]]) -> None:
    """Write (member, cap, period, used)."""
    members, caps, periods, useds = columns(rows, 4)
    statement(_HERE, "upsert_usage").run(members=members, caps=caps, periods=periods, useds=useds)


def insert_activities(rows: Sequence[ActivityRow], *, booked_at: datetime) -> None:
    """Append activities, all of which must be new."""
    names = (
        *("ids", "kinds", "clients", "keys", "digests", "members", "stores", "refs", "of_ids"),
        *("onces", "versions", "occurred_ats", "bodies", "records", "of_seqs"),
    )
    table: list[tuple[Any, ...]] = [
        (
            row.id,
            row.kind,
            row.client_id,
            row.key,
            row.digest,
            row.member_id,
            row.store_id,
            row.reference,
            row.of_id,
            row.once_key,
            row.version,
            row.occurred_at,
            row.body.decode(),
            ENCODER.encode(row.record).decode(),
            row.of_seq,
        )
        for row in rows
    ]
    named = dict(zip(names, columns(table, len(names)), strict=True))
    insert = statement(_HERE, INSERT_ACTIVITIES)
    insert.run(len(rows), booked_at=booked_at, **named)


class Awarded(Struct, frozen=True):
    """An activity with an award, or one that changed an award: ``purchase`` is the order that it
    is or is about."""

    id: UUID
    kind: str
    member_id: UUID
    store_id: UUID
    of_id: UUID | None
    version: int
    occurred_at: datetime
    purchase: Purchase | None
    record: Record


class Among(Struct, frozen=True):
    """Between two instants, at some stores or (None) at all, of one member in ``sample``."""

    begins_at: datetime
    ends_at: datetime
    stores: list[UUID] | None
    sample: int = 1


def count_awarded(among: Among) -> int:
    """How many orders, refunds, claims and behaviours there are."""
    [(found,)] = statement(_HERE, "count_awarded").rows(**asdict(among))
    return int(found)


def awarded(among: Among, *, after: tuple[datetime, UUID], size: int) -> list[Awarded]:
    """The next of them in the order of occurrence, without behaviours that were reversed."""
    rows = statement(_HERE, "awarded").rows(
        **asdict(among), after_at=after[0], after=after[1], size=size
    )
    return [
        Awarded(
            id=activity_id,
            kind=kind,
            member_id=member_id,
            store_id=store_id,
            of_id=of_id,
            version=version,
            occurred_at=occurred_at,
            purchase=PURCHASES.decode(body) if body else None,
            record=RECORDS.decode(record),
        )
        for (
            activity_id,
            kind,
            member_id,
            store_id,
            of_id,
            version,
            occurred_at,
            body,
            record,
        ) in rows
    ]
