"""What crosses the door of the tiers room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct, field

from jifen.common.errors import Conflict, InvalidInput, NotFound

Source = Literal["manual", "bought"]
"""Who gave a tier that was not earned: staff, or the member's own points."""


class Stage(Struct, frozen=True, array_like=True):
    """A tier in force until an instant; for ever without one."""

    tier: str
    until: datetime | None = None


class Granted(Struct, frozen=True):
    """A tier that was given, not earned, until an instant or until staff ends it."""

    tier: str
    until: datetime | None = None
    reason: str = ""
    actor: str = ""


class HeldUse(Struct, frozen=True, array_like=True):
    """A use that ``by`` keeps for an order until then."""

    by: UUID
    until: datetime


class Use(Struct, frozen=True):
    """How often a benefit was used in one period, and how often it might be when it was used
    last; ``held`` are the uses that are kept for orders which are not paid yet."""

    used: int = 0
    quota: int = 0
    held: tuple[HeldUse, ...] = ()

    @property
    def taken(self) -> int:
        """How many nobody else may use."""
        return self.used + len(self.held)


class Terms(Struct, frozen=True):
    """What time does to a standing.

    ``stages`` is the tier in force and what follows it, each until an instant, as far as it is
    known without a further act; empty where the tier reached is in force for ever. ``manual``
    and ``bought`` are tiers that were given; ``opening_at`` is when the opening tier was brought.
    ``grown`` is the kept growth by period, ``uses`` the loaded uses by (benefit, period).
    """

    stages: tuple[Stage, ...] = ()
    manual: Granted | None = None
    bought: Granted | None = None
    opening_at: datetime | None = None
    grown: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[tuple[str, str], Use] = field(default_factory=dict)


EVER = Terms()


class StandingState(Struct, frozen=True):
    """What a member's kept purchases add up to.

    ``tier`` is the highest one that what is kept has reached, or that was brought; which one is
    in force at a time, ``rules.stages`` says. ``reached`` names, for each tier that was rewarded,
    the activity whose award is in force; ``periods`` holds the kept spend by period, for ladders
    that count by period.
    """

    tier: str = ""
    opening_tier: str = ""
    spend_minor: int = 0
    purchases_kept: int = 0
    reached: Mapping[str, UUID] = field(default_factory=dict)
    periods: Mapping[str, int] = field(default_factory=dict)
    terms: Terms = EVER


class UnknownTier(NotFound):
    """The ladder has no such tier."""

    code: ClassVar[str] = "unknown_tier"


class TierNotHigher(Conflict):
    """The member holds that tier or a higher one for as long; it would be paid for nothing."""

    code: ClassVar[str] = "tier_not_higher"


class NoTierGranted(Conflict):
    """Staff gave this member no tier that could be ended."""

    code: ClassVar[str] = "no_tier_granted"


class EndsTooEarly(InvalidInput):
    """A tier is given until a time that is over already."""

    code: ClassVar[str] = "ends_too_early"


class UnknownBenefit(NotFound):
    """The rule set has no such benefit."""

    code: ClassVar[str] = "unknown_benefit"


class BenefitNotHeld(Conflict):
    """The member's tier does not give this benefit; ``tiers`` are those that do."""

    code: ClassVar[str] = "benefit_not_held"


class BenefitNotToday(Conflict):
    """This benefit is for other days; ``next_on`` is the next local day it is there."""

    code: ClassVar[str] = "benefit_not_today"


class BenefitUsedUp(Conflict):
    """The quota of the period is used up; ``next_at`` and ``next_on`` say when the next one
    is there, in the programme's zone."""

    code: ClassVar[str] = "benefit_used_up"
