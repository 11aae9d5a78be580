"""``product``: some products earn more or less than others."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from jifen.earning.rules.config import MAX_ENTRIES, FactorRule
from jifen.earning.rules.decimals import Decimal4, plain, scaled
from jifen.earning.rules.plan import Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import Name


class Product(FactorRule, frozen=True, kw_only=True, tag="product"):
    """Multiplies a line by its product's multiplier. Where it names the product, the category's
    multiplier does not count for that line. It always applies."""

    multipliers: Annotated[
        dict[Name, Decimal4],
        Meta(min_length=1, max_length=MAX_ENTRIES, description="Multiplier by product code."),
    ]

    def __post_init__(self) -> None:
        """Multipliers are decimals."""
        for text in self.multipliers.values():
            scaled(text)

    def compile(self, plan: Plan) -> None:
        """A factor on lines."""
        label = f"product:{self.code}"
        table = {
            name: (scaled(text), ((label, plain(scaled(text))),))
            for name, text in self.multipliers.items()
        }
        plan.products.append((self.rules, table))

    def sentence(self, words: Words) -> str:
        """Which products earn how much."""
        table = words.several(
            words.say(zh="{name} {times}", en="{name} {times}", name=name, times=words.times(text))
            for name, text in self.multipliers.items()
        )
        told = words.say(zh="商品积分倍数：{table}", en="By product: {table}", table=table)
        return words.aside(told, words.factors(self.rules))
