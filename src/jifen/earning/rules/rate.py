"""``rate``: so many points for so much money, in proportion."""

from __future__ import annotations

from jifen.earning.rules.config import BaseRule
from jifen.earning.rules.plan import BandSteps, Giver, Plan
from jifen.earning.rules.wording import Words


class Rate(BaseRule, frozen=True, kw_only=True, tag="rate"):
    """``points`` for every ``per_minor`` of the basis, in proportion: 10 points for 100 yuan
    give 25 for 250. Rounded once, as the rule set says."""

    @property
    def rate(self) -> tuple[int, int]:
        """Points, and the minor units they are given for."""
        return self.points, self.per_minor

    def banded(self, total: int, denominator: int) -> tuple[int, int, BandSteps] | None:
        """Money is taken as it is."""
        return None

    def compile(self, plan: Plan) -> None:
        """A base."""
        plan.givers.append(
            Giver(code=self.code, unit=self.unit, facts_kind="purchase", budget=self.budget)
        )
        plan.bases.append(self)

    def sentence(self, words: Words) -> str:
        """How much for how much money."""
        told = words.say(
            zh="每消费 {money} 得 {amount}",
            en="{amount} for every {money} spent",
            money=words.money(self.per_minor),
            amount=words.amount(self.unit, self.points),
        )
        return self.with_limits(told, words)
