"""The packaged orders of a real shop: three weeks of December 2010, of which ``data/NOTICE.md``
says where they come from. Moved by whole weeks, weekdays stay what they were."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Final

FILE: Final = "online_retail_slice.csv.gz"
FIRST_ON: Final = date(2010, 12, 1)
_LAST_ON: Final = date(2010, 12, 21)
_WEEK: Final = timedelta(days=7)
_TIME: Final = "InvoiceDate"


def shift_before(day: date) -> timedelta:
    """By how much the orders move so that the last of them are of the week before a day."""
    return (day - _LAST_ON - timedelta(days=1)) // _WEEK * _WEEK


def moved(shift: timedelta) -> str:
    """The file as CSV in its own columns, each line that much later."""
    text = gzip.decompress((files("jifen") / "data" / FILE).read_bytes()).decode()
    rows = csv.DictReader(io.StringIO(text))
    found = io.StringIO()
    writer = csv.DictWriter(found, rows.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, _TIME: str(datetime.fromisoformat(row[_TIME]) + shift)})
    return found.getvalue()
