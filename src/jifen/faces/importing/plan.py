"""What an adapter makes of a file: activities in booking order, and a bucket for each line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from django.utils.crypto import salted_hmac

from jifen.earning.types import Purchase, Refund

Bucket = Literal[
    "rejected",
    "no_customer",
    "not_goods",
    "price_not_positive",
    "booked",
    "refunded",
    "unmatched_refund",
]
"""Where one line of a file ends: exactly one of these, the first that fits."""

BUCKETS: Final[tuple[Bucket, ...]] = (
    "rejected",
    "no_customer",
    "not_goods",
    "price_not_positive",
    "booked",
    "refunded",
    "unmatched_refund",
)

_LONGEST_KEY: Final = 200


class Item(NamedTuple):
    """One activity to book, and the numbers of the file's lines that it stands for."""

    activity: Purchase | Refund
    lines: tuple[int, ...]


class LeftOut(NamedTuple):
    """A line (or a part of one) that books nothing, and why.

    ``line`` counts from 1, the header included, as an editor shows it; ``quantity`` is what was
    left out.
    """

    line: int
    bucket: Bucket
    reason: str
    order: str = ""
    product: str = ""
    quantity: int | None = None


@dataclass(slots=True)
class Plan:
    """The whole file, decided. ``items`` stand in booking order."""

    items: list[Item] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    buckets: Counter[Bucket] = field(default_factory=Counter)
    split: int = 0
    """Refund lines of which only a part found a purchase (each is also in ``refunded``)."""
    unmatched_quantity: int = 0
    """Pieces that came back without a purchase to take them from."""

    @property
    def lines(self) -> int:
        """How many lines the file has, without its header."""
        return self.buckets.total()

    def leave_out(self, entry: LeftOut) -> None:
        """Count a line in its bucket and remember why it books nothing."""
        self.buckets[entry.bucket] += 1
        self.left_out.append(entry)


def line_numbers(items: Sequence[Item]) -> set[int]:
    """Every line that one of these items stands for."""
    return {line for item in items for line in item.lines}


def key_of(*parts: str) -> str:
    """An idempotency key of these parts; a digest of them where they would be too long."""
    key = ":".join(parts)
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{parts[0]}:sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def key_of_person(word: str, kind: str, value: str) -> str:
    """An idempotency key for an identity that does not tell the identity: keys are kept for ever.
    Who knows the database but not the server's secret key cannot try phone numbers either."""
    return f"{word}:{salted_hmac(word, f'{kind}:{value}', algorithm='sha256').hexdigest()}"
