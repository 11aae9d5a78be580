"""Lines of a file, plain or gzip, one at a time; memory does not grow with the file."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar, Final, NamedTuple, cast

from jifen.common.errors import InvalidInput

_GZIP_MAGIC: Final = b"\x1f\x8b"
_LONGEST_LINE: Final = 64 * 1024
_BOM: Final = b"\xef\xbb\xbf"


class UnreadableFile(InvalidInput):
    """The file is missing, damaged, or not the kind of file that was announced."""

    code: ClassVar[str] = "unreadable_file"


class RawLine(NamedTuple):
    """One line as it stands: ``number`` counts from 1.

    ``content`` is ``None`` for a line longer than 64 KiB, which no order line is.
    """

    number: int
    content: bytes | None


class BadLineError(ValueError):
    """A line that cannot be read; the text is the reason for the report."""


def read_lines(path: Path) -> Iterator[RawLine]:
    """Every line of a plain or gzip file, told apart by the first bytes, not by the name.

    Raises :class:`UnreadableFile` when it is missing or damaged.
    """
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == _GZIP_MAGIC
            plain.seek(0)
            if packed:
                with gzip.open(plain) as stream:
                    yield from read_stream(cast("BinaryIO", stream))
            else:
                yield from read_stream(plain)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"{path.name} is damaged: {error}", file=path.name) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableFile(f"cannot read {path.name}: {reason}", file=path.name) from error


def count_lines(path: Path) -> int:
    """How many lines :func:`read_lines` will find. Who books while reading calls this first: it
    meets whatever is wrong with the file as a whole, and raises the same.
    """
    return sum(1 for _ in read_lines(path))


def read_stream(stream: BinaryIO) -> Iterator[RawLine]:
    """Every line of what is open already."""
    number = 0
    while content := stream.readline(_LONGEST_LINE):
        number += 1
        if number == 1:
            content = content.removeprefix(_BOM)
        if len(content) == _LONGEST_LINE and not content.endswith(b"\n"):
            while (rest := stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield RawLine(number, None)
        else:
            yield RawLine(number, content)


def cells(content: bytes | None) -> list[str]:
    """The fields of one line.

    A quoted field cannot hold a line break: one line is one record, so that a stray quote
    spoils its own line and no other.

    Raises :class:`BadLineError` (``line_too_long``, ``invalid_utf8``, ``bad_quotes``).
    """
    if content is None:
        raise BadLineError("line_too_long")
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadLineError("invalid_utf8") from None
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration):
        raise BadLineError("bad_quotes") from None


def split_header(lines: Iterable[RawLine], *, name: str) -> tuple[list[str], Iterator[RawLine]]:
    """The column names and the lines below. Empty lines are skipped.

    Raises :class:`UnreadableFile` when there is no readable header.
    """
    rest = iter(lines)
    first = next(rest, None)
    if first is None:
        raise UnreadableFile(f"{name} is empty", file=name)
    try:
        header = cells(first.content)
    except BadLineError as error:
        raise UnreadableFile(f"the header of {name} cannot be read: {error}", file=name) from error
    return header, (line for line in rest if line.content is None or line.content.strip())
