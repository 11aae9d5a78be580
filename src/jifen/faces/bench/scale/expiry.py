"""The expiry job beside one UPDATE of the same lots, and beside orders.

A third of the lots is left for the second question: while the job closes them, another process
books an order now and then. In turn with that, and as often, it books them without the job, so
both meet the same disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Final

import msgspec

from jifen.faces.bench.place import CODE, Place
from jifen.faces.bench.scale.report import Expired, percentile_ms
from jifen.faces.cli.errors import CommandError

_POSTINGS: Final = 10
_LOTS_A_MEMBER: Final = _POSTINGS - 1
_ROUNDS: Final = 5
_ALONE_S: Final = 6.0


def measure(home: Place, *, lots: int) -> Expired:
    """Fill half as many lots again, and let all of them expire."""
    home.jifen("migrate")
    members = -(-lots * 3 // (2 * _LOTS_A_MEMBER))
    filled = home.child("scale.filling", members=members, postings=_POSTINGS)
    accounts = -(-lots // _LOTS_A_MEMBER)
    job = home.child("scale.closing", accounts=accounts, compare=lots)
    if job["lots"] < lots:
        raise CommandError(f"{job['lots']} lots were closed instead of {lots}")
    share = -(-(filled["rows"]["account"] - accounts) // _ROUNDS)
    alone: list[int] = []
    beside: list[int] = []
    for number in range(_ROUNDS):
        people, run = filled["members"], str(number)
        alone += _booked(home, people, run=f"a{run}", seconds=min(_ALONE_S, lots / 50_000 + 1))
        with _beside(home, people, run=f"b{run}") as orders:
            beside += booked_beside(
                orders, lambda: home.child("scale.closing", accounts=share, compare=0)
            )
    done = json.loads(home.jifen("verify", "--programme", CODE, "--json"))
    return Expired(
        lots=job["lots"],
        job_seconds=job["job_seconds"],
        update_seconds=job["update_seconds"],
        slices=job["slices"],
        orders=len(beside),
        p99_ms=_p99_ms(beside),
        p99_alone_ms=_p99_ms(alone),
        verified=bool(done["ok"]),
    )


def booked_beside(orders: subprocess.Popen[str], work: Callable[[], object]) -> list[int]:
    """Do the work once the orders are warm, end them, and answer what each took. Raises
    ``CommandError`` when their process died, which has told why on standard error."""
    assert orders.stdout is not None  # noqa: S101 (asked for)
    orders.stdout.readline()
    if orders.poll() is None:
        work()
    told, _ = orders.communicate("")
    if orders.returncode != 0:
        raise CommandError(f"the orders beside the expiry failed: {orders.returncode}")
    return msgspec.json.decode(told, type=list[int])


def _booked(home: Place, members: int, *, run: str, seconds: float) -> list[int]:
    taken: list[int] = home.child("scale.beside", members=members, run=run, seconds=seconds)
    return taken


def _beside(home: Place, members: int, *, run: str) -> subprocess.Popen[str]:
    """Orders until our end of its standard input is closed; it says when it is warm."""
    options = msgspec.json.encode({"members": members, "run": run, "seconds": 0.0}).decode()
    return subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.beside", options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=home.environment(),
        text=True,
    )


def _p99_ms(taken: list[int]) -> float:
    if not taken:
        raise CommandError("no order was booked beside the expiry; ask for more --lots")
    return percentile_ms(taken, 99)
