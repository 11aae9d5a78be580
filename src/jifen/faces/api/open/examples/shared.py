"""What the examples have in common: ids, a moment, and a member as callers name one."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

MEMBER_ID: Final = "0197f3a0-7c00-7000-8000-000000000001"
ACTIVITY_ID: Final = "0197f3a0-7c00-7000-8000-0000000000a1"
AT: Final = "2026-05-01T04:30:00Z"
MEMBER_REF: Final[Json] = {"kind": "phone", "value": "13812342186"}
