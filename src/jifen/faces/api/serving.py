"""What surrounds every call of the API: request id, key, right, scope, errors, one log line.

A caller shows an API key, or the cookie of a session, which is a key too. A browser sends its
cookies wherever a page points it to, so what changes something by a cookie has to come from our own
pages. What a person changes, or asks to see whole, is written down before it is done and after, as
an act of the staff, however the key was shown; and of whoever it is, that they take tables away.

The log line has method, route, status, milliseconds and the client's name. Bodies, keys, phones
and query strings are never logged; of an unexpected exception only its type and its frames are,
because its text may quote them.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import update_wrapper
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase

from jifen.common import clock, logs
from jifen.common.ids import new_id
from jifen.common.scope import scope
from jifen.faces.api import auth, problems, sessions
from jifen.faces.api.faults import MethodNotAllowed
from jifen.programmes import acts
from jifen.programmes.types import Client

PUBLIC: Final = "public"
"""In a table of rights: no key is needed."""
ANY_CLIENT: Final = "any client"
"""In a table of rights: any valid key will do."""

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_QUESTIONS: Final = frozenset({"/api/v1/rule-sets/trial"})
"""What is asked with each key that is pressed, changes nothing and tells of nobody: a record of it
would hide the acts."""
WHOLE: Final = "whole"
"""The query by which a person asks for what is masked otherwise."""
_WHOLE: Final = frozenset({"/api/v1/imports/<uuid:import_id>/rejected"})
"""What is read whole in any case."""
_TAKING_AWAY: Final = frozenset(
    {("POST", "/api/v1/exports"), ("GET", "/api/v1/exports/<uuid:export_id>/file")}
)
"""What is on record also of machines."""
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

View = Callable[..., HttpResponseBase]

_log: Final = logging.getLogger("jifen.api")
_FAULT: Final = 500
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Request(HttpRequest):
    """A request as a served view gets it."""

    client: Client
    """Who calls; set unless the route is public."""
    call_id: str
    """The request id."""
    changed: tuple[Any, Any]
    """What was changed, before and after, where the view tells; for the record of the staff."""


def serve(view: View, *, route: str, rights: Mapping[str, str]) -> View:
    """Wrap a view that raises ``JifenError`` and answers for the methods in ``rights``.

    ``rights`` says by method what the caller needs: a right, ``ANY_CLIENT`` or ``PUBLIC``.
    """

    def served(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        started = time.perf_counter()
        request.call_id = _request_id(request)
        token = logs.request_id.set(request.call_id)
        try:
            response = _answer(view, route, rights, request, args, kwargs)
            response.headers["X-Request-ID"] = request.call_id
            client = getattr(request, "client", None)
            _log.info(
                "%s %s %d %.1f ms client %s",
                request.method,
                route,
                response.status_code,
                (time.perf_counter() - started) * 1000,
                client.name if client else "-",
            )
        finally:
            logs.request_id.reset(token)
        return response

    update_wrapper(served, view, assigned=())
    served.csrf_exempt = True  # type: ignore[attr-defined]  # keys are not cookies
    return served


def _answer(
    view: View,
    route: str,
    rights: Mapping[str, str],
    request: Request,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponseBase:
    try:
        right = _right(rights, request.method or "")
        if right == PUBLIC:
            scoped: Any = nullcontext()
        else:
            request.client = _client(request, right)
            scoped = scope(request.client.programme_id)
        with scoped:
            if right == PUBLIC or not _is_act(request, route):
                return view(request, *args, **kwargs)
            return _recorded(view, route, request, args, kwargs)
    except Exception as error:  # noqa: BLE001  # the outermost layer: nothing may pass
        return _problem(error, request)


def _right(rights: Mapping[str, str], method: str) -> str:
    if method not in rights:
        raise MethodNotAllowed(f"this address answers {', '.join(rights)}", allowed=list(rights))
    return rights[method]


def _client(request: Request, right: str) -> Client:
    authorization = request.META.get("HTTP_AUTHORIZATION", "")
    token = "" if authorization else sessions.token_of(request)
    if token:
        sessions.check_origin(request)
        client = auth.KEYS.client(raw_key=token, at=clock.now())
    else:
        client = auth.client_of(authorization=authorization, at=clock.now())
    if right != ANY_CLIENT:
        auth.require(client=client, right=right)
    return client


def _is_act(request: Request, route: str) -> bool:
    """Whether it goes on the record of the staff."""
    if (request.method, route) in _TAKING_AWAY:
        return True
    if not request.client.is_person or route in _QUESTIONS:
        return False
    return request.method not in _READING or WHOLE in request.GET or route in _WHOLE


def _recorded(
    view: View, route: str, request: Request, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    """Do what somebody of the staff asked for, with a record of it from before it is done."""
    act = acts.begin(
        client=request.client,
        address=sessions.address_of(request),
        operation=f"{request.method} {route}",
        subject={name: str(value) for name, value in kwargs.items()},
        at=clock.now(),
    )
    try:
        response = view(request, *args, **kwargs)
    except Exception as error:
        known = problems.known_error(error)
        acts.end(act, status=int(problems.status_of(known)), code=known.code)
        raise
    before, after = getattr(request, "changed", (None, None))
    acts.end(act, status=response.status_code, code="", before=before, after=after)
    return response


def _problem(error: Exception, request: Request) -> HttpResponseBase:
    known = problems.known_error(error)
    if known is not error and problems.status_of(known) >= _FAULT:
        _log.error("a fault of the server", exc_info=error)
    language = problems.language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    return problems.response(known, language=language, request_id=request.call_id)


def _request_id(request: HttpRequest) -> str:
    """The caller's own id if it is short and plain, else a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else new_id().hex
