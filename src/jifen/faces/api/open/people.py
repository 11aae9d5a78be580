"""Examples of the bodies about staff, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_STAFF_ID: Final = "0197f3a0-7c00-7000-8000-0000000000f1"
_PASSWORD: Final = "three cups of tea 9"  # noqa: S105 (of nobody)
_PERSON: Final[Json] = {
    "id": _STAFF_ID,
    "login": "lina",
    "name": "李娜",
    "role": "manager",
    "is_active": True,
    "created_at": "2026-05-01T04:30:00Z",
}
_SESSION: Final[Json] = {
    "login": "lina",
    "name": "李娜",
    "role": "clerk",
    "rights": [
        "activities.read",
        "activities.write",
        "balances.read",
        "members.read",
        "members.write",
    ],
    "programme": "tea",
    "programme_name": "山茶会员",
}

REQUESTS: Final[dict[str, Json]] = {
    "signIn": {"login": "lina", "password": _PASSWORD},
    "changeMyPassword": {"old": _PASSWORD, "new": "four cups of tea 10"},
    "addStaff": {"login": "lina", "name": "李娜", "role": "clerk", "password": _PASSWORD},
    "changeStaff": {"role": "manager"},
    "setStaffPassword": {"password": _PASSWORD},
}
ANSWERS: Final[dict[str, Json]] = {
    "signIn": _SESSION,
    "getSession": _SESSION,
    "addStaff": {**_PERSON, "role": "clerk"},
    "changeStaff": _PERSON,
    "listStaff": {"staff": [_PERSON]},
    "listStaffActs": {
        "acts": [
            {
                "id": "0197f3a0-7c00-7000-8000-0000000000f2",
                "at": "2026-05-02T01:10:00Z",
                "login": "demo",
                "address": "192.0.2.7",
                "operation": "PATCH /api/v1/staff/<uuid:staff_id>",
                "subject": {"staff_id": _STAFF_ID},
                "status": 200,
                "code": "",
                "before": {**_PERSON, "role": "clerk"},
                "after": _PERSON,
            }
        ],
        "next_cursor": None,
    },
}
