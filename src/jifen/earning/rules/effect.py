"""The effect of a draft: the awards of a replay added up, side by side."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

from jifen.earning.rules.document import Document
from jifen.earning.rules.offset import Offset
from jifen.earning.rules.replay import Act
from jifen.earning.types.effects import Compared, Effect, OneDifference, Share

BIGGEST: Final = 20
"""How many single differences are told."""
_SEEN: Final = frozenset({"rules", "combine", "rounding", "basis", "offset"})
"""Sections whose effect is in a replay."""


def effect(
    acts: Mapping[UUID, Act],
    unit: str,
    *,
    sample: int,
    offsets: tuple[Offset | None, Offset | None],
) -> Effect:
    """The effect on one unit; ``offsets`` are those in force and of the draft."""
    by_member = _sums(acts.values(), unit, lambda act: str(act.member_id))
    total = _total(by_member.values(), sample)
    costs = [
        _cost(offset, unit, points)
        for offset, points in zip(offsets, (total.now, total.draft), strict=True)
    ]
    return Effect(
        unit=unit,
        points=total,
        by_tier=_shares(acts.values(), unit, sample, lambda act: act.tier),
        by_store=_shares(acts.values(), unit, sample, lambda act: act.store),
        by_day=_shares(acts.values(), unit, sample, lambda act: act.day.isoformat()),
        gaining=sample * sum(now < draft for now, draft in by_member.values()),
        losing=sample * sum(now > draft for now, draft in by_member.values()),
        biggest=_biggest(acts, unit),
        cost_now_minor=costs[0],
        cost_draft_minor=costs[1],
    )


def unseen(now: Document, draft: Document) -> tuple[str, ...]:
    """In what the draft differs without its being in a replay: sections by their names, rules for
    what is not replayed by their codes."""
    sections = [
        name
        for name in Document.__struct_fields__
        if name not in _SEEN and getattr(now, name) != getattr(draft, name)
    ]
    before, after = ({rule.code: rule for rule in each.rules} for each in (now, draft))
    silent = {code for each in (now, draft) for code in _not_replayed(each)}
    changed = [
        f"rules.{code}"
        for code in dict.fromkeys((*before, *after))
        if code in silent and before.get(code) != after.get(code)
    ]
    return (*sections, *changed)


def _not_replayed(document: Document) -> set[str]:
    """Rules that answer to other facts than orders and behaviours."""
    return {
        giver.code
        for giver in document.plan().givers
        if giver.facts_kind != "purchase" and not giver.facts_kind.startswith("behaviour:")
    }


def _sums(acts: Iterable[Act], unit: str, key: Callable[[Act], str]) -> dict[str, tuple[int, int]]:
    """(now, draft) by what ``key`` says of an act."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for act in acts:
        now, draft = found[key(act)]
        found[key(act)] = (now + act.now.points(unit), draft + act.draft.points(unit))
    return found


def _total(sums: Iterable[tuple[int, int]], sample: int) -> Compared:
    rows = list(sums)
    return Compared(sample * sum(now for now, _ in rows), sample * sum(draft for _, draft in rows))


def _shares(
    acts: Iterable[Act], unit: str, sample: int, key: Callable[[Act], str]
) -> tuple[Share, ...]:
    return tuple(
        Share(of, now * sample, draft * sample)
        for of, (now, draft) in sorted(_sums(acts, unit, key).items())
    )


def _biggest(acts: Mapping[UUID, Act], unit: str) -> tuple[OneDifference, ...]:
    """The largest differences first, the same ones whenever they are asked for."""

    def size(of: tuple[UUID, Act]) -> tuple[int, UUID]:
        activity_id, act = of
        return abs(act.draft.points(unit) - act.now.points(unit)), activity_id

    return tuple(
        OneDifference(
            activity_id,
            act.member_id,
            act.kind,
            act.day,
            act.store,
            act.tier,
            act.now.points(unit),
            act.draft.points(unit),
        )
        for activity_id, act in heapq.nlargest(BIGGEST, acts.items(), key=size)
        if act.draft.points(unit) != act.now.points(unit)
    )


def _cost(offset: Offset | None, unit: str, points: int) -> int | None:
    """What so many points pay, rounded down; not known where they pay nothing."""
    if offset is None or offset.unit != unit:
        return None
    return points * offset.worth_minor // offset.points
