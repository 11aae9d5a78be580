"""A browser's session: the cookie that carries its key, and whether our own page sent it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase

from jifen.faces.api.faults import CrossSiteRequest

COOKIE: Final = "jifen_session"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def token_of(request: HttpRequest) -> str:
    """The session's token, or nothing."""
    return request.COOKIES.get(COOKIE, "")


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as far as this server sees."""
    return str(request.META.get("REMOTE_ADDR", ""))[:60]


def check_origin(request: HttpRequest) -> None:
    """Raise :class:`CrossSiteRequest` for a change that another site's page asks for.

    Browsers say where a request comes from and pages cannot change what they say. One that says
    nothing of it is no browser of the last years, and has to show an API key instead.
    """
    if request.method in _SAFE:
        return
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    origin = request.META.get("HTTP_ORIGIN", "")
    if site == "same-origin" or (site is None and _host(origin) == request.META.get("HTTP_HOST")):
        return
    raise CrossSiteRequest("a session changes things from this server's own pages only")


def begin(response: HttpResponseBase, request: HttpRequest, token: str, until: datetime) -> None:
    """Let the browser keep a session, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        token,
        expires=until,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def end(response: HttpResponseBase) -> None:
    """Let the browser forget it."""
    response.delete_cookie(COOKIE, samesite="Strict")


def _host(origin: str) -> str | None:
    return urlsplit(origin).netloc or None
