"""Transfers: what members may give each other. A unit that is not named here is not transferred."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from jifen.earning.rules.bounds import Bound
from jifen.earning.types import MAX_POINTS

TRANSFER: Final = "transfer:"
"""What a member gives away in a day is counted under this and the unit's code."""
Some = Annotated[int, Meta(ge=1, le=MAX_POINTS)]
TransferUnit = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9_.:-]+$")]


class Transfers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``minimum`` and ``most`` points at once, and ``per_day`` at most that one member gives away
    in a local day. With ``confirm`` the points are held until the receiver accepts them, to the
    end of the local day ``days`` later at most."""

    minimum: Some = 1
    most: Some | None = None
    per_day: Some | None = None
    confirm: bool = False
    days: Annotated[int, Meta(ge=0, le=365)] = 7

    def __post_init__(self) -> None:
        """Something can be transferred."""
        for name, limit in (("most", self.most), ("per_day", self.per_day)):
            if limit is not None and limit < self.minimum:
                raise ValueError(f"{name} is below the minimum")

    def bounds(self, unit: str, local: datetime) -> tuple[Bound, ...]:
        """How much a member may give away on that local day."""
        if self.per_day is None:
            return ()
        return (Bound(TRANSFER + unit, "member", local.date().isoformat(), self.per_day),)
