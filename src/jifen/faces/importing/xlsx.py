"""A workbook's first sheet as lines of CSV. Pure, and bounded in all that a file may claim.

Formulas are read as the values that Excel kept of them. Numbers become the text that a person
sees: 13800138000, not 13800138000.0. A row keeps its number, so a line that is rejected is the
row of that number.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from jifen.faces.importing.files import UnreadableFile

MAGIC: Final = b"PK\x03\x04"
MOST_UNPACKED: Final = 128 * 1024 * 1024
MOST_PARTS: Final = 1_000
MOST_CELLS: Final = 3_000_000
_MOST_ROWS: Final = 1_048_576
_EXACT: Final = 15
"""Digits that Excel keeps of a number."""
_SHARED: Final = 48 * 1024 * 1024
"""Texts that are kept once are all in memory."""


def csv_of(content: bytes, *, name: str) -> bytes:
    """The first sheet as UTF-8 lines. Raises :class:`UnreadableFile`."""
    _check_parts(content, name)
    try:
        return _written(content, name)
    except UnreadableFile:
        raise
    except Exception as error:
        # A workbook is a dozen formats in one, and each reader in it has its own way to fail.
        raise _damaged(name) from error


def _written(content: bytes, name: str) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    cells = 0
    for number, row in enumerate(_rows(content), start=1):
        cells += len(row)
        if number > _MOST_ROWS or cells > MOST_CELLS:
            raise UnreadableFile(
                f"{name} has more than {MOST_CELLS:,} cells: save it as CSV, or in parts",
                file=name,
                reason="too_many_cells",
            )
        values = [_text(value) for value in row]
        while values and not values[-1]:
            values.pop()
        if values:
            writer.writerow(values)
        else:
            written.write("\n")
    return written.getvalue().encode()


def _check_parts(content: bytes, name: str) -> None:
    """Look at what the archive says before any of it is unpacked; no part yields more than it
    says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged(name) from error
    sizes = {part.filename: part.file_size for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(f"{name} has a password", file=name, reason="encrypted")
    if (
        len(parts) > MOST_PARTS
        or sum(part.file_size for part in parts) > MOST_UNPACKED
        or sizes.get("xl/sharedStrings.xml", 0) > _SHARED
    ):
        raise UnreadableFile(f"{name} is too large unpacked", file=name, reason="too_large")
    if "[Content_Types].xml" not in sizes:
        raise _damaged(name)


def _rows(content: bytes) -> Iterator[Sequence[Any]]:
    # Imported late: it takes a while, and most processes never need it.
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        # What a sheet says of its own size is often wrong.
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        midnight = value.time() == time.min
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    # One line is one record.
    return " ".join(str(value).split("\n")).replace("\r", " ").replace("\0", "").strip()


def _number(value: float) -> str:
    if abs(value) >= 10**_EXACT:
        # Excel has lost digits of it already; that shows.
        return f"{value:.{_EXACT - 1}E}"
    return format(Decimal(f"{value:.{_EXACT}g}"), "f")


def _damaged(name: str) -> UnreadableFile:
    return UnreadableFile(f"{name} is no workbook, or damaged", file=name, reason="damaged")
