"""Guarantee 1: the one function that proves nothing was lost.

Accounts, open lots and open holds are rebuilt from postings and draw-downs and compared. The
property tests, the command and the nightly job all call :func:`verify`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jifen.common.sql import snapshot, statement
from jifen.ledger.types import Fault, Verdict

_SQL: Final = Path(__file__).parent / "sql"
_CHECKS: Final = (
    ("postings", "posting", "verify_postings"),
    ("draws", "posting", "verify_draws"),
    ("pending", "posting", "verify_pending"),
    ("accounts", "account", "verify_accounts"),
    ("lots", "lot", "verify_lots"),
    ("holds", "hold", "verify_holds"),
    ("slices", "hold", "verify_slices"),
    ("holdings", "account", "verify_holdings"),
    ("transfers", "ledger_transaction", "verify_transfers"),
    ("undone", "ledger_transaction", "verify_undone"),
)
FAULTS: Final = 20
"""How many wrong rows of each check are named."""


def verify() -> Verdict:
    """Check the active programme's whole ledger in one snapshot; the first wrong row leads."""
    with snapshot():
        counts = statement(_SQL, "verify_counts").rows()[0]
        faults = tuple(
            Fault(check, table, str(row_id), int(expected), int(found))
            for check, table, name in _CHECKS
            for row_id, expected, found in statement(_SQL, name).rows(limit=FAULTS)
        )
    names = ("postings", "accounts", "lots", "holds", "draw_downs")
    return Verdict(ok=not faults, checked=dict(zip(names, counts, strict=True)), faults=faults)
