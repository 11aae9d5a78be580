"""A process: make the measured programme and enrol its members; tells the API key."""

from __future__ import annotations

import sys
from datetime import date
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import Struct

from jifen.common import clock
from jifen.common.process import settle
from jifen.common.scope import scope
from jifen.faces.bench.orders import member_name
from jifen.faces.bench.place import CODE
from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.startup import open_database

BATCH: Final = 1_000


class Options(Struct, frozen=True):
    """How many members to enrol."""

    members: int


def fill(options: Options) -> dict[str, Any]:
    """Publish first, then enrol: everybody starts under the rules that are measured."""
    from jifen.earning import presets
    from jifen.earning import services as earning
    from jifen.programmes import selectors as programmes
    from jifen.programmes import services as programme_services

    if programmes.programmes():
        raise CommandError(
            "the database of JIFEN_DATABASE_URL is in use; bench fills an empty one with orders"
        )
    text = (files("jifen.faces.bench") / "programme.toml").read_text(encoding="utf-8")
    preset = presets.read(CODE, text)
    at = clock.now()
    programme = programme_services.create_programme(
        code=CODE,
        name=preset.programme.name,
        time_zone=preset.programme.time_zone,
        currency=preset.programme.currency,
        opening_on=date(2020, 1, 1),
        at=at,
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
        earning.publish(document=preset.rule_set, by="bench", at=at)
        _enrol(options.members)
        rights = frozenset({"activities.write"})
        _, key = programme_services.create_client(name="bench", rights=rights, at=at)
    return {"key": key}


def _enrol(count: int) -> None:
    from jifen.earning import services as earning
    from jifen.earning.types import Caller
    from jifen.members.types import IdentityValue
    from jifen.programmes import services as programme_services

    client = programme_services.internal_client(name="bench members", at=clock.now())
    caller = Caller(client.client_id, client.name)
    names = [member_name(number) for number in range(count)]
    for start in range(0, count, BATCH):
        people = [
            earning.NewMember(key=name, identities=(IdentityValue("external", name),))
            for name in names[start : start + BATCH]
        ]
        for answer in earning.enrol(members=people, caller=caller, at=clock.now()):
            if not isinstance(answer, earning.Enrolled):
                raise CommandError(f"a member was refused: {answer.error}")


if __name__ == "__main__":
    open_database()
    settle()
    answer = fill(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
