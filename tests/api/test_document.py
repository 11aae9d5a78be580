"""The OpenAPI document: complete, true, and the same as the committed copy."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.api.shop import Shop

from jifen.faces.api.open import docs, examples
from jifen.faces.api.open.document import document
from jifen.faces.api.open.urls import PREFIX, RIGHTS

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
JSON = "application/json"


def operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for item in document()["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    }


def test_the_committed_copy_is_up_to_date() -> None:
    assert COMMITTED.read_bytes() == docs.written(), "run: jifen openapi docs/openapi.json"


def test_every_route_is_documented() -> None:
    wanted = {
        (PREFIX + address.replace("<", "{<").replace(">", ">}"), method.lower())
        for address, rights in RIGHTS.items()
        for method in rights
        if address not in {"openapi.json", "docs/"}
    }
    plain = {
        (path.replace("<uuid:", "").replace("<str:", "").replace("<int:", "").replace(">", ""), m)
        for path, m in wanted
    }
    found = {
        (path, method)
        for path, item in document()["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert found == plain


def test_every_operation_says_what_it_does_and_needs() -> None:
    for name, operation in operations().items():
        assert operation["summary"], name
        assert "Needs " in operation["description"], name
        keyed = "Needs no key." not in operation["description"]
        assert operation["security"] == ([{"key": []}, {"session": []}] if keyed else []), name
        assert {"401", "default"} < operation["responses"].keys(), name


@pytest.mark.parametrize("name", sorted(operations()))
def test_bodies_have_examples_that_fit(name: str) -> None:
    operation = operations()[name]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        assert "example" in content, (name, media)
        if media == JSON:
            check(content["schema"], content["example"])
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get(JSON)
        if status.startswith("2") and content and name != "getRuleSetSchema":
            check(content["schema"], content["example"])


def check(schema: dict[str, Any], example: Any) -> None:
    whole = {**schema, "components": document()["components"]}
    jsonschema_rs.validator_for(whole).validate(example)


def test_the_problems_example_fits() -> None:
    check({"$ref": "#/components/schemas/Problem"}, examples.PROBLEM)


def test_it_is_served_to_everybody(shop: Shop) -> None:
    answer = shop.get("openapi.json", Authorization="")
    assert answer.status == 200
    assert answer.json["openapi"].startswith("3.1")
    assert answer.json == json.loads(json.dumps(document()))


def test_the_page_loads_nothing_from_elsewhere(shop: Shop) -> None:
    answer = shop.get("docs/", Authorization="")
    assert answer.status == 200
    text = answer.content.decode()
    loaded = [part.split('"')[0] for part in text.replace('href="', 'src="').split('src="')[1:]]
    assert loaded
    for address in loaded:
        assert address.startswith("/static/"), address
        assert shop.http.get(address).status_code == 200
