"""The embedded server: private, durable, started by the first and stopped by the last."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jifen.common import embedded
from jifen.common.embedded import HomeError, Server, start, url_of
from jifen.common.home import socket_folder

ROOT = os.geteuid() == 0
USE_IT = """\
import sys, time
from pathlib import Path
import psycopg
from jifen.common.embedded import start
server = start(Path(sys.argv[1]))
print(psycopg.connect(server.owner_url).execute("SELECT current_user").fetchone()[0], flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home that the server's account can reach, emptied of processes afterwards."""
    path = Path(tempfile.mkdtemp(prefix="jifen-embedded-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    for pid in processes(path):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes(path))
    shutil.rmtree(socket_folder(path), ignore_errors=True)
    shutil.rmtree(path)


def processes(home: Path) -> list[int]:
    return embedded._processes(home.resolve() / "pg")


def postmaster(home: Path) -> int:
    return int((home / "pg" / "postmaster.pid").read_text().split()[0])


def wait_until(condition: object, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def query(server: Server, statement: str) -> object:
    with psycopg.connect(server.owner_url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def execute(server: Server, statement: str) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute(statement.encode())


def user_of(home: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USE_IT, str(home), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(embedded.__file__).parents[2])},
    )


def test_a_kill_of_the_postmaster_loses_nothing_committed(home: Path) -> None:
    server = start(home)
    execute(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster(home), signal.SIGKILL)

    again = start(home)

    assert query(again, "SELECT answer FROM kept") == 42
    server.close()
    again.close()


def test_a_start_waits_for_orphaned_backends_of_a_killed_postmaster(home: Path) -> None:
    server = start(home)
    # Busy by the clock and not by a count: it is there to be seen on a slow machine too, and
    # ends by its own end or by noticing that it is an orphan.
    busy = """DO $$ DECLARE till timestamptz := clock_timestamp() + interval '8 seconds';
        BEGIN WHILE clock_timestamp() < till LOOP END LOOP; END $$"""

    def keep_busy() -> None:
        with contextlib.suppress(psycopg.OperationalError):
            execute(server, busy)

    thread = threading.Thread(target=keep_busy)
    # Autocommit: inside a transaction the server's activity is read once and never again.
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        thread.start()
        working = b"SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO $$%'"
        wait_until(lambda: connection.execute(working).fetchone() == (1,))
        os.kill(postmaster(home), signal.SIGKILL)
    assert processes(home), "the busy backend should outlive its postmaster"

    again = start(home)

    assert query(again, "SELECT 1") == 1
    thread.join()
    server.close()
    again.close()


def test_a_left_over_pid_of_another_program_does_not_stop_the_start(home: Path) -> None:
    server = start(home)
    os.kill(postmaster(home), signal.SIGKILL)
    wait_until(lambda: not processes(home))
    note = home / "pg" / "postmaster.pid"
    text = note.read_text().split("\n", 1)
    note.write_text(f"{os.getpid()}\n{text[1]}")

    again = start(home)

    assert query(again, "SELECT 1") == 1
    server.close()
    again.close()


def test_two_starts_at_once_share_one_server_and_the_last_stops_it(home: Path) -> None:
    users = [user_of(home, seconds) for seconds in (0.0, 0.5)]

    told = [user.communicate(timeout=60)[0].strip() for user in users]

    assert told == ["jifen_owner", "jifen_owner"]
    assert [user.returncode for user in users] == [0, 0]
    assert not processes(home)


def test_a_server_left_behind_by_a_killed_user_is_taken_over_and_stopped(home: Path) -> None:
    user = user_of(home, 60)
    assert user.stdout is not None
    user.stdout.readline()
    user.kill()
    user.wait()
    left_behind = postmaster(home)

    server = start(home)

    assert postmaster(home) == left_behind
    server.close()
    assert not processes(home)


def test_only_the_last_of_several_users_stops_the_server(home: Path) -> None:
    first, second = start(home), start(home)

    first.close()
    first.close()
    assert second.is_running()
    second.close()

    assert not processes(home)


def test_a_server_that_died_is_brought_back_by_its_user(home: Path) -> None:
    server = start(home)
    os.kill(postmaster(home), signal.SIGKILL)

    server.ensure()

    assert server.is_running()
    server.close()


def test_nobody_is_trusted_and_nothing_listens_on_the_network(home: Path) -> None:
    server = start(home)

    rules = [
        line for line in (home / "pg" / "pg_hba.conf").read_text().splitlines() if line[0] != "#"
    ]
    assert rules == ["local all all peer map=jifen"]
    assert query(server, "SELECT current_setting('listen_addresses')") == ""
    mode = stat.S_IMODE(socket_folder(home).stat().st_mode)
    assert mode == 0o700
    superusers = "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper"
    assert query(server, superusers) == "postgres"
    for role in ("postgres", "somebody") if ROOT else ("somebody",):
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(url_of(home, role=role))
    server.close()


def test_the_application_role_has_no_rights_of_its_own(home: Path) -> None:
    server = start(home)
    execute(server, "CREATE TABLE ours (id int)")

    with (
        psycopg.connect(server.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM ours")
    with (
        psycopg.connect(server.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE mine (id int)")
    server.close()


def test_durable_settings_are_as_postgresql_ships_them(home: Path) -> None:
    server = start(home)

    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert query(server, f"SELECT current_setting('{name}')") == "on"
    server.close()


def test_a_long_path_has_its_socket_in_a_private_short_folder(home: Path) -> None:
    deep = home / ("x" * 60) / ("y" * 60)
    server = start(deep)
    folder = socket_folder(deep)

    assert folder.parent == Path("/tmp")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert query(server, "SELECT 1") == 1
    server.close()
    shutil.rmtree(folder)


def test_a_socket_folder_that_anybody_can_write_to_is_refused(home: Path) -> None:
    deep = home / ("x" * 60) / ("z" * 60)
    folder = socket_folder(deep)
    folder.mkdir()
    folder.chmod(0o777)

    with pytest.raises(HomeError, match=r"only .* can enter"):
        start(deep)
    folder.rmdir()


def test_a_home_that_cannot_be_used_is_one_clear_line_and_left_alone(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700 if ROOT else 0o500)
    before = closed.stat().st_mode
    wanted = "cannot pass" if ROOT else "Permission denied"

    with pytest.raises(HomeError, match=wanted) as caught:
        start(closed / "home")

    assert "\n" not in str(caught.value)
    assert "JIFEN_HOME" in str(caught.value)
    assert closed.stat().st_mode == before


def test_a_file_in_the_place_of_a_home_is_one_clear_line(home: Path) -> None:
    (home / "file").touch()

    with pytest.raises(HomeError, match="Not a directory"):
        start(home / "file" / "home")
