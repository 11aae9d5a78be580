"""A shop with a programme of its own, and an HTTP client with its API key."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpResponseBase
from django.test import Client as HttpClient

from jifen.common.scope import scope
from jifen.faces import presets
from jifen.faces.api import auth
from jifen.programmes import services as programmes
from jifen.programmes.types import RIGHTS

NOW = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""
OPENING = date(2024, 1, 1)
JSON = "application/json"
NDJSON = "application/x-ndjson"


class Answer:
    """A response: its status, its headers and what its JSON says."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.content: bytes = response.content  # type: ignore[attr-defined]

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The code of a problem, whose shape is checked on the way."""
        assert self.headers["Content-Type"] == "application/problem+json", self.content[:500]
        body = self.json
        assert body["status"] == self.status
        assert body["type"] == f"urn:jifen:problem:{body['code']}"
        assert body["title"]
        assert body["detail"]
        assert body["request_id"] == self.headers["X-Request-ID"]
        return str(body["code"])

    @property
    def lines(self) -> list[Any]:
        """The results of an NDJSON answer."""
        assert self.headers["Content-Type"] == NDJSON
        return [json.loads(line) for line in self.content.splitlines()]


class Shop:
    """A programme made from a preset, called with the key of one of its clients."""

    def __init__(
        self,
        preset: str = "starter",
        *,
        rights: Iterable[str] = RIGHTS,
        at: datetime = NOW,
        **client: Any,
    ) -> None:
        code = f"{preset}-{uuid.uuid4().hex[:12]}"
        made = presets.apply_preset(name=preset, code=code, at=at, opening_on=OPENING)
        self.programme = made.programme
        self.http = HttpClient(raise_request_exception=False)
        self.key = self.new_key(rights=rights, at=at, **client)
        self.references = 0

    def new_key(self, *, rights: Iterable[str] = RIGHTS, at: datetime = NOW, **client: Any) -> str:
        """The API key of one more client."""
        with scope(self.programme.id):
            _, key = programmes.create_client(
                name=uuid.uuid4().hex, rights=frozenset(rights), at=at, **client
            )
        return key

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        content_type: str = JSON,
        **headers: str,
    ) -> Answer:
        """One request below ``/api/v1/``; ``headers`` are named as in ``Idempotency_Key``."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        named = {"Authorization": f"Bearer {key or self.key}"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.http.generic(method, f"/api/v1/{path}", raw, content_type, headers=named)
        return Answer(response)

    def get(self, path: str, **options: Any) -> Answer:
        """A GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        """A POST."""
        return self.call("POST", path, body, **options)

    def member(self, value: str | None = None, **body: Any) -> str:
        """Enrol a member by external id; answers the member's id."""
        identities = [{"kind": "external", "value": value or uuid.uuid4().hex}]
        answer = self.post(
            "members",
            {"identities": identities, **body},
            Idempotency_Key=uuid.uuid4().hex,
        )
        assert answer.status == 201, answer.content
        return str(answer.json["member"]["id"])

    def book(self, body: Mapping[str, Any], key: str | None = None, **options: Any) -> Answer:
        """Book one activity, under a new key unless one is given."""
        return self.post(
            "activities", dict(body), Idempotency_Key=key or uuid.uuid4().hex, **options
        )

    def purchase(
        self,
        who: str | None,
        amount_minor: int = 10_000,
        *,
        at: datetime = NOW,
        **changes: Any,
    ) -> dict[str, Any]:
        """The body of a purchase of one line with a reference of its own, of the member
        with the id ``who``."""
        self.references += 1
        body: dict[str, Any] = {
            "kind": "purchase",
            "occurred_at": at.isoformat(),
            "reference": f"R{self.references}",
            "lines": [{"product": "tea", "quantity": 1, "amount_minor": amount_minor}],
        }
        if who is not None:
            body["member"] = {"kind": "id", "value": who}
        return {**body, **changes}

    def available(self, member: str, unit: str = "points") -> int:
        """The member's available points."""
        answer = self.get(f"members/{member}/balances")
        assert answer.status == 200, answer.content
        held = {row["unit"]: row["available"] for row in answer.json["balances"]}
        return int(held.get(unit, 0))


def forget_keys() -> None:
    """Make the process look every key up again."""
    auth.KEYS.forget()


def later(**time: float) -> datetime:
    """So much after NOW."""
    return NOW + timedelta(**time)
