"""The OpenAPI document and the page that shows it, both served from the package."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jifen.faces.api import problems
from jifen.faces.api.open.document import document

_TITLE: Final = {"zh": "积分 API", "en": "Jifen API"}
_ABOUT_ZH: Final = """\
会员因消费、签到、评价等行为获得积分，用积分付款，并随之升级。\
一切变动都是一条*业务行为*：记入之后，每一分都能说明来由。

* 金额以最小单位（分）计，积分为整数，时间须带时区。
* API 密钥放在 `Authorization: Bearer …` 中。
* 单条写入须带 `Idempotency-Key` 请求头，批量写入时每条各带 `key`。\
同一 key、同一内容，得到同一回答；内容不同则为 `key_conflict`。
* 拒绝以问题详情（RFC 9457）回答，`code` 固定不变；标题随 `Accept-Language`（`zh`、`en`）。
* 每个回答都有 `X-Request-ID`；也可自带，便于两边日志对照。
* 列表以 `next_cursor` 给出的 `cursor` 翻页。
"""
_INFO: Final[dict[str, dict[str, str]]] = {
    "zh": {"title": _TITLE["zh"], "description": _ABOUT_ZH},
    "en": {},
}


def openapi_json(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    return HttpResponse(_document_bytes(), content_type="application/json")


def page(request: HttpRequest) -> HttpResponse:
    """The document as a page to read and try (Swagger UI, whose files ``dmr`` brings along), its
    introduction in the reader's language."""
    language = problems.language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", "zh"))
    whole = document()
    context: dict[str, Any] = {
        "lang": {"zh": "zh-CN", "en": "en"}[language],
        "title": _TITLE[language],
        "document": {**whole, "info": {**whole["info"], **_INFO[language]}},
    }
    return render(request, "jifen/docs.html", context, content_type="text/html")


def written() -> bytes:
    """The document as it is committed: indented, keys in a fixed order."""
    return msgspec.json.format(msgspec.json.encode(document(), order="sorted"), indent=1) + b"\n"


@cache
def _document_bytes() -> bytes:
    return msgspec.json.encode(document(), order="sorted")
