"""Trying a rule set before it is published: what it gives, what members read, what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from jifen.common.errors import JifenError
from jifen.earning.context import Settings
from jifen.earning.decisions.purchase import check_discounts
from jifen.earning.groups import segments
from jifen.earning.rules import unfinished
from jifen.earning.rules.describe import sentences
from jifen.earning.rules.document import InvalidRuleSet, read
from jifen.earning.rules.ladder import Names
from jifen.earning.rules.messages import Language
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.trial import Order, Tried, tried, whole
from jifen.earning.rules.unfinished import Told
from jifen.earning.rules.wording import LANGUAGES, Words
from jifen.earning.types import Award, Line
from jifen.members import selectors as members
from jifen.programmes.types import UnknownStore

__all__ = ["Faulty", "Told", "Trial", "TriedTier", "check_publishable", "trial"]
_UNPUBLISHED: Final = 0
"""The version of what has none."""


class Faulty(Struct, frozen=True):
    """One thing for which a document would not be published, and where it is."""

    path: str
    detail: str


class TriedTier(Struct, frozen=True):
    """What a member of a tier gets for the order; ``tier`` is empty, ``name`` None for none."""

    tier: str
    name: Names | None
    points: Mapping[str, int]
    award: Award
    sentences: list[str]


class Trial(Struct, frozen=True):
    """A rule set tried: ``faults`` that it could not be published with, what members would read of
    it, and what each tier would get. With faults there are no tiers."""

    faults: list[Faulty]
    told: list[Told]
    tiers: list[TriedTier]


def trial(
    *,
    document: Mapping[str, Any],
    amount_minor: int,
    lines: tuple[Line, ...],
    store: str | None,
    local: datetime | None,
    first_order: bool,
    is_birthday: bool,
    of_segments: tuple[str, ...],
    tags: tuple[str, ...],
    segment_names: Mapping[str, str],
    language: Language,
    at: datetime,
) -> Trial:
    """Try a rule set that need not be finished on one order: ``lines``, or one line of
    ``amount_minor`` of which nothing else is known.

    Caps and budgets have all of their room. Raises UnknownStore or DiscountAboveAmount.
    """
    settings = Settings()
    check_discounts(lines)
    order = Order(
        lines=lines or whole(amount_minor),
        store=_store(settings, store),
        local=local or at.astimezone(settings.zone).replace(tzinfo=None),
        first_order=first_order,
        is_birthday=is_birthday,
        segments=of_segments,
        tags=tags,
    )
    teller = _Teller(settings, document, segment_names)
    faults = _faults(document, settings)
    return Trial(
        faults=faults,
        told=unfinished.tell(document, teller.words),
        tiers=[] if faults else _tried(document, order, settings, teller, language),
    )


def check_publishable(document: Mapping[str, Any]) -> None:
    """Raise ``invalid_rule_set`` for the first thing for which it would not be published."""
    for fault in _faults(document, Settings()):
        raise InvalidRuleSet(fault.detail, path=fault.path)


def _store(settings: Settings, code: str | None) -> str:
    if code is None:
        code = next(iter(settings.stores), None)
    if code is None:
        raise UnknownStore("the programme has no store yet")
    if code not in settings.stores:
        raise UnknownStore(f"no store has the code {code!r}", store=code)
    return code


def _faults(document: Mapping[str, Any], settings: Settings) -> list[Faulty]:
    found = unfinished.faults(
        document,
        units={code: unit.kind for code, unit in settings.units.items()},
        merchants=settings.merchants,
        stores=settings.stores,
        segments=segments().codes(),
    )
    return [Faulty(path, detail) for path, detail in found] or list(_tag_faults(document))


def _tag_faults(document: Mapping[str, Any]) -> Collection[Faulty]:
    """Tags that no member can have. Every other fault is gone when this is asked."""
    found = []
    for index, rule in enumerate(read(document).rules):
        for place, tag in enumerate(getattr(rule, "tags", ())):
            try:
                members.normalise_tag(tag)
            except JifenError as error:
                found.append(Faulty(f"$.rules[{index}].tags[{place}]", error.detail))
    return found


def _tried(
    document: Mapping[str, Any],
    order: Order,
    settings: Settings,
    teller: _Teller,
    language: Language,
) -> list[TriedTier]:
    policy = Policy(read(document), _UNPUBLISHED, settings.zone)
    names = {rung.code: rung.name for rung in policy.ladder.rungs} if policy.ladder else {}
    return [
        TriedTier(
            tier=each.tier,
            name=names.get(each.tier),
            points=each.points,
            award=each.award,
            sentences=teller.award(each, language),
        )
        for each in tried(policy, order)
    ]


class _Teller:
    """Names and currency of the programme, in both languages."""

    def __init__(
        self, settings: Settings, document: Mapping[str, Any], segment_names: Mapping[str, str]
    ) -> None:
        units = settings.units.values()
        self._symbol, self._in_minor = settings.symbol, settings.in_minor
        self._units = {
            "zh": {unit.code: unit.name_zh for unit in units},
            "en": {unit.code: unit.name_en for unit in units},
        }
        stores = {code: store.name for code, store in settings.stores.items()}
        self.words = {
            language: Words(
                language,
                symbol=self._symbol,
                units=self._units[language],
                in_minor=self._in_minor,
                tiers=unfinished.tier_names(document, language),
                stores=stores,
                segments=segment_names,
                gives=unfinished.units_given(document),
            )
            for language in LANGUAGES
        }

    def award(self, each: Tried, language: Language) -> list[str]:
        """How the award came about."""
        return sentences(
            each.award,
            each.facts,
            language,
            symbol=self._symbol,
            units=self._units[language],
            in_minor=self._in_minor,
        )
