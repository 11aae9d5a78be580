"""Answers the pages, under a policy that lets them load our own files and nothing else."""

from __future__ import annotations

from typing import Any, Final, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jifen.faces.api import problems
from jifen.faces.docs import pages, rendering
from jifen.faces.docs.pages import Language, Source, UnknownPage

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'"
    "; form-action 'none'; frame-ancestors 'none'"
)
_WORDS: Final[dict[Language, dict[str, Any]]] = {
    "zh": {
        "lang": "zh-CN",
        "name": "积分文档",
        "other": "English",
        "console": "管理后台",
        "api": "API 试用",
        "menu": "全部页面",
        "contents": "本页内容",
        "skip": "跳到正文",
        "untranslated": "此页只有英文。",
        "summary": "中文摘要",
        "nothing": "没有此页",
        "all": "查看全部页面",
        "groups": {"shop": "经营", "ways": "更多用法", "machines": "对接与运行", "inside": "内部"},
    },
    "en": {
        "lang": "en",
        "name": "Jifen documentation",
        "other": "中文",
        "console": "Console",
        "api": "Try the API",
        "menu": "All pages",
        "contents": "On this page",
        "skip": "Go to the text",
        "untranslated": "",
        "summary": "",
        "nothing": "There is no such page",
        "all": "See all pages",
        "groups": {
            "shop": "Running a shop",
            "ways": "More ways",
            "machines": "Connecting and operating",
            "inside": "Inside",
        },
    },
}


@require_safe
def start(request: HttpRequest, name: str = "") -> HttpResponse:
    """A page in the language of whoever asks."""
    language = problems.language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", "zh"))
    # Only a page that is there, so that nobody is led anywhere by what they wrote.
    known = name if name in pages.names() else ""
    if name and not known:
        return _nothing(request, language)
    answer = HttpResponseRedirect(rendering.page_address(known, language))
    answer.headers["Vary"] = "Accept-Language"
    return answer


@require_safe
def page(request: HttpRequest, language: str, name: str = "") -> HttpResponse:
    """A page in a language, or the list of all."""
    chosen = cast("Language", language)
    if not name:
        return _answer(request, chosen, name, {"title": _WORDS[chosen]["name"]})
    try:
        found = pages.source(name, chosen)
    except UnknownPage:
        return _nothing(request, chosen)
    shown = rendering.rendered(found)
    summaries = {each.text for each in shown.headings} & {_WORDS[chosen]["summary"]}
    context = {
        "title": shown.title,
        "html": shown.html,
        "contents": shown.contents,
        "text_lang": _WORDS[found.language]["lang"],
        "untranslated": _WORDS[chosen]["untranslated"] if found.language != chosen else "",
        "summary": next(iter(summaries), ""),
    }
    return _answer(request, chosen, name, context)


@require_safe
def picture(_request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture that a page shows."""
    try:
        path = pages.picture(name)
    except UnknownPage:
        return HttpResponse(status=404)
    answer = FileResponse(path.open("rb"), content_type=pages.PICTURES[path.suffix])
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _nothing(request: HttpRequest, language: Language) -> HttpResponse:
    context = {"title": _WORDS[language]["nothing"], "missing": True}
    return _answer(request, language, "", context, status=404)


def _answer(
    request: HttpRequest, language: Language, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    words = _WORDS[language]
    known = pages.sources(language)
    groups = [
        (words["groups"][group], [_entry(known[each], shown=name) for each in members])
        for group, members in pages.GROUPS
    ]
    others: dict[Language, Language] = {"zh": "en", "en": "zh"}
    whole = {
        **context,
        "words": words,
        "groups": groups,
        "home": rendering.page_address("", language),
        "elsewhere": rendering.page_address(name, others[language]),
        "other_lang": _WORDS[others[language]]["lang"],
    }
    answer = render(request, "jifen/page.html", whole, content_type="text/html", status=status)
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _entry(found: Source, *, shown: str) -> dict[str, Any]:
    chinese = pages.IN_CHINESE[found.name]
    return {
        "title": chinese if found.asked == "zh" else pages.title(found),
        "address": rendering.page_address(found.name, found.asked),
        "here": found.name == shown,
    }
