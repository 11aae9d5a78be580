"""Files of tables: what a spreadsheet finds in them, and what it does not take for a formula."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from jifen.faces.exporting import writing
from jifen.faces.exporting.types import CellTooLong, ExportForm
from jifen.faces.exporting.writing import Row, neutral, plain

HEAD = ("name", "points", "at")
ROW: Row = ("李娜", -5, datetime.fromisoformat("2026-07-01 12:00"))


def written(form: ExportForm, *rows: Row, head: tuple[str, ...] = HEAD) -> bytes:
    file = io.BytesIO()
    with writing.writer(form, head, into=file) as writer:
        writer.write(rows)
    return file.getvalue()


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_has_the_mark_by_which_excel_knows_chinese() -> None:
    content = written("csv", ROW, ("", None, None))
    assert content.startswith(b"\xef\xbb\xbfname,points,at\n")
    assert lines(content)[1:] == [["李娜", "-5", "2026-07-01 12:00:00"], ["", "", ""]]


def test_a_workbook_keeps_numbers_days_and_texts_apart() -> None:
    row: Row = ("0044123", 7, Decimal("59.80"), date(2026, 7, 1), True, None, "")
    book = load_workbook(io.BytesIO(written("xlsx", row, head=tuple("abcdefg"))))
    _, found = book.worksheets[0].iter_rows(values_only=True)
    assert found == ("0044123", 7, 59.8, datetime.fromisoformat("2026-07-01"), "yes", None, None)


def test_a_workbook_goes_on_on_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 3)
    content = written("xlsx", *[(str(n), n, None) for n in range(5)])
    sheets = load_workbook(io.BytesIO(content)).worksheets
    told = [[row[1] for row in sheet.iter_rows(values_only=True)] for sheet in sheets]
    assert told == [["points", 0, 1], ["points", 2, 3], ["points", 4]]


def test_a_text_that_does_not_fit_is_never_cut_off() -> None:
    long = "5@2026-01-01;" * 3_000
    with pytest.raises(CellTooLong):
        written("xlsx", (long, 1, None))
    assert lines(written("csv", (long, 1, None)))[1][0] == long


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "＋1", "－1", "＠a", '=HYPERLINK("http://x")'],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_text_is_a_formula(form: ExportForm, text: str) -> None:
    content = written(form, (text, 1, None))
    if form == "csv":
        found = lines(content)[1][0]
    else:
        cell = load_workbook(io.BytesIO(content)).worksheets[0]["A2"]
        assert cell.data_type == "s"
        found = str(cell.value)
    assert found == f"'{text}"
    assert plain(found) == text


def test_numbers_are_no_texts() -> None:
    assert lines(written("csv", ("a", -5, None)))[1][1] == "-5"


def test_one_row_is_one_line() -> None:
    content = written("csv", ("a\r\nb\u2028c\x00d", 1, None))
    assert content.count(b"\n") == 2
    assert lines(content)[1][0] == "a b cd"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"])))
def test_what_is_marked_comes_back_as_it_was(text: str) -> None:
    found = neutral(text)
    assert found[:1] not in "=+-@\t" or found == ""
    assert plain(found) == text
