"""Tables as files: CSV in UTF-8 with the mark by which Excel knows it, or a workbook.

Both take one row at a time, and keep none. No text is ever a formula: a spreadsheet takes what
begins with ``=``, ``+``, ``-``, ``@`` or a tab for one, so such a text gets a quotation mark before
it. :func:`plain` takes the mark away again, so a file that comes back is what it was.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Final, Protocol

from jifen.faces.exporting.types import CellTooLong, ExportForm

Cell = str | int | Decimal | datetime | date | bool | None
"""Times are local, and have no zone."""
Row = Sequence[Cell]
MOST_ROWS: Final = 1_048_576
"""Rows of one sheet of a workbook."""
LONGEST_CELL: Final = 32_767
TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BEGINS_FORMULA: Final = "=+\\-@＝＋－＠\t"
"""Also as East Asian spreadsheets take them, in full width."""
_DANGEROUS: Final = re.compile(f"'*[{_BEGINS_FORMULA}]")
_MARKED: Final = re.compile(f"''*[{_BEGINS_FORMULA}]")
_BREAKS: Final = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Writer(Protocol):
    """Rows into a file that is open already."""

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows."""

    def end(self, into: BinaryIO) -> None:
        """Have all of it in the file, which stays open."""


@contextmanager
def writer(form: ExportForm, head: Sequence[str], *, into: BinaryIO) -> Iterator[Writer]:
    """A writer that has written the head; after the block everything is in the file."""
    made = _Csv(head, into) if form == "csv" else _Workbook(head)
    try:
        yield made
    except BaseException:
        # The library's own files go when it has written them somewhere.
        with tempfile.TemporaryFile() as nowhere:
            made.end(nowhere)
        raise
    made.end(into)


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line."""
    line = _UNPRINTABLE.sub("", _BREAKS.sub(" ", text))
    return f"'{line}" if _DANGEROUS.match(line) else line


def plain(text: str) -> str:
    """What a text was before :func:`neutral`."""
    return text[1:] if _MARKED.match(text) else text


def _safe(cell: Cell) -> Cell:
    return neutral(cell) if isinstance(cell, str) else cell


class _Csv:
    def __init__(self, head: Sequence[str], into: BinaryIO) -> None:
        self._text = io.TextIOWrapper(into, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self.write([head])

    def write(self, rows: Iterable[Row]) -> None:
        self._writer.writerows([_spelled(_safe(cell)) for cell in row] for row in rows)

    def end(self, into: BinaryIO) -> None:
        self._text.flush()
        # Closing it would close the file.
        self._text.detach()


def _spelled(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else str(cell)


class _Workbook:
    """A workbook of as many sheets as it takes, each with the head. Its rows wait in a file of the
    library's own, not in memory."""

    def __init__(self, head: Sequence[str]) -> None:
        # Imported late: it takes a while, and most processes never need it.
        from openpyxl import Workbook

        self._head = head
        self._book = Workbook(write_only=True)
        self._begin()

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if self._left == 0:
                self._begin()
            self._append(row)

    def end(self, into: BinaryIO) -> None:
        self._book.save(into)

    def _begin(self) -> None:
        self._sheet = self._book.create_sheet()
        self._left = MOST_ROWS
        self._append(self._head)

    def _append(self, row: Row) -> None:
        self._sheet.append([_celled(_safe(cell)) for cell in row])
        self._left -= 1


def _celled(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    # The library would cut it off without a word.
    if isinstance(cell, str) and len(cell) > LONGEST_CELL:
        raise CellTooLong("a text is too long for a workbook; take CSV", longest=LONGEST_CELL)
    return cell or None if isinstance(cell, str) else cell
