"""What somebody uploads as lines of UTF-8 with commas, whatever program wrote it. Pure.

A workbook is its first sheet. CSV is UTF-8, UTF-16 with its mark, or GB18030, which Chinese Excel
writes and which holds GBK and GB2312; separated by commas, semicolons or tabs; plain or gzip.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from jifen.faces.importing import xlsx
from jifen.faces.importing.files import RawLine, UnreadableFile, read_stream

TYPES: Final = {
    "text/csv": "csv",
    "application/gzip": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""What a browser may say it sends."""
MOST_UNPACKED: Final = 64 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class Text(NamedTuple):
    """Lines of UTF-8, some maybe not, and what they were written in."""

    content: bytes
    encoding: str


def read(content: bytes, *, kind: str, name: str) -> Text:
    """Read a file whose type was announced as ``csv`` or ``xlsx``. Raises
    :class:`UnreadableFile`, whose ``reason`` is for programs."""
    if not content.strip():
        raise UnreadableFile(f"{name} is empty", file=name, reason="empty")
    if content.startswith(_OLD_OFFICE):
        raise UnreadableFile(
            f"{name} is an .xls or has a password: save it as .xlsx without one",
            file=name,
            reason="old_workbook",
        )
    if kind == "xlsx":
        if not content.startswith(xlsx.MAGIC):
            raise UnreadableFile(f"{name} is no workbook", file=name, reason="damaged")
        return Text(xlsx.csv_of(content, name=name), "xlsx")
    if content.startswith(_GZIP):
        content = _unpacked(content, name)
    text = _utf8(content)
    if b"\0" in text.content or text.content.startswith(xlsx.MAGIC):
        raise UnreadableFile(f"{name} is no CSV", file=name, reason="not_csv")
    return Text(_with_commas(text.content), text.encoding)


def lines(content: bytes) -> Iterator[RawLine]:
    """The lines of what :func:`read` answered."""
    return read_stream(io.BytesIO(content))


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            plain = stream.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"{name} is damaged", file=name, reason="damaged") from error
    if len(plain) > MOST_UNPACKED:
        raise UnreadableFile(f"{name} is too large unpacked", file=name, reason="too_large")
    return plain


def _utf8(content: bytes) -> Text:
    if content.startswith(_UTF8_MARK):
        return Text(content.removeprefix(_UTF8_MARK), "utf-8")
    if content.startswith(_UTF16_MARKS):
        return Text(content.decode("utf-16", errors="replace").encode(), "utf-16")
    if _is(content, "utf-8") or not _looks_chinese(content):
        return Text(content, "utf-8")
    return Text(content.decode("gb18030").encode(), "gb18030")


def _looks_chinese(content: bytes) -> bool:
    """Whether it can be GB18030, and is so rather than UTF-8 with bad lines: most texts of the one
    are none of the other."""
    if not _is(content, "gb18030"):
        return False
    texts = [line for line in content.split(b"\n") if not line.isascii()]
    good = sum(_is(line, "utf-8") for line in texts)
    return good * 2 < len(texts)


def _is(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _with_commas(content: bytes) -> bytes:
    """The same with commas, where the header has none but semicolons or tabs."""
    head = content.partition(b"\n")[0]
    if b"," in head:
        return content
    mark = next((each for each in (b"\t", b";") if each in head), None)
    if mark is None:
        return content
    return b"\n".join(_line_with_commas(line, mark.decode()) for line in content.split(b"\n"))


def _line_with_commas(line: bytes, mark: str) -> bytes:
    try:
        row = next(csv.reader([line.decode().rstrip("\r")], delimiter=mark, strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return line
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(row)
    return written.getvalue().encode()
