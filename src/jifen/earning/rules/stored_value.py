"""Stored value: money that members have topped up, and the bonus money added to it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jifen.earning.types import MAX_MINOR, Code

ShareOf = Annotated[
    tuple[Annotated[int, Meta(ge=0, le=10**6)], Annotated[int, Meta(ge=1, le=10**6)]],
    Meta(description="A fraction: numerator and denominator, such as [1, 11]."),
]
Limit = Annotated[int, Meta(ge=0, le=MAX_MINOR)]


class StoredValue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
                  omit_defaults=True):  # fmt: skip
    """Which units hold the money that members have topped up, and how it is paid with.

    Both count minor units. Of each payment bonus money pays at most ``bonus_share``, rounded
    down, and no more than there is; the principal pays the rest. A member may hold so much
    principal: registered members (of whom a name, a phone or a WeChat is known), and bearers of
    a card that nobody has registered. What is paid earns as money does, or not.

    ``spent_reward`` says what happens when a top-up is refunded and what it gave is spent:
    ``refuse`` refuses the refund, ``owe`` leaves a deficit.
    """

    principal: Annotated[Code, Meta(description="Code of the unit of kind stored.")]
    bonus: Annotated[Code, Meta(description="Code of the unit of kind bonus.")]
    bonus_share: ShareOf = (1, 1)
    limit_registered_minor: Limit = 500_000
    limit_bearer_minor: Limit = 100_000
    principal_earns: bool = True
    bonus_earns: bool = False
    spent_reward: Literal["refuse", "owe"] = "refuse"

    def __post_init__(self) -> None:
        """A share of a whole."""
        if self.bonus_share[0] > self.bonus_share[1]:
            raise ValueError("bonus_share must not be above 1")
        if self.principal == self.bonus:
            raise ValueError("principal and bonus are two units")
