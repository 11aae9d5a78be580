"""A shop is backed up while it books, and comes back whole somewhere else, or not at all.

Real processes and database servers of their own, reached as a shop reaches them.
"""

import json
import shutil
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest
from tests.homes import Home, homes, wait_until

from jifen.common.database import OWNER_SETTING, Address
from jifen.common.home import wheel_programs
from jifen.faces.backup import archive, dumping, programs, restoring
from jifen.faces.backup.archive import new_file, read
from jifen.faces.backup.errors import BackupFailed, RestoreFailed

AT = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
WRITERS = 3
POINTS = 7
BOOK = """\
import sys, threading
from jifen.faces.cli.startup import open_database
open_database()
from django.db import connection
from jifen.common import clock
from jifen.common.scope import scope
from jifen.earning import services as earning
from jifen.earning.types import Booked, Caller, Line, MemberRef, Purchase
from jifen.programmes import selectors, services
programme = selectors.programme_by_code("shop").id
with scope(programme):
    client = services.internal_client(name="till", at=clock.now())
caller = Caller(client.client_id, client.name)
over = threading.Event()
def book(writer):
    number = 0
    while not over.is_set():
        number += 1
        order = Purchase(
            key=f"w{writer}-{number}", reference=f"w{writer}-{number}", occurred_at=clock.now(),
            lines=(Line("tea", 1, 700),), member=MemberRef("external", f"m{writer}"),
        )
        with scope(programme):
            [booked] = earning.book(activities=[order], caller=caller, at=clock.now())
        assert isinstance(booked, Booked), booked
        # One call: the lines of two threads never mix.
        sys.stdout.write(f"{writer} {number}\\n")
        sys.stdout.flush()
    connection.close()
threads = [threading.Thread(target=book, args=(n,)) for n in range(int(sys.argv[1]))]
for thread in threads: thread.start()
sys.stdin.read()
over.set()
for thread in threads: thread.join()
"""
# A restore that ends itself, hard, once this share of the dump has been handed over.
KILLED_WHILE_FEEDING = """\
import os, signal, sys
from jifen.faces.backup import restoring
restoring.CHUNK = 2048
genuine = restoring._feed
def feed(file, size, source, advance):
    sent = 0
    def count(piece):
        nonlocal sent
        sent += piece
        if sent >= size * float(share):
            os.kill(os.getpid(), signal.SIGKILL)
    genuine(file, size, source, count)
restoring._feed = feed
share = sys.argv.pop(1)
from jifen.faces.cli.main import main
main()
"""
KILLED_AFTER_THE_COMMIT = """\
import os, signal
from jifen.common import database
def killed():
    os.kill(os.getpid(), signal.SIGKILL)
database.migrate_embedded = database.migrate_database = killed
from jifen.faces.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with homes() as path:
        yield path


@pytest.fixture
def new_home(folder: Path) -> Callable[[], Home]:
    return lambda: Home(folder / uuid4().hex[:8])


class Shop(Home):
    """A home with a programme, members ``m0``…, and the key of a till."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        members = path.parent / "members.csv"
        people = "".join(f"m{number},{number}\n" for number in range(400))
        members.write_text(f"external_id,points\n{people}", encoding="utf-8")
        self.run("preset", "apply", "e1", "--programme", "shop", "--opening", "2026-01-01")
        self.run("import", "members", str(members), "--programme", "shop")
        made = self.run("client", "add", "till-1", "--programme", "shop", "--json")
        self.key: str = json.loads(made)["key"]


@pytest.fixture(scope="module")
def shop(folder: Path) -> Shop:
    return Shop(folder / "shop")


@pytest.fixture(scope="module")
def backup(shop: Shop, folder: Path) -> Path:
    """The shop's, made with nothing else going on."""
    path = folder / "calm.backup"
    shop.run("backup", str(path))
    return path


def progress_of(process: subprocess.Popen[str]) -> list[int]:
    """The number of the last order of each writer that is committed; grows by itself."""
    last = [0] * WRITERS

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            writer, number = map(int, line.split())
            last[writer] = number

    threading.Thread(target=listen, daemon=True).start()
    return last


def test_a_backup_under_load_is_one_instant_and_nobody_waits_for_it(
    shop: Shop, folder: Path, new_home: Callable[[], Home]
) -> None:
    path = folder / "busy.backup"
    with shop.running() as server:
        writers = shop.start("-c", BOOK, str(WRITERS))
        last = progress_of(writers)
        wait_until(lambda: min(last) >= 10 or writers.poll() is not None)
        seen: dict[str, list[int]] = {"before": list(last)}

        def begin(_rows: int) -> Callable[[int], None]:
            # The instant is taken and every table is open for reading: the writers go on.
            seen["at"] = list(last)
            wait_until(
                lambda: all(now >= was + 10 for now, was in zip(last, seen["at"], strict=True))
            )
            return lambda _: None

        address = Address(server.owner_url, OWNER_SETTING)
        manifest = dumping.back_up(file=path, address=address, at=AT, begin=begin)
        seen["after"] = list(last)
        wait_until(
            lambda: all(now >= was + 10 for now, was in zip(last, seen["after"], strict=True))
        )
        _, errors = writers.communicate(timeout=60)
        assert writers.returncode == 0, errors

    there = new_home()
    told = json.loads(there.run("restore", str(path), "--json"))
    assert told["verify"]["ok"] is True
    assert told["counts"] == dict(manifest.counts)
    with there.running() as server, psycopg.connect(server.owner_url) as connection:
        rows = connection.execute(
            "SELECT activity.reference, posting.amount, lot.remaining, t.kind FROM activity"
            " LEFT JOIN ledger_transaction AS t ON t.id = activity.id"
            " LEFT JOIN posting ON posting.transaction_id = activity.id"
            " LEFT JOIN lot ON lot.id = posting.id WHERE activity.kind = 'purchase'"
        ).fetchall()
    # Each order whole, and of each writer the first so many and no other.
    assert {row[1:] for row in rows} == {(POINTS, POINTS, "purchase")}
    kept = sorted(tuple(map(int, row[0].removeprefix("w").split("-"))) for row in rows)
    counts = [len([number for writer, number in kept if writer == each]) for each in range(WRITERS)]
    assert kept == [(w, n) for w, count in enumerate(counts) for n in range(1, count + 1)]
    for writer, count in enumerate(counts):
        # One more may have been committed than was told by then.
        assert seen["before"][writer] <= count <= seen["at"][writer] + 1
    balances = dict(line.split(",points,") for line in there.balances().splitlines()[1:])
    for writer, count in enumerate(counts):
        assert balances[f"m{writer}"] == f"{writer + count * POINTS},0,0,0,"


def test_a_restored_shop_goes_on_where_it_was(
    shop: Shop, backup: Path, new_home: Callable[[], Home]
) -> None:
    there = new_home()
    output = there.run("restore", str(backup))
    assert "shop: ok" in output
    assert "migrated" not in output
    with there.running() as server:
        with serving(there) as port:
            order = {
                "kind": "purchase",
                "occurred_at": datetime.now(UTC).isoformat(),
                "reference": "after",
                "lines": [{"product": "tea", "quantity": 1, "amount_minor": 700}],
                "member": {"kind": "external", "value": "m5"},
            }
            assert post(port, shop.key, order) == 201
            assert post(port, shop.key, order) == 200
            assert post(port, "jf_of-somebody-else", order) == 401
        with (
            psycopg.connect(server.app_url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("UPDATE posting SET amount = 0")
        assert "m5,points,12,0,0,0," in there.balances()
        assert "shop: ok" in there.run("verify")


@contextmanager
def serving(home: Home) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = home.start("-m", "jifen.faces.cli.main", "serve", "--port", str(port))
    try:
        wait_until(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/docs/", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def post(port: int, key: str, order: dict[str, Any]) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/activities",
        json.dumps(order).encode(),
        {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": "after",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_database_that_holds_something_is_left_alone(
    shop: Shop, backup: Path, new_home: Callable[[], Home]
) -> None:
    before = shop.balances()
    told = shop.refusal("restore", str(backup))
    assert told["code"] == "database_not_empty"
    assert "restore into an empty database" in told["detail"]
    assert shop.balances() == before

    other = new_home()
    with other.running() as server:
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("CREATE TABLE theirs AS SELECT 1 AS kept")
        assert other.refusal("restore", str(backup))["tables"] == ["theirs"]
        with psycopg.connect(server.owner_url) as connection:
            assert connection.execute("SELECT kept FROM theirs").fetchone() == (1,)


def test_a_programme_made_while_a_restore_begins_is_not_lost(
    backup: Path, new_home: Callable[[], Home]
) -> None:
    """The look before is not enough: the transaction looks again, under a lock."""
    home = new_home()
    home.run("preset", "apply", "e1", "--programme", "mine", "--opening", "2026-01-01")
    with home.running() as server:
        address = Address(server.owner_url, OWNER_SETTING)
        with pytest.raises(RestoreFailed, match="holds programmes"):
            restoring.restore(backup=read(backup), address=address, embedded=True)
    assert "mine: ok" in home.run("verify")


def test_a_restore_killed_half_way_leaves_nothing_and_is_run_again(
    shop: Shop, backup: Path, new_home: Callable[[], Home]
) -> None:
    home = new_home()
    with home.running() as server:
        for share in ("0.3", "1"):
            killed = home.start("-c", KILLED_WHILE_FEEDING, share, "restore", str(backup))
            killed.communicate(timeout=60)
            assert killed.returncode == -signal.SIGKILL
            with psycopg.connect(server.owner_url) as connection:
                wait_until(lambda: alone(connection))
                assert connection.execute("SELECT to_regclass('programme')").fetchone() == (None,)
        assert "shop: ok" in home.run("restore", str(backup))
        assert home.balances() == shop.balances()


def alone(connection: psycopg.Connection) -> bool:
    """Whether nobody else is connected any more."""
    connection.rollback()
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    ).fetchone()
    return row == (1,)


def test_a_restore_killed_before_its_rights_are_given_is_served_to_nobody(
    shop: Shop, backup: Path, new_home: Callable[[], Home]
) -> None:
    home, client = new_home(), new_home()
    with home.running() as server:
        home.run("verify")
        killed = home.start("-c", KILLED_AFTER_THE_COMMIT, "restore", str(backup))
        killed.communicate(timeout=60)
        assert killed.returncode == -signal.SIGKILL
        with (
            psycopg.connect(server.app_url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT count(*) FROM programme")
        told = client.refusal("verify", JIFEN_DATABASE_URL=server.owner_url)
        assert told["code"] == "database_unavailable"
        assert "run: jifen migrate" in told["detail"]
        # Any command on the embedded database finishes it.
        assert "shop: ok" in home.run("verify")
        assert home.balances() == shop.balances()


def test_what_cannot_be_restored_whole_changes_nothing(
    backup: Path, folder: Path, new_home: Callable[[], Home]
) -> None:
    home, found = new_home(), read(backup)
    with backup.open("rb") as file:
        file.seek(found.offset)
        dump = file.read(found.manifest.bytes)
    fewer = {**found.manifest.counts, "posting": 1}
    for name, spoilt, counts in (
        ("short", dump[: len(dump) // 2], found.manifest.counts),
        ("fewer", dump, fewer),
        ("none", b"not a dump", found.manifest.counts),
    ):
        path = folder / f"{name}.backup"
        write(path, found.manifest, spoilt, counts=counts)
        told = home.refusal("restore", str(path))
        assert told["code"] == "restore_failed", name
        assert told["detail"].startswith("nothing was restored: "), name
    path, later = folder / "newer.backup", (*found.manifest.migrations, "ledger.0999_later")
    write(path, found.manifest, b"", migrations=later, jifen="9.0.0")
    told = home.refusal("restore", str(path))
    assert (told["code"], told["made_by"]) == ("backup_too_new", "9.0.0")
    # The tables that this makes hold nothing, and make room.
    assert home.run("verify") == ""
    assert "shop: ok" in home.run("restore", str(backup))


def write(path: Path, like: archive.Manifest, dump: bytes, **changes: Any) -> None:
    with new_file(path, replace=True) as writer:
        writer.write(dump)
        plain = msgspec.structs.replace(
            like, **{"bytes": writer.bytes, "sha256": writer.sha256, **changes}
        )
        writer.finish(plain)


def test_a_damaged_file_is_refused_before_a_database_is_asked_for(
    backup: Path, folder: Path, new_home: Callable[[], Home]
) -> None:
    home, path = new_home(), folder / "damaged.backup"
    path.write_bytes(backup.read_bytes()[:-20_000])
    assert home.refusal("restore", str(path))["code"] == "unreadable_file"
    assert not home.path.exists()


def test_an_older_backup_is_migrated(folder: Path, new_home: Callable[[], Home]) -> None:
    old, new, path = new_home(), new_home(), folder / "old.backup"
    with old.running() as server, new.running() as other:
        old.run("preset", "apply", "e1", "--programme", "shop", "--opening", "2026-01-01")
        back = old.start("-m", "django", "migrate", "--database", "owner", "earning", "zero",
                         DJANGO_SETTINGS_MODULE="jifen.config.settings",
                         JIFEN_DATABASE_URL=server.app_url,
                         JIFEN_DATABASE_OWNER_URL=server.owner_url)  # fmt: skip
        _, errors = back.communicate(timeout=60)
        assert back.returncode == 0, errors
        # As it is: a backup does not migrate what it reads.
        made = json.loads(old.run("backup", str(path), "--json"))
        assert "activity" not in made["counts"]
        told = json.loads(new.run("restore", str(path), "--json"))
        assert "earning.0001_initial" in told["migrated"]
        assert told["verify"]["ok"] is True
        with psycopg.connect(other.app_url) as connection:
            assert connection.execute("SELECT count(*) FROM activity").fetchone() == (0,)


def test_a_server_by_address_and_back(
    shop: Shop, backup: Path, folder: Path, new_home: Callable[[], Home]
) -> None:
    client, other, path = new_home(), new_home(), folder / "from-server.backup"
    with other.running() as server:
        there = {"JIFEN_DATABASE_URL": server.owner_url}
        assert client.refusal("backup", str(path), **there)["code"] == "database_unavailable"
        assert not path.exists()
        assert "shop: ok" in client.run("restore", str(backup), **there)
        assert client.balances(**there) == shop.balances()
        client.run("backup", str(path), **there)
        # Who may not read everything is told so, and no half of a backup is left.
        app = {"JIFEN_DATABASE_URL": server.app_url}
        told = client.refusal("backup", str(folder / "app.backup"), **app)
        assert told["code"] == "backup_failed"
        assert "SELECT privilege" in told["detail"]
        assert not list(folder.glob("*app.backup*"))
    back = new_home()
    back.run("restore", str(path))
    assert back.balances() == shop.balances()
    assert not (client.path / "pg").exists()


def test_a_dump_that_breaks_off_is_no_backup(
    shop: Shop, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program dies in the middle: by hand here, for want of memory elsewhere."""
    genuine = shutil.which("pg_dump", path=str(wheel_programs()))
    broken = tmp_path / "pg_dump"
    broken.write_text(f'#!/bin/sh\n"{genuine}" "$@" | head -c 3000\nkill -9 $$\n')
    broken.chmod(0o755)
    monkeypatch.setattr(programs, "find", lambda name, major: (broken, 18))
    address, file = Address(shop.owner_url, OWNER_SETTING), folder / "broken.backup"
    with shop.running(), pytest.raises(BackupFailed):
        dumping.back_up(file=file, address=address, at=AT)
    assert not list(folder.glob("*broken*"))


def test_a_restore_of_which_not_all_is_spelled_commits_nothing(
    backup: Path, tmp_path: Path, new_home: Callable[[], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All rows are there and only keys are missing, so that counting would not notice."""
    folder = wheel_programs()
    broken = tmp_path / "pg_restore"
    broken.write_text(f'#!/bin/sh\n"{folder}/pg_restore" "$@" | head -n -60\nexit 1\n')
    broken.chmod(0o755)
    genuine = programs.find

    def find(name: str, *, major: int) -> tuple[Path, int]:
        return (broken, 18) if name == "pg_restore" else genuine(name, major=major)

    monkeypatch.setattr(programs, "find", find)
    home = new_home()
    with home.running() as server:
        address = Address(server.owner_url, OWNER_SETTING)
        with pytest.raises(RestoreFailed):
            restoring.restore(backup=read(backup), address=address, embedded=True)
        with psycopg.connect(server.owner_url) as connection:
            assert connection.execute("SELECT to_regclass('programme')").fetchone() == (None,)
