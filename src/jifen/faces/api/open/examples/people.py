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
    "stores": ["main"],
    "second_factor": False,
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
    "stores": None,
    "second_factor": True,
    "programme": "tea",
    "programme_name": "山茶会员",
}

_APPROVAL_ID: Final = "0197f3a0-7c00-7000-8000-0000000000f7"
APPROVAL: Final[Json] = {
    "id": _APPROVAL_ID,
    "kind": "activity",
    "status": "pending",
    "asked": {
        "kind": "gift",
        "key": "g-1",
        "occurred_at": "2026-05-02T01:10:00Z",
        "member": {"kind": "id", "value": "0197f3a0-7c00-7000-8000-0000000000a9"},
        "unit": "points",
        "points": 8000,
        "reason": "complaint 4711",
        "actor": "李娜",
    },
    "member_id": "0197f3a0-7c00-7000-8000-0000000000a9",
    "store": "main",
    "points": 8000,
    "requested_at": "2026-05-02T01:10:00Z",
    "requested_by": "lina",
    "expires_at": "2026-05-09T01:10:00Z",
    "decided_at": None,
    "decided_by": None,
    "reason": "",
    "outcome_id": None,
}
_DECIDED: Final[Json] = {"decided_at": "2026-05-02T02:00:00Z", "decided_by": "demo"}

REQUESTS: Final[dict[str, Json]] = {
    "signIn": {"login": "lina", "password": _PASSWORD, "code": "492039"},
    "setUpSecondFactor": {"password": _PASSWORD},
    "confirmSecondFactor": {"code": "492039"},
    "resetSecondFactor": {"reason": "lost the phone"},
    "changeProgramme": {"approval_above": 5000, "reason": "four eyes from now on"},
    "refuseApproval": {"reason": "ask the member for the receipt first"},
    "endSecondFactor": {"password": _PASSWORD, "code": "492039"},
    "changeMyPassword": {"old": _PASSWORD, "new": "four cups of tea 10"},
    "addStaff": {"login": "lina", "name": "李娜", "role": "clerk", "password": _PASSWORD},
    "changeStaff": {"role": "manager", "stores": ["main"]},
    "setStaffPassword": {"password": _PASSWORD},
}
ANSWERS: Final[dict[str, Json]] = {
    "signIn": _SESSION,
    "setUpSecondFactor": {
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/Tea:lina?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tea",
        "qr": "data:image/svg+xml,%3Csvg%3E%3C/svg%3E",
    },
    "confirmSecondFactor": {"recovery_codes": ["k7mq-2xvd-9hta-p4sn"]},
    "resetSecondFactor": _PERSON,
    "listApprovals": {"approvals": [APPROVAL], "next_cursor": None},
    "getApproval": {
        "approval": APPROVAL,
        "preview": {"booked": None, "members": 1200, "refused": "", "detail": ""},
    },
    "confirmApproval": {
        **APPROVAL,
        **_DECIDED,
        "status": "confirmed",
        "outcome_id": "0197f3a0-7c00-7000-8000-0000000000a2",
    },
    "refuseApproval": {**APPROVAL, **_DECIDED, "status": "refused", "reason": "no receipt"},
    "withdrawApproval": {**APPROVAL, **_DECIDED, "status": "withdrawn", "decided_by": "lina"},
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
WAITING: Final[dict[str, Json]] = {"bookActivity": APPROVAL, "startGiftRun": APPROVAL}
"""What is answered instead where a second person is needed."""
