"""Tiers in time: until when a tier that was reached lasts, and which one comes after it.

Everything follows from what was counted in each calendar period, and from nothing else: not from
when a job ran, nor in which order things were booked. So a refund, a late order and a night
without jobs all end where they should. Pure; periods are told by their number
(:func:`~jifen.earning.rules.periods.index_of`), tiers by their rank (1 is the lowest, 0 none).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jifen.earning.rules.expiry import end_of_day
from jifen.earning.rules.ladder import Ladder
from jifen.earning.rules.periods import index_named, index_of, last_day_at, name_at
from jifen.tiers.types import Stage


class Term(NamedTuple):
    """A tier held to the end of the period ``last``; for ever where that is None."""

    rank: int
    last: int | None


class Counted(NamedTuple):
    """What a ladder counts for one member: ``amounts`` by period name, and ``total`` in all,
    which also holds what was counted before periods were kept. ``brought`` is the rank of an
    opening tier and the local day from which it counts."""

    amounts: Mapping[str, int]
    total: int
    brought: tuple[int, date] | None = None


class Keeper:
    """The ``keep`` of one ladder, in a programme's zone."""

    def __init__(self, ladder: Ladder, rank_for: Callable[[int], int], zone: ZoneInfo) -> None:
        """``rank_for`` tells which rank an amount reaches."""
        if ladder.keep is None:
            raise ValueError("this ladder keeps its tiers for ever")
        self.keep = ladder.keep
        self._best = ladder.by == "spend_period"
        self._rank_for = rank_for
        self._base = rank_for(0)
        self._zone = zone

    def name_of(self, day: date) -> str:
        """The period in which a local day counts."""
        return name_at(self.keep.period, index_of(self.keep.period, day))

    def index_of(self, day: date) -> int:
        """The number of the period in which a local day counts."""
        return index_of(self.keep.period, day)

    def ends_at(self, last: int) -> datetime:
        """The instant, in UTC, at which a tier held to the end of the period ``last`` is over,
        its days of grace included."""
        day = last_day_at(self.keep.period, last)
        return end_of_day(day + timedelta(days=self.keep.grace_days), self._zone)

    def decides_at(self, last: int) -> datetime:
        """The instant, in UTC, up to which things count for what comes after the period
        ``last``."""
        return end_of_day(last_day_at(self.keep.period, last), self._zone)

    def term_ending_at(self, ends_at: datetime) -> int | None:
        """The period at whose end a tier is over at that instant; None where none is."""
        local = ends_at.astimezone(self._zone) - timedelta(days=self.keep.grace_days, seconds=1)
        last = index_of(self.keep.period, local.date())
        return last if self.ends_at(last) == ends_at else None

    def lasts_from(self, day: date) -> datetime:
        """When a tier reached on a local day is over."""
        return self.ends_at(index_of(self.keep.period, day) + self.keep.periods)

    def window(self, last: int) -> tuple[str, str]:
        """The names of the first and the last of the periods that decide at the end of
        ``last``."""
        first = last - self.keep.periods + 1
        return name_at(self.keep.period, first), name_at(self.keep.period, last)

    def has_begun(self, counted: Counted) -> bool:
        """Whether any period of this length was counted yet."""
        return bool(self._by_index(counted))

    def counted_in(self, counted: Counted, last: int) -> int:
        """What the periods that decide at the end of ``last`` gave: their sum, or of a ladder by
        spend in a period the best of them."""
        return self._amount(self._by_index(counted), last)

    def terms(self, counted: Counted) -> list[Term]:
        """Every tier held, in order; the last one is that which never ends."""
        amounts = self._by_index(counted)
        places = set(amounts)
        brought_rank, brought_in = 0, None
        if counted.brought is not None:
            brought_rank = counted.brought[0]
            brought_in = index_of(self.keep.period, counted.brought[1])
            places.add(brought_in)
        told: list[Term] = []
        term = Term(self._base, None)
        total = counted.total - sum(amounts.values())
        passed = self._base
        for place in sorted(places):
            term = self._follow(term, amounts, told, before=place)
            total += amounts.get(place, 0)
            reached = self._rank_for(self._amount(amounts, place))
            passed, before = self._rank_for(total), passed
            if not self._best and passed > before:
                reached = max(reached, passed)
            if place == brought_in:
                reached = max(reached, brought_rank)
            if reached > term.rank:
                term = Term(reached, place + self.keep.periods)
        self._follow(term, amounts, told, before=None)
        return [*told, Term(self._base, None)]

    def _follow(
        self, term: Term, amounts: Mapping[int, int], told: list[Term], *, before: int | None
    ) -> Term:
        """Let terms end, one after the other, that are over before the period ``before``."""
        while term.last is not None and (before is None or term.last < before):
            told.append(term)
            rank = max(self._rank_for(self._amount(amounts, term.last)), self._base)
            if rank < term.rank and self.keep.then == "by_one":
                rank = max(rank, term.rank - 1)
            rank = min(rank, term.rank)
            last = term.last + self.keep.periods if rank > self._base else None
            term = Term(rank, last)
        return term

    def _by_index(self, counted: Counted) -> dict[int, int]:
        found: dict[int, int] = {}
        for name, amount in counted.amounts.items():
            index = index_named(self.keep.period, name)
            if index is not None:
                found[index] = amount
        return found

    def _amount(self, amounts: Mapping[int, int], last: int) -> int:
        some = [amounts.get(last - back, 0) for back in range(self.keep.periods)]
        return max(some) if self._best else sum(some)


Interval = tuple[int, datetime | None]
"""A tier's rank, and until when it is in force; None is for ever."""


def stages_of(
    intervals: Iterable[Interval], tiers: Sequence[str], at: datetime
) -> tuple[Stage, ...]:
    """The highest tier in force from ``at`` on, and what follows it, to the one that stays.

    Where two hold the same tier, each of their ends is an end of its own: there the tier is kept.
    """
    left = [each for each in intervals if each[0] and not _is_over(each[1], at)]
    stages: list[Stage] = []
    while left:
        top = max(rank for rank, _ in left)
        ends = {until for rank, until in left if rank == top}
        stages += [Stage(tiers[top - 1], until) for until in sorted(ends - {None})]  # type: ignore[type-var]
        if None in ends:
            return (*stages, Stage(tiers[top - 1]))
        horizon = stages[-1].until
        left = [each for each in left if horizon is not None and not _is_over(each[1], horizon)]
    return (*stages, Stage(""))


def _is_over(until: datetime | None, at: datetime) -> bool:
    return until is not None and until <= at
