"""What the rule set in force says of how points end: notices and clears, by unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from jifen.earning.context import in_force
from jifen.earning.rules.clears import Clear
from jifen.earning.rules.messages import Language
from jifen.earning.rules.notices import Notices

__all__ = ["Clear", "Endings", "Language", "Notices", "endings"]


class Endings(Struct, frozen=True):
    """Notices and clears by unit, in the programme's zone."""

    zone: ZoneInfo
    notices: Mapping[str, Notices]
    clears: Mapping[str, Clear]


def endings(at: datetime) -> Endings:
    """Those in force at ``at``. Raises ``no_rule_set`` when nothing is published."""
    policy = in_force(at).policy
    return Endings(policy.zone, policy.document.notices, policy.document.clears)
