"""The ladder: which tier an amount of spend or growth reaches."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal

from msgspec import Meta, Struct

from jifen.earning.types import Code

Period = Literal["month", "quarter", "year"]


class Names(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name in both languages."""

    zh: Annotated[str, Meta(min_length=1, max_length=60)]
    en: Annotated[str, Meta(min_length=1, max_length=60)]


class Rung(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"threshold": "from"}
):
    """One tier: reached with ``from`` minor units of spend, or points of growth."""

    code: Code
    name: Names
    threshold: Annotated[int, Meta(ge=0, le=10**15)]


class Ladder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The ordered tiers, and what counts for them: all that a member ever spent, what they
    spent in the running ``period``, or their growth in ``unit``."""

    by: Literal["spend", "spend_period", "growth"]
    rungs: Annotated[tuple[Rung, ...], Meta(min_length=1, max_length=100)]
    period: Period | None = None
    unit: Code | None = None

    def __post_init__(self) -> None:
        """Rungs rise strictly, and what counts is said completely."""
        if any(above.threshold <= below.threshold for below, above in pairwise(self.rungs)):
            raise ValueError("each rung's from must be above the one before")
        if len({rung.code for rung in self.rungs}) != len(self.rungs):
            raise ValueError("two rungs have the same code")
        if (self.period is not None) != (self.by == "spend_period"):
            raise ValueError("spend_period has a period, and no other does")
        if (self.unit is not None) != (self.by == "growth"):
            raise ValueError("growth names its unit, and no other does")


def is_period(period: Period, name: str) -> bool:
    """Whether ``name`` is a period of this length, as :func:`period_name` writes them."""
    if period == "quarter":
        return "Q" in name
    return "Q" not in name and ("-" in name) == (period == "month")


def period_name(period: Period, local: datetime) -> str:
    """The running period's name at a local time: ``2026-07``, ``2026-Q3`` or ``2026``."""
    if period == "month":
        return f"{local.year:04}-{local.month:02}"
    if period == "quarter":
        return f"{local.year:04}-Q{(local.month + 2) // 3}"
    return f"{local.year:04}"
