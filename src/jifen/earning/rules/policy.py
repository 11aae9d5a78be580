"""The policy: a published rule set, compiled once, and every question that rooms ask of it.

Pure: the time, the member's state and the rooms are passed in. The caller keeps one policy for
each programme and version.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from jifen.earning.rules import offset as offsets
from jifen.earning.rules.behaviour import BUILT_IN, Behaviour
from jifen.earning.rules.benefits import Benefits
from jifen.earning.rules.bounds import Bound, Bounds
from jifen.earning.rules.document import Document
from jifen.earning.rules.evaluate import Evaluator
from jifen.earning.rules.expiry import Inactivity, Never, end_of_day
from jifen.earning.rules.keep import Keeper
from jifen.earning.rules.ladder import Ladder, period_name
from jifen.earning.rules.membership import Membership
from jifen.earning.rules.offset import OffsetQuote
from jifen.earning.rules.pending import Confirmed, Pending, last_day
from jifen.earning.types import Award, Basket, Facts

_CACHED_DAYS: Final = 4_096


class Policy:
    """One version of a programme's rule set, ready to decide."""

    def __init__(self, document: Document, version: int, zone: ZoneInfo) -> None:
        """Compile ``document`` (as ``decode`` returned it) for a programme in ``zone``."""
        self.document = document
        self.version = version
        self.zone = zone
        self.ladder: Ladder | None = document.ladder
        self.membership: Membership = document.membership
        self.behaviours: frozenset[str] = BUILT_IN | {
            rule.name
            for rule in document.rules
            if isinstance(rule, Behaviour) and rule.name is not None
        }
        plan = document.plan()
        self.segments: frozenset[str] = frozenset(
            code for only in plan.only.values() for code in only.segments
        )
        """Segments that a rule is for."""
        self.tags: frozenset[str] = frozenset(
            tag for only in plan.only.values() for tag in only.tags
        )
        """Tags that a rule is for."""
        self._bounds = Bounds(plan)
        self._evaluator = Evaluator(document, plan, self._bounds)
        rungs = document.ladder.rungs if document.ladder is not None else ()
        self._rungs = tuple((rung.threshold, rung.code) for rung in reversed(rungs))
        self.tiers: tuple[str, ...] = tuple(rung.code for rung in rungs)
        self.offset_unit: str = document.offset.unit if document.offset is not None else ""
        self.rewarded_tiers: tuple[str, ...] = tuple(
            sorted({g.facts_kind for g in plan.givers if g.facts_kind.startswith("tier_reached:")})
        )
        self._ranks = {rung.code: rank for rank, rung in enumerate(rungs, start=1)}
        self.keeper = self._keeper(document.ladder)
        self.counts_periods: bool = document.ladder is not None and (
            document.ladder.period is not None or self.keeper is not None
        )
        self.benefits = Benefits(document.benefits, zone)
        self._expiry = {
            unit: expiry
            for unit, expiry in document.expiry.items()
            if not isinstance(expiry, Never)
        }
        self._expires_cached: dict[tuple[str, date], datetime | None] = {}
        self.idle_units: frozenset[str] = frozenset(
            unit for unit, expiry in self._expiry.items() if isinstance(expiry, Inactivity)
        )
        """Units of which everything ends when they are not used."""

    def evaluate(self, facts: Facts, basket: Basket) -> Award:
        """What the rules give for these facts and this basket, and what they refuse.

        The one decision behind preview, grant, refund, import and what-if. A refund passes the
        facts of the booking and what is still kept.
        """
        return self._evaluator.evaluate(facts, basket)

    def bounds(self, facts_kind: str, local: datetime) -> tuple[Bound, ...]:
        """The stored bounds that may apply to facts of that kind at that local time. Order caps
        are not among them."""
        return self._bounds.stored(facts_kind, local)

    def usage(self, award: Award) -> dict[str, int]:
        """Points that ``award`` takes from each stored bound, by bound code; never 0."""
        return self._bounds.usage(award)

    def settled(self, facts: Facts, award: Award) -> Facts:
        """The facts to keep with ``award``: each room becomes what the award took of it.

        The same facts give the same award again, and no refund can take more of any bound than
        the booking did, though a bonus may rise within a shared cap when the base falls. Room
        that was left over has long been given to others.
        """
        bounds = self._bounds.stored(facts.kind, facts.local)
        if not bounds:
            return facts
        used = self._bounds.usage(award)
        return replace(facts, rooms={bound.code: used.get(bound.code, 0) for bound in bounds})

    def once_key(self, kind: str, name: str, local: datetime) -> str | None:
        """What an activity can happen once for: ``check_in:2026-11-22``, ``birthday:2026``,
        ``enrolment``, ``opening``; None where it may repeat.

        ``kind`` is the activity's, ``name`` the behaviour's.
        """
        if kind == "behaviour":
            return f"check_in:{local.date().isoformat()}" if name == "check_in" else None
        if kind == "birthday":
            return f"birthday:{local.year:04}"
        return kind if kind in {"enrolment", "opening"} else None

    def tier_for(self, amount: int) -> str:
        """The tier that so much spend (minor units) or growth reaches; empty below the first."""
        for threshold, code in self._rungs:
            if amount >= threshold:
                return code
        return ""

    def tier_rank(self, code: str) -> int:
        """1 for the lowest tier; 0 for none and for one that the ladder has not."""
        return self._ranks.get(code, 0)

    def period_of(self, local: datetime) -> str:
        """The period in which something at that local time counts for the ladder: ``2026-07``,
        ``2026-Q3``, ``2026``; empty where the ladder counts for ever."""
        if self.keeper is not None:
            return self.keeper.name_of(local.date())
        if self.ladder is None or self.ladder.period is None:
            return ""
        return period_name(self.ladder.period, local)

    def expires_at(self, unit: str, occurred_at: datetime) -> datetime | None:
        """The instant, in UTC, from which points of ``unit`` earned at ``occurred_at`` (aware)
        are not spendable any more: the end of their last local day. None means never."""
        expiry = self._expiry.get(unit)
        if expiry is None:
            return None
        key = (unit, occurred_at.astimezone(self.zone).date())
        found = self._expires_cached.get(key)
        if found is None:
            last_day = expiry.last_day(key[1])
            if last_day is None:
                return None
            if len(self._expires_cached) >= _CACHED_DAYS:
                self._expires_cached.clear()
            found = self._expires_cached[key] = end_of_day(last_day, self.zone)
        return found

    def pending(self, *, is_confirmed: bool = False) -> dict[str, Pending]:
        """What of an order pends, by unit: once its delivery is confirmed, only what waits for
        days."""
        if not is_confirmed:
            return self.document.pending
        sections = self.document.pending.items()
        return {unit: each for unit, each in sections if not isinstance(each, Confirmed)}

    def ripens_at(self, pending: Pending, occurred_at: datetime) -> datetime | None:
        """The instant, in UTC, from which points of an order of ``occurred_at`` (aware) are
        spendable: the end of the last local day on which they pend. None: an event decides."""
        day = last_day(pending, occurred_at.astimezone(self.zone).date())
        return None if day is None else end_of_day(day, self.zone)

    def idle_at(self, unit: str, used_at: datetime) -> datetime | None:
        """The instant, in UTC, at which all of an account of ``unit`` ends that was last used at
        ``used_at`` (aware). None: it does not end by not being used."""
        expiry = self._expiry.get(unit)
        if not isinstance(expiry, Inactivity):
            return None
        return end_of_day(expiry.idle_day(used_at.astimezone(self.zone).date()), self.zone)

    def days_later(self, at: datetime, days: int) -> datetime:
        """The instant, in UTC, at which the local day is over that comes so many days after that
        of ``at`` (aware)."""
        return end_of_day(at.astimezone(self.zone).date() + timedelta(days=days), self.zone)

    def grace_until(self, unit: str, occurred_at: datetime) -> datetime | None:
        """The instant, in UTC, until which points of ``unit`` are good again that come back at
        ``occurred_at`` (aware) to a lot past its date. None: they are not."""
        expiry = self._expiry.get(unit)
        if expiry is None or not expiry.grace_days:
            return None
        last_day = occurred_at.astimezone(self.zone).date() + timedelta(days=expiry.grace_days)
        return end_of_day(last_day, self.zone)

    def offset_quote(self, available: int, net_minor: int) -> OffsetQuote:
        """The most that ``available`` points may pay of an order of ``net_minor``."""
        return offsets.quote(self.document.offset, available, net_minor)

    def offset_worth(self, points: int, net_minor: int) -> int:
        """Minor units that ``points`` pay of an order of ``net_minor``.

        Raises OffsetNotAllowed, OffsetBelowMinimum, OffsetNotAStep or OffsetAboveShare.
        """
        return offsets.worth(self.document.offset, points, net_minor)

    def _keeper(self, ladder: Ladder | None) -> Keeper | None:
        """What keeps tiers in time; None where a tier that was reached is kept for ever."""
        if ladder is None or ladder.keep is None:
            return None
        return Keeper(ladder, lambda amount: self.tier_rank(self.tier_for(amount)), self.zone)
