"""Whether what the programme keeps is what its activities say: the ledger, and the coupons.

The ledger proves itself (:func:`jifen.ledger.services.verify`). Coupons are a working table: what
each should be is worked out of the activities, which are only ever added.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec.structs import replace

from jifen.common.sql import snapshot, statement
from jifen.ledger import services as ledger
from jifen.ledger.types import Fault, Verdict
from jifen.wallet import selectors as wallet

_SQL: Final = Path(__file__).parent / "sql"
_CHECKS: Final = ("coupons_issued", "coupons_used", "coupons_void", "coupons_held")
FAULTS: Final = 20
"""How many wrong coupons of each check are named."""


def verify() -> Verdict:
    """Check everything of the active programme in one snapshot; the first wrong row leads."""
    with snapshot():
        books = ledger.verify()
        faults = tuple(
            Fault(check, "coupon", str(row_id), int(expected), int(found))
            for check in _CHECKS
            for row_id, expected, found in statement(_SQL, f"verify_{check}").rows(limit=FAULTS)
        )
        checked = {**books.checked, "coupons": wallet.count()}
    return replace(
        books, ok=books.ok and not faults, checked=checked, faults=(*books.faults, *faults)
    )
