"""Under which programme and policy a batch is decided.

Stores, units and settings are kept in the process for one second (their codes only ever grow), a
compiled policy for good (a published version never changes). Which versions there are is asked
of the database for each batch. A batch is decided under one: :func:`by_version` cuts it where the
rules changed between two things that happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from jifen.common.scope import current
from jifen.earning.rules.document import read
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.receipt import SYMBOLS
from jifen.programmes import selectors as programmes
from jifen.programmes.types import ProgrammeInfo, StoreInfo, UnitInfo, UnknownStore, UnknownUnit

T = TypeVar("T")
FRESH_SECONDS: Final = 1.0
_settings: Final[dict[UUID, tuple[float, Settings]]] = {}
_policies: Final[dict[tuple[UUID, int, str], Policy]] = {}
_KEPT_POLICIES: Final = 256


class Settings:
    """A programme's own data, read together."""

    def __init__(self) -> None:
        self.programme: ProgrammeInfo = programmes.programme()
        self.zone = ZoneInfo(self.programme.time_zone)
        self.stores: dict[str, StoreInfo] = programmes.stores()
        self.units: dict[str, UnitInfo] = programmes.units()
        self.merchants: dict[str, UUID] = programmes.merchants()

    @cached_property
    def stores_by_id(self) -> dict[UUID, StoreInfo]:
        """The stores by id."""
        return {store.id: store for store in self.stores.values()}

    @cached_property
    def codes(self) -> dict[UUID, str]:
        """Unit codes by unit id."""
        return {unit.id: unit.code for unit in self.units.values()}

    @cached_property
    def symbol(self) -> str:
        """What stands before money."""
        return SYMBOLS.get(self.programme.currency, f"{self.programme.currency} ")

    @cached_property
    def in_minor(self) -> frozenset[str]:
        """Codes of the units that count money."""
        return frozenset(
            code for code, unit in self.units.items() if unit.kind in {"stored", "bonus"}
        )


class Directory:
    """The programme's own data and its published rules, found by what they are called."""

    def __init__(self) -> None:
        self.settings = _fresh_settings()
        self._renewed = False

    def policy_of(self, version: int) -> Policy:
        """The compiled rule set of a published version."""
        # A programme that moves into another zone needs its days and periods anew.
        place = (current(), version, self.settings.zone.key)
        policy = _policies.get(place)
        if policy is None:
            if len(_policies) >= _KEPT_POLICIES:
                _policies.clear()
            document = read(programmes.rule_set(version).document)
            policy = _policies[place] = Policy(document, version, self.settings.zone)
        return policy

    def store(self, code: str | None) -> StoreInfo:
        """The store with this code; the programme's first one without a code."""
        if code is None:
            return next(iter(self.settings.stores.values()))
        if code not in self.settings.stores:
            self._renew()
        if code not in self.settings.stores:
            raise UnknownStore(f"no store has the code {code!r}", store=code)
        return self.settings.stores[code]

    def store_by_id(self, store_id: UUID) -> StoreInfo:
        """A store that is in the database."""
        if store_id not in self.settings.stores_by_id:
            self._renew()
        return self.settings.stores_by_id[store_id]

    def unit_code(self, unit_id: UUID) -> str:
        """The code of a unit that is in the database."""
        if unit_id not in self.settings.codes:
            self._renew()
        return self.settings.codes[unit_id]

    def unit(self, code: str) -> UnitInfo:
        """The unit with this code."""
        if code not in self.settings.units:
            self._renew()
        if code not in self.settings.units:
            raise UnknownUnit(f"no unit has the code {code!r}", unit=code)
        return self.settings.units[code]

    @property
    def merchants(self) -> dict[str, UUID]:
        """The merchants: code → id."""
        return self.settings.merchants

    def _renew(self) -> None:
        """Read the settings again, once a batch: something may have been added meanwhile."""
        if not self._renewed:
            self._renewed = True
            self.settings = _fresh_settings(renew=True)


class Context(Directory):
    """What one batch is decided under: a version of the rules, and the programme's own data."""

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version
        self.policy = self.policy_of(version)
        self.merged_into: Mapping[UUID, UUID] = {}
        """Whose part merged members are, as far as an earlier try of this batch found out."""


def in_force(at: datetime) -> Context:
    """Under the rules in force at ``at``. Raises ``no_rule_set`` before there are any."""
    return Context(programmes.version_at(at))


def by_version(
    things: Sequence[T], when: Callable[[T], datetime]
) -> Iterator[tuple[Context, list[T]]]:
    """The things in order, cut where the next one happened under another version of the rules.
    Raises ``no_rule_set`` before there are any."""
    known = programmes.versions()
    for version, group in groupby(
        things, key=lambda each: programmes.version_of(known, when(each))
    ):
        yield Context(version), list(group)


def _fresh_settings(*, renew: bool = False) -> Settings:
    programme_id = current()
    read_at, settings = _settings.get(programme_id, (0.0, None))
    instant = time.monotonic()
    if settings is None or renew or instant - read_at > FRESH_SECONDS:
        if len(_settings) >= _KEPT_POLICIES:
            _settings.clear()
        settings = Settings()
        _settings[programme_id] = (instant, settings)
    return settings
