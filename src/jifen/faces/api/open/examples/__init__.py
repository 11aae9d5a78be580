"""An example for each body of the API, by operation. A test decodes every one of them."""

from __future__ import annotations

from typing import Final

from jifen.faces.api.decoding import JSON
from jifen.faces.api.open.examples import (
    beginning,
    bookings,
    effects,
    endings,
    figures,
    files,
    membership,
    owned,
    people,
    places,
    reaching,
    rules,
    taking,
    trying,
)
from jifen.faces.api.open.examples.bookings import PROBLEM
from jifen.faces.api.open.examples.shared import Json

__all__ = ["ANSWERS", "PROBLEM", "REQUESTS", "add"]

# What a caller sends is JSON, but for some bodies of activities.
_PLAIN: Final = (people, places, files, trying, beginning, reaching, taking)
_ALL: Final = (
    bookings,
    membership,
    endings,
    rules,
    people,
    places,
    files,
    taking,
    trying,
    beginning,
    reaching,
    figures,
    owned,
    effects,
)

REQUESTS: Final[dict[str, Json]] = {
    **{
        name: body
        for each in (bookings, membership, endings, rules)
        for name, body in each.REQUESTS.items()
    },
    **{name: {JSON: body} for each in _PLAIN for name, body in each.REQUESTS.items()},
}
"""What a caller sends, by operation and media type."""

ANSWERS: Final[dict[str, Json]] = {
    name: body for each in _ALL for name, body in each.ANSWERS.items()
}
"""What it is answered, by operation."""


def add(operation: Json) -> None:
    """Put the examples of an operation into it."""
    name = operation["operationId"]
    content = operation.get("requestBody", {}).get("content", {})
    for media, example in REQUESTS.get(name, {}).items():
        content[media]["example"] = example
    for status, response in operation["responses"].items():
        if status.startswith("2") and "content" in response and name in ANSWERS:
            waits = status == "202" and name in people.WAITING
            response["content"][JSON]["example"] = people.WAITING[name] if waits else ANSWERS[name]
