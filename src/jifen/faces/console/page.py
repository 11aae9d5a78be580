"""Answers the page, with the policy under which a browser runs it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

PAGE: Final = Path(__file__).parent / "page.html"
"""Where the build puts it: beside the files that are served as they are, not among them."""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'"
    "; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_NOT_BUILT: Final = "The console has not been built. Run: make console\n"


def page(request: HttpRequest) -> HttpResponse:
    """The page, whatever the address below ``/console/``."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not PAGE.is_file():
        return HttpResponse(_NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(_built(PAGE.stat().st_mtime_ns))
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    return response


@cache
def _built(_changed_at: int) -> bytes:
    return PAGE.read_bytes()
