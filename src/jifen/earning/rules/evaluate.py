"""The one decision: from facts and a basket to an award.

Order of work: which lines count → their weights → each base rule's exact result, rounded once →
fixed bonuses → bounds. Everything is an integer or a fraction of two; the page with worked
examples is ``docs/rules.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from typing import Any

from jifen.earning.rules.bounds import Bounds
from jifen.earning.rules.document import Document
from jifen.earning.rules.factors import Counted, Factors, Weighed, same_scope
from jifen.earning.rules.plan import BandSteps, Base, Bonus, Plan
from jifen.earning.rules.rounding import MODES
from jifen.earning.types import Award, Basket, Facts, Line, Part, Refusal

TOP_UP = "top_up"
"""The kind of facts of a top-up; its basket has no lines, and what was topped up as paid."""
_PAID = "paid"
"""Name of the factor money paid ÷ money owed, when points paid for some of it."""


class Evaluator:
    """A rule set's rules, compiled."""

    def __init__(self, document: Document, plan: Plan, bounds: Bounds) -> None:
        self._kinds = frozenset(document.basis.kinds)
        self._gross = document.basis.amount == "gross"
        self._paid = document.basis.amount == "paid"
        self._exclusions = tuple(plan.exclusions)
        self._by_line = document.rounding.per == "line"
        self._round = MODES[document.rounding.mode]
        self._rounding = f"{document.rounding.mode}/{document.rounding.per}"
        # Base rules that share their factors are one group, so that lines are weighed once.
        groups: dict[tuple[bool, ...], int] = {}
        self._groups: list[Factors] = []
        self._bases: list[tuple[Base, int, int, int]] = []
        for base in plan.bases:
            group = groups.setdefault(same_scope(plan, base.code), len(groups))
            if group == len(self._groups):
                self._groups.append(Factors(plan, base.code, document.combine))
            self._bases.append((base, group, *base.rate))
        self._bonuses: dict[str, list[Bonus]] = {}
        for bonus in plan.bonuses:
            self._bonuses.setdefault(bonus.facts_kind, []).append(bonus)
        self._top_ups = tuple(plan.top_ups)
        self._only = plan.only
        self._promotions = tuple(each for _, each in plan.promotions if each.code in plan.only)
        self._bounds = bounds

    def evaluate(self, facts: Facts, basket: Basket) -> Award:
        """What the rules give, part by part, and what they refuse."""
        refusals: list[Refusal] = []
        parts: list[Part] = []
        total, owed = 0, 1
        shut = self._shut(facts) if self._only else {}
        if facts.kind == "purchase":
            counted, total = self._count(basket.lines, refusals)
            paid = 1
            if self._paid and basket.paid_minor != basket.net_minor:
                paid, owed = basket.paid_minor, basket.net_minor
            total *= paid
            if total:
                refusals += self._not_promoted(facts, counted, shut)
                self._give_bases(facts, counted, (total, paid, owed), shut, parts, refusals)
            else:
                refusals.append(Refusal("nothing_counts"))
        fixed = [
            Part(bonus.code, bonus.unit, bonus.points)
            for bonus in self._bonuses.get(facts.kind, ())
            if bonus.applies(facts, total, owed)
        ]
        if facts.kind == TOP_UP:
            given = ((rule, rule.given(basket.paid_minor)) for rule in self._top_ups)
            fixed += [Part(rule.code, rule.unit, points) for rule, points in given if points]
        parts += [part for part in fixed if part.rule not in shut]
        refusals += [shut[part.rule] for part in fixed if part.rule in shut]
        refusals += self._bounds.trim(facts, parts)
        if not parts and (total or not refusals):
            refusals.append(Refusal("no_rule_applies", "", {"kind": facts.kind}))
        return Award(tuple(parts), tuple(refusals))

    def _shut(self, facts: Facts) -> dict[str, Refusal]:
        """Why rules are not for this member, by their codes."""
        why = ((code, only.refusal(code, facts)) for code, only in self._only.items())
        return {code: refusal for code, refusal in why if refusal is not None}

    def _not_promoted(
        self, facts: Facts, counted: Counted, shut: Mapping[str, Refusal]
    ) -> list[Refusal]:
        """Promotions that would have counted for somebody else."""
        return [
            shut[each.code]
            for each in self._promotions
            if each.code in shut
            and each.on(facts)
            and (not each.by_line or any(each.matches(line) for _, _, line in counted))
        ]

    def _count(
        self, lines: Sequence[Line], refusals: list[Refusal]
    ) -> tuple[list[tuple[int, int, Line]], int]:
        """The lines that count with their basis, and its sum in minor units."""
        counted, total = [], 0
        kinds, gross, exclusions = self._kinds, self._gross, self._exclusions
        for position, line in enumerate(lines):
            if line.kind not in kinds:
                refusals.append(_excluded("", position, ("kind", line.kind)))
                continue
            if exclusions:
                refusal = self._refuse(position, line)
                if refusal is not None:
                    refusals.append(refusal)
                    continue
            basis = line.amount_minor if gross else line.amount_minor - line.discount_minor
            counted.append((position, basis, line))
            total += basis
        return counted, total

    def _refuse(self, position: int, line: Line) -> Refusal | None:
        for exclusion in self._exclusions:
            why = exclusion.why(line)
            if why is not None:
                return _excluded(exclusion.code, position, why)
        return None

    def _give_bases(
        self,
        facts: Facts,
        counted: Counted,
        money: tuple[int, int, int],
        shut: Mapping[str, Refusal],
        parts: list[Part],
        refusals: list[Refusal],
    ) -> None:
        """Each base rule's part; ``money`` is the counted total × paid, paid and owed."""
        weighed: list[Weighed | None] = [None] * len(self._groups)
        for base, group, points, per_minor in self._bases:
            if base.code in shut:
                refusals.append(shut[base.code])
                continue
            lines = weighed[group]
            if lines is None:
                lines = weighed[group] = self._groups[group].weigh(facts, counted, shut)
            part = self._give(base, points, per_minor, lines, money)
            if not part.points:
                fields: dict[str, Any] = {"exact": part.exact, "rounding": part.rounding}
                refusals.append(Refusal("rounded_to_zero", part.rule, fields))
            parts.append(part)

    def _give(
        self, base: Base, points: int, per_minor: int, weighed: Weighed, money: tuple[int, int, int]
    ) -> Part:
        """Σ weights × points ÷ per_minor × paid ÷ owed × bands, rounded once."""
        steps, weights, whole, named = weighed
        total, paid, owed = money
        multiply, divide = points * paid, per_minor * owed * whole
        banded = base.banded(total, owed)
        bands: BandSteps = ()
        if banded is not None:
            mean, mean_of, bands = banded
            multiply *= mean
            divide *= mean_of
        numerator = sum(weights) * multiply
        if self._by_line:
            rounded = sum([self._round(weight * multiply, divide) for weight in weights])
        else:
            rounded = self._round(numerator, divide)
        common = gcd(numerator, divide)
        return Part(
            base.code,
            base.unit,
            rounded,
            (numerator // common, divide // common),
            rounded,
            (points, per_minor),
            self._rounding,
            named if paid == owed else (*named, (_PAID, f"{paid}/{owed}")),
            steps,
            bands,
        )


def _excluded(rule: str, position: int, why: tuple[str, str]) -> Refusal:
    return Refusal("line_excluded", rule, {"line": position, "why": why[0], "what": why[1]})
