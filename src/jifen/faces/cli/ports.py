"""Whether a port is free, and if not, who has it."""

import errno
import socket
from pathlib import Path

from jifen.common.errors import JifenError


class PortTaken(JifenError):
    """Another process listens at the port."""

    code = "port_taken"


class PortRefused(JifenError):
    """The operating system does not let us listen there."""

    code = "port_refused"


def check_port(*, host: str, port: int) -> None:
    """Raise PortTaken, naming the process if it can be seen, or PortRefused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = error.strerror or str(error)
                raise PortRefused(f"cannot listen at {host} port {port}: {reason}") from error
            holder = _holder(port)
            by = f" by {holder}" if holder else ""
            raise PortTaken(
                f"port {port} at {host} is taken{by}; stop that or choose another with --port",
                port=port,
            ) from error


def _holder(port: int) -> str | None:
    """The listening process as "process 12 (name)", as far as /proc lets us see."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not wanted:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held = {str(entry.readlink()) for entry in (process / "fd").iterdir()}
            if held & wanted:
                name = (process / "comm").read_text(encoding="utf-8").strip()
                return f"process {process.name} ({name})"
        except OSError:
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    """Inodes of the sockets that listen at a port; ``0A`` is the kernel's word for listening."""
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.add(fields[9])
    return found
