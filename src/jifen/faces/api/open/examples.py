"""An example for each body of the API, by operation. A test decodes every one of them."""

from __future__ import annotations

from typing import Any, Final

from jifen.faces.api.decoding import JSON, NDJSON
from jifen.faces.api.open import (
    beginning,
    effects,
    figures,
    files,
    owned,
    people,
    reaching,
    taking,
    trying,
)

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
    "pending_after": 0,
    "held_after": 0,
    "deficit_after": 0,
    "moved": 128,
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
    "status": "active",
    "merged_into": None,
    "tags": ["茶友"],
}
_OTHER_ID: Final = "0197f3a0-7c00-7000-8000-000000000002"
_BY_STAFF: Final[Json] = {"reason": "two cards of one person", "actor": "Li Na"}
_DONE: Final[Json] = {"occurred_at": "2026-05-03T10:00:00+08:00", **_BY_STAFF}


def _acted(kind: str, points: int) -> Json:
    """What an act on a whole member answers."""
    balance = {"unit": "points", "available": 0, "pending": 0, "held": 0, "deficit": 0}
    return {
        "id": _ACTIVITY_ID,
        "key": "desk-17",
        "kind": kind,
        "member_id": _MEMBER_ID,
        "points": {"points": points},
        "tier": "standard",
        "balances": [{**balance, "available": max(points, 0)}],
    }


TIER: Final[Json] = {
    "member_id": _MEMBER_ID,
    "tier": "gold",
    "name": {"zh": "金卡", "en": "Gold"},
    "why": "earned",
    "reason": "",
    "until": "2027-12-31T16:00:00Z",
    "then": "silver",
    "keep": {
        "tier": "gold",
        "name": {"zh": "金卡", "en": "Gold"},
        "by": "growth",
        "counted": 0,
        "needed": 3000,
        "missing": 3000,
        "since": "2027",
        "to": "2027",
        "decided_at": "2027-12-31T16:00:00Z",
    },
    "next": {
        "tier": "platinum",
        "name": {"zh": "铂金卡", "en": "Platinum"},
        "by": "growth",
        "counted": 3200,
        "needed": 10000,
        "missing": 6800,
        "since": "",
        "to": "",
        "decided_at": None,
    },
    "benefits": [
        {
            "code": "free-delivery",
            "kind": "free_delivery",
            "name": {"zh": "免运费", "en": "Free delivery"},
            "is_on": False,
            "rate": None,
            "products": [],
            "categories": [],
            "quota": 1,
            "used": 1,
            "left": 0,
            "period": "2026-05",
            "resets_at": "2026-05-31T16:00:00Z",
            "next_at": "2026-05-31T16:00:00Z",
        }
    ],
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
    "member_id": _MEMBER_ID,
    "status": "issued",
    "valid_from": _AT,
    "valid_until": "2026-05-31T16:00:00Z",
    "issue_id": _ACTIVITY_ID,
    "holder_id": None,
    "held_until": None,
}
_CHECKOUT: Final[Json] = {
    "member": _MEMBER_REF,
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

_UNTOLD: Final[Json] = {
    "member_id": _MEMBER_ID,
    "unit": "points",
    "points": 70,
    "ends_on": "2026-05-01",
    "reason": "no_address",
}
_RUN: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000f1",
    "kind": "expiry",
    "unit": None,
    "clearing_id": None,
    "on_day": "2026-05-02",
    "started_at": "2026-05-01T16:05:00Z",
    "started_by": "jifen",
    "finished_at": "2026-05-01T16:05:09Z",
    "slices": 9,
    "passed_over": 0,
    "notices": 0,
    "totals": {"points": {"accounts": 4_200, "lots": 5_130, "points": 612_400}},
    "untold": {"points": {"members": 1, "points": 70}},
}
_CLEARING: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000f2",
    "unit": "points",
    "ends_on": "2026-05-01",
    "ends_at": "2026-05-01T16:00:00Z",
    "days": [30, 7],
    "required": True,
    "source": "operator",
    "state": "announced",
    "announced_at": "2026-03-01T04:00:00Z",
    "announced_by": "back office",
    "reason": "a new points year",
}
_CLEAR_RUN: Final[Json] = {
    **_RUN,
    "kind": "clear",
    "unit": "points",
    "clearing_id": _CLEARING["id"],
}
_NOTICE: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000f3",
    "member_id": _MEMBER_ID,
    "unit": "points",
    "kind": "expiry",
    "ends_on": "2026-05-31",
    "days_before": 30,
    "is_late": False,
    "points": 128,
    "state": "sent",
    "channel": "email",
    "reason": "",
    "planned_at": _AT,
    "done_at": _AT,
}
_CLOSES: Final[Json] = {
    "closes": [{"unit": "points", "store": "main", "lots": 5_130, "members": 4_200,
                "points": 612_400}],
    "leaves": {"points": {"members": 1, "points": 70}},
}  # fmt: skip

_PROGRAMME: Final[Json] = {
    "code": "tea",
    "name": "茶会员",
    "time_zone": "Asia/Shanghai",
    "currency": "CNY",
    "opening_on": "2026-01-01",
    "claim_days": 30,
    "approval_above": 5000,
    "rule_set_version": 1,
    "stores": [{"code": "main", "name": "总店", "merchant": "main"}],
    "units": [
        {
            "id": "0197f3a0-7c00-7000-8000-0000000000d1",
            "code": "points",
            "kind": "points",
            "name_zh": "积分",
            "name_en": "points",
        }
    ],
    "tiers": [{"code": "gold", "name": {"zh": "金卡", "en": "Gold"}}],
}

REQUESTS: Final[dict[str, Json]] = {
    "bookActivity": {JSON: PURCHASE},
    "bookActivities": {JSON: BATCH, NDJSON: _NDJSON},
    "previewActivities": {JSON: PURCHASE, NDJSON: _NDJSON},
    "enrolMember": {
        JSON: {"identities": [_MEMBER_REF], "name": "王小明", "birthday_on": "1990-06-18"}
    },
    "lookUpMember": {JSON: _MEMBER_REF},
    "changeMember": {JSON: {"name": "王小明", "add_tags": ["茶友"]}},
    "freezeMember": {JSON: _BY_STAFF},
    "unfreezeMember": {JSON: _BY_STAFF},
    "endMembership": {JSON: _DONE},
    "eraseMember": {JSON: {"occurred_at": _DONE["occurred_at"], "actor": "Li Na"}},
    "mergeMember": {JSON: {**_DONE, "other": _MEMBER_REF}},
    "undoMerge": {JSON: _DONE},
    "quoteOffset": {JSON: {"member": _MEMBER_REF, "lines": PURCHASE["lines"]}},
    "quoteCheckout": {JSON: _CHECKOUT},
    "lookUpCoupon": {JSON: {"code": _COUPON["code"]}},
    "putDraft": {JSON: _DOCUMENT},
    "planNotices": {JSON: {"limit": 10_000}},
    "sendNotices": {JSON: {"limit": 100}},
    "runExpiry": {JSON: {"limit": 10_000}},
    "announceClear": {
        JSON: {
            "unit": "points",
            "on": "2026-05-01",
            "days": [30, 7],
            "required": True,
            "reason": "a new points year",
        }
    },
    "runClear": {JSON: {"limit": 10_000}},
    **{name: {JSON: body} for name, body in {**people.REQUESTS, **files.REQUESTS}.items()},
    **{name: {JSON: body} for name, body in {**trying.REQUESTS, **beginning.REQUESTS}.items()},
    **{name: {JSON: body} for name, body in reaching.REQUESTS.items()},
    **{name: {JSON: body} for name, body in taking.REQUESTS.items()},
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
    "changeMember": MEMBER,
    "freezeMember": {**MEMBER, "status": "frozen"},
    "unfreezeMember": MEMBER,
    "endMembership": _acted("leave", -128),
    "eraseMember": _acted("erasure", -128),
    "mergeMember": _acted("merge", 128),
    "undoMerge": _acted("merge_undo", -128),
    "auditMember": {
        "entries": [
            {
                "id": "0197f3a0-7c00-7000-8000-0000000000e1",
                "kind": "frozen",
                "actor": "Li Na",
                "reason": "the card was lost",
                "at": _AT,
                "fields": [],
            }
        ],
        "next_cursor": None,
    },
    "listTags": {"tags": [{"tag": "茶友", "members": 12}]},
    "listSegmentMembers": {"members": [{**MEMBER, "available": None}], "next_cursor": None},
    "getMember": MEMBER,
    "listMembers": {"members": [{**MEMBER, "available": 128}], "next_cursor": None},
    "getTier": TIER,
    "getBalances": {"member_id": _MEMBER_ID, "balances": BOOKED["balances"]},
    "quoteOffset": {"points": 1000, "worth_minor": 1000, "refusal": None},
    "quoteCheckout": {
        "price": _PRICE,
        "points": {"points": 78, "principal": -2000},
        "award": {},
        "most_points": 0,
        "most_stored_minor": 7890,
    },
    "listCoupons": {"coupons": [_COUPON], "next_cursor": None},
    "listAllCoupons": {"coupons": [_COUPON], "next_cursor": None},
    "lookUpCoupon": _COUPON,
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
    "listLots": {
        "unit": "points",
        "lots": [
            {
                "id": _POSTING["id"],
                "transaction_id": _ACTIVITY_ID,
                "left": 120,
                "amount": 128,
                "rule": "spend",
                "store": "main",
                "is_pending": False,
                "ripens_at": None,
                "expires_at": "2027-12-31T16:00:00Z",
                "ends_at": "2027-12-31T16:00:00Z",
                "occurred_at": _AT,
            }
        ],
        "next_cursor": None,
    },
    "getProgramme": _PROGRAMME,
    "changeProgramme": _PROGRAMME,
    "listMemberNotices": {"notices": [_NOTICE], "next_cursor": None},
    "listNotices": {"notices": [_NOTICE], "next_cursor": None},
    "previewNotices": {
        "totals": [
            {
                "unit": "points",
                "kind": "expiry",
                "days_before": 30,
                "ends_on": "2026-05-31",
                "members": 4_200,
                "points": 612_400,
            }
        ]
    },
    "planNotices": {
        "runs": [
            {
                **_RUN,
                "kind": "notices",
                "unit": "points",
                "notices": 4_200,
                "totals": {},
                "untold": {},
            }
        ]
    },
    "planLateNotices": {"notices": 1},
    "retryNotices": {"notices": 1},
    "sendNotices": {"sent": 98, "again": 1, "failed": 1},
    "listRuns": {"runs": [_RUN], "next_cursor": None},
    "getRun": _RUN,
    "previewExpiry": _CLOSES,
    "runExpiry": {"run": _RUN, "untold": [_UNTOLD]},
    "listUntold": {"untold": [_UNTOLD], "next_cursor": None},
    "announceClear": _CLEARING,
    "listClears": {"clears": [_CLEARING], "next_cursor": None},
    "getClear": _CLEARING,
    "cancelClear": {**_CLEARING, "state": "cancelled"},
    "previewClear": _CLOSES,
    "runClear": {"run": _CLEAR_RUN, "untold": [_UNTOLD]},
    "listUncleared": {"untold": [_UNTOLD], "next_cursor": None},
    "listRuleSets": {"rule_sets": [_VERSION_HEAD]},
    "getRuleSet": {**_VERSION_HEAD, "document": _DOCUMENT},
    "listDrafts": {"drafts": [_DRAFT_HEAD]},
    "getDraft": {**_DRAFT_HEAD, "document": _DOCUMENT},
    "putDraft": {**_DRAFT_HEAD, "document": _DOCUMENT},
    "verify": {
        "ok": True,
        "checked": {
            "postings": 1,
            "accounts": 1,
            "lots": 1,
            "holds": 0,
            "draw_downs": 0,
            "coupons": 0,
            "benefit_uses": 0,
        },
        "faults": [],
    },
    **people.ANSWERS,
    **files.ANSWERS,
    **taking.ANSWERS,
    **trying.ANSWERS,
    **beginning.ANSWERS,
    **reaching.ANSWERS,
    **figures.ANSWERS,
    **owned.ANSWERS,
    **effects.ANSWERS,
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
