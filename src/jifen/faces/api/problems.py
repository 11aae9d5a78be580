"""Errors as RFC 9457 problem details: one table of statuses, one of titles.

A body is ``{type, title, status, detail, code, …fields, request_id}``. ``code`` is stable,
``title`` is in the caller's language, ``detail`` is an English sentence about this case.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Literal

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, UnreadablePostError
from psycopg_pool import PoolTimeout

from jifen.common.errors import Conflict, InvalidInput, JifenError, NotFound
from jifen.earning.errors import NotBooked
from jifen.faces.api import faults
from jifen.faces.api.titles import TITLES
from jifen.programmes.types import (
    ExpiredKey,
    InvalidKey,
    SecondFactorNeeded,
    SetUpOff,
    TooManyAttempts,
    WrongLogin,
    WrongSetUpCode,
)

CONTENT_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1

# The nearest class of an error decides; what is not listed here is 422.
_STATUSES: Final[Mapping[type[JifenError], HTTPStatus]] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    InvalidKey: HTTPStatus.UNAUTHORIZED,
    ExpiredKey: HTTPStatus.UNAUTHORIZED,
    faults.MissingKey: HTTPStatus.UNAUTHORIZED,
    WrongLogin: HTTPStatus.UNAUTHORIZED,
    SecondFactorNeeded: HTTPStatus.UNAUTHORIZED,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    SetUpOff: HTTPStatus.FORBIDDEN,
    WrongSetUpCode: HTTPStatus.FORBIDDEN,
    faults.ForbiddenRight: HTTPStatus.FORBIDDEN,
    faults.CrossSiteRequest: HTTPStatus.FORBIDDEN,
    faults.MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    faults.NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    faults.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    faults.LengthRequired: HTTPStatus.LENGTH_REQUIRED,
    faults.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    faults.BodyInterrupted: HTTPStatus.BAD_REQUEST,
    faults.MalformedJson: HTTPStatus.BAD_REQUEST,
    faults.InvalidUtf8: HTTPStatus.BAD_REQUEST,
    faults.InvalidCursor: HTTPStatus.BAD_REQUEST,
    faults.MissingIdempotencyKey: HTTPStatus.BAD_REQUEST,
    faults.InvalidIdempotencyKey: HTTPStatus.BAD_REQUEST,
    faults.IdempotencyKeyRefused: HTTPStatus.BAD_REQUEST,
    faults.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    faults.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    faults.InternalFault: HTTPStatus.INTERNAL_SERVER_ERROR,
    NotBooked: HTTPStatus.INTERNAL_SERVER_ERROR,
}
Language = Literal["en", "zh"]
_LANGUAGES: Final[Mapping[str, Language]] = {"en": "en", "zh": "zh"}

_encoder: Final = msgspec.json.Encoder(enc_hook=str)


def status_of(error: JifenError) -> HTTPStatus:
    """The HTTP status of a refusal."""
    bases = (base for base in type(error).__mro__ if base in _STATUSES)
    nearest = next(bases, None)
    return _STATUSES[nearest] if nearest else HTTPStatus.UNPROCESSABLE_ENTITY


def known_error(error: Exception) -> JifenError:
    """Any exception as a refusal that may be shown; what is unknown tells nothing of itself."""
    if isinstance(error, JifenError):
        return error
    if isinstance(error, RequestDataTooBig):
        return faults.BodyTooLarge("the body is larger than this server reads")
    if isinstance(error, UnreadablePostError):
        return faults.BodyInterrupted("the body did not arrive in full")
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        return faults.Unavailable("the database did not answer; try again, with the same key")
    return faults.InternalFault("an unexpected fault; quote the request id when you report it")


def problem(error: JifenError, *, language: Language = "en") -> dict[str, Any]:
    """The problem details of a refusal, without a request id (``language`` is en or zh)."""
    title = TITLES.get(error.code) or TITLES["error"]
    body = {
        "type": f"urn:jifen:problem:{error.code}",
        "title": title[language],
        "status": int(status_of(error)),
        "detail": error.detail,
        "code": error.code,
    }
    # A field never hides a standard member.
    return {**error.fields, **body}


def response(error: JifenError, *, language: Language, request_id: str) -> HttpResponse:
    """The HTTP answer to a refusal."""
    status = status_of(error)
    body = {**problem(error, language=language), "request_id": request_id}
    answer = HttpResponse(_encoder.encode(body), status=status, content_type=CONTENT_TYPE)
    # Django would log every refusal once more, with the whole address.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    answer.headers["Content-Language"] = language
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["Cache-Control"] = "no-store"
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="jifen"'
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(error.fields["allowed"])
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


@lru_cache(maxsize=256)
def language_of(accept_language: str) -> Language:
    """``zh`` or ``en``, whichever an Accept-Language header prefers; ``en`` without one."""
    best: Language = "en"
    best_weight = 0.0
    for part in accept_language[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = _LANGUAGES.get(tag.strip().lower().partition("-")[0])
        weight = _weight(parameters)
        if language is not None and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
