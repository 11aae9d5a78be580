"""An example of a what-if, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_RUNNING: Final[Json] = {
    "draft": "double-points",
    "digest": "9f2d3c5b7a1e4f60819293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8",
    "is_current": True,
    "status": "running",
    "fault": "",
    "done": 0,
    "total": 0,
    "started_at": "2026-05-30T04:00:00Z",
    "started_by": "staff:lina",
    "ended_at": None,
    "result": None,
}
_EFFECT: Final[Json] = {
    "unit": "points",
    "points": {"now": 41280, "draft": 52400},
    "by_tier": [
        {"of": "", "now": 30160, "draft": 30160},
        {"of": "gold", "now": 11120, "draft": 22240},
    ],
    "by_store": [{"of": "main", "now": 41280, "draft": 52400}],
    "by_day": [{"of": "2026-05-30", "now": 41280, "draft": 52400}],
    "gaining": 61,
    "losing": 0,
    "biggest": [
        {
            "activity_id": "0197f3a0-7c00-7000-8000-0000000000a2",
            "member_id": "0197f3a0-7c00-7000-8000-0000000000a9",
            "kind": "purchase",
            "day": "2026-05-30",
            "store": "main",
            "tier": "gold",
            "now": 1320,
            "draft": 2640,
        }
    ],
    "cost_now_minor": 41280,
    "cost_draft_minor": 52400,
}
_DONE: Final[Json] = {
    **_RUNNING,
    "status": "done",
    "done": 512,
    "total": 512,
    "ended_at": "2026-05-30T04:00:02Z",
    "result": {
        "since": "2026-05-01",
        "at": "2026-05-30T04:00:01Z",
        "version": 3,
        "versions": [2, 3],
        "sample": 1,
        "orders": 488,
        "behaviours": 24,
        "members": 233,
        "effects": [_EFFECT],
        "unseen": ["ladder"],
    },
}
ANSWERS: Final[dict[str, Json]] = {
    "startWhatIf": _RUNNING,
    "getWhatIf": {"what_if": _DONE},
}
