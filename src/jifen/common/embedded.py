"""The embedded PostgreSQL: a private server in a home folder, with nothing to install.

Promises:

* only this machine, only through a socket in a 0700 folder, and only by ``peer``: the account
  that started it comes in as ``jifen_owner`` or ``jifen_app``, and the superuser is open to the
  server's own account alone, which no part of the product uses;
* durable: fsync, full_page_writes and synchronous_commit stay as PostgreSQL ships them;
* ``start`` returns when a connection has really been answered, also after a crash, after
  ``kill -9`` of the postmaster, and when several processes start at once;
* the last process that uses the server stops it. Use is a shared ``flock``, which the kernel
  gives back however a process ends; a server left behind by ``kill -9`` is taken over by the
  next start.
"""

import atexit
import fcntl
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from jifen.common.home import (
    Home,
    HomeError,
    default_home,
    give_to,
    prepare,
    private_folder,
    socket_folder,
    unusable,
)

__all__ = ["Home", "HomeError", "Server", "default_home", "start", "url_of"]

OWNER = "jifen_owner"
APP = "jifen_app"
DATABASE = "jifen"
_MAJOR = "18"
# Longer than any crash recovery at the default max_wal_size.
_PATIENCE_S = 120.0
_BIG_LOG_BYTES = 10_000_000

_SETTINGS = """\
# Written at each start. Your own settings go into local.conf beside this file.
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_checkpoints = off
# After a checkpoint every page that is touched goes into the log whole: a fifth of it then.
wal_compression = pglz
include_if_exists = 'local.conf'
listen_addresses = ''
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
"""
_HBA = """\
# Written at each start: only this machine, and only its known accounts.
local all all peer map=jifen
"""
_ROLES = f"""\
SELECT 'CREATE ROLE {OWNER} LOGIN' WHERE to_regrole('{OWNER}') IS NULL \\gexec
SELECT 'CREATE ROLE {APP} LOGIN' WHERE to_regrole('{APP}') IS NULL \\gexec
GRANT {APP} TO {OWNER};
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT ON DATABASE {DATABASE} TO {APP};
"""


def url_of(home: Path, *, role: str = OWNER) -> str:
    """The address of a home's server for a role; the server need not run."""
    return f"postgresql://{role}@{quote(str(socket_folder(home)), safe='')}/{DATABASE}"


class Server:
    """A running server that this process uses until ``close`` or its end."""

    def __init__(self, home: Home, use: int) -> None:
        self.home = home.path
        self.bin_path = home.bin_path
        self.owner_url = url_of(home.path, role=OWNER)
        self.app_url = url_of(home.path, role=APP)
        self._place = home
        self._use: int | None = use
        self._process = os.getpid()

    def is_running(self) -> bool:
        """Whether a connection is answered now."""
        return _answers(self.owner_url)

    def ensure(self) -> None:
        """Bring the server back if it died under us; nothing if it runs."""
        with _exclusive(self.home / "start.lock"):
            _ensure_running(self._place)

    def close(self) -> None:
        """Give up our use; the last user stops the server. A second call does nothing."""
        if self._use is None or os.getpid() != self._process:
            return
        with _exclusive(self.home / "start.lock"):
            os.close(self._use)
            self._use = None
            last = _lock(self.home / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if last is not None:
                try:
                    _stop(self._place)
                finally:
                    os.close(last)
        atexit.unregister(self.close)


def start(home: Path) -> Server:
    """Use the server of a home, starting it (and making its cluster) if needed.

    Raises HomeError with one clear line.
    """
    place = prepare(home)
    try:
        with _exclusive(place.path / "start.lock"):
            use = _lock(place.path / "users.lock", fcntl.LOCK_SH)
            assert use is not None  # noqa: S101 (only a non-blocking lock can be None)
            try:
                _ensure_running(place)
            except BaseException:
                os.close(use)
                raise
    except OSError as error:
        raise unusable(place.path, error) from error
    server = Server(place, use)
    atexit.register(server.close)
    return server


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Hold the lock that serialises start and stop of one home."""
    descriptor = _lock(path, fcntl.LOCK_EX)
    assert descriptor is not None  # noqa: S101 (only a non-blocking lock can be None)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path, operation: int) -> int | None:
    """Take a lock and return its descriptor; None if a non-blocking one is held elsewhere."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_running(home: Home) -> None:
    """Under the start lock: return when the server answers and its roles exist."""
    if (home.data / "PG_VERSION").exists() and _answers(url_of(home.path)):
        return
    private_folder(home.socket_folder, home.server_user)
    _make_cluster(home)
    _write_settings(home)
    deadline = time.monotonic() + _PATIENCE_S
    while not _as_superuser(home, "SELECT 1"):
        if time.monotonic() > deadline:
            raise HomeError(f"PostgreSQL does not answer: {_trouble(home, since=0)}")
        if _processes(home.data):
            # It is starting, recovering or stopping; or its postmaster was killed and backends
            # still hold the shared memory, which they give up on their own.
            time.sleep(0.05)
        else:
            _launch(home)
    if not _as_superuser(home, _ROLES):
        raise HomeError(f"PostgreSQL runs, but its roles could not be made; see {home.log}")


def _make_cluster(home: Home) -> None:
    """Run initdb once, in a folder that gets its final name only when it is complete."""
    version = home.data / "PG_VERSION"
    if version.exists():
        found = version.read_text(encoding="ascii").strip()
        if found != _MAJOR:
            raise HomeError(f"{home.data} was made by PostgreSQL {found}, not {_MAJOR}")
        return
    for abandoned in home.path.glob("pg.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    new = home.path / f"pg.new-{secrets.token_hex(4)}"
    private_folder(new, home.server_user)
    done = _run(
        home,
        "initdb",
        f"--pgdata={new}",
        "--username=postgres",
        "--auth=peer",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    )
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise HomeError(f"cannot make a database in {home.path}: {_last_line(done.stderr)}")
    new.rename(home.data)


def _write_settings(home: Home) -> None:
    """Write who may come in and how; a running server takes it over."""
    caller = _caller()
    server = home.server_user.name
    people = dict.fromkeys((caller, server))
    rows = [("jifen", name, role) for name in people for role in (OWNER, APP)]
    rows.append(("jifen", server, "postgres"))
    ident = "".join(f'{name} "{account}" {role}\n' for name, account, role in rows)
    quoted = '"{}"'.format(str(home.socket_folder).replace('"', '""')).replace("'", "''")
    texts = {
        "postgresql.conf": _SETTINGS.format(socket_folder=quoted),
        "pg_hba.conf": _HBA,
        "pg_ident.conf": f"# map, account of this machine, role\n{ident}",
    }
    for name, text in texts.items():
        half = home.data / f"{name}.new"
        half.write_text(text, encoding="utf-8")
        give_to(half, home.server_user, mode=0o600)
        half.replace(home.data / name)
    if _processes(home.data):
        _run(home, "pg_ctl", "reload", f"--pgdata={home.data}")


def _caller() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _launch(home: Home) -> None:
    """Start the postmaster; no process of this cluster is alive.

    A postmaster.pid without such a process is a leftover, and its number may by now be another
    program's, which would stop PostgreSQL from starting; so it goes.
    """
    (home.data / "postmaster.pid").unlink(missing_ok=True)
    if home.log.exists() and home.log.stat().st_size > _BIG_LOG_BYTES:
        home.log.replace(home.log.with_suffix(".log.1"))
    home.log.touch(mode=0o600)
    give_to(home.log, home.server_user, mode=0o600)
    since = home.log.stat().st_size
    wait = f"--timeout={int(_PATIENCE_S)}"
    done = _run(home, "pg_ctl", "start", f"--pgdata={home.data}", f"--log={home.log}", wait)
    if done.returncode == 0 or _processes(home.data):
        return
    trouble = _trouble(home, since=since)
    if "still in use" in trouble or "already exists" in trouble:
        time.sleep(0.1)
        return
    raise HomeError(f"PostgreSQL cannot start in {home.path}: {trouble}")


def _stop(home: Home) -> None:
    """Stop a running server; sessions still open are ended and their work rolled back."""
    if _processes(home.data):
        _run(home, "pg_ctl", "stop", f"--pgdata={home.data}", "--mode=fast", "--timeout=60")


def _processes(data: Path) -> list[int]:
    """The living processes of a cluster: all of them have its data folder as working folder.

    Without /proc the postmaster's own note has to do.
    """
    if not Path("/proc/self/cwd").exists():
        return _noted_postmaster(data)
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inside = (entry / "cwd").readlink() == data
            except OSError:
                continue
            if inside:
                found.append(int(entry.name))
    return found


def _noted_postmaster(data: Path) -> list[int]:
    try:
        number = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        os.kill(number, 0)
    except (OSError, ValueError):
        return []
    return [number]


def _as_superuser(home: Home, sql: str) -> bool:
    """Run statements as the superuser, which only the server's own account may be."""
    done = _run(
        home,
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        f"--host={home.socket_folder}",
        "--username=postgres",
        "--dbname=postgres",
        text=sql,
    )
    return done.returncode == 0


def _run(
    home: Home, program: str, *arguments: str, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's account.

    In a session of its own, so that a Ctrl-C meant for us does not reach it, and with an empty
    environment, so that no PG* variable of the caller matters.
    """
    root = os.geteuid() == 0
    account = home.server_user
    with Path("/dev/null").open("wb") as nowhere:
        # pg_ctl's child keeps its standard output for ever: no pipe may wait for its end.
        quiet = program == "pg_ctl"
        return subprocess.run(
            [str(home.bin_path / program), *arguments],
            check=False,
            input=text,
            stdout=nowhere,
            stderr=nowhere if quiet else subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            user=account.uid if root else None,
            group=account.gid if root else None,
            extra_groups=[] if root else None,
            start_new_session=True,
        )


def _trouble(home: Home, *, since: int) -> str:
    """The server's own words on why it does not start."""
    try:
        with home.log.open("rb") as log:
            log.seek(since)
            text = log.read().decode("utf-8", "replace")
    except OSError:
        text = ""
    told = [line for line in text.splitlines() if "FATAL:" in line or "PANIC:" in line]
    return told[-1].split(": ", 1)[-1].strip() if told else f"see {home.log}"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given"
