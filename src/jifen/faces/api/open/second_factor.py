"""One's own second factor: set up with an authenticator, confirmed, turned off."""

from __future__ import annotations

from http import HTTPStatus

import segno
from django.http import HttpResponse
from dmr import ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Struct

from jifen.common import clock
from jifen.faces.api import auth, sessions
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open.staff import Password, SentCode, myself
from jifen.programmes import proving
from jifen.programmes import selectors as programmes

_QUIET: int = 4
"""Modules of white around the code, which scanners ask for."""


class FactorAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Who sets it up proves to be the one who signed in."""

    password: Password


class FactorSecret(Struct, frozen=True):
    """What the authenticator needs, told this once: the secret, the address that holds it, and the
    same as a picture (an SVG in a `data:` address)."""

    secret: str
    uri: str
    qr: str


class FirstCode(Struct, frozen=True, forbid_unknown_fields=True):
    """A first code, which shows that the authenticator has the secret."""

    code: SentCode


class SpareCodes(Struct, frozen=True):
    """Each opens one session without the authenticator. They are told this once."""

    recovery_codes: list[str]


class FactorEnd(Struct, frozen=True, forbid_unknown_fields=True):
    """What it takes to turn it off."""

    password: Password
    code: SentCode


class MyFactor(ApiController):
    """The second factor of who is signed in."""

    tags = ("staff",)

    @modify(status_code=HTTPStatus.OK, operation_id="setUpSecondFactor")
    def post(self, parsed_body: BodyMsgspec[FactorAsked]) -> FactorSecret:
        """Begin to set up a second factor. It is not on until it is confirmed."""
        begun = proving.begin_factor(
            staff_id=myself(self).id,
            password=parsed_body.password,
            issuer=programmes.programme().name,
            address=sessions.address_of(self.request),
            at=clock.now(),
        )
        picture = segno.make(begun.uri, error="m", micro=False)
        drawn = picture.svg_data_uri(border=_QUIET, dark="#000", light="#fff")
        return FactorSecret(begun.secret, begun.uri, drawn)


class MyFactorConfirmation(ApiController):
    """The confirmation of a second factor."""

    tags = ("staff",)

    @modify(status_code=HTTPStatus.OK, operation_id="confirmSecondFactor")
    def post(self, parsed_body: BodyMsgspec[FirstCode]) -> SpareCodes:
        """Turn the second factor on with a first code. Every other session of one's own ends."""
        spare = proving.confirm_factor(
            staff_id=myself(self).id,
            code=parsed_body.code,
            token=sessions.token_of(self.request),
            at=clock.now(),
        )
        auth.KEYS.forget()
        return SpareCodes(spare)


class MyFactorEnd(ApiController):
    """The end of a second factor."""

    tags = ("staff",)

    @validate(
        ResponseSpec(None, status_code=HTTPStatus.NO_CONTENT, description="Off."),
        operation_id="endSecondFactor",
    )
    def post(self, parsed_body: BodyMsgspec[FactorEnd]) -> HttpResponse:
        """Turn one's own second factor off."""
        proving.end_factor(
            staff_id=myself(self).id,
            password=parsed_body.password,
            code=parsed_body.code,
            address=sessions.address_of(self.request),
            at=clock.now(),
        )
        return self.to_response(None, status_code=HTTPStatus.NO_CONTENT)
