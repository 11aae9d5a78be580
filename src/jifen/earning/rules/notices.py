"""Notices: when, by which way and in which languages members are told that points end."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jifen.earning.rules.messages import Language

Channel = Literal["email", "file"]
"""A way to reach members; each is a file in ``outreach/channels``."""
DaysBefore = Annotated[
    tuple[Annotated[int, Meta(ge=0, le=366)], ...],
    Meta(min_length=1, max_length=20, description="So many local days before the last good day."),
]


class Notices(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What members are told before points of a unit end, ``days`` before their last day, from
    ``hour`` o'clock local time on.

    The first of ``channels`` that reaches the member is used. When a notice is ``required``,
    nothing ends of which no notice was sent; told late, it is good for ``late_days`` more.
    """

    days: DaysBefore
    required: bool = False
    hour: Annotated[int, Meta(ge=0, le=23)] = 9
    channels: Annotated[tuple[Channel, ...], Meta(min_length=1, max_length=5)] = ("email",)
    languages: Annotated[tuple[Language, ...], Meta(min_length=1, max_length=2)] = ("zh", "en")
    late_days: Annotated[int, Meta(ge=1, le=366)] = 7

    def __post_init__(self) -> None:
        """Each day, channel and language once."""
        for each in (self.days, self.channels, self.languages):
            if len(set(each)) != len(each):
                raise ValueError("something is there twice")
