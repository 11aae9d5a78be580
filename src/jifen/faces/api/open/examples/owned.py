"""An example of what is listed of stored value and passes, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_MEMBER_ID: Final = "0197f3a0-7c00-7000-8000-000000000001"
_AT: Final = "2026-05-01T04:30:00Z"

ANSWERS: Final[dict[str, Json]] = {
    "listTopUps": {
        "top_ups": [
            {
                "id": "0197f3a0-7c00-7000-8000-0000000000a3",
                "member_id": _MEMBER_ID,
                "store": "main",
                "reference": "T3-000124",
                "occurred_at": _AT,
                "paid_minor": 50_000,
                "refunded_minor": 20_000,
                "gave": {"bonus": 3_000},
            }
        ],
        "next_cursor": None,
        "names": {_MEMBER_ID: "李娜"},
    },
    "listPassUses": {
        "pass_uses": [
            {
                "id": "0197f3a0-7c00-7000-8000-0000000000a4",
                "member_id": _MEMBER_ID,
                "store": "carwash",
                "reference": "W-17",
                "occurred_at": _AT,
                "unit": "wash",
                "count": 1,
                "is_undone": False,
            }
        ],
        "next_cursor": None,
        "names": {_MEMBER_ID: "李娜"},
    },
}
