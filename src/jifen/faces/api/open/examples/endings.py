"""Bodies about notices, expiry and clears, by operation."""

from __future__ import annotations

from typing import Final

from jifen.faces.api.decoding import JSON
from jifen.faces.api.open.examples.shared import AT, MEMBER_ID, Json

_UNTOLD: Final[Json] = {
    "member_id": MEMBER_ID,
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
    "member_id": MEMBER_ID,
    "unit": "points",
    "kind": "expiry",
    "ends_on": "2026-05-31",
    "days_before": 30,
    "is_late": False,
    "points": 128,
    "state": "sent",
    "channel": "email",
    "reason": "",
    "planned_at": AT,
    "done_at": AT,
}

_CLOSES: Final[Json] = {
    "closes": [{"unit": "points", "store": "main", "lots": 5_130, "members": 4_200,
                "points": 612_400}],
    "leaves": {"points": {"members": 1, "points": 70}},
}  # fmt: skip

REQUESTS: Final[dict[str, Json]] = {
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
}
ANSWERS: Final[dict[str, Json]] = {
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
}
