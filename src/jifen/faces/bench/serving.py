"""A real ``jifen serve`` beside us, as a shop runs it."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jifen.faces.bench.place import Place, jifen
from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.startup import PART

_STARTUP_S: Final = 60.0
_GRACE_S: Final = 20.0


@contextmanager
def server(place: Place, *, durable: bool) -> Iterator[int]:
    """Serve at a free port of this machine, which is answered, until the end.

    Its log is written as always, to a file of the session.
    """
    port = _free_port()
    log_path = place.folder / f"serve-{port}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            jifen("serve", "--port", str(port)),
            # It sees our end, however we end, by the end of its standard input.
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={**place.environment(durable=durable), PART: "1"},
            start_new_session=True,
        )
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTUP_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/docs/", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise CommandError("jifen serve did not answer") from error
            time.sleep(0.1)
