"""The OpenAPI document: what ``dmr`` knows of the typed endpoints, what we say of the plain
ones, and what all of them share (key, rights, problems), put together once.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
from dmr.openapi import OpenAPIConfig, build_schema
from dmr.routing import Router

from jifen.faces.api.controllers import Problem
from jifen.faces.api.open import examples, plain
from jifen.faces.api.open.imports import UPLOAD_BODY
from jifen.faces.api.problems import CONTENT_TYPE
from jifen.faces.api.serving import ANY_CLIENT, PUBLIC
from jifen.faces.api.sessions import COOKIE

Json = dict[str, Any]

API_VERSION: Final = "1.0"
SCHEMAS: Final = "#/components/schemas/{name}"
_NEEDS: Final = {PUBLIC: "no key", ANY_CLIENT: "any valid key"}
_KEYED: Final = frozenset(
    {
        *("enrolMember", "endMembership", "eraseMember", "mergeMember", "undoMerge"),
        "startGiftRun",
    }
)
"""Single writes that carry an Idempotency-Key."""
_PART: Final[Json] = {
    "type": "object",
    "description": "A condition again, of any kind.",
    "properties": {"kind": {"type": "string"}},
    "required": ["kind"],
}
_PROBLEM: Final = {"$ref": "#/components/responses/Problem"}
_ABOUT: Final = """\
Members earn points by what they do, pay with them and climb tiers. Everything that moves is an
*activity*: book it, and every point it gave can be explained.

* Money is in minor units (分), points are whole numbers, times carry their zone.
* Send the API key as `Authorization: Bearer …`.
* A single write carries an `Idempotency-Key` header, each item of a batch its `key`. The same
  key with the same body answers the same again; with another body it is a `key_conflict`.
* A refusal is a problem (RFC 9457) with a stable `code`. Titles follow `Accept-Language`
  (`en`, `zh`).
* Every answer has an `X-Request-ID`; send your own to find it in both logs.
* Lists go on with `cursor`, taken from `next_cursor`.
"""


@cache
def document() -> Json:
    """The whole document as plain JSON values. It is the same in every process."""
    from jifen.faces.api.open.urls import PREFIX, RIGHTS, TYPED

    config = OpenAPIConfig(title="Jifen API", version=API_VERSION, description=_ABOUT)
    typed: Json = build_schema(Router(PREFIX, TYPED), config=config).convert(skip_validation=True)
    whole: Json = msgspec.json.decode(msgspec.json.encode(typed))
    _, problems = msgspec.json.schema_components([Problem], ref_template=SCHEMAS)
    schemas = _merged(whole["components"]["schemas"], plain.schemas(), problems)
    _cut_circles(schemas)
    whole["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "responses": {
            "Problem": {
                "description": "Refused; the code says why.",
                "content": {
                    CONTENT_TYPE: {
                        "schema": {"$ref": SCHEMAS.format(name="Problem")},
                        "example": examples.PROBLEM,
                    }
                },
            }
        },
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "An API client's key."},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": COOKIE,
                "description": "A session of the staff, which `signIn` begins.",
            },
        },
    }
    for address, operations in plain.paths().items():
        whole["paths"][PREFIX + address] = operations
    whole["paths"][PREFIX + "imports"]["post"]["requestBody"] = copy.deepcopy(UPLOAD_BODY)
    whole["paths"] = dict(sorted(whole["paths"].items()))
    rights = {_template(PREFIX + address): found for address, found in RIGHTS.items()}
    for path, method, operation in _operations(whole):
        _share(operation, right=rights[path][method.upper()], path=path)
        examples.add(operation)
    _tidy(whole)
    return whole


def _merged(*tables: Json) -> Json:
    """All schemas by name. Two shapes of one name would hide each other, so they are refused."""
    merged: Json = {}
    for table in tables:
        for name, schema in msgspec.json.decode(msgspec.json.encode(table)).items():
            known = merged.setdefault(name, schema)
            if known.get("properties", {}).keys() != schema.get("properties", {}).keys():
                raise ValueError(f"two schemas are named {name}")
    return merged


def _cut_circles(schemas: Json) -> None:
    """Say of a condition's parts only that they are conditions: a schema that holds itself without
    end is more than many readers of schemas can take."""
    for name in ("AllOf", "AnyOf"):
        schemas[name]["properties"]["of"]["items"] = _PART
    schemas["NotOf"]["properties"]["of"] = _PART


def _operations(whole: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in whole["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                yield path, method, item[method]


def _template(route: str) -> str:
    """Django's ``<uuid:member_id>`` as OpenAPI's ``{member_id}``."""
    parts = route.split("/")
    return "/".join(
        "{" + part[1:-1].rpartition(":")[2] + "}" if part.startswith("<") else part
        for part in parts
    )


def _share(operation: Json, *, right: str, path: str) -> None:
    """What every operation has: its right, and the problems it may answer."""
    operation["security"] = [] if right == PUBLIC else [{"key": []}, {"session": []}]
    needs = _NEEDS.get(right, f"the right `{right}`")
    operation["description"] = f"{operation.get('description') or ''}\n\nNeeds {needs}.".strip()
    if operation["operationId"] in _KEYED:
        operation.setdefault("parameters", []).append(plain.IDEMPOTENCY_KEY)
    statuses = {"401", "403", "406", "503"}
    if operation["operationId"] in {
        "signIn",
        "setUp",
        "changeMyPassword",
        "setUpSecondFactor",
        "endSecondFactor",
    }:
        statuses |= {"429"}
    if "requestBody" in operation:
        statuses |= {"400", "409", "413", "415", "422"}
    if "{" in path or "activities" in path or "requestBody" in operation:
        statuses |= {"404"}
    if operation.get("parameters"):
        statuses |= {"400", "422"}
    if operation["operationId"] == "publishDraft":
        statuses |= {"409", "422"}
    # Every operation of a fresh programme needs a rule set first, or a body that fits.
    responses = {
        status: response
        for status, response in operation["responses"].items()
        if status.startswith("2")
    }
    responses.get("204", {}).pop("content", None)
    operation["responses"] = responses | dict.fromkeys(sorted(statuses), _PROBLEM)
    operation["responses"]["default"] = _PROBLEM


def _tidy(node: Any) -> None:
    """Docstrings as Markdown: without their indentation and with single backticks. Times get
    their format, which ``msgspec`` only names where it demands a zone itself."""
    if isinstance(node, dict):
        for name, value in node.get("properties", {}).items():
            for kind in (value, *value.get("anyOf", ())):
                if name.endswith("_at") and kind.get("type") == "string":
                    kind["format"] = "date-time"
        text = node.get("description")
        if isinstance(text, str):
            node["description"] = inspect.cleandoc(text).replace("``", "`")
        for value in node.values():
            _tidy(value)
    elif isinstance(node, list):
        for value in node:
            _tidy(value)
