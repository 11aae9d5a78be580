"""``first_order``: welcome, a fixed number of points for the first order."""

from __future__ import annotations

from jifen.earning.rules.config import GivingRule
from jifen.earning.rules.plan import Giver, Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import Facts


class FirstOrder(GivingRule, frozen=True, kw_only=True, tag="first_order"):
    """Fixed points for a member's first order, added after rounding. First means: when it was
    booked, no earlier purchase had anything kept. Something of the order must count."""

    @property
    def facts_kind(self) -> str:
        """Purchases."""
        return "purchase"

    def applies(self, facts: Facts, total: int, denominator: int) -> bool:
        """On a first order of which some money counts."""
        return facts.first_order and total > 0

    def compile(self, plan: Plan) -> None:
        """A bonus."""
        plan.givers.append(
            Giver(code=self.code, unit=self.unit, facts_kind="purchase", budget=self.budget)
        )
        plan.bonuses.append(self)

    def sentence(self, words: Words) -> str:
        """How much more for a first order."""
        told = words.say(
            zh="首单另得 {amount}",
            en="{amount} more for your first order",
            amount=words.amount(self.unit, self.points),
        )
        return self.with_limits(told, words)
