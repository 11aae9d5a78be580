"""The plan: a rule set's rules sorted by the role they play, ready to be evaluated.

A role is a small Protocol. A new kind of rule that plays one of these roles needs no change
here, in ``evaluate.py`` or in ``policy.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from jifen.earning.types import Facts, Line, Refusal

Named = tuple[tuple[str, str], ...]
"""Factors as they are told: ``(("tier:levels", "1.5"),)``, kind and code, then the decimal."""
Factor = tuple[int, Named]
"""A multiplier in 1/10,000 with its name."""
BandSteps = tuple[tuple[int, int, str], ...]
"""What of the order lay in which band: numerator and denominator in minor units, multiplier."""
Per = Literal["order", "day", "month", "member"]


class Base(Protocol):
    """Turns the order's counted money into points."""

    @property
    def code(self) -> str:
        """Code of the rule."""

    @property
    def unit(self) -> str:
        """Code of the unit given."""

    @property
    def rate(self) -> tuple[int, int]:
        """Points, and the minor units they are given for."""

    def banded(self, total: int, denominator: int) -> tuple[int, int, BandSteps] | None:
        """The mean multiplier of an order of ``total / denominator`` minor units (not 0), as
        numerator and denominator, and how it came about; None where money is taken as it is."""


class Bonus(Protocol):
    """Gives fixed points once the rest is rounded."""

    @property
    def code(self) -> str:
        """Code of the rule."""

    @property
    def unit(self) -> str:
        """Code of the unit given."""

    @property
    def points(self) -> int:
        """How many."""

    @property
    def facts_kind(self) -> str:
        """The kind of facts this answers to, such as ``purchase`` or ``behaviour:share``."""

    def applies(self, facts: Facts, total: int, denominator: int) -> bool:
        """Whether it is given; ``total / denominator`` is the counted money in minor units."""


class Reward(Protocol):
    """Gives points, or money, for a top-up."""

    @property
    def code(self) -> str:
        """Code of the rule."""

    @property
    def unit(self) -> str:
        """Code of the unit given."""

    def given(self, minor: int) -> int:
        """What a top-up of so many minor units gives."""


class Promotion(Protocol):
    """Multiplies while its conditions hold."""

    @property
    def code(self) -> str:
        """Code of the rule."""

    @property
    def factor(self) -> Factor:
        """The multiplier and its name."""

    @property
    def by_line(self) -> bool:
        """True when it works on some lines only."""

    def on(self, facts: Facts) -> bool:
        """Whether the conditions on time, store and member hold."""

    def matches(self, line: Line) -> bool:
        """Whether it works on this line."""


class Only(Protocol):
    """Whom a rule is for."""

    @property
    def segments(self) -> tuple[str, ...]:
        """Codes of segments, of which the member is in one; empty is no condition."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags, of which the member has one; empty is no condition."""

    def refusal(self, rule: str, facts: Facts) -> Refusal | None:
        """Why the rule is not for this member; None where it is."""


class Exclusion(Protocol):
    """Takes lines out of the count."""

    @property
    def code(self) -> str:
        """Code of the rule."""

    def why(self, line: Line) -> tuple[str, str] | None:
        """What excludes the line: ``("kind", "gift_card")``, or None."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounding:
    """A cap: at most ``points`` in ``unit`` over ``rules`` (empty: every one) in each ``per``."""

    code: str
    per: Per
    points: int
    unit: str
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Giver:
    """What bounds and budgets need to know of a rule that gives points."""

    code: str
    unit: str
    facts_kind: str
    budget: int | None


@dataclass(kw_only=True, slots=True)
class Plan:
    """Rules by role, each in the document's order. ``scope`` of a factor names base rules;
    empty means every one."""

    givers: list[Giver] = field(default_factory=list)
    bases: list[Base] = field(default_factory=list)
    bonuses: list[Bonus] = field(default_factory=list)
    top_ups: list[Reward] = field(default_factory=list)
    products: list[tuple[tuple[str, ...], Mapping[str, Factor]]] = field(default_factory=list)
    categories: list[tuple[tuple[str, ...], Mapping[str, Factor]]] = field(default_factory=list)
    tiers: list[tuple[tuple[str, ...], Mapping[str, Factor]]] = field(default_factory=list)
    promotions: list[tuple[tuple[str, ...], Promotion]] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    caps: list[Bounding] = field(default_factory=list)
    only: dict[str, Only] = field(default_factory=dict)
    """By code, the rules that are for some members only."""
