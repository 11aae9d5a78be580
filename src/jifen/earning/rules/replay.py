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
        self._used: dict[Place, int] = {}
        """How much was used of each bound, as far as any act has told by now."""
        self.acts: dict[UUID, Act] = {}

    def give(self, given: Given) -> None:
        """An order or behaviour is rewarded."""
        facts = given.facts
        act = Act(given.kind, given.member_id, facts.local.date(), facts.store, facts.tier)
        self.acts[given.id] = act
        self._used.update(_used_before(given))
        rooms = self._rooms(given)
        self._turn(act, given, self._draft.evaluate(replace(facts, rooms=rooms), given.basket))

    def keep(self, given: Given) -> None:
        """A refund leaves ``given`` of an order that was rewarded in this replay."""
        act = self.acts[given.id]
        kept = award_kept(self._draft, given.facts, act.draft, given.basket)
        self._turn(act, given, kept)

    def _rooms(self, given: Given) -> dict[str, int]:
        """What the draft's bounds still allow: they are used as they were then, and by what the
        draft has used more since the replay began. An act to which a bound did not apply then has
        not recorded its use; the acts before it have."""
        facts = given.facts
        rooms = {}
        for bound in self._draft.bounds(facts.kind, facts.local):
            place = _place(given.member_id, bound)
            taken = self._used.get(place, 0) + self._more[place]
            rooms[bound.code] = max(bound.limit - taken, 0)
        return rooms

    def _turn(self, act: Act, given: Given, draft: Award) -> None:
        """Put both awards in the place of those before, and count what bounds they use."""
        booked = _changes(given, given.then, act.now, given.award)
        drafted = _changes(given, self._draft, act.draft, draft)
        for place, points in booked.items():
            self._used[place] = self._used.get(place, 0) + points
        for place in {*booked, *drafted}:
            # What was booked under a bound of the same name and period is in its use already.
            share = self._sample if place[0] is None else 1
            self._more[place] += (drafted[place] - booked[place]) * share
        act.now, act.draft = _bare(given.award), _bare(draft)


def _place(member_id: UUID, bound: Bound) -> Place:
    return (None if bound.scope == "programme" else member_id, bound.code, bound.period)


def _used_before(given: Given) -> dict[Place, int]:
    """How much was used of the bounds that applied to an act, before it: as it was recorded."""
    facts = given.facts
    return {
        _place(given.member_id, bound): bound.limit - facts.rooms.get(bound.code, bound.limit)
        for bound in given.then.bounds(facts.kind, facts.local)
    }


def _changes(given: Given, policy: Policy, before: Award, after: Award) -> Counter[Place]:
    """By how much the use of each of the policy's bounds changes."""
    usage = Counter(policy.usage(after))
    usage.subtract(policy.usage(before))
    bounds = policy.bounds(given.facts.kind, given.facts.local)
    return Counter({_place(given.member_id, bound): usage[bound.code] for bound in bounds})


def _bare(award: Award) -> Award:
    """The award without its arithmetic: which rule gave how much."""
    return Award(tuple(Part(each.rule, each.unit, each.points) for each in award.parts))


def units_of(acts: Iterable[Act]) -> set[str]:
    """The units that any award gave."""
    return {part.unit for act in acts for award in (act.now, act.draft) for part in award.parts}
