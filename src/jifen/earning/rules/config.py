"""What every kind of rule has in common: its config as a struct, and the three things it can do.

A kind is one file with one subclass of :class:`RuleConfig`. ``faults`` says what is wrong with
it beside the other rules; ``compile`` enters it in the plan under the role that it plays;
``sentence`` is what members read of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from jifen.earning.types import MAX_POINTS, Code, Name

if TYPE_CHECKING:
    from jifen.earning.rules.wording import Words

MAX_ENTRIES = 10_000
"""The longest table of one rule, in entries."""

RulePoints = Annotated[int, Meta(ge=1, le=MAX_POINTS, description="Whole points.")]
UnitCode = Annotated[Code, Meta(description="Code of the unit that is given.")]
Names = Annotated[tuple[Name, ...], Meta(max_length=MAX_ENTRIES)]
RuleCodes = Annotated[tuple[Code, ...], Meta(max_length=200)]
Segments = Annotated[
    tuple[Code, ...], Meta(max_length=20, description="Only for members of one of these segments.")
]
Tags = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...],
    Meta(max_length=50, description="Only for members with one of these tags."),
]
Fault = tuple[str, str]
"""The path below the rule, such as ``.rules[0]``, and one English sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the rules of one document may refer to."""

    bases: frozenset[str]
    """Codes of the rules that turn money into points."""
    units_by_rule: Mapping[str, str]
    """Unit by code of every rule that gives points."""
    order_rules: frozenset[str]
    """Codes of the rules that can give points for a purchase."""
    rungs: frozenset[str]
    """Codes of the ladder's tiers."""


class RuleConfig(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
    tag_field="kind",
):  # fmt: skip
    """One rule of a rule set."""

    code: Annotated[Code, Meta(description="Name of this rule, unique in the rule set.")]

    def faults(self, known: Known) -> Iterator[Fault]:
        """What is wrong with this rule beside the others."""
        yield from ()


class ForSome(RuleConfig, frozen=True, kw_only=True):
    """A rule that may be for some members only."""

    segments: Segments = ()
    tags: Tags = ()


class GivingRule(ForSome, frozen=True, kw_only=True):
    """A rule that gives points of one unit, bounded in all by ``budget`` when it is set."""

    points: RulePoints
    unit: UnitCode
    budget: (
        Annotated[int, Meta(ge=1, le=10**15, description="What this rule may give in all.")] | None
    ) = None

    def with_limits(self, sentence: str, words: Words) -> str:
        """The sentence with whom it is for and how much there is."""
        return words.aside(
            sentence,
            words.for_some(self.segments, self.tags),
            words.while_there(self.unit, self.budget),
        )


class BaseRule(GivingRule, frozen=True, kw_only=True):
    """A giving rule that turns an order's money into points, before rounding."""

    per_minor: Annotated[
        int, Meta(ge=1, le=10**12, description="Minor units of money for that many points.")
    ]


class FactorRule(RuleConfig, frozen=True, kw_only=True):
    """A rule that multiplies what base rules give."""

    rules: Annotated[RuleCodes, Meta(description="The base rules; empty means every one.")] = ()

    def faults(self, known: Known) -> Iterator[Fault]:
        """Refuse names of rules that are not base rules."""
        for index, code in enumerate(self.rules):
            if code not in known.bases:
                yield f".rules[{index}]", f"no rate or bands rule has the code {code!r}"
