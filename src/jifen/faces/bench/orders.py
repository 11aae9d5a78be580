"""The orders that are measured: new ones, three lines each, members drawn uniformly.

An order is the JSON that a caller would send. The same seed makes the same orders. They occurred
at any time of the last ten months, as in a shop that moves in: so the daily cap bites now and
then, and does not stop everybody after some orders on one day.
"""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

PRODUCTS: Final = 500
SPAN_S: Final = 300 * 86_400
CATEGORIES: Final = "ABCD"
_LINE: Final = '{"product":"sku-%03d","quantity":%d,"amount_minor":%d,"category":"%s"}'
_ORDER: Final = (
    '{"kind":"purchase","key":"%s","reference":"%s","occurred_at":"%s","store":"main",'
    '"member":{"kind":"external","value":"%s"},"lines":[%s,%s,%s]}\n'
)


def member_name(number: int) -> str:
    """The external id of the member with this number, from 0."""
    return f"m{number:06d}"


def lane_of(member: str, *, lanes: int) -> int:
    """The lane, from 0, that books all orders of the member with this external id."""
    return zlib.crc32(member.encode()) % lanes


def orders(*, run: str, count: int, members: int, seed: int, at: datetime) -> Iterator[bytes]:
    """``count`` orders as lines of NDJSON; ``run`` makes keys and references new."""
    draw = random.Random(seed)
    for number in range(count):
        name = f"{run}-{number}"
        occurred_at = (at - timedelta(seconds=draw.randrange(SPAN_S))).isoformat()
        member = member_name(draw.randrange(members))
        lines = (_line(draw), _line(draw), _line(draw))
        yield (_ORDER % (name, name, occurred_at, member, *lines)).encode()


def write_orders(
    path: Path, *, run: str, count: int, members: int, seed: int, at: datetime
) -> None:
    """Write them to a file, and to the disk: nothing is left to flush while we measure."""
    with path.open("wb") as file:
        file.writelines(orders(run=run, count=count, members=members, seed=seed, at=at))
        file.flush()
        os.fsync(file.fileno())


def _line(draw: random.Random) -> str:
    product = draw.randrange(PRODUCTS)
    category = CATEGORIES[product % len(CATEGORIES)]
    # 1.00 to 250.00 a line: an order of some 375 yuan.
    return _LINE % (product, draw.randrange(1, 4), draw.randrange(100, 25_000), category)
