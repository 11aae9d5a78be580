"""``top_up``: bonus money or points for a top-up, for each full amount or by steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct

from jifen.earning.rules.config import ForSome, RulePoints, UnitCode
from jifen.earning.rules.plan import Giver, Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import MAX_MINOR

SomeMinor = Annotated[int, Meta(ge=1, le=MAX_MINOR)]


class TopUpStep(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_minor": "from"}
):
    """A top-up of ``from`` minor units or more gives ``points``."""

    from_minor: SomeMinor
    points: RulePoints


class TopUpRule(ForSome, frozen=True, kw_only=True, tag="top_up"):
    """Gives ``unit`` for a top-up: ``points`` for each full ``per_minor``, or what the highest
    step says that the amount reaches. Bonus money counts in minor units: 1000 of it are 10
    yuan."""

    unit: UnitCode
    points: RulePoints | None = None
    per_minor: SomeMinor | None = None
    steps: Annotated[tuple[TopUpStep, ...], Meta(max_length=100)] = ()
    budget: (
        Annotated[int, Meta(ge=1, le=10**15, description="What this rule may give in all.")] | None
    ) = None

    def __post_init__(self) -> None:
        """One of the two ways."""
        if (self.points is None) != (self.per_minor is None):
            raise ValueError("points are given for each full per_minor: name both")
        if (self.points is None) != bool(self.steps):
            raise ValueError("name points with per_minor, or steps")
        for below, above in pairwise(self.steps):
            if above.from_minor <= below.from_minor or above.points < below.points:
                raise ValueError("each step begins above the one before and gives no less")

    def given(self, minor: int) -> int:
        """What a top-up of so much gives."""
        if self.points is not None and self.per_minor is not None:
            return minor // self.per_minor * self.points
        reached = [step.points for step in self.steps if minor >= step.from_minor]
        return reached[-1] if reached else 0

    def compile(self, plan: Plan) -> None:
        """A top-up's reward."""
        plan.givers.append(
            Giver(code=self.code, unit=self.unit, facts_kind="top_up", budget=self.budget)
        )
        plan.top_ups.append(self)

    def sentence(self, words: Words) -> str:
        """How much for which top-up."""
        if self.points is not None and self.per_minor is not None:
            told = words.say(
                zh="每充值满 {money} 赠 {amount}",
                en="{amount} for every full {money} topped up",
                money=words.money(self.per_minor),
                amount=words.amount(self.unit, self.points),
            )
        else:
            told = words.several(
                words.say(
                    zh="充值满 {money} 赠 {amount}",
                    en="{amount} for a top-up of {money} or above",
                    money=words.money(step.from_minor),
                    amount=words.amount(self.unit, step.points),
                )
                for step in self.steps
            )
        return words.aside(
            told,
            words.for_some(self.segments, self.tags),
            words.while_there(self.unit, self.budget),
        )
