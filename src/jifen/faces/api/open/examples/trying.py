"""An example of the bodies about trying a rule set, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_NAME: Final[Json] = {"zh": "金卡", "en": "Gold"}
_DOCUMENT: Final[Json] = {
    "rules": [
        {"kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points"},
        {"kind": "tier", "code": "levels", "multipliers": {"gold": "1.5"}},
    ],
    "ladder": {"by": "spend", "rungs": [{"code": "gold", "name": _NAME, "from": 200_000}]},
}


def _award(points: int, exact: list[int], factors: list[list[str]]) -> Json:
    part = {
        "rule": "spend",
        "unit": "points",
        "points": points,
        "exact": exact,
        "rounded": points,
        "rate": [1, 100],
        "rounding": "floor/order",
        "lines": [[0, 12890, []]],
    }
    return {"parts": [{**part, "factors": factors} if factors else part]}


REQUESTS: Final[dict[str, Json]] = {
    "tryRuleSet": {
        "document": _DOCUMENT,
        "order": {"amount_minor": 12890, "local": "2026-05-01T12:30:00"},
    }
}
ANSWERS: Final[dict[str, Json]] = {
    "tryRuleSet": {
        "faults": [],
        "told": [
            {
                "path": "$.rules[0]",
                "zh": "每消费 ¥1 得 1 积分",
                "en": "1 point for every ¥1 spent",
            },
            {"path": "$.rules[1]", "zh": "等级积分倍数：金卡 1.5 倍", "en": "By tier: Gold 1.5×"},
        ],
        "tiers": [
            {
                "tier": "",
                "name": None,
                "points": {"points": 128},
                "award": _award(128, [1289, 10], []),
                "sentences": ["spend: ¥128.90 × 1 per ¥1 = 128.9 → 128 points (floor)"],
            },
            {
                "tier": "gold",
                "name": _NAME,
                "points": {"points": 193},
                "award": _award(193, [3867, 20], [["tier:levels", "1.5"]]),
                "sentences": ["spend: ¥128.90 × 1 per ¥1 × gold 1.5 = 193.35 → 193 points (floor)"],
            },
        ],
    }
}
