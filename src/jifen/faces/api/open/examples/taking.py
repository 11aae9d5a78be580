"""Examples of the bodies about exports, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_DONE: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000e7",
    "kind": "activities",
    "form": "xlsx",
    "since": "2026-04-01",
    "until": "2026-05-01",
    "stores": ["main"],
    "whole_phones": False,
    "status": "done",
    "done": 1280,
    "total": 1280,
    "size_bytes": 96_412,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "fault": "",
    "asked_by": "lina",
    "asked_at": "2026-05-02T01:00:00Z",
    "started_at": "2026-05-02T01:00:01Z",
    "ended_at": "2026-05-02T01:00:03Z",
    "kept_until": "2026-05-09T01:00:03Z",
    "removed_at": None,
}
_WAITING: Final[Json] = {
    **_DONE,
    "status": "waiting",
    "done": 0,
    "total": 0,
    "size_bytes": None,
    "sha256": "",
    "started_at": None,
    "ended_at": None,
    "kept_until": None,
}

REQUESTS: Final[dict[str, Json]] = {
    "startExport": {
        "kind": "activities",
        "form": "xlsx",
        "since": "2026-04-01",
        "until": "2026-05-01",
        "store": "main",
    },
}
ANSWERS: Final[dict[str, Json]] = {
    "startExport": _WAITING,
    "listExports": {"exports": [_DONE], "next_cursor": None},
    "getExport": _DONE,
    "cancelExport": {**_WAITING, "status": "cancelled", "ended_at": "2026-05-02T01:00:01Z"},
}
