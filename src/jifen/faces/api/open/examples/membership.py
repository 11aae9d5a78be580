"""Bodies about members, and acts on a whole one, by operation."""

from __future__ import annotations

from typing import Final

from jifen.faces.api.decoding import JSON
from jifen.faces.api.open.examples.shared import ACTIVITY_ID, AT, MEMBER_ID, MEMBER_REF, Json

MEMBER: Final[Json] = {
    "id": MEMBER_ID,
    "name": "王小明",
    "birthday_on": "1990-06-18",
    "enrolled_at": "2026-05-01T04:00:00Z",
    "identities": [{"kind": "phone", "value": "138****2186"}],
    "tier": "standard",
    "status": "active",
    "merged_into": None,
    "tags": ["茶友"],
}

_BY_STAFF: Final[Json] = {"reason": "two cards of one person", "actor": "Li Na"}

_DONE: Final[Json] = {"occurred_at": "2026-05-03T10:00:00+08:00", **_BY_STAFF}


def _acted(kind: str, points: int) -> Json:
    """What an act on a whole member answers."""
    balance = {"unit": "points", "available": 0, "pending": 0, "held": 0, "deficit": 0}
    return {
        "id": ACTIVITY_ID,
        "key": "desk-17",
        "kind": kind,
        "member_id": MEMBER_ID,
        "points": {"points": points},
        "tier": "standard",
        "balances": [{**balance, "available": max(points, 0)}],
    }


TIER: Final[Json] = {
    "member_id": MEMBER_ID,
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

REQUESTS: Final[dict[str, Json]] = {
    "enrolMember": {
        JSON: {"identities": [MEMBER_REF], "name": "王小明", "birthday_on": "1990-06-18"}
    },
    "lookUpMember": {JSON: MEMBER_REF},
    "changeMember": {JSON: {"name": "王小明", "add_tags": ["茶友"]}},
    "freezeMember": {JSON: _BY_STAFF},
    "unfreezeMember": {JSON: _BY_STAFF},
    "endMembership": {JSON: _DONE},
    "eraseMember": {JSON: {"occurred_at": _DONE["occurred_at"], "actor": "Li Na"}},
    "mergeMember": {JSON: {**_DONE, "other": MEMBER_REF}},
    "undoMerge": {JSON: _DONE},
}
ANSWERS: Final[dict[str, Json]] = {
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
                "at": AT,
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
}
