"""Makes a programme from a preset; the same again changes nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from jifen.common.errors import Conflict
from jifen.common.scope import scope
from jifen.earning import presets
from jifen.earning import services as earning
from jifen.earning.presets import Preset
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes.types import ProgrammeExists, ProgrammeInfo, UnknownProgramme


class PresetDoesNotFit(Conflict):
    """The programme is there with another currency or time zone."""

    code: ClassVar[str] = "preset_does_not_fit"


class Applied(Struct, frozen=True):
    """The programme, the version in force, and whether the programme is new."""

    programme: ProgrammeInfo
    version: int
    is_new: bool


def apply_preset(*, name: str, code: str, at: datetime, opening_on: date | None = None) -> Applied:
    """Have the programme ``code`` with the preset's merchants, stores, units and rule set.

    A new programme opens on ``opening_on``, else on the preset's day, else on the local day of
    ``at``. A programme that is there gets what it lacks, and the preset's rule set as its newest
    version unless that is in force. Raises :class:`PresetDoesNotFit`, ``UnknownPreset``.
    """
    preset = presets.load(name)
    programme, is_new = _programme(preset, code=code, at=at, opening_on=opening_on)
    if (programme.currency, programme.time_zone) != (
        preset.programme.currency,
        preset.programme.time_zone,
    ):
        raise PresetDoesNotFit(
            f"{code} counts in {programme.currency} in {programme.time_zone}, the preset does not",
            programme=code,
            preset=name,
        )
    with scope(programme.id):
        for merchant in preset.merchants:
            programme_services.add_merchant(code=merchant.code, name=merchant.name)
        for store in preset.stores:
            programme_services.add_store(code=store.code, name=store.name, merchant=store.merchant)
        for unit in preset.units:
            programme_services.add_unit(
                code=unit.code, kind=unit.kind, name_zh=unit.name_zh, name_en=unit.name_en
            )
        version = earning.publish(document=preset.rule_set, by=f"preset {name}", at=at)
    return Applied(programme, version, is_new)


def _programme(
    preset: Preset, *, code: str, at: datetime, opening_on: date | None
) -> tuple[ProgrammeInfo, bool]:
    try:
        return programmes.programme_by_code(code), False
    except UnknownProgramme:
        settings = preset.programme
    opening = opening_on or settings.opening_on
    try:
        made = programme_services.create_programme(
            code=code,
            name=settings.name,
            time_zone=settings.time_zone,
            currency=settings.currency,
            opening_on=opening or at.astimezone(ZoneInfo(settings.time_zone)).date(),
            at=at,
        )
    except ProgrammeExists:
        return programmes.programme_by_code(code), False
    return made, True
