"""Balances as CSV: one row for each member and unit, the same bytes on each run."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from jifen.earning.exports import BalanceRow

COLUMNS = ("member", "unit", "available", "pending", "held", "deficit", "tier")


def write_balances(rows: Iterable[BalanceRow], *, into: TextIO) -> int:
    """Write the header and every row; answers how many rows."""
    writer = csv.writer(into, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count
