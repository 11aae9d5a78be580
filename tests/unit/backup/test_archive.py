"""The file of a backup: there whole or not at all, for its owner only, and known when damaged."""

import fcntl
import io
import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from jifen.common.errors import JifenError
from jifen.faces.backup import archive
from jifen.faces.backup.archive import Manifest, Writer, new_file, read

AT = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
DUMP = bytes(range(256)) * 5


def manifest(writer: Writer, **changes: object) -> Manifest:
    plain = Manifest(
        format=archive.FORMAT,
        jifen="0.1.0",
        at=AT,
        postgres="18.4",
        pg_dump=18,
        migrations=("ledger.0001_initial",),
        counts={"member": 2},
        bytes=writer.bytes,
        sha256=writer.sha256,
    )
    return msgspec.structs.replace(plain, **changes)


def written(path: Path, dump: bytes = DUMP, **changes: object) -> Path:
    with new_file(path, replace=True) as writer:
        writer.write(dump[:100])
        writer.write(dump[100:])
        writer.finish(manifest(writer, **changes))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(JifenError) as caught:
        read(path)
    return caught.value.code


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 5_000])
def test_what_was_written_is_read_again(tmp_path: Path, size: int) -> None:
    dump = os.urandom(size)
    path = written(tmp_path / "a.backup", dump)

    found = read(path)

    assert (found.manifest.counts, found.manifest.bytes) == ({"member": 2}, size)
    with path.open("rb") as file:
        file.seek(found.offset)
        assert file.read(size) == dump


def test_any_tar_takes_it_apart(tmp_path: Path) -> None:
    with tarfile.open(written(tmp_path / "a.backup")) as parts:
        assert parts.getnames() == ["database.dump", "manifest.json"]
        dump = parts.extractfile("database.dump")
        assert dump is not None
        assert dump.read() == DUMP


def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = written(tmp_path / "a.backup")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    path.write_text("yesterday's")

    def fail() -> None:
        with new_file(path, replace=True) as writer:
            writer.write(DUMP)
            assert path.read_text() == "yesterday's"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "yesterday's"
    assert [found.name for found in tmp_path.iterdir()] == ["a.backup"]


def test_a_file_of_the_name_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    path.write_text("yesterday's")
    begun: list[Writer] = []

    def write() -> None:
        with new_file(path, replace=False) as writer:
            begun.append(writer)

    with pytest.raises(JifenError) as caught:
        write()
    assert caught.value.code == "file_exists"
    assert not begun, "told before the work, not after it"
    assert path.read_text() == "yesterday's"
    assert read(written(path)).manifest.at == AT


def test_a_file_that_came_meanwhile_is_not_replaced_either(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"

    def write_late() -> None:
        with new_file(path, replace=False) as writer:
            writer.write(DUMP)
            path.write_text("somebody else's")

    with pytest.raises(JifenError) as caught:
        write_late()
    assert caught.value.code == "file_exists"
    assert path.read_text() == "somebody else's"


def test_what_a_killed_process_left_is_used_again(tmp_path: Path) -> None:
    half = tmp_path / ".a.backup.half"
    half.write_bytes(b"x" * 100_000)
    half.chmod(0o644)
    path = written(tmp_path / "a.backup")
    assert path.read_bytes() == written(tmp_path / "b.backup").read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not half.exists()


def test_two_backups_to_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    with new_file(path, replace=False) as writer:
        with pytest.raises(JifenError) as caught, new_file(path, replace=False):
            pass
        writer.write(DUMP)
        writer.finish(manifest(writer))
    assert caught.value.code == "file_exists"
    assert read(path).manifest.bytes == len(DUMP)


@pytest.mark.parametrize("and_a_third", [False, True])
def test_a_backup_that_ended_while_another_began_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, and_a_third: bool
) -> None:
    """Between opening the half-written file and locking it, its writer gave it its name."""
    path, half = tmp_path / "a.backup", tmp_path / ".a.backup.half"
    genuine = fcntl.flock

    def late(file: object, operation: int) -> None:
        half.rename(path)
        if and_a_third:
            half.touch()
        genuine(file, operation)  # type: ignore[arg-type]

    written(half)
    whole = half.read_bytes()
    monkeypatch.setattr(archive.fcntl, "flock", late)  # type: ignore[attr-defined]
    with pytest.raises(JifenError), new_file(path, replace=True):
        pass
    assert path.read_bytes() == whole


@pytest.mark.parametrize("place", ["folder/a.backup", "."], ids=["no folder", "a folder"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(JifenError) as caught, new_file(tmp_path / place, replace=False):
        pass
    assert caught.value.code == "unwritable_file"


def test_every_changed_or_missing_byte_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.backup")
    whole = path.read_bytes()
    for position in (600, 600 + len(DUMP) - 100, 512):
        spoilt = bytearray(whole)
        spoilt[position] ^= 1
        path.write_bytes(spoilt)
        assert refusal(path) == "unreadable_file", position
    for size in (0, 100, 512, 1_000, 512 + len(DUMP), 2_400):
        path.write_bytes(whole[:size])
        assert refusal(path) == "unreadable_file", size


def test_what_is_no_backup_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as parts:
        for name in ("manifest.json", "database.dump"):
            parts.addfile(tarfile.TarInfo(name), io.BytesIO())
    assert refusal(other) == "unreadable_file"
    assert refusal(tmp_path / "nothing") == "unreadable_file"
    assert refusal(tmp_path) == "unreadable_file"
    assert refusal(written(tmp_path / "a", bytes=7)) == "unreadable_file"


def test_a_format_of_the_future_is_named_as_such(tmp_path: Path) -> None:
    path = written(tmp_path / "a.backup", format=archive.FORMAT + 1, jifen="9.0.0")
    with pytest.raises(JifenError, match=r"Jifen 9\.0\.0") as caught:
        read(path)
    assert caught.value.code == "backup_too_new"
