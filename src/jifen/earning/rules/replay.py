"""A replay: awards that were given, given again under another policy.

The same :class:`Policy` that books decides again, from the facts and baskets that were recorded; so
what an award depends on is as it was: tier, first order, birthday, lines, means of payment. Only
the room under each bound changes, by what the other policy would have given more before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from jifen.earning.rules.bounds import Bound
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.refund import award_kept
from jifen.earning.types import Award, Basket, Facts, Part

_NOTHING: Final = Award()
Place = tuple[UUID | None, str, str]
"""Whose bound (nobody's is the programme's), its code and its period."""


class Given(Struct, frozen=True):
    """An award as it was given, by the policy ``then``, or as a refund left it. ``facts`` are those
    of the booking, with what the other policy asks besides; ``basket`` is what is kept."""

    id: UUID
    kind: str
    member_id: UUID
    facts: Facts
    then: Policy
    award: Award
    basket: Basket


class Act(Struct):
    """An order or behaviour in the replay: what is kept of it now, and what would be."""

    kind: str
    member_id: UUID
    day: date
    store: str
    tier: str
    now: Award = _NOTHING
    draft: Award = _NOTHING


class Replay:
    """Awards given again in the order in which they are told."""

    def __init__(self, draft: Policy, *, sample: int = 1) -> None:
        self._draft = draft
        self._sample = sample
        self._more: Counter[Place] = Counter()
        """By how much more the draft has used of each of its bounds than was used."""
        self.acts: dict[UUID, Act] = {}

    def give(self, given: Given) -> None:
        """An order or behaviour is rewarded."""
        facts = given.facts
        act = Act(given.kind, given.member_id, facts.local.date(), facts.store, facts.tier)
        self.acts[given.id] = act
        rooms = self._rooms(given)
        self._turn(act, given, self._draft.evaluate(replace(facts, rooms=rooms), given.basket))

    def keep(self, given: Given) -> None:
        """A refund leaves ``given`` of an order that was rewarded in this replay."""
        act = self.acts[given.id]
        kept = award_kept(self._draft, given.facts, act.draft, given.basket)
        self._turn(act, given, kept)

    def _rooms(self, given: Given) -> dict[str, int]:
        """What the draft's bounds still allow: they are used as they were then, and by what the
        draft has used more since the replay began."""
        facts = given.facts
        used = {
            (bound.code, bound.period): bound.limit - facts.rooms.get(bound.code, bound.limit)
            for bound in given.then.bounds(facts.kind, facts.local)
        }
        rooms = {}
        for bound in self._draft.bounds(facts.kind, facts.local):
            before = used.get((bound.code, bound.period), 0)
            taken = before + self._more[_place(given.member_id, bound)]
            rooms[bound.code] = max(bound.limit - taken, 0)
        return rooms

    def _turn(self, act: Act, given: Given, draft: Award) -> None:
        """Put both awards in the place of those before, and count what bounds they use."""
        facts, then = given.facts, given.then
        known = {(bound.code, bound.period) for bound in then.bounds(facts.kind, facts.local)}
        more = _change(self._draft, act.draft, draft)
        booked = _change(then, act.now, given.award)
        for bound in self._draft.bounds(facts.kind, facts.local):
            # What was booked under a bound of the same name and period is in the rooms already.
            counted = booked[bound.code] if (bound.code, bound.period) in known else 0
            share = self._sample if bound.scope == "programme" else 1
            change = (more[bound.code] - counted) * share
            if change:
                self._more[_place(given.member_id, bound)] += change
        act.now, act.draft = _bare(given.award), _bare(draft)


def _place(member_id: UUID, bound: Bound) -> Place:
    return (None if bound.scope == "programme" else member_id, bound.code, bound.period)


def _change(policy: Policy, before: Award, after: Award) -> Counter[str]:
    """By how much the use of each bound changes."""
    changes = Counter(policy.usage(after))
    changes.subtract(policy.usage(before))
    return changes


def _bare(award: Award) -> Award:
    """The award without its arithmetic: which rule gave how much."""
    return Award(tuple(Part(each.rule, each.unit, each.points) for each in award.parts))


def units_of(acts: Iterable[Act]) -> set[str]:
    """The units that any award gave."""
    return {part.unit for act in acts for award in (act.now, act.draft) for part in award.parts}
