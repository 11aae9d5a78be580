"""Any file a shop's programs write becomes lines of UTF-8, or is refused by name."""

import gzip
import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from jifen.faces.importing import reading, xlsx
from jifen.faces.importing.files import BadLineError, UnreadableFile, cells

TEXT = "手机号,姓名\n13800138000,李娜\n13900139000,王伟\n"


def rows(content: bytes, kind: str = "csv") -> list[list[str]]:
    read = reading.read(content, kind=kind, name="f")
    return [cells(line.content) for line in reading.lines(read.content)]


def workbook(*lines: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    for line in lines:
        sheet.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("gbk"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (gzip.compress(TEXT.encode("gbk"), mtime=0), "gb18030"),
        (TEXT.replace(",", "\t").encode("utf-16"), "utf-16"),
        (TEXT.replace(",", ";").encode(), "utf-8"),
    ],
    ids=["utf-8", "mark", "gb18030", "gbk", "utf-16", "gzip", "tabs", "semicolons"],
)
def test_text_is_read_whatever_wrote_it(content: bytes, encoding: str) -> None:
    assert reading.read(content, kind="csv", name="f").encoding == encoding
    assert rows(content) == [line.split(",") for line in TEXT.splitlines()]


def test_one_bad_line_of_utf8_spoils_itself_alone() -> None:
    read = reading.read(TEXT.encode() + b"\xff\xfe,x\n", kind="csv", name="f")
    assert read.encoding == "utf-8"
    *good, bad = reading.lines(read.content)
    assert [cells(line.content)[0] for line in good] == ["手机号", "13800138000", "13900139000"]
    with pytest.raises(BadLineError, match="invalid_utf8"):
        cells(bad.content)


def test_a_sheet_is_what_a_person_sees_in_it() -> None:
    content = workbook(
        ["phone", "born", "at", "amount", "flag", "text"],
        [13800138000, date(1990, 5, 20), datetime(2026, 6, 1, 9, 5), 59.8, True, "a\nb"],  # noqa: DTZ001 (a sheet has no zones)
        [],
        ["013800", datetime(1990, 5, 20), None, 0.1 + 0.2, None, " x "],  # noqa: DTZ001
        [123456789012345678],
    )
    assert rows(content, "xlsx") == [
        ["phone", "born", "at", "amount", "flag", "text"],
        ["13800138000", "1990-05-20", "2026-06-01 09:05:00", "59.8", "TRUE", "a b"],
        [""],
        ["013800", "1990-05-20", "", "0.3", "", "x"],
        ["1.23456789012346E+17"],
    ]


def test_formulas_are_their_kept_values() -> None:
    content = workbook(["points"], ["=1+1"], [7])
    # Nobody has calculated it yet, so nothing is kept.
    assert rows(content, "xlsx") == [["points"], [""], ["7"]]


def packed(*parts: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return written.getvalue()


GOOD = workbook(["phone"], ["13800138000"])


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", "csv", "empty"),
        (b"  \n", "csv", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "csv", "not_csv"),
        (GOOD, "csv", "not_csv"),
        (TEXT.encode(), "xlsx", "damaged"),
        (GOOD[:-40], "xlsx", "damaged"),
        (GOOD[:200], "xlsx", "damaged"),
        (packed(("a.txt", b"a")), "xlsx", "damaged"),
        (packed(("[Content_Types].xml", b"<x/>")), "xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx", "old_workbook"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-6], "csv", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_by_name(content: bytes, kind: str, reason: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        reading.read(content, kind=kind, name="f")
    assert refused.value.fields["reason"] == reason


def test_bombs_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed(("[Content_Types].xml", b"<x/>"), ("xl/big.xml", b" " * (xlsx.MOST_UNPACKED + 1)))
    assert len(bomb) < 1_000_000
    with pytest.raises(UnreadableFile) as refused:
        reading.read(bomb, kind="xlsx", name="f")
    assert refused.value.fields["reason"] == "too_large"
    bomb = gzip.compress(b"a" * (reading.MOST_UNPACKED + 1), mtime=0)
    with pytest.raises(UnreadableFile) as refused:
        reading.read(bomb, kind="csv", name="f")
    assert refused.value.fields["reason"] == "too_large"
    monkeypatch.setattr(xlsx, "MOST_CELLS", 3)
    with pytest.raises(UnreadableFile) as refused:
        reading.read(workbook(["a", "b"], [1, 2]), kind="xlsx", name="f")
    assert refused.value.fields["reason"] == "too_many_cells"


def test_entities_of_a_sheet_are_not_expanded() -> None:
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    spoilt = packed(*((n, entity if "sheet1" in n else c) for n, c in parts))
    with pytest.raises(UnreadableFile):
        reading.read(spoilt, kind="xlsx", name="f")
