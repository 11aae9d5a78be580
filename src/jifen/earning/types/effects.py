"""What a draft would have given: what a what-if answers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class Compared(Struct, frozen=True):
    """Points as they are kept ``now``, and as many as there would be with the ``draft``."""

    now: int
    draft: int


class Share(Struct, frozen=True):
    """What of it is of one tier, store or local day, by its code or date; an empty tier is none."""

    of: str
    now: int
    draft: int


class OneDifference(Struct, frozen=True):
    """One order or behaviour that the draft would have rewarded otherwise."""

    activity_id: UUID
    member_id: UUID
    kind: str
    day: date
    store: str
    tier: str
    now: int
    draft: int


class Effect(Struct, frozen=True):
    """The effect on one unit. ``cost`` is what the points pay, in minor units, each side under its
    own offset; without one for this unit it is not known. ``gaining`` and ``losing`` count members.
    ``biggest`` are differences as they are, also in a sample."""

    unit: str
    points: Compared
    by_tier: tuple[Share, ...]
    by_store: tuple[Share, ...]
    by_day: tuple[Share, ...]
    gaining: int
    losing: int
    biggest: tuple[OneDifference, ...]
    cost_now_minor: int | None = None
    cost_draft_minor: int | None = None


class WhatIf(Struct, frozen=True):
    """What a draft would have given for the orders and behaviours of the local days from ``since``
    up to ``at``.

    ``sample`` is 1 where everybody was looked at, otherwise one member in so many was, and all
    counts and points are for everybody, estimated from these. ``version`` was in force, and
    ``versions`` had decided what is kept now. ``unseen`` names sections and rules in which the
    draft differs and whose effect is not in it.
    """

    since: date
    at: datetime
    version: int
    versions: tuple[int, ...]
    sample: int
    orders: int
    behaviours: int
    members: int
    effects: tuple[Effect, ...]
    unseen: tuple[str, ...] = ()
