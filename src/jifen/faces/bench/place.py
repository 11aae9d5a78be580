"""Where a session takes place: one PostgreSQL, and a folder for its files.

Without an address it is the embedded server in a fresh folder of the temporary directory, with
PostgreSQL's own durable settings and a compressed log; it is gone afterwards. An address names a
server, and a database that holds nothing else: the measured rows stay there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jifen.common import embedded
from jifen.common.database import OWNER_SETTING, URL_SETTING
from jifen.common.home import prepare
from jifen.faces.cli.errors import CommandError

CODE: Final = "bench"
"""The measured programme."""
_ASYNC: Final = "-c synchronous_commit=off"


@dataclass(frozen=True)
class Place:
    """A running database and a folder. ``url`` is the application's, ``owner_url`` may migrate."""

    folder: Path
    url: str
    owner_url: str
    bin_path: Path

    def environment(self, *, durable: bool = True) -> dict[str, str]:
        """What a process needs to work here; not ``durable`` commits asynchronously."""
        mine = {
            "JIFEN_HOME": str(self.folder),
            URL_SETTING: with_commit(self.url, durable=durable),
            OWNER_SETTING: self.owner_url,
        }
        return {**os.environ, **mine}

    def jifen(self, *arguments: str) -> str:
        """Run a command of ``jifen`` and answer what it prints."""
        return run(jifen(*arguments), environment=self.environment())

    def child(self, module: str, *, durable: bool = True, **options: Any) -> Any:
        """Run a module of this package in a process of its own: JSON in, JSON out."""
        name = f"{__package__}.{module}"
        command = [sys.executable, "-m", name, msgspec.json.encode(options).decode()]
        return msgspec.json.decode(run(command, environment=self.environment(durable=durable)))

    def program(self, name: str, *arguments: str, durable: bool = True) -> str:
        """Run one of PostgreSQL's programs on the database, as its owner."""
        found = conninfo_to_dict(with_commit(self.owner_url, durable=durable))
        parameters = {name: str(value) for name, value in found.items() if value is not None}
        # The password goes by the environment: everybody can read a command line.
        secret = {"PGPASSWORD": parameters.pop("password", "")}
        command = [str(self.bin_path / name), *arguments, make_conninfo(**parameters)]
        return run(command, environment={**os.environ, **secret})

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of the owner, in autocommit."""
        return psycopg.connect(self.owner_url, autocommit=True)

    def purchases(self) -> int:
        """How many orders are in the books."""
        with self.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM activity WHERE kind = 'purchase' AND programme_id"
                " = (SELECT id FROM programme WHERE code = %s)",
                [CODE],
            ).fetchone()
        return int(row[0]) if row else 0

    def server_version(self) -> str:
        """PostgreSQL's version."""
        with self.connect() as connection:
            return str(connection.info.parameter_status("server_version"))


@contextmanager
def place(url: str | None) -> Iterator[Place]:
    """Have the database of ``url``, or without one a fresh one of our own, until the end."""
    folder = Path(tempfile.mkdtemp(prefix="jifen-bench-"))
    try:
        if url:
            owner_url = os.environ.get(OWNER_SETTING) or url
            yield Place(folder, url, owner_url, prepare(folder).bin_path)
            return
        server = embedded.start(folder)
        try:
            yield Place(folder, server.app_url, server.owner_url, server.bin_path)
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def with_commit(url: str, *, durable: bool) -> str:
    """The address with ``synchronous_commit`` switched off, or as it was."""
    if durable:
        return url
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["options"] = f"{query.get('options', '')} {_ASYNC}".strip()
    # libpq reads %20, not a plus, as a space.
    plain = urlencode(query).replace("+", "%20")
    return urlunsplit(parts._replace(query=plain))


def jifen(*arguments: str) -> list[str]:
    """The command line of a ``jifen`` command."""
    return [sys.executable, "-m", "jifen.faces.cli.main", *arguments]


def run(command: Sequence[str], *, environment: Mapping[str, str]) -> str:
    """Run a program and answer its output. Raises with its last line when it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        told = (done.stderr.strip() or done.stdout.strip()).splitlines()
        what = Path(command[0]).name if "-m" not in command else command[command.index("-m") + 1]
        raise CommandError(f"{what} failed: {told[-1] if told else done.returncode}")
    return done.stdout
