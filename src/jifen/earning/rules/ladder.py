"""The ladder: which tier an amount of spend or growth reaches, and how long it is kept."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Literal

from msgspec import Meta, Struct

from jifen.earning.rules.periods import MONTHS, index_named, name_of
from jifen.earning.types import Code

Period = Literal["month", "quarter", "year"]
MOST_MONTHS = 120


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


class Keep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long a tier lasts: to the end of the period, ``periods`` after the one in which it was
    reached. What was counted in these last ``periods`` then decides: a tier that they reach is
    kept as long again; one that they do not reach goes down ``by_one``, or ``to_earned``, the one
    that they reach. The change works ``grace_days`` later."""

    period: Period
    periods: Annotated[int, Meta(ge=1, le=120)] = 1
    then: Literal["by_one", "to_earned"]
    grace_days: Annotated[int, Meta(ge=0, le=366)] = 0

    def __post_init__(self) -> None:
        """Ten years are long enough."""
        if self.periods * MONTHS[self.period] > MOST_MONTHS:
            raise ValueError(f"a tier is kept for {MOST_MONTHS} months at most")


class Ladder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The ordered tiers, and what counts for them: all that a member ever spent, what they
    spent in the running ``period``, or their growth in ``unit``. Without ``keep`` a tier that was
    reached is kept for ever."""

    by: Literal["spend", "spend_period", "growth"]
    rungs: Annotated[tuple[Rung, ...], Meta(min_length=1, max_length=100)]
    period: Period | None = None
    unit: Code | None = None
    keep: Keep | None = None

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
        if self.keep is not None and self.period not in {None, self.keep.period}:
            raise ValueError("what is counted by a period is kept by the same period")


def is_period(period: Period, name: str) -> bool:
    """Whether ``name`` is a period of this length, as :func:`period_name` writes them."""
    return index_named(period, name) is not None


def period_name(period: Period, local: datetime) -> str:
    """The running period's name at a local time: ``2026-07``, ``2026-Q3`` or ``2026``."""
    return name_of(period, local.date())
