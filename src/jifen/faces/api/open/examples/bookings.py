"""Bodies about activities, balances and what a basket costs, by operation."""

from __future__ import annotations

from typing import Final

from jifen.faces.api.decoding import JSON, NDJSON
from jifen.faces.api.open.examples.shared import ACTIVITY_ID, AT, MEMBER_ID, MEMBER_REF, Json

PURCHASE: Final[Json] = {
    "kind": "purchase",
    "occurred_at": "2026-05-01T12:30:00+08:00",
    "reference": "T3-000123",
    "member": MEMBER_REF,
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
    "member": MEMBER_REF,
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
    "id": ACTIVITY_ID,
    "key": "till-3-000123",
    "kind": "purchase",
    "member_id": MEMBER_ID,
    "points": {"points": 128},
    "award": _AWARD,
    "tier": "standard",
    "balances": [{"unit": "points", "available": 128, "pending": 0, "held": 0, "deficit": 0}],
}

ACTIVITY: Final[Json] = {
    "id": ACTIVITY_ID,
    "kind": "purchase",
    "key": "till-3-000123",
    "client_id": "0197f3a0-7c00-7000-8000-0000000000c1",
    "member_id": MEMBER_ID,
    "store": "main",
    "reference": "T3-000123",
    "of_id": None,
    "rule_set_version": 1,
    "occurred_at": AT,
    "booked_at": AT,
    "body": {**PURCHASE, "key": "till-3-000123"},
    "points": {"points": 128},
    "award": _AWARD,
    "tier": "standard",
}

_POSTING: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000b1",
    "transaction_id": ACTIVITY_ID,
    "unit": "points",
    "seq": 1,
    "kind": "earn",
    "contra": "issuance",
    "amount": 128,
    "balance_after": 128,
    "rule": "spend",
    "expires_at": None,
    "occurred_at": AT,
    "booked_at": AT,
    "reason": "",
    "actor": "till 3",
    "pending_after": 0,
    "held_after": 0,
    "deficit_after": 0,
    "moved": 128,
}

PROBLEM: Final[Json] = {
    "type": "urn:jifen:problem:unknown_member",
    "title": "Unknown member",
    "status": 404,
    "detail": "nobody in this programme has this identity",
    "code": "unknown_member",
    "request_id": "0197f3a07c0070008000000000000001",
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

_COUPON: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000e1",
    "code": "5781-8PNT-3RZN-R3NT-8EXA-Z5NT-K267",
    "kind": "fifty",
    "version": 1,
    "member_id": MEMBER_ID,
    "status": "issued",
    "valid_from": AT,
    "valid_until": "2026-05-31T16:00:00Z",
    "issue_id": ACTIVITY_ID,
    "holder_id": None,
    "held_until": None,
}

_CHECKOUT: Final[Json] = {
    "member": MEMBER_REF,
    "lines": PURCHASE["lines"],
    "coupons": [_COUPON["code"]],
    "stored_minor": 2000,
}

_PRICE: Final[Json] = {
    "listed_minor": 12890,
    "steps": [
        {
            "step": "coupon",
            "code": "fifty",
            "before_minor": 12890,
            "off_minor": 5000,
            "after_minor": 7890,
            "lines": [5000],
            "coupon": _COUPON["code"],
        },
        {
            "step": "principal",
            "code": "",
            "before_minor": 7890,
            "off_minor": 2000,
            "after_minor": 5890,
        },
    ],
    "lines": [7890],
    "net_minor": 7890,
    "due_minor": 5890,
    "principal_minor": 2000,
}

REQUESTS: Final[dict[str, Json]] = {
    "bookActivity": {JSON: PURCHASE},
    "bookActivities": {JSON: BATCH, NDJSON: _NDJSON},
    "previewActivities": {JSON: PURCHASE, NDJSON: _NDJSON},
    "quoteOffset": {JSON: {"member": MEMBER_REF, "lines": PURCHASE["lines"]}},
    "quoteCheckout": {JSON: _CHECKOUT},
    "lookUpCoupon": {JSON: {"code": _COUPON["code"]}},
}
ANSWERS: Final[dict[str, Json]] = {
    "bookActivity": BOOKED,
    "bookActivities": _RESULTS,
    "previewActivities": BOOKED,
    "getBalances": {"member_id": MEMBER_ID, "balances": BOOKED["balances"]},
    "quoteOffset": {"points": 1000, "worth_minor": 1000, "refusal": None},
    "quoteCheckout": {
        "price": _PRICE,
        "points": {"points": 78, "principal": -2000},
        "award": {},
        "most_points": 0,
        "most_stored_minor": 7890,
    },
    "listCoupons": {"coupons": [_COUPON], "next_cursor": None, "names": {}},
    "listAllCoupons": {"coupons": [_COUPON], "next_cursor": None, "names": {}},
    "lookUpCoupon": _COUPON,
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
    "listLots": {
        "unit": "points",
        "lots": [
            {
                "id": _POSTING["id"],
                "transaction_id": ACTIVITY_ID,
                "left": 120,
                "amount": 128,
                "rule": "spend",
                "store": "main",
                "is_pending": False,
                "ripens_at": None,
                "expires_at": "2027-12-31T16:00:00Z",
                "ends_at": "2027-12-31T16:00:00Z",
                "occurred_at": AT,
            }
        ],
        "next_cursor": None,
    },
}
