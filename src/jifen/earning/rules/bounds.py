"""Bounds: caps and budgets. Which may apply, how they trim an award, what an award uses.

Parts are trimmed in the order of the award, so the later ones are cut first. Each part gets
what it asks or the least room of its bounds; what it takes, it takes from all of them. Since
bounds never cross (``document.py`` refuses that), keeping fewer lines never earns more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from jifen.earning.rules.plan import Bounding, Giver, Plan
from jifen.earning.types import Award, Facts, Part, Refusal

BUDGET: Final = "budget:"
"""A budget's bound has this and the rule's code as its own code."""
_TRIM_ORDER: Final = ("order", "day", "month", "member")
_CACHED_DAYS: Final = 4_096


class Bound(Struct, frozen=True):
    """A stored bound that may apply to an activity: at most ``limit`` points for one member, or
    in the whole programme, in ``period``: ``2026-11-22``, ``2026-11``, or empty for ever."""

    code: str
    scope: Literal["member", "programme"]
    period: str
    limit: int


@dataclass(frozen=True, slots=True)
class _Limit:
    code: str
    per: str
    points: int
    unit: str


class Bounds:
    """The bounds of one rule set, ready to trim."""

    def __init__(self, plan: Plan) -> None:
        limits: dict[str, list[_Limit]] = {giver.code: [] for giver in plan.givers}
        self._stored: dict[str, dict[str, _Limit]] = {}
        for cap in sorted(plan.caps, key=lambda cap: _TRIM_ORDER.index(cap.per)):
            limit = _Limit(cap.code, cap.per, cap.points, cap.unit)
            for giver in _bounded(cap, plan.givers):
                limits[giver.code].append(limit)
        for giver in plan.givers:
            if giver.budget is not None:
                code = BUDGET + giver.code
                limits[giver.code].append(_Limit(code, "budget", giver.budget, giver.unit))
            stored = self._stored.setdefault(giver.facts_kind, {})
            stored.update((each.code, each) for each in limits[giver.code] if each.per != "order")
        self._by_rule = {code: tuple(found) for code, found in limits.items() if found}
        self._used_by_rule = {
            code: kept
            for code, found in self._by_rule.items()
            if (kept := tuple(limit.code for limit in found if limit.per != "order"))
        }
        self._cached: dict[tuple[str, date], tuple[Bound, ...]] = {}

    def stored(self, facts_kind: str, local: datetime) -> tuple[Bound, ...]:
        """The stored bounds that may apply to such an activity at that local time."""
        key = (facts_kind, local.date())
        found = self._cached.get(key)
        if found is None:
            if len(self._cached) >= _CACHED_DAYS:
                self._cached.clear()
            found = self._cached[key] = tuple(
                Bound(
                    limit.code,
                    "programme" if limit.per == "budget" else "member",
                    _period(limit.per, key[1]),
                    limit.points,
                )
                for limit in self._stored.get(facts_kind, {}).values()
            )
        return found

    def trim(self, facts: Facts, parts: list[Part]) -> list[Refusal]:
        """Cut the points of ``parts``, in place, to the rooms of ``facts``; return what was cut.
        A room that the facts do not hold is the whole limit."""
        left: dict[str, int] = {}
        took: dict[_Limit, int] = {}
        for index, part in enumerate(parts):
            points = part.points
            limits = self._by_rule.get(part.rule)
            if limits is None or not points:
                continue
            bounded: dict[str, int] = {}
            for limit in limits:
                room = left.get(limit.code)
                if room is None:
                    room = left[limit.code] = _room(facts.rooms, limit)
                if points > room:
                    bounded[limit.code] = points - room
                    took[limit] = took.get(limit, 0) + points - room
                    points = room
            for limit in limits:
                left[limit.code] -= points
            if bounded:
                parts[index] = replace(part, points=points, bounded=bounded)
        return [_taken(limit, points) for limit, points in took.items()]

    def usage(self, award: Award) -> dict[str, int]:
        """Points that the award takes from each stored bound; those it takes none from are
        absent."""
        used: dict[str, int] = {}
        for part in award.parts:
            codes = self._used_by_rule.get(part.rule)
            if codes is not None and part.points:
                for code in codes:
                    used[code] = used.get(code, 0) + part.points
        return used


def _bounded(cap: Bounding, givers: Sequence[Giver]) -> list[Giver]:
    """The rules that a cap bounds. An order cap leaves what is not earned by orders alone."""
    return [
        giver
        for giver in givers
        if giver.unit == cap.unit
        and (not cap.rules or giver.code in cap.rules)
        and (cap.per != "order" or giver.facts_kind == "purchase")
    ]


def crossing(plan: Plan) -> tuple[str, str] | None:
    """Two caps of one unit that share rules of orders while neither holds the other's all.

    Where one of them stops a rule, the other's room goes to other rules; after a refund they
    could give more than before. So there must be none.
    """
    sets = [
        (
            cap.code,
            {giver.code for giver in _bounded(cap, plan.givers) if giver.facts_kind == "purchase"},
        )
        for cap in plan.caps
    ]
    for index, (code, rules) in enumerate(sets):
        for other, others in sets[:index]:
            if rules & others and not (rules <= others or others <= rules):
                return other, code
    return None


def _room(rooms: Mapping[str, int], limit: _Limit) -> int:
    if limit.per == "order":
        return limit.points
    # A limit lowered by a later version may already be overdrawn; then there is no room, and
    # the refusal says what was taken.
    return max(rooms.get(limit.code, limit.points), 0)


def _taken(limit: _Limit, points: int) -> Refusal:
    if limit.per == "budget":
        return Refusal(
            "budget_took",
            limit.code.removeprefix(BUDGET),
            {"points": points, "unit": limit.unit},
        )
    return Refusal("cap_took", limit.code, {"points": points, "unit": limit.unit, "per": limit.per})


def _period(per: str, day: date) -> str:
    if per == "day":
        return day.isoformat()
    if per == "month":
        return f"{day.year:04}-{day.month:02}"
    return ""
