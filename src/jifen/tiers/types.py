"""What crosses the door of the tiers room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from msgspec import Struct, field

from jifen.common.errors import NotFound


class StandingState(Struct, frozen=True):
    """What a member's kept purchases add up to. ``reached`` names, for each tier above the
    first booking, the activity whose award for reaching it is in force; ``periods`` holds the
    kept spend by period, for ladders by spend in a period."""

    tier: str = ""
    opening_tier: str = ""
    spend_minor: int = 0
    purchases_kept: int = 0
    reached: Mapping[str, UUID] = field(default_factory=dict)
    periods: Mapping[str, int] = field(default_factory=dict)


class UnknownTier(NotFound):
    """The ladder has no such tier."""

    code: ClassVar[str] = "unknown_tier"
