"""The door to the members room's statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from jifen.common.ids import new_id
from jifen.common.sql import columns, in_transaction, statement
from jifen.members.types import IdentityValue, Registered

_HERE: Final = Path(__file__).parent
INSERT_IDENTITIES: Final = "insert_identities"


def lock_members(ids: Iterable[UUID]) -> dict[UUID, Registered]:
    """Lock these members in id order; answers what the rows of those that exist say."""
    in_transaction()
    rows = statement(_HERE, "lock_members").rows(ids=sorted(set(ids)))
    return {
        member_id: Registered(birthday_on, status, merged_into)
        for member_id, birthday_on, status, merged_into in rows
    }


def lock_free_members(ids: Iterable[UUID]) -> set[UUID]:
    """Lock those of these members whom nobody else holds, in id order; answers which."""
    in_transaction()
    rows = statement(_HERE, "lock_free_members").rows(ids=sorted(set(ids)))
    return {member_id for (member_id,) in rows}


def find_members(identities: Collection[IdentityValue]) -> dict[IdentityValue, UUID]:
    """Which member each identity belongs to; unknown ones are left out."""
    rows = statement(_HERE, "find_members").rows(
        kinds=[identity.kind for identity in identities],
        texts=[identity.value for identity in identities],
    )
    return {IdentityValue(kind, value): member_id for kind, value, member_id in rows}


def insert_members(
    rows: Collection[tuple[UUID, str, date | None, UUID | None]], *, enrolled_at: datetime
) -> None:
    """Enrol people: (id, name, birthday, store)."""
    ids, names, birthdays, stores = columns(list(rows), 4)
    statement(_HERE, "insert_members").run(
        len(rows), ids=ids, names=names, birthdays=birthdays, stores=stores, enrolled_at=enrolled_at
    )


def insert_identities(claims: Mapping[IdentityValue, UUID]) -> None:
    """Write whose these identities are, all of which must be nobody's; in the order given."""
    rows = [(new_id(), owner, each.kind, each.value) for each, owner in claims.items()]
    ids, members, kinds, texts = columns(rows, 4)
    insert = statement(_HERE, INSERT_IDENTITIES)
    insert.run(len(rows), ids=ids, members=members, kinds=kinds, texts=texts)


def follow_merges(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """With whom each of these became a part, and so on upwards; who is not merged is left out."""
    return dict(statement(_HERE, "follow_merges").rows(ids=list(ids)))


def find_merged(ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """(whom, who): everybody who became a part of one of these, directly or not."""
    rows = statement(_HERE, "find_merged").rows(ids=list(ids))
    return [(root_id, member_id) for root_id, member_id in rows]


def count_tags() -> dict[str, int]:
    """How many members have each tag, by tag."""
    return dict(statement(_HERE, "count_tags").rows())


def find_tags() -> list[str]:
    """Every tag that some member has, in order."""
    return [tag for (tag,) in statement(_HERE, "find_tags").rows()]
