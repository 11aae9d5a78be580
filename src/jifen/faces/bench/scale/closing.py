"""A process: close lots in slices, as the expiry job does, and time it.

Everything here expires within a year, so as of more than a year from now all of it is due.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from jifen.common import clock
from jifen.common.database import connect, owner_address
from jifen.common.process import settle
from jifen.common.scope import scope
from jifen.faces.bench.place import CODE
from jifen.faces.cli.startup import open_database

_AHEAD: Final = timedelta(days=400)
# The rows come out as they went in, and PostgreSQL writes every one of them and its indexes anew.
_UPDATE: Final = """
    UPDATE lot SET remaining = remaining WHERE account_id <= (
        SELECT account_id FROM lot ORDER BY account_id OFFSET %s LIMIT 1
    )"""


class Options(Struct, frozen=True):
    """Close at least so many lots; ``compare`` with one UPDATE of them, before."""

    lots: int
    compare: bool


def close(options: Options) -> dict[str, Any]:
    """How many lots were closed, in how many slices, and how long that and the UPDATE took."""
    from jifen.ledger import services as ledger
    from jifen.programmes import selectors as programmes

    update_s = _update(options.lots) if options.compare else 0.0
    at, after, lots, slices = clock.now() + _AHEAD, None, 0, 0
    began = time.perf_counter()
    with scope(programmes.programme_by_code(CODE).id):
        while lots < options.lots:
            done = ledger.close_lots(at=at, after=after)
            lots += sum(each.lots for each in done.closed.values())
            after, slices = done.after, slices + 1
            if after is None:
                break
    return {
        "lots": lots,
        "slices": slices,
        "job_seconds": time.perf_counter() - began,
        "update_seconds": update_s,
    }


def _update(lots: int) -> float:
    """Seconds of the UPDATE, which is committed; what it leaves behind is then removed."""
    with connect(owner_address()) as connection:
        began = time.perf_counter()
        connection.execute(_UPDATE.encode(), [lots - 1])
        took = time.perf_counter() - began
        connection.execute("VACUUM lot")
    return took


if __name__ == "__main__":
    open_database()
    settle()
    answer = close(msgspec.json.decode(sys.argv[1], type=Options))
    sys.stdout.write(msgspec.json.encode(answer).decode())
