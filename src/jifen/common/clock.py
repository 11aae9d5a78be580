"""The clock. Only faces read it; everything below is told the time as ``at``.

Tests set it with :func:`set_clock`; the setting holds for the whole process, so a server
that runs in the test's process sees the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final


class _Hands:
    """The one mutable place: a fixed time, or ``None`` for the machine's own."""

    fixed: datetime | None = None


_hands: Final = _Hands()


def now() -> datetime:
    """The present, timezone-aware in UTC."""
    return _hands.fixed or datetime.now(UTC)


@contextmanager
def set_clock(at: datetime) -> Iterator[None]:
    """Stop the clock at ``at`` (timezone-aware) until the block ends."""
    before, _hands.fixed = _hands.fixed, at.astimezone(UTC)
    try:
        yield
    finally:
        _hands.fixed = before
