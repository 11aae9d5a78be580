"""Booking activities: one, a batch, or a preview of either.

These are plain views, since they carry the traffic: bytes are decoded straight into the
domain's structs and the answer is encoded straight from them. ``open.document`` documents them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from django.http import HttpResponse
from msgspec import Meta, Struct

from jifen.common.ids import new_id
from jifen.earning.types import Booked, Outcome
from jifen.faces.api import decoding, problems, requests
from jifen.faces.api.decoding import JSON, NDJSON
from jifen.faces.api.open import booking
from jifen.faces.api.serving import Request

_encoder: Final = msgspec.json.Encoder(enc_hook=str)


class BookedItem(Struct, frozen=True, tag_field="status", tag="booked"):
    """An item of a batch that is in the books now."""

    index: int
    key: str
    activity: Booked


class ReplayedItem(Struct, frozen=True, tag_field="status", tag="replayed"):
    """An item that was booked by an earlier call; its first answer again."""

    index: int
    key: str
    activity: Booked


class RefusedItem(Struct, frozen=True, tag_field="status", tag="refused"):
    """An item that was not booked; ``error`` is its problem, without a request id."""

    index: int
    key: str
    error: dict[str, Any]


Item = BookedItem | ReplayedItem | RefusedItem


class Results(Struct, frozen=True):
    """One result for each item, in the order given."""

    results: Annotated[list[Item], Meta(max_length=decoding.MOST_ITEMS)]


def book(request: Request) -> HttpResponse:
    """Book one activity under its ``Idempotency-Key``: 201, or 200 when it was booked before, or
    202 with the request when a second person has to confirm it."""
    requests.media_type(request, accepted=(JSON,))
    requests.check_accepts(request, media=JSON)
    key = requests.idempotency_key(request)
    activity = decoding.one(body=requests.body(request), key=key)
    held, activity = booking.hold_one(activity=activity, client=request.client)
    if held is not None:
        return _answer(_encoder.encode(held), JSON, 202)
    booked = booking.book_one(activity=activity, client=request.client)
    return _answer(_encoder.encode(booked), JSON, 200 if booked.replayed else 201)


def book_batch(request: Request) -> HttpResponse:
    """Book up to 1,000 activities; every item has its own key and gets its own result."""
    return _batch(request, dry=False)


def preview(request: Request) -> HttpResponse:
    """What booking one activity or a batch would answer now. Writes nothing."""
    media = requests.media_type(request, accepted=(JSON, NDJSON))
    if media == NDJSON or decoding.is_batch(requests.body(request)):
        return _batch(request, dry=True)
    requests.check_accepts(request, media=JSON)
    key = request.META.get("HTTP_IDEMPOTENCY_KEY") and requests.idempotency_key(request)
    # Without a key of the caller's the preview is of a new activity.
    activity = decoding.one(body=requests.body(request), key=key or new_id().hex)
    (outcome,) = booking.book_all(items=[activity], client=request.client, dry=True)
    if not isinstance(outcome, Booked):
        raise outcome.error
    return _answer(_encoder.encode(outcome), JSON)


def _batch(request: Request, *, dry: bool) -> HttpResponse:
    media = requests.media_type(request, accepted=(JSON, NDJSON))
    requests.check_accepts(request, media=media)
    requests.check_no_idempotency_key(request)
    items = decoding.many(body=requests.body(request), content_type=media)
    outcomes = booking.book_all(items=items, client=request.client, dry=dry)
    results = _results(outcomes, problems.language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", "")))
    if media == NDJSON:
        return _answer(_encoder.encode_lines(results), NDJSON)
    return _answer(_encoder.encode(Results(results)), JSON)


def _results(outcomes: Sequence[Outcome], language: problems.Language) -> list[Item]:
    return [_item(index, outcome, language) for index, outcome in enumerate(outcomes)]


def _item(index: int, outcome: Outcome, language: problems.Language) -> Item:
    if not isinstance(outcome, Booked):
        error = problems.problem(outcome.error, language=language)
        return RefusedItem(index, outcome.key, error)
    kind = ReplayedItem if outcome.replayed else BookedItem
    return kind(index, outcome.key, outcome)


def _answer(content: bytes, media: str, status: int = 200) -> HttpResponse:
    return HttpResponse(content, content_type=media, status=status)
