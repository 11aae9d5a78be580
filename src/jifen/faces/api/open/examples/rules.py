"""Bodies about the programme and its rules, by operation."""

from __future__ import annotations

from typing import Final

from jifen.faces.api.decoding import JSON
from jifen.faces.api.open.examples.shared import AT, Json

_DRAFT_HEAD: Final[Json] = {"name": "summer", "updated_at": AT, "updated_by": "back office"}

_DOCUMENT: Final[Json] = {
    "rules": [{"kind": "rate", "code": "spend", "points": 1, "per_minor": 100, "unit": "points"}]
}

_VERSION_HEAD: Final[Json] = {
    "version": 1,
    "published_at": AT,
    "published_by": "back office",
    "starts_at": None,
    "status": "in_force",
}

_PROGRAMME: Final[Json] = {
    "code": "tea",
    "name": "茶会员",
    "time_zone": "Asia/Shanghai",
    "currency": "CNY",
    "opening_on": "2026-01-01",
    "claim_days": 30,
    "approval_above": 5000,
    "rule_set_version": 1,
    "stores": [{"code": "main", "name": "总店", "merchant": "main"}],
    "units": [
        {
            "id": "0197f3a0-7c00-7000-8000-0000000000d1",
            "code": "points",
            "kind": "points",
            "name_zh": "积分",
            "name_en": "points",
        }
    ],
    "tiers": [{"code": "gold", "name": {"zh": "金卡", "en": "Gold"}}],
}

REQUESTS: Final[dict[str, Json]] = {
    "putDraft": {JSON: _DOCUMENT},
}
ANSWERS: Final[dict[str, Json]] = {
    "publishDraft": {"version": 2},
    "withdrawRuleSet": {"version": 1},
    "getProgramme": _PROGRAMME,
    "changeProgramme": _PROGRAMME,
    "listRuleSets": {"rule_sets": [_VERSION_HEAD]},
    "getRuleSet": {**_VERSION_HEAD, "document": _DOCUMENT},
    "listDrafts": {"drafts": [_DRAFT_HEAD]},
    "getDraft": {**_DRAFT_HEAD, "document": _DOCUMENT},
    "putDraft": {**_DRAFT_HEAD, "document": _DOCUMENT},
    "verify": {
        "ok": True,
        "checked": {
            "postings": 1,
            "accounts": 1,
            "lots": 1,
            "holds": 0,
            "draw_downs": 0,
            "coupons": 0,
            "benefit_uses": 0,
        },
        "faults": [],
    },
}
