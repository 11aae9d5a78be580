"""Turns: how a job that may never end by itself serves every programme.

What is due is in the tables, so a job that is lost, or killed, is one that goes on a little later.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from jifen.common.scope import scope
from jifen.programmes.types import ProgrammeInfo

log = logging.getLogger(__name__)
TURN_S: Final = 45.0
"""How long one job keeps the worker; what is left then goes on with its next turn."""


def in_turns(turn: Callable[[], bool]) -> int:
    """Give every programme turns until none has anything left, or the time is over; answers how
    many have. What goes wrong in one keeps no other waiting."""
    # The queue imports the jobs while Django is still starting, when no room may be entered.
    from jifen.programmes import selectors as programmes

    until = time.monotonic() + TURN_S
    left = list(programmes.programmes())
    while left and time.monotonic() < until:
        left = [each for each in left if take_turn(each, turn)]
    return len(left)


def take_turn(programme: ProgrammeInfo, turn: Callable[[], bool]) -> bool:
    """One programme's turn; answers whether it has something left. One that fails has not."""
    try:
        with scope(programme.id):
            return turn()
    except Exception:  # whatever it is, it concerns this programme alone
        log.exception("a turn of programme %s failed", programme.code)
        return False
