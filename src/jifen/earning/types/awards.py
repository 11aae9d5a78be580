"""What the rules see and give: facts, the award and its arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from jifen.earning.types.activities import Line


class Facts(Struct, frozen=True, omit_defaults=True):
    """Every input the rules use, so that an award can be computed again without the past.

    Stored with the award. A refund calls the rules again with the same facts and the lines
    that are still kept. ``rooms`` holds, for each bound that applied (see
    ``Policy.bounds``), how many points it still allowed when the activity was booked.
    """

    kind: str
    """``purchase``, ``birthday``, ``enrolment``, ``tier_reached:<tier>``, ``behaviour:<name>``."""
    local: datetime
    """Time of occurrence in the programme's zone, naive wall time."""
    store: str = ""
    tier: str = ""
    """The tier before the activity; empty below the first."""
    first_order: bool = False
    is_birthday: bool = False
    """The day of occurrence is the member's birthday."""
    rooms: Mapping[str, int] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    """Of those that the rules name, the ones that the member was in."""
    tags: tuple[str, ...] = ()
    """Of those that the rules name, the ones that the member had."""


class Basket(Struct, frozen=True, omit_defaults=True):
    """The kept part of an order. ``net_minor`` are the lines after discounts; ``paid_minor`` is
    that less the points offset, in money."""

    lines: tuple[Line, ...] = ()
    net_minor: int = 0
    paid_minor: int = 0


class Part(Struct, frozen=True, omit_defaults=True):
    """What one rule gave in one unit, with its arithmetic.

    A base rule: Σ line basis × the line's factors × ``rate`` × ``factors`` (× the mean of
    ``bands``) = ``exact``, rounded to ``rounded``; then ``bounded`` is what bounds took off, by
    bound code, and ``points`` is what is left. A fixed bonus has ``points`` and ``bounded`` only.
    """

    rule: str
    unit: str
    points: int
    exact: tuple[int, int] | None = None
    """Numerator and denominator before rounding, in lowest terms."""
    rounded: int | None = None
    rate: tuple[int, int] | None = None
    """Points, and the minor units they are given for."""
    rounding: str = ""
    """Mode and where it works: ``floor/order``."""
    factors: tuple[tuple[str, str], ...] = ()
    """Order factors as they were applied: ``("tier:<rule>", "1.5")``, ``("promotion:<rule>",
    "2")``, ``("paid", "<paid minor>/<net minor>")``."""
    lines: tuple[tuple[int, int, tuple[tuple[str, str], ...]], ...] = ()
    """(line position, basis in minor units, line factors) for lines that counted."""
    bands: tuple[tuple[int, int, str], ...] = ()
    """What of the counted money lay in which band: numerator and denominator in minor units,
    multiplier."""
    bounded: Mapping[str, int] = field(default_factory=dict)


class Refusal(Struct, frozen=True, omit_defaults=True):
    """Why something earned nothing or less: a stable ``code``, the rule, and the facts."""

    code: str
    rule: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


class Award(Struct, frozen=True, omit_defaults=True):
    """What the rules gave for one activity, part by part, and what they refused."""

    parts: tuple[Part, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def points(self, unit: str) -> int:
        """The sum of the parts in ``unit``."""
        return sum(part.points for part in self.parts if part.unit == unit)
