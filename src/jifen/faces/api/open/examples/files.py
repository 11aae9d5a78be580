"""Examples of the bodies about imports, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_RUN: Final[Json] = {
    "id": "0197f3a0-7c00-7000-8000-0000000000e1",
    "kind": "members",
    "name": "会员.xlsx",
    "encoding": "xlsx",
    "lines": 3,
    "columns": ["手机号", "姓名"],
    "mapping": {"phone": "手机号", "name": "姓名"},
    "fixed": {},
    "status": "done",
    "done": 3,
    "total": 3,
    "counts": {"lines": 3, "enrolled": 2, "known": 0, "rejected": 1},
    "fault": "",
    "uploaded_by": "lina",
    "uploaded_at": "2026-05-02T01:00:00Z",
    "started_at": "2026-05-02T01:05:00Z",
    "ended_at": "2026-05-02T01:05:02Z",
    "removed_at": None,
    "is_mine": True,
}
_NEW: Final[Json] = {
    **_RUN,
    "status": "uploaded",
    "done": 0,
    "total": 0,
    "counts": {},
    "started_at": None,
    "ended_at": None,
}
_TARGETS: Final[list[Json]] = [
    {"name": "phone", "required": False, "one_of": "identity", "needs": "", "values": []},
    {"name": "name", "required": False, "one_of": "", "needs": "", "values": []},
    {"name": "points", "required": False, "one_of": "", "needs": "adjust", "values": []},
]
_DETAILS: Final[Json] = {
    "run": _RUN,
    "targets": _TARGETS,
    "rows": [["13812342186", "李娜"], ["12", "王伟"]],
    "reasons": {"invalid_phone": 1},
    "rejected": [{"line": 3, "reason": "invalid_phone"}],
}
_UPLOADED: Final[Json] = {**_DETAILS, "run": _NEW, "reasons": {}, "rejected": []}

REQUESTS: Final[dict[str, Json]] = {
    "mapImport": {"columns": {"phone": "手机号", "name": "姓名"}, "fixed": {}},
}
ANSWERS: Final[dict[str, Json]] = {
    "uploadImport": _UPLOADED,
    "listImports": {"imports": [_RUN], "next_cursor": None},
    "getImport": _DETAILS,
    "mapImport": _UPLOADED,
    "checkImport": {**_NEW, "status": "checking"},
    "runImport": {**_NEW, "status": "running", "started_at": "2026-05-02T01:05:00Z"},
}
