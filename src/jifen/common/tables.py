"""The written lists of tables: where each lives, and which may only grow.

``DISTRIBUTED`` tables carry ``programme_id`` in every key; ``GLOBAL`` ones are read before a
scope is known and, but for setting up, written in transactions of their own; ``LOCAL`` ones
belong to libraries (told by prefix). ``APPEND_ONLY`` tables grant the application INSERT and
SELECT, nothing else. A schema test compares these lists with the live catalogue.
"""

from __future__ import annotations

from typing import Final

DISTRIBUTED: Final = (
    "merchant",
    "store",
    "unit",
    "api_client",
    "api_client_store",
    "staff",
    "staff_act",
    "staff_factor",
    "staff_spare_code",
    "rule_set_draft",
    "rule_set",
    "member",
    "identity",
    "member_tag",
    "member_merge",
    "member_audit",
    "account",
    "ledger_transaction",
    "posting",
    "lot",
    "lot_notice",
    "hold",
    "draw_down",
    "standing",
    "period_spend",
    "benefit_usage",
    "coupon",
    "activity",
    "segment",
    "gift_run",
    "gift_run_member",
    "approval",
    "cap_usage",
    "budget_usage",
    "outbox",
    "outbox_delivery",
    "clearing",
    "notice",
    "outreach_run",
    "import_run",
    "import_file",
    "import_reject",
    "export_run",
    "export_part",
    "report_progress",
    "report_points",
    "report_outstanding",
    "report_sales",
    "report_coupons",
    "report_cohort",
    "report_rfm",
    "report_tier",
    "what_if",
)
GLOBAL: Final = ("programme", "api_key", "staff_login", "sign_in_attempt")
LOCAL_PREFIXES: Final = ("django_", "auth_", "procrastinate_")
APPEND_ONLY: Final = (
    "rule_set",
    "ledger_transaction",
    "posting",
    "draw_down",
    "activity",
)
