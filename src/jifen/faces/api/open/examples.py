"""An example for each body of the API, by operation. A test decodes every one of them."""

from __future__ import annotations

from typing import Any, Final

from jifen.faces.api.decoding import JSON, NDJSON

Json = dict[str, Any]

_MEMBER_ID: Final = "0197f3a0-7c00-7000-8000-000000000001"
_ACTIVITY_ID: Final = "0197f3a0-7c00-7000-8000-0000000000a1"
_AT: Final = "2026-05-01T04:30:00Z"
_MEMBER_REF: Final[Json] = {"kind": "phone", "value": "13812342186"}

PURCHASE: Final[Json] = {
    "kind": "purchase",
    "occurred_at": "2026-05-01T12:30:00+08:00",
    "reference": "T3-000123",
    "member": _MEMBER_REF,
    "lines": [{"product": "tea", "quantity": 2, "amount_minor": 12890, "category": "drinks"}],
}
REFUND: Final[Json] = {
    "kind": "refund",
    "key": "T3-R-7",
    "occurred_at": "2026-05-02T10:00:00+08:00",
    "of": {"reference": "T3-000123"},
    "lines": [{"line": 0, "quantity": 1}],
}
CHECK_IN: Final[Json] = {
    "kind": "behaviour",
    "key": "app-778",
    "occurred_at": "2026-05-02T08:00:00+08:00",
    "name": "check_in",
    "member": _MEMBER_REF,
}
BATCH: Final[Json] = {"activities": [{**PURCHASE, "key": "T3-000123"}, REFUND, CHECK_IN]}
_AWARD: Final[Json] = {
    "parts": [
        {
            "rule": "spend",
            "unit": "points",
            "points": 128,
            "exact": [1289, 10],
            "rounded": 128,
            "rate": [1, 100],
            "rounding": "floor/order",
            "lines": [[0, 12890, []]],
        }
    ]
}
BOOKED: Final[Json] = {
    "id": _ACTIVITY_ID,
    "key": "till-3-000123",
    "kind": "purchase",
    "member_id": _MEMBER_ID,
    "points": {"points": 128},
    "award": _AWARD,
    "tier": "standard",
    "balances": [{"unit": "points", "available": 128, "pending": 0, "held": 0, "deficit": 0}],
}
ACTIVITY: Final[Json] = {
    "id": _ACTIVITY_ID,
    "kind": "purchase",
    "key": "till-3-000123",
    "client_id": "0197f3a0-7c00-7000-8000-0000000000c1",
    "member_id": _MEMBER_ID,
    "store": "main",
    "reference": "T3-000123",
    "of_id": None,
    "rule_set_version": 1,
    "occurred_at": _AT,
    "booked_at": _AT,
    "body": {**PURCHASE, "key": "till-3-000123"},
    "points": {"points": 128},
    "award": _AWARD,
    "tier": "standard",
}
_POSTING: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000b1",
    "transaction_id": _ACTIVITY_ID,
    "unit": "points",
    "seq": 1,
    "kind": "earn",
    "contra": "issuance",
    "amount": 128,
    "balance_after": 128,
    "rule": "spend",
    "expires_at": None,
    "occurred_at": _AT,
    "booked_at": _AT,
    "reason": "",
    "actor": "till 3",
}
_DRAFT_HEAD: Final[Json] = {"name": "summer", "updated_at": _AT, "updated_by": "back office"}
_DOCUMENT: Final[Json] = {
    "rules": [{"kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points"}]
}
_VERSION_HEAD: Final[Json] = {"version": 1, "published_at": _AT, "published_by": "back office"}
PROBLEM: Final[Json] = {
    "type": "urn:jifen:problem:unknown_member",
    "title": "Unknown member",
    "status": 404,
    "detail": "nobody in this programme has this identity",
    "code": "unknown_member",
    "request_id": "0197f3a07c0070008000000000000001",
}
MEMBER: Final[Json] = {
    "id": _MEMBER_ID,
    "name": "王小明",
    "birthday_on": "1990-06-18",
    "enrolled_at": "2026-05-01T04:00:00Z",
    "identities": [{"kind": "phone", "value": "138****2186"}],
    "tier": "standard",
}
_RESULTS: Final[Json] = {
    "results": [
        {"index": 0, "status": "booked", "key": "T3-000123", "activity": BOOKED},
        {
            "index": 1,
            "status": "refused",
            "key": "T3-R-7",
            "error": {key: PROBLEM[key] for key in ("type", "title", "status", "detail", "code")},
        },
    ]
}
_NDJSON: Final = (
    '{"kind":"behaviour","key":"app-778","occurred_at":"2026-05-02T08:00:00+08:00",'
    '"name":"check_in","member":{"kind":"phone","value":"13812342186"}}\n'
)

REQUESTS: Final[dict[str, Json]] = {
    "bookActivity": {JSON: PURCHASE},
    "bookActivities": {JSON: BATCH, NDJSON: _NDJSON},
    "previewActivities": {JSON: PURCHASE, NDJSON: _NDJSON},
    "enrolMember": {
        JSON: {"identities": [_MEMBER_REF], "name": "王小明", "birthday_on": "1990-06-18"}
    },
    "lookUpMember": {JSON: _MEMBER_REF},
    "quoteOffset": {JSON: {"member": _MEMBER_REF, "lines": PURCHASE["lines"]}},
    "putDraft": {JSON: _DOCUMENT},
}
"""What a caller sends, by operation and media type."""

ANSWERS: Final[dict[str, Json]] = {
    "bookActivity": BOOKED,
    "bookActivities": _RESULTS,
    "previewActivities": BOOKED,
    "enrolMember": {
        "member": MEMBER,
        "is_new": True,
        "replayed": False,
        "activities": [],
        "refused": [],
    },
    "lookUpMember": MEMBER,
    "getMember": MEMBER,
    "listMembers": {"members": [MEMBER], "next_cursor": None},
    "getBalances": {"member_id": _MEMBER_ID, "balances": BOOKED["balances"]},
    "quoteOffset": {"points": 1000, "worth_minor": 1000, "refusal": None},
    "publishDraft": {"version": 2},
    "getActivity": ACTIVITY,
    "listActivities": {"activities": [ACTIVITY], "next_cursor": None},
    "explainActivity": {
        "activity": ACTIVITY,
        "facts": {
            "kind": "purchase",
            "local": "2026-05-01T12:30:00",
            "store": "main",
            "first_order": True,
        },
        "sentences": ["spend: ¥128.90 × 1 per ¥1 = 128.9 → 128 points (floor)"],
        "postings": [_POSTING],
        "related": [],
    },
    "getStatement": {"unit": "points", "postings": [_POSTING], "next_cursor": None},
    "getProgramme": {
        "code": "tea",
        "name": "茶会员",
        "time_zone": "Asia/Shanghai",
        "currency": "CNY",
        "opening_on": "2026-01-01",
        "claim_days": 30,
        "rule_set_version": 1,
        "stores": [{"code": "main", "name": "总店"}],
        "units": [
            {
                "id": "0197f3a0-7c00-7000-8000-0000000000d1",
                "code": "points",
                "kind": "points",
                "name_zh": "积分",
                "name_en": "points",
            }
        ],
    },
    "listRuleSets": {"rule_sets": [_VERSION_HEAD]},
    "getRuleSet": {**_VERSION_HEAD, "document": _DOCUMENT},
    "listDrafts": {"drafts": [_DRAFT_HEAD]},
    "getDraft": {**_DRAFT_HEAD, "document": _DOCUMENT},
    "putDraft": {**_DRAFT_HEAD, "document": _DOCUMENT},
    "verify": {
        "ok": True,
        "checked": {"postings": 1, "accounts": 1, "lots": 1, "draw_downs": 0},
        "faults": [],
    },
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
            response["content"][JSON]["example"] = ANSWERS[name]
