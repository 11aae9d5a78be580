"""What an import answers, and the file of what was left out."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from msgspec import Struct

from jifen.common.errors import InvalidInput
from jifen.common.home import default_home
from jifen.faces.importing.plan import LeftOut

BATCH: Final = 1_000
"""Activities or members in one call."""


class OrdersReport(Struct, frozen=True, kw_only=True):
    """The counts of one run; ``docs/online-retail.md`` says what each one is.

    Points are of units of kind points. ``new`` and ``replayed`` count activities.
    """

    lines: int
    rejected: int
    no_customer: int
    not_goods: int
    price_not_positive: int
    booked: int
    refunded: int
    unmatched_refund: int
    split: int
    unmatched_quantity: int
    points_earned: int
    points_clawed_back: int
    orders: int
    members: int
    new: int
    replayed: int


class MembersReport(Struct, frozen=True, kw_only=True):
    """The counts of a member import: each line is enrolled, was there already, or is rejected."""

    lines: int
    enrolled: int
    known: int
    rejected: int


class UnwritableFile(InvalidInput):
    """A file that was to be written cannot be."""

    code: ClassVar[str] = "unwritable_file"


class RejectsFile:
    """A CSV for what was left out. It is made at once, so that an unwritable place is told
    before anything is booked; it may name people, so only its owner may read it."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise UnwritableFile(f"cannot write {path}: {error.strerror}") from error
        self.path = path
        self._file = os.fdopen(opened, "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Append the rows and close the file."""
        with self._file:
            self._writer.writerows(rows)


def rejects_path(*, source: Path, named: Path | None, at: datetime) -> Path:
    """Where the rejects go: the named file, else ``<home>/imports/<source>-<time>.csv``."""
    if named is not None:
        return named
    stem = source.name.removesuffix(".gz").removesuffix(".csv")
    return default_home() / "imports" / f"{stem}-{at:%Y%m%dT%H%M%S%f}.csv"


def ordered(entries: Iterable[LeftOut]) -> list[LeftOut]:
    """In the order of the file."""
    return sorted(entries, key=lambda entry: entry.line)
