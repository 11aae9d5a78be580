"""Examples of the bodies about setting up a programme, by operation."""

from __future__ import annotations

from typing import Any, Final

from jifen.faces.api.open.examples import people

Json = dict[str, Any]

_PASSWORD: Final = "three cups of tea 9"  # noqa: S105 (of nobody)
_RATE: Final[Json] = {
    "kind": "rate",
    "code": "spend",
    "points": 1,
    "per_minor": 100,
    "unit": "points",
}

REQUESTS: Final[dict[str, Json]] = {
    "setUp": {
        "code": "k7mq-2xvd-9hta-p4sn",
        "programme": {
            "code": "tea",
            "name": "山茶会员",
            "time_zone": "Asia/Shanghai",
            "currency": "CNY",
            "store": "总店",
            "opening_on": "2026-05-01",
        },
        "owner": {"login": "lina", "name": "李娜", "password": _PASSWORD},
    }
}
ANSWERS: Final[dict[str, Json]] = {
    "getSetUp": {"open": True},
    "setUp": people.ANSWERS["signIn"],
    "listPresets": {
        "presets": [
            {
                "code": "points-only",
                "name": {"zh": "只要积分", "en": "Points only"},
                "about": {"zh": "消费 1 元得 1 分。", "en": "A point for each ¥1."},
                "document": {"rules": [_RATE]},
            }
        ]
    },
}
