"""An example of each report, by operation."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_SALES: Final[Json] = {
    "orders": 84,
    "paid_minor": 1284550,
    "refunded_minor": 12890,
    "guest_orders": 31,
    "guest_paid_minor": 402300,
    "guest_refunded_minor": 0,
}

_TOP_UPS: Final[Json] = {
    "top_ups": 12,
    "paid_minor": 360_000,
    "refunds": 1,
    "refunded_minor": 20_000,
    "bonus_minor": 34_000,
}
_USES: Final[Json] = {"principal_minor": 184_200, "bonus_minor": 15_800, "coupons": 9, "passes": 4}

ANSWERS: Final[dict[str, Json]] = {
    "reportTopUps": {
        "days": [{"day": "2026-05-01", "store": "main", **_TOP_UPS}],
        "total": _TOP_UPS,
        "before": {**_TOP_UPS, "top_ups": 10, "paid_minor": 310_000},
    },
    "reportUses": {
        "days": [{"day": "2026-05-01", "store": "main", **_USES}],
        "total": _USES,
        "before": {**_USES, "coupons": 7},
    },
    "reportPoints": {
        "unit": "points",
        "days": [{"day": "2026-05-01", "issued": 12480, "burned": 7935, "expired": 120}],
        "total": {"issued": 12480, "burned": 7935, "expired": 120},
        "before": {"issued": 11530, "burned": 8200, "expired": 0},
    },
    "reportLiability": {
        "unit": "points",
        "days": [{"day": "2026-05-01", "outstanding": 4320600, "liability_minor": 4320600}],
        "rate": {"points": 100, "worth_minor": 100},
    },
    "reportSales": {
        "days": [{"day": "2026-05-01", **_SALES}],
        "total": _SALES,
        "before": {**_SALES, "orders": 79, "paid_minor": 1190020},
        "total_known": True,
    },
    "reportMembers": {
        "days": [{"day": "2026-05-01", "active": 96}],
        "total": {"active": 96, "buyers": 78, "repeat_buyers": 6},
        "before": {"active": 90, "buyers": 75, "repeat_buyers": 4},
    },
    "reportFlows": {
        "unit": "points",
        "sources": [
            {"act": "purchase", "rule": "spend", "points": 11900},
            {"act": "behaviour", "rule": "check-in", "points": 580},
        ],
        "uses": [
            {"act": "purchase", "rule": "", "points": 7935},
            {"act": "expire", "rule": "", "points": 120},
        ],
    },
    "reportCohorts": {
        "counted_on": "2026-05-01",
        "cohorts": [
            {"first_month": "2026-04", "members": [120, 41]},
            {"first_month": "2026-05", "members": [12]},
        ],
    },
    "reportRfm": {
        "counted_on": "2026-05-01",
        "recency_days": [7, 30, 90, 180, 365],
        "orders_from": [1, 2, 4, 7, 11],
        "cells": [{"recency": 0, "frequency": 1, "members": 38, "paid_minor": 512300}],
    },
    "reportTiers": {
        "counted_at": "2026-05-01T16:10:00Z",
        "tiers": [
            {"tier": "silver", "name_zh": "银卡", "name_en": "Silver", "members": 2060},
            {"tier": "gold", "name_zh": "金卡", "name_en": "Gold", "members": 740},
        ],
    },
}
