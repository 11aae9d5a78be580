"""Whether what the programme keeps is what its activities say: the ledger, coupons, uses of
benefits, merges.

The ledger proves itself (:func:`jifen.ledger.services.verify`). Coupons and uses of benefits are
working tables: what each should be is worked out of the activities, which are only ever added.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec.structs import replace

from jifen.common.sql import snapshot, statement
from jifen.ledger import services as ledger
from jifen.ledger.types import Fault, Verdict
from jifen.tiers import selectors as tiers
from jifen.wallet import selectors as wallet

_SQL: Final = Path(__file__).parent / "sql"
_CHECKS: Final = (
    ("coupons_issued", "coupon"),
    ("coupons_used", "coupon"),
    ("coupons_void", "coupon"),
    ("coupons_held", "coupon"),
    ("benefits_used", "benefit_usage"),
    ("benefits_held", "benefit_usage"),
    ("merged", "account"),
)
"""Each check, and the table of which it names rows: by id, uses of a benefit by member, benefit and
period."""
FAULTS: Final = 20
"""How many wrong rows of each check are named."""


def verify() -> Verdict:
    """Check everything of the active programme in one snapshot; the first wrong row leads."""
    with snapshot():
        books = ledger.verify()
        faults = tuple(
            Fault(check, table, str(row_id), int(expected), int(found))
            for check, table in _CHECKS
            for row_id, expected, found in statement(_SQL, f"verify_{check}").rows(limit=FAULTS)
        )
        counts = {"coupons": wallet.count(), "benefit_uses": tiers.count_uses()}
    return replace(
        books,
        ok=books.ok and not faults,
        checked={**books.checked, **counts},
        faults=(*books.faults, *faults),
    )
