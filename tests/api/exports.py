"""What tests of exports do: ask for one, make it as the worker does, have its file."""

import csv
import io
import uuid
from typing import Any

from tests.api.shop import NOW, Answer, Shop
from tests.api.test_staff import OURS, Browser

from jifen.common.scope import scope
from jifen.faces.exporting import working

PHONE = "13812342186"
KINDS = ("members", "activities", "postings", "lots", "coupons")


def work(shop: Shop) -> None:
    """What the worker does until nothing is left."""
    with scope(shop.programme.id):
        while working.go_on(at=NOW):
            pass


def asked(shop: Shop, kind: str = "members", **body: Any) -> str:
    answer = shop.post("exports", {"kind": kind, **body})
    assert answer.status == 202, answer.content
    assert answer.json["status"] == "waiting"
    return str(answer.json["id"])


def made(shop: Shop, kind: str = "members", **body: Any) -> str:
    export_id = asked(shop, kind, **body)
    work(shop)
    return export_id


class File:
    """What a download answers."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.content: bytes = response.getvalue()

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.content.decode("utf-8-sig"))))


def download(shop: Shop, export_id: str, key: str | None = None) -> File:
    response = shop.http.get(
        f"/api/v1/exports/{export_id}/file",
        headers={"Authorization": f"Bearer {key or shop.key}"},
    )
    assert response.status_code == 200, response.content
    return File(response)


def opened(browser: Browser, export_id: str) -> File | Answer:
    """A person's download, or why it is none."""
    extra: dict[str, Any] = {**OURS, "REMOTE_ADDR": browser.address}
    response = browser.http.get(f"/api/v1/exports/{export_id}/file", **extra)
    return File(response) if response.status_code == 200 else Answer(response)


def exported(shop: Shop, kind: str = "members", **body: Any) -> list[dict[str, str]]:
    return download(shop, made(shop, kind, **body)).rows


def person(shop: Shop, phone: str = PHONE, **body: Any) -> str:
    identities = [{"kind": "phone", "value": phone}, {"kind": "card", "value": f"C-{phone}"}]
    answer = shop.post(
        "members", {"identities": identities, **body}, Idempotency_Key=uuid.uuid4().hex
    )
    assert answer.status == 201, answer.content
    return str(answer.json["member"]["id"])
