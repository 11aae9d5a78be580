"""Examples of the bodies about segments and gifts to many, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_AT: Final = "2026-05-01T04:30:00Z"
_MEMBER_ID: Final = "0197f3a0-7c00-7000-8000-0000000000a9"
_OTHER_ID: Final = "0197f3a0-7c00-7000-8000-0000000000b2"
_CONDITION: Final[Json] = {
    "kind": "all",
    "of": [
        {"kind": "spend", "at_least_minor": 50_000, "days": 90},
        {"kind": "not", "of": {"kind": "last_visit", "days": 30}},
        {
            "kind": "any",
            "of": [{"kind": "tag", "any_of": ["茶友"]}, {"kind": "birthday", "next_days": 7}],
        },
    ],
}
_SEGMENT: Final[Json] = {
    "code": "tea-friends",
    "name": "茶友，近期未到店",
    "condition": _CONDITION,
    "updated_at": _AT,
    "updated_by": "back office",
}
_BULK_GIFT: Final[Json] = {
    "unit": "points",
    "points": 100,
    "reason": "ten years of tea",
    "actor": "Li Na",
    "to": {"kind": "segment", "segment": "regulars"},
}
_GIFT_RUN: Final[Json] = {
    **_BULK_GIFT,
    "id": "0197f3a0-7c00-7000-8000-000000000f01",
    "status": "giving",
    "to": "segment",
    "segment": "regulars",
    "condition": None,
    "expires_at": None,
    "members": 4_200,
    "given": 1_498,
    "refused": {"member_frozen": 2},
    "started_at": _AT,
    "started_by": "back office",
    "ended_at": None,
    "ended_by": "",
}

REQUESTS: Final[dict[str, Json]] = {
    "putSegment": {"name": _SEGMENT["name"], "condition": _CONDITION},
    "previewSegment": {"condition": _CONDITION},
    "startGiftRun": _BULK_GIFT,
    "previewGiftRun": {**_BULK_GIFT, "to": {"kind": "condition", "condition": _CONDITION}},
}

ANSWERS: Final[dict[str, Json]] = {
    "listSegments": {"segments": [_SEGMENT]},
    "getSegment": _SEGMENT,
    "putSegment": _SEGMENT,
    "countSegment": {"members": 42, "at": _AT},
    "listSegmentIds": {"ids": [_MEMBER_ID, _OTHER_ID], "next_cursor": None},
    "previewSegment": {"members": 42, "at": _AT, "first": [_MEMBER_ID, _OTHER_ID]},
    "getConditionSchema": {
        "anyOf": [{"$ref": "#/$defs/ByTag"}],
        "discriminator": {"propertyName": "kind", "mapping": {"tag": "#/$defs/ByTag"}},
        "$defs": {"ByTag": {"title": "ByTag", "type": "object"}},
    },
    "startGiftRun": _GIFT_RUN,
    "previewGiftRun": {"members": 4_200, "points": 420_000, "waits": True, "at": _AT},
    "listGiftRuns": {"gift_runs": [_GIFT_RUN], "next_cursor": None},
    "getGiftRun": _GIFT_RUN,
    "cancelGiftRun": {
        **_GIFT_RUN,
        "status": "cancelled",
        "ended_at": _AT,
        "ended_by": "back office",
    },
    "listGiftRunRefused": {
        "refused": [{"member_id": _MEMBER_ID, "name": "王小明", "code": "member_frozen"}],
        "next_cursor": None,
    },
}
