"""The demo: a programme with three weeks of a real shop's history, moved to just before today."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from jifen.common.errors import InvalidInput
from jifen.common.home import default_home
from jifen.common.scope import scope
from jifen.earning import presets
from jifen.faces.importing import sample
from jifen.faces.importing.files import read_lines
from jifen.faces.importing.online_retail import plan_online_retail
from jifen.faces.importing.orders import import_caller, import_orders
from jifen.faces.presets import apply_preset
from jifen.insight import services as reports
from jifen.programmes import proving, staff
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes.types import (
    RIGHTS,
    InvalidKey,
    NoRuleSet,
    ProgrammeInfo,
    UnknownProgramme,
)

PROGRAMME: Final = "demo"
PRESET: Final = "starter"
OWNER: Final = "demo"
_KEY_FILE: Final = "demo_key"
_PASSWORD_FILE: Final = "demo_password"  # noqa: S105 (a file's name)
_MOST_CLIENTS: Final = 100


class DemoInfo(Struct, frozen=True):
    """The demo programme's code, the API key that opens it, and its owner's login and password,
    which is None where somebody has changed it."""

    programme: str
    key: str
    login: str
    password: str | None


def ensure_demo(*, at: datetime) -> DemoInfo:
    """Have the demo programme, its history, its key and its owner; what is there stays as it is.

    Stopped at any moment, the next call goes on: the key is written last, and the history's
    shift is read from the programme's opening day.
    """
    place = default_home() / _KEY_FILE
    key = _kept_key(place, at=at)
    if key is None:
        programme = _programme(at)
        with scope(programme.id):
            _import_history(programme, at=at)
            key = _new_key(at=at)
            # What the worker does every ten minutes, so that the first look finds it done.
            while reports.refresh(at=at):
                pass
        _keep(place, key)
    return DemoInfo(PROGRAMME, key, OWNER, _owners_password(at=at))


def _owners_password(*, at: datetime) -> str | None:
    """The password of the demo's owner: made once and kept in the home beside the key; None where
    what is kept is not the password any more."""
    place = default_home() / _PASSWORD_FILE
    with scope(programmes.programme_by_code(PROGRAMME).id):
        found = [person for person in staff.everybody() if person.login == OWNER]
        if found and place.is_file():
            kept = place.read_text(encoding="ascii").strip()
            return kept if proving.has_password(staff_id=found[0].id, password=kept) else None
        password = secrets.token_urlsafe(12)
        if found:
            staff.set_password(staff_id=found[0].id, password=password, at=at)
        else:
            staff.add_staff(login=OWNER, name="Demo", role="owner", password=password, at=at)
    _keep(place, password)
    return password


def _kept_key(place: Path, *, at: datetime) -> str | None:
    """The key in the home, if it still opens the demo programme of this database."""
    try:
        key = place.read_text(encoding="ascii").strip()
        client = programmes.authenticate(raw_key=key, at=at)
        found = programmes.programme_by_code(PROGRAMME)
    except (OSError, InvalidKey, UnknownProgramme):
        return None
    return key if client.programme_id == found.id else None


def _programme(at: datetime) -> ProgrammeInfo:
    """The demo programme; the preset is applied unless a rule set is in force already."""
    try:
        found = programmes.programme_by_code(PROGRAMME)
        with scope(found.id):
            programmes.version_at(at)
    except (UnknownProgramme, NoRuleSet):
        zone = ZoneInfo(presets.load(PRESET).programme.time_zone)
        opening_on = sample.FIRST_ON + sample.shift_before(at.astimezone(zone).date())
        return apply_preset(name=PRESET, code=PROGRAMME, at=at, opening_on=opening_on).programme
    return found


def _import_history(programme: ProgrammeInfo, *, at: datetime) -> None:
    shift = programme.opening_on - sample.FIRST_ON
    with as_file(files("jifen") / "data" / sample.FILE) as path:
        plan = plan_online_retail(
            lines=read_lines(path),
            name=sample.FILE,
            store=next(iter(programmes.stores())),
            zone=ZoneInfo(programme.time_zone),
            shift=shift,
        )
    import_orders(plan=plan, caller=import_caller(at=at), at=at)


def _new_key(*, at: datetime) -> str:
    """A key of a client of its own; an earlier one, whose key was lost, keeps its name."""
    for number in range(1, _MOST_CLIENTS):
        name = "demo" if number == 1 else f"demo {number}"
        try:
            _, key = programme_services.create_client(name=name, rights=RIGHTS, at=at)
        except InvalidInput:
            continue
        return key
    raise InvalidInput(f"the programme {PROGRAMME} has too many demo clients")


def _keep(place: Path, secret: str) -> None:
    half = place.with_name(f"{place.name}.{os.getpid()}")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    half.replace(place)
