"""The door to the members room's statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from jifen.common.sql import in_transaction, statement
from jifen.members.types import IdentityValue

_HERE: Final = Path(__file__).parent


def lock_members(ids: Iterable[UUID]) -> dict[UUID, date | None]:
    """Lock these members in id order; answers the birthdays of those that exist."""
    in_transaction()
    rows = statement(_HERE, "lock_members").rows(ids=sorted(set(ids)))
    return dict(rows)


def find_members(identities: Collection[IdentityValue]) -> dict[IdentityValue, UUID]:
    """Which member each identity belongs to; unknown ones are left out."""
    rows = statement(_HERE, "find_members").rows(
        kinds=[identity.kind for identity in identities],
        texts=[identity.value for identity in identities],
    )
    return {IdentityValue(kind, value): member_id for kind, value, member_id in rows}
