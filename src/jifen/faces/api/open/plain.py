"""What the OpenAPI document says of the plain views of ``open.activities``."""

from __future__ import annotations

import copy
from typing import Any, Final, get_args

import msgspec

from jifen.earning.types import Booked
from jifen.faces.api.decoding import JSON, MOST_ITEMS, NDJSON, WireActivity
from jifen.faces.api.open.activities import Results
from jifen.faces.api.open.acts import ACTS
from jifen.faces.api.open.reports import TABLES
from jifen.faces.exporting.writing import TYPES

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_KINDS: Final = get_args(WireActivity)

IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each write; the same again for a repeat.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    "example": "till-3-000123",
}


_REJECTED: Final[Json] = {
    "operationId": "listRejectedLines",
    "tags": ["imports"],
    "summary": "The lines of an import that were left out, as CSV.",
    "description": "With the reason of each and what stands in it, to be mended and uploaded again."
    " For who uploaded the file; for others with the right `members.phone`, on record. Once the"
    " file was removed, numbers and reasons only.",
    "parameters": [
        {
            "name": "import_id",
            "in": "path",
            "required": True,
            "description": "The import's id.",
            "schema": {"type": "string", "format": "uuid"},
        }
    ],
    "responses": {
        "200": {
            "description": "UTF-8 with a byte order mark.",
            "content": {
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "line,reason,phone\n3,invalid_phone,12\n",
                }
            },
        }
    },
}

_SAMPLE: Final[Json] = {
    "operationId": "sampleOrders",
    "tags": ["imports"],
    "summary": "Orders to try an import with, as CSV.",
    "description": "Three weeks of a real shop (Online Retail, Daqing Chen, UCI Machine Learning"
    " Repository, CC BY 4.0), moved by whole weeks to end within the week before today: a file of"
    " the kind `online_retail`. Orders before the programme's first day are refused.",
    "responses": {
        "200": {
            "description": "UTF-8.",
            "content": {
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,"
                    "CustomerID,Country\n536367,84879,ASSORTED COLOUR BIRD ORNAMENT,32,"
                    "2026-11-04 08:34:00,1.69,13047.0,United Kingdom\n",
                }
            },
        }
    },
}
_FILE: Final[Json] = {
    "operationId": "downloadExport",
    "tags": ["exports"],
    "summary": "The file of an export.",
    "description": "For whoever may read what is in it, as long as it is kept. On record.",
    "parameters": [
        {
            "name": "export_id",
            "in": "path",
            "required": True,
            "description": "The export's id.",
            "schema": {"type": "string", "format": "uuid"},
        }
    ],
    "responses": {
        "200": {
            "description": "CSV in UTF-8 with a byte order mark, or a workbook.",
            "content": {
                TYPES["csv"]: {
                    "schema": {"type": "string"},
                    "example": "member_id,external_id,name\n",
                },
                TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
}


def _asked(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_CODE: Final[Json] = {"type": "string", "minLength": 1, "maxLength": 60}
_DAY: Final[Json] = {"type": "string", "format": "date"}
_TABLE: Final[Json] = {
    "operationId": "reportAsCsv",
    "tags": ["reports"],
    "summary": "A report as CSV.",
    "description": "The figures of the report of that name, asked for in the same way: those by"
    " period take `since` and `until`, those of points `unit`, and all but the liability `store`.",
    "parameters": [
        {
            "name": "name",
            "in": "path",
            "required": True,
            "description": "The report's name.",
            "schema": {"type": "string", "enum": list(TABLES)},
        },
        _asked("since", _DAY, "The first local day."),
        _asked("until", _DAY, "The local day before which it ends."),
        _asked("store", _CODE, "A store's code."),
        _asked("unit", _CODE, "A unit of points."),
    ],
    "responses": {
        "200": {
            "description": "UTF-8 with a byte order mark.",
            "content": {
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "day,issued,burned,expired\n2026-05-01,12480,7935,120\n",
                }
            },
        }
    },
}


def schemas() -> Json:
    """Activities with their key (items of a batch) and without (single writes), and answers."""
    _, found = msgspec.json.schema_components([*_KINDS, Booked, Results], ref_template=_REF)
    for kind in _KINDS:
        body = copy.deepcopy(found[kind.__name__])
        body["title"] = _body_name(kind)
        body["properties"].pop("key")
        body["required"].remove("key")
        tag = str(kind.__struct_config__.tag)
        if tag in ACTS:
            body["examples"] = [ACTS[tag]]
        found[_body_name(kind)] = body
    return {
        **found,
        "Activity": _one_of({kind: kind.__name__ for kind in _KINDS}),
        "ActivityBody": _one_of({kind: _body_name(kind) for kind in _KINDS}),
        "ActivityBatch": {
            "title": "ActivityBatch",
            "type": "object",
            "description": "Each item is decoded and booked on its own.",
            "properties": {
                "activities": {
                    "type": "array",
                    "items": _ref("Activity"),
                    "minItems": 1,
                    "maxItems": MOST_ITEMS,
                }
            },
            "required": ["activities"],
            "additionalProperties": False,
        },
    }


def paths() -> dict[str, Json]:
    """The operations by address, below the API's prefix."""
    lines = "One activity a line." + f" At most {MOST_ITEMS}."
    many = {
        JSON: {"schema": _ref("ActivityBatch")},
        NDJSON: {"schema": {"type": "string", "description": lines}},
    }
    either = {"oneOf": [_ref("ActivityBody"), _ref("ActivityBatch")]}
    return {
        "activities": _post(
            "bookActivity",
            "Book an activity.",
            "A purchase, refund, claim, behaviour, birthday, adjustment, opening, reversal, tier "
            "given or benefit used; a delivery confirmed; points held, captured, released, "
            "transferred, given, waived, or given back after they expired. Adjustments, openings, "
            "reversals, tiers, gifts, waivers and expiries undone need the right `adjust` as well; "
            "transfers, and answers to them, the right `transfer`. What a person gives or takes by "
            "hand above the programme's limit waits for a second person (202).",
            body={JSON: {"schema": _ref("ActivityBody")}},
            parameters=[IDEMPOTENCY_KEY],
            responses={
                "201": _booked("Booked."),
                "200": _booked("Booked before under this key; the first answer again."),
                "202": {
                    "description": "A second person has to confirm it; this is the request.",
                    "content": {JSON: {"schema": _ref("ApprovalInfo")}},
                },
            },
        ),
        "activities/batch": _post(
            "bookActivities",
            "Book up to 1,000 activities.",
            "Every item has its own `key` and gets its own result; a bad one is refused at its "
            "index and the others are booked. NDJSON is answered as NDJSON, a result a line; "
            "blank lines are not counted.",
            body=many,
            responses={"200": _results()},
        ),
        "activities/preview": _post(
            "previewActivities",
            "Preview what booking would answer.",
            "One activity as for booking it, or a batch. Writes nothing.",
            body={**many, JSON: {"schema": either}},
            parameters=[{**IDEMPOTENCY_KEY, "required": False}],
            responses={"200": _either()},
        ),
        "imports/sample": {"get": _SAMPLE},
        "imports/{import_id}/rejected": {"get": _REJECTED},
        "exports/{export_id}/file": {"get": _FILE},
        "reports/{name}/csv": {"get": _TABLE},
    }


def _post(
    operation_id: str,
    summary: str,
    description: str,
    *,
    body: Json,
    responses: Json,
    parameters: list[Json] | None = None,
) -> Json:
    operation = {
        "operationId": operation_id,
        "tags": ["activities"],
        "summary": summary,
        "description": description,
        "requestBody": {"required": True, "content": body},
        "responses": responses,
    }
    return {"post": operation | ({"parameters": parameters} if parameters else {})}


def _one_of(names: dict[Any, str]) -> Json:
    tags = {kind.__struct_config__.tag: _ref(name)["$ref"] for kind, name in names.items()}
    return {
        "oneOf": [_ref(name) for name in names.values()],
        "discriminator": {"propertyName": "kind", "mapping": tags},
    }


def _booked(description: str) -> Json:
    return {"description": description, "content": {JSON: {"schema": _ref("Booked")}}}


def _results() -> Json:
    line = {"type": "string", "description": "A result a line."}
    return {
        "description": "One result for each item, in their order.",
        "content": {JSON: {"schema": _ref("Results")}, NDJSON: {"schema": line}},
    }


def _either() -> Json:
    both = {"anyOf": [_ref("Booked"), _ref("Results")]}
    answer = _results()
    answer["content"][JSON] = {"schema": both}
    return {**answer, "description": "What booking would answer now."}


def _body_name(kind: type) -> str:
    return f"{kind.__name__}Body"


def _ref(name: str) -> Json:
    return {"$ref": _REF.format(name=name)}
