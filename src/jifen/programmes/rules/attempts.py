"""When somebody may try to sign in again.

An attempt is written down before the password is looked at and counts as failed until it has
succeeded, so a thousand at once are a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=15)
"""How long a failed attempt counts."""
MOST_OF_LOGIN: Final = 5
"""Failures of one login within the window."""
MOST_OF_ADDRESS: Final = 30
"""Failures from one address within the window, whatever the logins."""


def wait_until(failures: Sequence[datetime], most: int) -> datetime | None:
    """When the next attempt may be made, after these failures in the order of time; None for now.

    ``failures`` are those within the window, the one that is being made left out.
    """
    return failures[-most] + WINDOW if len(failures) >= most else None
