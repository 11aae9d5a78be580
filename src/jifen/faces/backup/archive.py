"""The file of a backup: a tar archive of ``database.dump`` and ``manifest.json``.

The dump comes first, because what it holds is known only when it has been written; its header
is completed then. Any tar can take such a file apart, and any ``pg_restore`` read the dump.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from jifen.faces.backup.errors import BackupTooNew, FileExists
from jifen.faces.importing.files import UnreadableFile
from jifen.faces.importing.report import UnwritableFile

FORMAT: Final = 1
DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
CHUNK: Final = 1024 * 1024
_BLOCK: Final = tarfile.BLOCKSIZE
_LONGEST_MANIFEST: Final = 4 * CHUNK


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup says of itself.

    ``at`` is the instant of its snapshot, ``postgres`` the server's version, ``pg_dump`` the major
    version that a program needs to read the dump; ``counts`` are rows by table; ``bytes`` and
    ``sha256`` are of the dump.
    """

    format: int
    jifen: str
    at: datetime
    postgres: str
    pg_dump: int
    migrations: tuple[str, ...]
    counts: Mapping[str, int]
    bytes: int
    sha256: str


class Backup(Struct, frozen=True):
    """A file that was read and found whole: where in it the dump begins."""

    path: Path
    manifest: Manifest
    offset: int


class _Version(Struct):
    """As much of a manifest as every format has."""

    format: int
    jifen: str = ""


class Writer:
    """A backup being written: the dump piece by piece, then what it says of itself."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.bytes = 0
        self._file.write(bytes(_BLOCK))

    def write(self, piece: bytes) -> None:
        """Append to the dump."""
        self._file.write(piece)
        self._digest.update(piece)
        self.bytes += len(piece)

    @property
    def sha256(self) -> str:
        """The digest of the dump so far."""
        return self._digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        """Complete the archive."""
        seconds = int(manifest.at.timestamp())
        self._file.write(_padding(self.bytes))
        text = msgspec.json.format(msgspec.json.encode(manifest))
        self._file.write(_header(MANIFEST, len(text), seconds) + text + _padding(len(text)))
        self._file.write(bytes(2 * _BLOCK))
        self._file.seek(0)
        self._file.write(_header(DUMP, self.bytes, seconds))


@contextmanager
def new_file(path: Path, *, replace: bool) -> Iterator[Writer]:
    """Write ``path`` under another name beside it; it is there whole after the block, or not.

    Raises :class:`FileExists` unless ``replace``, and :class:`UnwritableFile`. What a killed
    process left behind is used again.
    """
    if path.is_dir():
        raise UnwritableFile(f"cannot write {path}: Is a directory")
    _check_free(path, replace=replace)
    half = path.with_name(f".{path.name}.half")
    try:
        descriptor = os.open(half, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            _take(file, half, path)
            try:
                yield Writer(file)
                file.flush()
                os.fsync(file.fileno())
                _check_free(path, replace=replace)
                half.rename(path)
            except BaseException:
                with suppress(OSError):
                    half.unlink()
                raise
        _flush_folder(path.parent)
    except OSError as error:
        raise UnwritableFile(f"cannot write {path}: {error.strerror or error}") from error


def read(path: Path, *, advance: Callable[[int], None] = lambda _: None) -> Backup:
    """Read a backup to its end and compare it with its manifest.

    Raises :class:`UnreadableFile` when it is missing, damaged or something else, and
    :class:`BackupTooNew` for a format that is not known here. ``advance`` hears the bytes.
    """
    try:
        with path.open("rb") as file:
            manifest, offset = _manifest(file, path)
            file.seek(offset)
            digest, left = hashlib.sha256(), manifest.bytes
            while left and (piece := file.read(min(CHUNK, left))):
                digest.update(piece)
                left -= len(piece)
                advance(len(piece))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    if digest.hexdigest() != manifest.sha256:
        raise _unreadable(path, "it is not what was written: the SHA-256 differs")
    return Backup(path, manifest, offset)


def _manifest(file: BinaryIO, path: Path) -> tuple[Manifest, int]:
    """What the archive says of itself, and where its dump begins."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            dump, about = archive.next(), archive.next()
            if dump is None or about is None or (dump.name, about.name) != (DUMP, MANIFEST):
                raise _unreadable(path, "it is no backup of Jifen")
            if about.size > _LONGEST_MANIFEST:
                raise _unreadable(path, "its manifest is too long")
            file.seek(about.offset_data)
            text = file.read(about.size)
            offset = dump.offset_data
    except tarfile.TarError as error:
        raise _unreadable(path, f"it is no whole backup of Jifen ({error})") from error
    try:
        version = msgspec.json.decode(text, type=_Version)
        if version.format > FORMAT:
            raise BackupTooNew(
                f"{path.name} was made by Jifen {version.jifen}, in format {version.format}; this"
                f" one reads up to {FORMAT}",
                made_by=version.jifen,
            )
        manifest = msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError as error:
        raise _unreadable(path, "its manifest cannot be read") from error
    return manifest, offset


def _unreadable(path: Path, reason: str) -> UnreadableFile:
    return UnreadableFile(f"cannot read {path.name}: {reason}", file=path.name)


def _take(file: BinaryIO, half: Path, path: Path) -> None:
    """Have the half-written file to ourselves, and empty.

    What was opened a moment ago may by now be somebody's finished backup, under its own name.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = half.exists() and os.path.samestat(half.stat(), os.fstat(file.fileno()))
    except BlockingIOError:
        is_ours = False
    if not is_ours:
        raise FileExists(f"another backup to {path} is being written", file=str(path))
    os.fchmod(file.fileno(), 0o600)
    file.truncate(0)


def _check_free(path: Path, *, replace: bool) -> None:
    if not replace and path.exists():
        raise FileExists(
            f"{path} is there already; choose another name, or replace it with --replace",
            file=str(path),
        )


def _flush_folder(folder: Path) -> None:
    """The new name has to be on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _header(name: str, size: int, seconds: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, seconds
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
