"""``jifen run``: everything on this machine, with a demo programme, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType
from typing import Final

import typer

from jifen.common.embedded import Server
from jifen.common.errors import JifenError
from jifen.faces.cli.ports import check_port
from jifen.faces.cli.server import Host, Port
from jifen.faces.cli.startup import PART

_STARTUP_S: Final = 60.0
_GRACE_S: Final = 15.0


class PartStopped(JifenError):
    """The server or the worker ended by itself."""

    code = "part_stopped"


class _Stop(Exception):
    """Somebody asked us to stop."""


def run(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Start the database, the demo, the server and the worker; Ctrl-C stops them all."""
    check_port(host=host, port=port)
    from jifen.faces.cli.startup import open_database

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _on_signal)
    parts: dict[str, subprocess.Popen[bytes]] = {}
    try:
        server = open_database()
        from jifen.faces import setup_code
        from jifen.faces.cli.demo import ensure_demo

        demo = ensure_demo()
        code = setup_code.ensure()
        parts["server"] = _part("serve", "--host", host, "--port", str(port))
        parts["worker"] = _part("work")
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        _wait_for_answer(f"{address}/api/v1/docs/", parts)
        print(f"\nConsole     {address}/console/\nAPI         {address}/api/v1/docs/")
        for line in demo:
            print(line)
        print(f"Set up      {address}/console/set-up  code {code}")
        print("\nCtrl-C stops everything.", flush=True)
        _watch(server, parts)
    except _Stop:
        print("\nStopping.", flush=True)
    finally:
        _stop(parts)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise _Stop


def _part(*command: str) -> subprocess.Popen[bytes]:
    """A child of its own session: Ctrl-C reaches us alone, and we stop things in order.

    It sees our end, however we end, by the end of its standard input.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "jifen.faces.cli.main", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, PART: "1"},
        start_new_session=True,
    )


def _check(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, process in parts.items():
        code = process.poll()
        if code is not None:
            raise PartStopped(f"the {name} ended by itself with code {code}")


def _wait_for_answer(url: str, parts: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + _STARTUP_S
    while True:
        _check(parts)
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (our own http address)
                return
        except urllib.error.HTTPError:
            # Whatever it says, it answers.
            return
        except OSError:
            if time.monotonic() > deadline:
                raise PartStopped(f"nothing answers at {url}") from None
            time.sleep(0.1)


def _watch(server: Server | None, parts: dict[str, subprocess.Popen[bytes]]) -> None:
    """Until told to stop: end if a part ends, and bring a killed embedded database back."""
    while True:
        time.sleep(1)
        _check(parts)
        if server is not None and not server.is_running():
            server.ensure()
            print("The database had stopped and was started again.", flush=True)


def _stop(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    """Stop the parts, by force if they take too long; the database goes last, at our exit."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for process in parts.values():
        process.terminate()
    deadline = time.monotonic() + _GRACE_S
    for process in parts.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)
