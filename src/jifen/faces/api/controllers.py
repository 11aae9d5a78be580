"""What every typed endpoint has: strict JSON, our problem details, the caller.

``dmr`` parses, checks and documents; whatever it finds wrong is raised as one of our own
faults and told by ``serving``, so there is one shape of error and one table of statuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, Final, NoReturn, cast

import msgspec
from django.http import HttpRequest
from dmr import Controller
from dmr.endpoint import Endpoint
from dmr.exceptions import NotAcceptableError, RequestSerializationError, ValidationError
from dmr.parsers import DeserializeFunc, Raw
from dmr.plugins.msgspec import MsgspecJsonParser, MsgspecSerializer
from msgspec import Struct

from jifen.common.errors import InvalidInput
from jifen.faces.api import decoding, faults
from jifen.faces.api.serving import Request
from jifen.programmes.types import Client

# In dmr's words $.parsed_query.limit; for a caller it is $.query.limit.
_PLACE: Final = re.compile(r"\$\.parsed_")


class Problem(Struct, kw_only=True):
    """Problem details (RFC 9457). ``code`` is stable; other members are facts of the case."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str


class StrictJsonParser(MsgspecJsonParser):
    """JSON as documented: no number for a text, no U+0000, faults with their place."""

    strict: ClassVar[bool] = True

    def parse(
        self,
        to_deserialize: Raw,
        deserializer_hook: DeserializeFunc | None = None,
        *,
        request: HttpRequest,
        model: Any,
    ) -> Any:
        """Decode a body into ``model``. Raises a ``JifenError``."""
        return decoding.decoded(bytes(to_deserialize), _decode(model))


class ApiController(Controller[MsgspecSerializer]):
    """A noun of the API. Its rights are in ``open.urls``."""

    is_abstract: ClassVar[bool] = True
    parsers = (StrictJsonParser(),)
    error_model = Problem
    validate_responses = False
    semantic_schema = False

    @property
    def client(self) -> Client:
        """Who calls."""
        return cast("Request", self.request).client

    def may(self, right: str) -> bool:
        """Whether the caller has one more right."""
        return right in self.client.rights

    def handle_error(
        self,
        endpoint: Endpoint,
        controller: Controller[MsgspecSerializer],
        exc: Exception,
    ) -> NoReturn:
        """Raise what went wrong as one of our own errors; ``serving`` answers it."""
        raise _named(exc) from exc


def _named(error: Exception) -> Exception:
    if isinstance(error, RequestSerializationError):
        return faults.UnsupportedMediaType("send application/json", accepted=[decoding.JSON])
    if isinstance(error, NotAcceptableError):
        return faults.NotAcceptable("this address answers application/json")
    if isinstance(error, ValidationError):
        text = _PLACE.sub("$.", error.payload[0]["msg"])
        return decoding.fault(msgspec.ValidationError(text)) if text else InvalidInput("invalid")
    return error


@lru_cache(maxsize=256)
def _decode(model: Any) -> Callable[[Any], Any]:
    return msgspec.json.Decoder(model).decode
