"""Presets: ready programmes, each a readable file in ``presets/``.

A preset has the sections ``[programme]``, ``[[merchants]]``, ``[[stores]]``, ``[[units]]`` and
``[rule_set]``; the last is a rule set document as it would be published. Those with an ``[offer]``
are shown to whoever sets up a new programme: they count in ``points`` only and name no store.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from jifen.common.errors import InvalidInput, NotFound
from jifen.earning.rules.document import Document, decode, encode
from jifen.earning.rules.ladder import Names
from jifen.earning.types import Code, Name

_SUFFIX: Final = ".toml"


class UnknownPreset(NotFound):
    """There is no preset of that name."""

    code = "unknown_preset"


class InvalidPreset(InvalidInput):
    """The preset's file does not have the documented shape."""

    code = "invalid_preset"


class PresetProgramme(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the programme is made; ``opening_on`` is left to the operator where it is None."""

    name: Name
    time_zone: Name
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$", max_length=3)]
    opening_on: date | None = None

    def __post_init__(self) -> None:
        """The zone exists."""
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"no time zone is called {self.time_zone!r}") from error


class PresetMerchant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A legal entity taking part."""

    code: Code
    name: Name


class PresetStore(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outlet; ``merchant`` is a merchant's code."""

    code: Code
    name: Name
    merchant: Code


class PresetUnit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What accounts count."""

    code: Code
    name_zh: Name
    name_en: Name
    kind: Literal["points", "growth", "stored", "bonus", "pass"]


class Sentence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sentence in both languages."""

    zh: Annotated[str, Meta(min_length=1, max_length=300)]
    en: Annotated[str, Meta(min_length=1, max_length=300)]


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a preset is shown to whoever chooses one: its place among the others, its name, and one
    sentence about it."""

    place: Annotated[int, Meta(ge=1)]
    name: Names
    about: Sentence


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    programme: PresetProgramme
    merchants: Annotated[tuple[PresetMerchant, ...], Meta(min_length=1)]
    stores: Annotated[tuple[PresetStore, ...], Meta(min_length=1)]
    units: Annotated[tuple[PresetUnit, ...], Meta(min_length=1)]
    rule_set: dict[str, Any]
    offer: Offer | None = None


class Preset(Struct, frozen=True, kw_only=True):
    """A ready programme. ``document`` is the checked rule set."""

    name: str
    programme: PresetProgramme
    merchants: tuple[PresetMerchant, ...]
    stores: tuple[PresetStore, ...]
    units: tuple[PresetUnit, ...]
    document: Document
    offer: Offer | None = None

    @property
    def rule_set(self) -> dict[str, Any]:
        """The document as plain JSON values, as it is published."""
        plain: dict[str, Any] = msgspec.json.decode(encode(self.document))
        return plain


def names() -> tuple[str, ...]:
    """The names of all presets, sorted."""
    return tuple(
        sorted(
            entry.name.removesuffix(_SUFFIX)
            for entry in _folder().iterdir()
            if entry.name.endswith(_SUFFIX)
        )
    )


@cache
def offered() -> tuple[tuple[Preset, Offer], ...]:
    """The presets for a new programme, in the order in which they are shown."""
    loaded = [load(name) for name in names()]
    found = [(preset, preset.offer) for preset in loaded if preset.offer is not None]
    return tuple(sorted(found, key=lambda each: each[1].place))


@cache
def load(name: str) -> Preset:
    """The preset called ``name``.

    Raises UnknownPreset, InvalidPreset, or InvalidRuleSet with the path of the fault.
    """
    if name not in names():
        raise UnknownPreset(f"no preset is called {name!r}", name=name, names=names())
    return read(name, (_folder() / f"{name}{_SUFFIX}").read_text(encoding="utf-8"))


def read(name: str, text: str) -> Preset:
    """The preset in ``text``, a TOML file's content. Raises as ``load`` does."""
    try:
        found = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidPreset(f"preset {name!r}: {error}", name=name) from error
    merchants = {merchant.code for merchant in found.merchants}
    for store in found.stores:
        if store.merchant not in merchants:
            detail = f"preset {name!r}: store {store.code!r} has no merchant {store.merchant!r}"
            raise InvalidPreset(detail, name=name)
    return Preset(
        name=name,
        programme=found.programme,
        merchants=found.merchants,
        stores=found.stores,
        units=found.units,
        document=decode(
            found.rule_set,
            units={unit.code: unit.kind for unit in found.units},
            merchants=merchants,
            stores={store.code for store in found.stores},
            segments=(),
        ),
        offer=found.offer,
    )


def _folder() -> Traversable:
    return files("jifen.earning") / "presets"
