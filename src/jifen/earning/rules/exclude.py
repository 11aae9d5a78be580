"""``exclude``: some things never earn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from jifen.earning.rules.config import Names, RuleConfig
from jifen.earning.rules.plan import Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import Line, LineKind


class Exclude(RuleConfig, frozen=True, kw_only=True, tag="exclude"):
    """Takes lines out of the count for every rule: by kind, product or category, any of them."""

    kinds: Annotated[tuple[LineKind, ...], Meta(description="Kinds of line.")] = ()
    products: Annotated[Names, Meta(description="Product codes.")] = ()
    categories: Annotated[Names, Meta(description="Categories.")] = ()

    def __post_init__(self) -> None:
        """It excludes something."""
        if not (self.kinds or self.products or self.categories):
            raise ValueError("name at least one kind, product or category")

    def compile(self, plan: Plan) -> None:
        """An exclusion."""
        plan.exclusions.append(
            _Compiled(
                code=self.code,
                kinds=frozenset(self.kinds),
                products=frozenset(self.products),
                categories=frozenset(self.categories),
            )
        )

    def sentence(self, words: Words) -> str:
        """What does not earn."""
        named = []
        if self.kinds:
            named.append(words.kinds(self.kinds))
        if self.products:
            names = words.several(self.products)
            named.append(words.say(zh="商品{names}", en="products {names}", names=names))
        if self.categories:
            names = words.several(self.categories)
            named.append(words.say(zh="品类{names}", en="categories {names}", names=names))
        return words.say(zh="不计分：{what}", en="Does not earn: {what}", what=words.several(named))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compiled:
    code: str
    kinds: frozenset[str]
    products: frozenset[str]
    categories: frozenset[str]

    def why(self, line: Line) -> tuple[str, str] | None:
        """What excludes the line, if anything."""
        if line.kind in self.kinds:
            return "kind", line.kind
        if line.product in self.products:
            return "product", line.product
        if line.category in self.categories:
            return "category", line.category
        return None
