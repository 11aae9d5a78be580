"""``tier``: members of a higher tier earn more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from jifen.earning.rules.config import FactorRule, Fault, Known
from jifen.earning.rules.decimals import Decimal4, plain, scaled
from jifen.earning.rules.plan import Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import Code


class Tier(FactorRule, frozen=True, kw_only=True, tag="tier"):
    """Multiplies the order by the multiplier of the member's tier before the order; a tier that
    is not named, or none, counts once."""

    multipliers: Annotated[
        dict[Code, Decimal4],
        Meta(min_length=1, max_length=200, description="Multiplier by tier of the ladder."),
    ]

    def __post_init__(self) -> None:
        """Multipliers are decimals."""
        for text in self.multipliers.values():
            scaled(text)

    def faults(self, known: Known) -> Iterator[Fault]:
        """Refuse tiers that the ladder has not."""
        yield from super().faults(known)
        for code in self.multipliers:
            if code not in known.rungs:
                yield f".multipliers.{code}", f"the ladder has no tier {code!r}"

    def compile(self, plan: Plan) -> None:
        """A factor on the order."""
        label = f"tier:{self.code}"
        table = {
            code: (scaled(text), ((label, plain(scaled(text))),))
            for code, text in self.multipliers.items()
        }
        plan.tiers.append((self.rules, table))

    def sentence(self, words: Words) -> str:
        """Which tiers earn how much."""
        table = words.several(
            words.say(
                zh="{tier} {times}", en="{tier} {times}",
                tier=words.tier(code), times=words.times(text),
            )
            for code, text in self.multipliers.items()
        )  # fmt: skip
        told = words.say(zh="等级积分倍数：{table}", en="By tier: {table}", table=table)
        return words.aside(told, words.factors(self.rules))
