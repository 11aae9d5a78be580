"""``spend_threshold``: a fixed number of points for a large order."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from jifen.earning.rules.config import GivingRule
from jifen.earning.rules.plan import Giver, Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import Facts


class SpendThreshold(GivingRule, frozen=True, kw_only=True, tag="spend_threshold"):
    """Fixed points, added after rounding, when the order's counted money reaches
    ``at_least_minor``."""

    at_least_minor: Annotated[
        int, Meta(ge=1, le=10**15, description="Minor units of counted money that suffice.")
    ]

    @property
    def facts_kind(self) -> str:
        """Purchases."""
        return "purchase"

    def applies(self, facts: Facts, total: int, denominator: int) -> bool:
        """When the counted money, to the last fraction, is enough."""
        return total >= self.at_least_minor * denominator

    def compile(self, plan: Plan) -> None:
        """A bonus."""
        plan.givers.append(
            Giver(code=self.code, unit=self.unit, facts_kind="purchase", budget=self.budget)
        )
        plan.bonuses.append(self)

    def sentence(self, words: Words) -> str:
        """How much more for a large order."""
        told = words.say(
            zh="单笔满 {money} 另得 {amount}",
            en="{amount} more for an order of {money} or above",
            money=words.money(self.at_least_minor),
            amount=words.amount(self.unit, self.points),
        )
        return self.with_limits(told, words)
