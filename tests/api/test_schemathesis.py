"""Generated requests over the whole document: nothing is a 5xx, answers are as documented."""

import functools
import itertools
import json
import uuid
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.exports import work as make_files
from tests.api.shop import Shop

from jifen.config.wsgi import application

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
_turn = itertools.count()


@schemathesis.serializer("application/x-ndjson")
def _ndjson(_: Any, value: Any) -> bytes:
    """A text as it is; anything else as JSON values, one a line."""
    if isinstance(value, str):
        return value.encode("utf-8", errors="surrogatepass")
    values = value if isinstance(value, list) else [value]
    return b"\n".join(json.dumps(part).encode() for part in values)


@schemathesis.serializer(
    "application/gzip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def _bytes(_: Any, value: Any) -> bytes:
    """Any bytes, which are rarely what they are said to be."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@functools.cache
def known() -> tuple[Shop, dict[str, Any]]:
    """A shop with a member, an order, a draft, a segment, and where to find them."""
    shop = Shop()
    member = shop.member()
    booked = shop.book(shop.purchase(member)).json
    shop.call("PUT", "rule-sets/drafts/next", {"rules": []})
    condition = {"kind": "spend", "at_least_minor": 1, "days": 30}
    shop.call("PUT", "segments/tea", {"name": "Tea", "condition": condition})
    file = b"phone,name\n13800138000,Li\n12,Wang\n"
    imported = shop.post("imports?kind=members&name=a.csv", file, content_type="text/csv")
    exported = shop.post("exports", {"kind": "members"}).json
    make_files(shop)
    person = {"login": uuid.uuid4().hex, "name": "Li", "role": "clerk", "password": "three teas 9"}
    return shop, {
        "member_id": member,
        "activity_id": booked["id"],
        "run_id": booked["id"],
        "staff_id": shop.post("staff", person).json["id"],
        "import_id": imported.json["run"]["id"],
        "clearing_id": booked["id"],
        "approval_id": booked["id"],
        "export_id": exported["id"],
        "name": "next",
        "code": "tea",
        "version": 1,
    }


@schema.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_nothing_is_a_server_error(case: schemathesis.Case[Any]) -> None:
    shop, places = known()
    if next(_turn) % 2:
        # Every other request is about something that exists.
        for name in case.path_parameters:
            case.path_parameters[name] = places[name]
    response = case.call(headers={"Authorization": f"Bearer {shop.key}"})
    case.validate_response(
        response,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )


@pytest.fixture(autouse=True, scope="module")
def _books_are_right() -> Any:
    yield
    shop, _ = known()
    assert shop.post("verify").json["ok"]
