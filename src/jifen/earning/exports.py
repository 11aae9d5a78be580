"""Reads of the whole programme at once, for files that leave it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from django.db import connection, transaction

from jifen.common.scope import current
from jifen.common.sql import statement

_PAGE: Final = 5_000


class BalanceRow(NamedTuple):
    """One member's account of one unit. ``member`` is the external id, else the member's id;
    ``available`` leaves out lots that are due and not closed yet."""

    member: str
    unit: str
    available: int
    pending: int
    held: int
    deficit: int
    tier: str


def balance_rows(*, at: datetime) -> Iterator[BalanceRow]:
    """Every member and every unit as of ``at``, also empty ones, ordered by member text (by code
    point), then unit.

    One statement, read through a cursor of the server: one snapshot, and memory for one page.
    """
    text = statement(Path(__file__).parent / "sql", "export_balances").text
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(text, {"programme_id": current(), "at": at})
        while page := cursor.fetchmany(_PAGE):
            yield from map(BalanceRow._make, page)
