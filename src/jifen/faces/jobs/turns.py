"""Turns: how a job that may never end by itself serves every programme.

What is due is in the tables, so a job that is lost, or killed, is one that goes on a little later.
"""

import logging
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

from jifen.common.scope import scope

log = logging.getLogger(__name__)
TURN_S: Final = 45.0
"""How long one job keeps the worker; what is left then goes on with its next turn."""


def in_turns(turn: Callable[[], bool]) -> int:
    """Give every programme turns until none has anything left, or the time is over; answers how
    many have. What goes wrong in one keeps no other waiting."""
    # The queue imports the jobs while Django is still starting, when no room may be entered.
    from jifen.programmes import selectors as programmes

    until = time.monotonic() + TURN_S
    left = [programme.id for programme in programmes.programmes()]
    while left and time.monotonic() < until:
        left = [each for each in left if _turn(each, turn)]
    return len(left)


def _turn(programme_id: UUID, turn: Callable[[], bool]) -> bool:
    try:
        with scope(programme_id):
            return turn()
    except Exception:
        log.exception("a turn of a programme failed")
        return False
