"""Reads of a whole programme, for files that leave it: page by page, in one snapshot.

Whoever reads has opened the snapshot (:func:`jifen.common.sql.snapshot`), so what comes on the last
page is of the same instant as what came on the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import Struct

from jifen.insight.sql import queries

Of = Literal["members", "activities", "postings", "lots", "coupons"]
_IN_PERIOD: Final = frozenset({"activities", "postings", "coupons"})
_AS_OF: Final = frozenset({"lots", "coupons"})


class Choice(Struct, frozen=True):
    """Which rows: from ``begins_at`` to before ``ends_at`` where they have a time (None is no
    bound), of these ``stores`` (None is all, and what is of none), as they stand at ``at``."""

    at: datetime
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    stores: tuple[UUID, ...] | None = None


def count(of: Of, choice: Choice) -> int:
    """How many rows there are."""
    return queries.export(of).count(**_asked(of, choice))


def pages(of: Of, choice: Choice, *, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows as ``sql/export_….sql`` names them, ``size`` at a time, in the order of booking."""
    return queries.export(of).pages(size, **_asked(of, choice))


def _asked(of: Of, choice: Choice) -> dict[str, Any]:
    asked: dict[str, Any] = {"stores": None if choice.stores is None else list(choice.stores)}
    if of in _IN_PERIOD:
        asked |= {"begins_at": choice.begins_at, "ends_at": choice.ends_at}
    if of in _AS_OF:
        asked["at"] = choice.at
    return asked
