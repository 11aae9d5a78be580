"""Setting up a new programme, and the presets that one can begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from dmr import ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.earning import presets
from jifen.earning.standing import Names
from jifen.earning.types import Code, Name
from jifen.faces import setup_code
from jifen.faces.api import sessions
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open.staff import Login, Password, PersonName, Session, begun
from jifen.programmes import set_up
from jifen.programmes.types import NewOwner, NewProgramme

SetUpCode = Annotated[
    str, Meta(min_length=1, max_length=200, description="Whoever runs the server has it.")
]
Zone = Annotated[str, Meta(min_length=1, max_length=60, description="Such as `Asia/Shanghai`.")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", max_length=3, description="Such as `CNY`.")]


class SetUpProgramme(Struct, frozen=True, forbid_unknown_fields=True):
    """The programme to be. Nothing older than ``opening_on`` can be booked; without it, it is
    today."""

    code: Code
    name: Name
    time_zone: Zone
    currency: Currency
    store: Annotated[str, Meta(min_length=1, max_length=120, description="Its first store's name")]
    opening_on: date | None = None


class SetUpOwner(Struct, frozen=True, forbid_unknown_fields=True):
    """Its first owner."""

    login: Login
    name: PersonName
    password: Password


class SetUp(Struct, frozen=True, forbid_unknown_fields=True):
    """A programme to set up, by whoever has the code."""

    code: SetUpCode
    programme: SetUpProgramme
    owner: SetUpOwner


class SetUpState(Struct, frozen=True):
    """Whether this server has a set-up code."""

    open: bool


class OfferedPreset(Struct, frozen=True):
    """A preset for a new programme, whose only unit is ``points``: its rule set is ``document``. In
    the sentence ``about`` it, ``{one}`` stands for one of the currency."""

    code: str
    name: Names
    about: presets.Sentence
    document: Mapping[str, Any]


class OfferedPresets(Struct, frozen=True):
    """The presets for a new programme, the plainest first."""

    presets: list[OfferedPreset]


class SettingUp(ApiController):
    """Setting up a programme."""

    tags = ("set-up",)

    @modify(operation_id="getSetUp")
    def get(self) -> SetUpState:
        """Say whether a programme can be set up here."""
        return SetUpState(setup_code.known() is not None)

    @validate(
        ResponseSpec(Session, status_code=HTTPStatus.CREATED, description="Made, and signed in."),
        operation_id="setUp",
    )
    def post(self, parsed_body: BodyMsgspec[SetUp]) -> HttpResponse:
        """Make a programme with its first store and owner, and sign the owner in.

        All of it or nothing. Guesses of the code are counted as those of passwords are.
        """
        sessions.check_origin(self.request)
        programme, owner = parsed_body.programme, parsed_body.owner
        signed_in = set_up.set_up(
            sent=parsed_body.code,
            kept=setup_code.known(),
            programme=NewProgramme(
                code=programme.code,
                name=programme.name,
                time_zone=programme.time_zone,
                currency=programme.currency,
                store=programme.store,
                opening_on=programme.opening_on,
            ),
            owner=NewOwner(login=owner.login, name=owner.name, password=owner.password),
            address=sessions.address_of(self.request),
            at=clock.now(),
        )
        return begun(self, signed_in)


class PresetList(ApiController):
    """The presets."""

    tags = ("set-up",)

    @modify(operation_id="listPresets")
    def get(self) -> OfferedPresets:
        """List the presets for a new programme, with their rule sets."""
        return OfferedPresets(
            [
                OfferedPreset(preset.name, offer.name, offer.about, preset.rule_set)
                for preset, offer in presets.offered()
            ]
        )
