"""What a draft would have given for the last days of a shop's own orders.

It reads, page by page and each page in a read-only snapshot, what was booked, and decides it again
with the policy of the draft (:mod:`jifen.earning.rules.replay`); nothing is written or locked. A
shop with more than ``MOST`` acts in these days is looked at by a sample: all acts of one member in
so many, always the same ones. What is and what is not in it: ``docs/what-if.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from jifen.common.days import end_of_day
from jifen.common.sql import snapshot
from jifen.earning.context import Context, Directory, in_force
from jifen.earning.decisions.means import basket_of
from jifen.earning.groups import segments
from jifen.earning.record import Family, Target, first_family
from jifen.earning.rules.document import read
from jifen.earning.rules.effect import effect, unseen
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.replay import Act, Given, Replay, units_of
from jifen.earning.sql import queries
from jifen.earning.sql.queries import Among, Awarded
from jifen.earning.types import Basket, Facts, Purchase
from jifen.earning.types.effects import WhatIf
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores

DAYS: Final = 30
"""Local days that are looked at, the present one among them."""
MOST: Final = 100_000
"""Acts that are decided again at most; of more, a sample of the members' is."""
PAGE: Final = 1_000
_FIRST: Final = UUID(int=0)
_UNPUBLISHED: Final = 0
Progress = Callable[[int, int], bool]
"""Told how many acts of how many are done; answers whether to go on."""


def what_if(
    *,
    document: Mapping[str, Any],
    stores: Stores,
    at: datetime,
    progress: Progress,
    most: int = MOST,
) -> WhatIf | None:
    """The effect of a rule set on the acts of the last days at these stores; None when ``progress``
    said to stop. The document must be one that could be published."""
    with snapshot():
        directory = Directory()
        among, total = _among(directory, stores, at, most)
        draft = Policy(read(document), _UNPUBLISHED, directory.settings.zone)
    replaying = _Replaying(draft, among, _days(directory, at)[0])
    done = 0
    for size in replaying.pages():
        done += size
        if not progress(min(done, total), total):
            return None
    with snapshot():
        return _told(in_force(at), draft, replaying, at)


def _days(directory: Directory, at: datetime) -> tuple[date, datetime]:
    """The first local day, and the instant at which it begins."""
    zone = directory.settings.zone
    first = at.astimezone(zone).date() - timedelta(days=DAYS - 1)
    return first, end_of_day(first - timedelta(days=1), zone)


def _among(directory: Directory, stores: Stores, at: datetime, most: int) -> tuple[Among, int]:
    """Whose acts are looked at, and how many these are."""
    everybody = Among(_days(directory, at)[1], at, programmes.store_ids(stores))
    total = queries.count_awarded(everybody)
    if total <= most:
        return everybody, total
    sampled = replace(everybody, sample=-(-total // most))
    return sampled, queries.count_awarded(sampled)


class _Replaying:
    """The acts, read and decided again in the order in which they happened."""

    def __init__(self, draft: Policy, among: Among, since: date) -> None:
        self.replay = Replay(draft, sample=among.sample)
        self.sample = among.sample
        self._draft = draft
        self._among = among
        self._since = since
        self._early: dict[UUID, list[Awarded]] = {}
        """Acts on orders that are not there yet: clocks differ by some minutes."""
        self.versions: set[int] = set()
        """By which the acts were decided."""

    def pages(self) -> Iterator[int]:
        """Go on by a page, and say how many acts it had."""
        after = (self._among.begins_at - timedelta(days=1), _FIRST)
        while True:
            with snapshot():
                rows = queries.awarded(self._among, after=after, size=PAGE)
                self._decide(rows)
            yield len(rows)
            if len(rows) < PAGE:
                return
            after = (rows[-1].occurred_at, rows[-1].id)

    def _decide(self, rows: list[Awarded]) -> None:
        directory = Directory()
        groups = _Groups(
            directory, self._draft, {row.member_id for row in rows}, self._among.ends_at
        )
        for row in rows:
            self._act(directory, groups, row)

    def _act(self, directory: Directory, groups: _Groups, row: Awarded) -> None:
        family, of = row.record.family, row.of_id or row.id
        if row.kind == "refund" and of not in self.replay.acts:
            self._early.setdefault(of, []).append(row)
            return
        facts = family.facts if family is not None else row.record.facts
        if facts is None or facts.local.date() < self._since:
            return  # nobody's order, or one from before
        then = directory.policy_of(row.version)
        self.versions.add(row.version)
        given = Given(
            of,
            "behaviour" if row.kind == "behaviour" else "purchase",
            row.member_id,
            groups.asked(facts, then, row.member_id),
            then,
            row.record.award if family is None else family.award,
            _basket(row, family),
        )
        if row.kind == "refund":
            self.replay.keep(given)
            return
        self.replay.give(given)
        for each in self._early.pop(of, ()):
            self._act(directory, groups, each)


def _basket(row: Awarded, family: Family | None) -> Basket:
    """What was rewarded, or is kept."""
    if row.purchase is None:
        return Basket()
    booked = family or first_family(member_id=row.member_id, version=row.version, record=row.record)
    return basket_of(_target(row, row.purchase, booked), booked.refunded)


def _target(row: Awarded, purchase: Purchase, family: Family) -> Target:
    return Target(row.of_id or row.id, row.store_id, purchase, family)


class _Groups:
    """Segments and tags that the draft asks for and nobody asked for then: as they are now."""

    def __init__(
        self, directory: Directory, draft: Policy, ids: Collection[UUID], at: datetime
    ) -> None:
        settings = directory.settings
        stores = {code: store.id for code, store in settings.stores.items()}
        self._draft = draft
        self._chosen = (
            segments().among(sorted(draft.segments), ids, at=at, zone=settings.zone, stores=stores)
            if draft.segments
            else {}
        )
        self._tagged = members.tagged(ids, draft.tags) if draft.tags else {}

    def asked(self, facts: Facts, then: Policy, member_id: UUID) -> Facts:
        """The facts with what the draft asks besides."""
        more = [
            code
            for code in sorted(self._draft.segments - then.segments)
            if member_id in self._chosen[code]
        ]
        tags = [
            tag for tag in sorted(self._draft.tags - then.tags) if member_id in self._tagged[tag]
        ]
        if not more and not tags:
            return facts
        return replace(facts, segments=(*facts.segments, *more), tags=(*facts.tags, *tags))


def _told(context: Context, draft: Policy, replaying: _Replaying, at: datetime) -> WhatIf:
    acts, sample = replaying.replay.acts, replaying.sample
    now = context.policy.document
    units = units_of(acts.values())
    return WhatIf(
        since=_days(context, at)[0],
        at=at,
        version=context.version,
        versions=tuple(sorted(replaying.versions)),
        sample=sample,
        orders=sample * _count(acts.values(), "purchase"),
        behaviours=sample * _count(acts.values(), "behaviour"),
        members=sample * len({act.member_id for act in acts.values()}),
        effects=tuple(
            effect(acts, code, sample=sample, offsets=(now.offset, draft.document.offset))
            for code in context.settings.units
            if code in units
        ),
        unseen=unseen(now, draft.document),
    )


def _count(acts: Collection[Act], kind: str) -> int:
    return sum(act.kind == kind for act in acts)
