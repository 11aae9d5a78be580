"""``cap``: a bound on what rules give one member, per order, day, month or in all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from msgspec import Meta

from jifen.earning.rules.config import Fault, Known, RuleCodes, RuleConfig, RulePoints, UnitCode
from jifen.earning.rules.plan import Bounding, Per, Plan
from jifen.earning.rules.wording import Words

_PER: Final = {
    "order": ("每单", "an order"),
    "day": ("每人每天", "a day"),
    "month": ("每人每月", "a month"),
    "member": ("每人累计", "in all"),
}


class Cap(RuleConfig, frozen=True, kw_only=True, tag="cap"):
    """At most ``points`` of ``unit`` for one member in each ``per``. What is above is not given,
    and the award says how much that was."""

    per: Annotated[Per, Meta(description="An order, a local day, a local month, or ever.")]
    points: RulePoints
    unit: UnitCode
    rules: Annotated[
        RuleCodes, Meta(description="Rules it bounds; empty means every one giving the unit.")
    ] = ()

    def faults(self, known: Known) -> Iterator[Fault]:
        """Refuse rules that do not give this unit, and order caps on what is no order."""
        for index, code in enumerate(self.rules):
            unit = known.units_by_rule.get(code)
            if unit is None:
                yield f".rules[{index}]", f"no rule that gives points has the code {code!r}"
            elif unit != self.unit:
                yield f".rules[{index}]", f"rule {code!r} gives {unit!r}, not {self.unit!r}"
            elif self.per == "order" and code not in known.order_rules:
                yield f".rules[{index}]", f"rule {code!r} does not give points for orders"
        if not self.rules and self.unit not in known.units_by_rule.values():
            yield ".unit", f"no rule gives {self.unit!r}"

    def compile(self, plan: Plan) -> None:
        """A bound."""
        plan.caps.append(
            Bounding(
                code=self.code, per=self.per, points=self.points, unit=self.unit, rules=self.rules
            )
        )

    def sentence(self, words: Words) -> str:
        """At most how much."""
        zh, en = _PER[self.per]
        told = words.say(
            zh="{per}最多得 {amount}",
            en="At most {amount} {per}",
            per=words.choose(zh=zh, en=en),
            amount=words.amount(self.unit, self.points),
        )
        return words.aside(told, words.bounds(self.rules))
