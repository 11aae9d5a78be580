"""A process: run the expiry job, and time it.

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
from jifen.outreach.types import RunInfo

_AHEAD: Final = timedelta(days=400)
# The rows come out as they went in, and PostgreSQL writes every one of them and its indexes anew.
_UPDATE: Final = """
    UPDATE lot SET remaining = remaining WHERE account_id <= (
        SELECT account_id FROM lot ORDER BY account_id OFFSET %s LIMIT 1
    )"""


class Options(Struct, frozen=True):
    """Go over so many accounts; ``compare`` with one UPDATE of so many lots, before."""

    accounts: int
    compare: int


def close(options: Options) -> dict[str, Any]:
    """How many lots were closed, in how many slices, and how long that and the UPDATE took."""
    from jifen.outreach import services as outreach
    from jifen.programmes import selectors as programmes

    update_s = _update(options.compare) if options.compare else 0.0
    at = clock.now() + _AHEAD
    with scope(programmes.programme_by_code(CODE).id):
        before = outreach.expire(at=at, by="bench", limit=0)
        began = time.perf_counter()
        after = outreach.expire(at=at, by="bench", limit=options.accounts)
        took = time.perf_counter() - began
    return {
        "lots": _lots(after) - _lots(before),
        "slices": after.slices - before.slices,
        "job_seconds": took,
        "update_seconds": update_s,
    }


def _lots(run: RunInfo) -> int:
    return sum(each.lots for each in run.totals.values())


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
