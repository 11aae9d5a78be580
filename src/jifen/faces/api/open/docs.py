"""The OpenAPI document and the page that shows it, both served from the package."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jifen.faces.api.open.document import document


def openapi_json(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    return HttpResponse(_document_bytes(), content_type="application/json")


def page(request: HttpRequest) -> HttpResponse:
    """The document as a page to read and try (Swagger UI, whose files ``dmr`` brings along)."""
    context: dict[str, Any] = {"title": "Jifen API", "schema": document()}
    return render(request, "dmr/swagger.html", context, content_type="text/html")


def written() -> bytes:
    """The document as it is committed: indented, keys in a fixed order."""
    return msgspec.json.format(msgspec.json.encode(document(), order="sorted"), indent=1) + b"\n"


@cache
def _document_bytes() -> bytes:
    return msgspec.json.encode(document(), order="sorted")
