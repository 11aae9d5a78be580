"""``behaviour``: a fixed number of points for something other than a purchase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from msgspec import Meta

from jifen.earning.rules.config import Fault, GivingRule, Known
from jifen.earning.rules.plan import Giver, Plan
from jifen.earning.rules.wording import Words
from jifen.earning.types import Code, Facts

BUILT_IN: Final = frozenset({"check_in", "share", "review", "visit"})
"""Behaviours that every programme knows, whether a rule names them or not."""
REACHED: Final = "tier_reached:"
_OCCASIONS: Final = frozenset({"birthday", "enrolment"})
_OTHER_KINDS: Final = frozenset({"purchase", "refund", "claim", "adjustment", "opening"})

_TOLD: Final = {
    "check_in": ("每日签到", "for the day's first check-in"),
    "share": ("分享", "for sharing"),
    "review": ("评价", "for a review"),
    "visit": ("到店", "for a visit"),
    "birthday": ("生日当天", "on your birthday"),
    "enrolment": ("入会", "for joining"),
}


class Behaviour(GivingRule, frozen=True, kw_only=True, tag="behaviour"):
    """Fixed points when a member does what ``on`` names, has a birthday, enrols, or reaches a
    tier (``tier_reached:gold``)."""

    on: Annotated[
        Code,
        Meta(description="check_in, share, …, a name of your own, birthday, enrolment or "
             "tier_reached:<tier>."),
    ]  # fmt: skip

    def __post_init__(self) -> None:
        """Money is another rule's business."""
        if self.on in _OTHER_KINDS:
            raise ValueError(f"{self.on!r} is a kind of activity, not a behaviour")

    @property
    def name(self) -> str | None:
        """The behaviour as an activity names it; None for birthdays, enrolment and tiers."""
        if self.on in _OCCASIONS or self.on.startswith(REACHED):
            return None
        return self.on

    @property
    def facts_kind(self) -> str:
        """The kind of facts that this rule answers to."""
        return self.on if self.name is None else f"behaviour:{self.on}"

    def applies(self, facts: Facts, total: int, denominator: int) -> bool:
        """Always, once it is asked."""
        return True

    def faults(self, known: Known) -> Iterator[Fault]:
        """Refuse a tier that the ladder has not."""
        if self.on.startswith(REACHED) and self.on.removeprefix(REACHED) not in known.rungs:
            yield ".on", f"the ladder has no tier {self.on.removeprefix(REACHED)!r}"

    def compile(self, plan: Plan) -> None:
        """A bonus."""
        plan.givers.append(
            Giver(code=self.code, unit=self.unit, facts_kind=self.facts_kind, budget=self.budget)
        )
        plan.bonuses.append(self)

    def sentence(self, words: Words) -> str:
        """How much for what."""
        told = words.say(
            zh="{what}得 {amount}",
            en="{amount} {what}",
            what=self._what(words),
            amount=words.amount(self.unit, self.points),
        )
        return self.with_limits(told, words)

    def _what(self, words: Words) -> str:
        if self.on in _TOLD:
            zh, en = _TOLD[self.on]
            return words.choose(zh=zh, en=en)
        if self.on.startswith(REACHED):
            tier = words.tier(self.on.removeprefix(REACHED))
            return words.say(zh="首次达到{tier}", en="for reaching {tier}", tier=tier)
        return words.say(zh="完成 {name} ", en="for {name}", name=self.on)
