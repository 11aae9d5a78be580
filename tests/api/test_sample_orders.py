"""The orders that somebody without a file of their own may try an import with."""

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from tests.api.shop import Shop
from tests.api.test_imports import CSV, made, order

from jifen.faces.importing import sample


@pytest.mark.parametrize("today", [date(2026, 11, 22) + timedelta(days=day) for day in range(7)])
def test_they_end_within_the_week_before_today(today: date) -> None:
    rows = list(csv.DictReader(io.StringIO(sample.moved(sample.shift_before(today)))))
    days = {datetime.fromisoformat(row["InvoiceDate"]).date() for row in rows}
    assert len(rows) == 3_018
    assert today - timedelta(days=7) <= max(days) < today
    assert (max(days) - min(days)).days == 20
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4, 6}, "closed on Saturdays"


def test_what_is_downloaded_is_imported(shop: Shop) -> None:
    answer = shop.get("imports/sample")
    assert answer.headers["Content-Type"] == CSV
    import_id = made(shop, answer.content, "online_retail")
    order(shop, import_id, "check")
    counts = order(shop, import_id, "run")["run"]["counts"]
    assert counts["orders"] > 100
    assert counts["new"] == counts["orders"] + counts["refunds"]
